"""A reviewed change of limits as a file of the site: what was agreed to, nothing more and nothing less."""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from alarm_rules.changes import RuleChange, Scalar, compare, digest
from alarm_rules.load import SiteInvalid, load_changed_site, load_site
from alarm_rules.model import Finding, Site
from alarm_rules.wording import Both
from api.bilingual import both, halves, joined

OWNER = frozenset(("reason", "person"))
"""Facts that say who decided and why: they are written with the change, not reviewed as a part of it."""
WHEN = "when."
NAMED = 3
"""Mistakes and facts that a refusal names."""
KINDS = {"added": "是新增的", "removed": "将被删除", "enabled": "将重新启用"}
"""What a change of limits cannot do, in Chinese."""


class ChangeRefused(ValueError):
    """The change cannot be written as reviewed; the message says why and what would be right, in both
    languages."""


class Fact(NamedTuple):
    """One fact that changes, comparable with what was reviewed."""

    rule: str
    kind: str
    field: str
    old: Scalar
    new: Scalar


class Owner(NamedTuple):
    """Who answers for the change."""

    reason: str
    person: str


def facts_between(before: Site, after: Site) -> list[Fact]:
    """What differs, as facts of rules in force. Raises ChangeRefused for rules that come, go or come back."""
    facts = []
    for change in compare(before, after):
        if change.kind in ("added", "removed", "enabled"):
            raise ChangeRefused(
                both(
                    f"{change.rule} {KINDS[change.kind]}：限值变更只更改或关闭在用的规则；"
                    "新规则请写入现场文件",
                    f"{change.rule} is {change.kind}: a change of limits changes rules in force or switches "
                    "them off; write a new rule into the site's files",
                )
            )
        if change.field not in OWNER:
            facts.append(_fact(change))
    return facts


def _fact(change: RuleChange) -> Fact:
    return Fact(change.rule, change.kind, change.field, _comparable(change.old), _comparable(change.new))


def _comparable(value: Scalar) -> Scalar:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def facts_of(raw: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """The facts of a change as the alert service gives them."""
    return [
        Fact(each["rule"], each["kind"], each["field"], _comparable(each["old"]), _comparable(each["new"]))
        for each in raw
    ]


def enterprise_of(facts: Sequence[Fact]) -> str:
    """The one enterprise of the facts. Raises ChangeRefused when there are none, or of several."""
    found = sorted({fact.rule.partition("/")[0] for fact in facts})
    if not found:
        raise ChangeRefused(
            both(
                "什么也没有改变：新的规则与在用的相同",
                "nothing would change: the new rules are those in force",
            )
        )
    if len(found) > 1:
        raise ChangeRefused(
            both(
                f"变更涉及 {'、'.join(found)}：请为每个企业各提一个",
                f"the change is of {', '.join(found)}: propose one for each enterprise",
            )
        )
    return found[0]


def text_of(facts: Sequence[Fact], owner: Owner, heading: str = "") -> str:
    """The file of changes that makes these facts true."""
    override: dict[str, dict[str, Any]] = {}
    disable: dict[str, dict[str, Any]] = {}
    said = {"reason": owner.reason, "person": owner.person}
    for fact in facts:
        if fact.kind == "disabled":
            disable[fact.rule] = said | {"since": datetime.now(UTC).date().isoformat()}
            continue
        keys = override.setdefault(fact.rule, {})
        if fact.field.startswith(WHEN):
            keys.setdefault("when", {})[fact.field.removeprefix(WHEN)] = fact.new
        else:
            keys[fact.field] = fact.new
    content: dict[str, Any] = {}
    if override:
        content["override"] = {rule: keys | said for rule, keys in override.items()}
    if disable:
        content["disable"] = disable
    lines = "".join(f"# {line}\n" for line in heading.splitlines())
    return lines + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def check_written(site: Path, text: str, facts: Sequence[Fact]) -> Site:
    """The site with this file, if that makes exactly these facts true. Raises ChangeRefused; SiteInvalid
    when the site itself cannot be used."""
    present = load_site(site)
    with tempfile.TemporaryDirectory(prefix="hazardwatch-limits-") as folder:
        file = Path(folder) / "changes.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            after = load_changed_site(site, file, whole=False)
        except SiteInvalid as error:
            said = halves(joined(map(finding_text, error.findings[:NAMED])))
            raise ChangeRefused(
                both(
                    f"变更文件不能这样写：{said.chinese}",
                    f"a file of changes cannot say this: {said.english}",
                )
            ) from error
    made = {_said(fact) for fact in facts_between(present, after)}
    wanted = {_said(fact) for fact in facts}
    if made != wanted:
        raise _not_exactly(sorted(made - wanted)[:NAMED], sorted(wanted - made)[:NAMED])
    return after


def finding_text(finding: Finding) -> str:
    """What is wrong in a file and what would be right, without the place, in both languages."""
    return joined([both(finding.wrong_zh, finding.wrong), both(finding.right_zh, finding.right)], "：", ": ")


def _said(fact: Fact) -> str:
    """A fact as a refusal names it, the same in both languages."""
    return f"{fact.rule} {fact.field or fact.kind}: {fact.old!r} → {fact.new!r}"


def _not_exactly(more: Sequence[str], less: Sequence[str]) -> ChangeRefused:
    chinese = "；".join([*(f"还会有 {one}" for one in more), *(f"缺少 {one}" for one in less)])
    english = "; ".join([*(f"besides {one}" for one in more), *(f"without {one}" for one in less)])
    return ChangeRefused(
        both(
            f"变更文件不能恰好做到这一点：{chinese}：请改现场自己的文件",
            f"a file of changes would not make exactly this true: {english}: change the site's own files "
            "instead",
        )
    )


def shortest(site: Path, facts: Sequence[Fact], owner: Owner, heading: str = "") -> str:
    """A file that makes the facts true, without those that follow from others by themselves (a trend's
    set-point follows its limit) where that is enough. Raises as `check_written`."""
    whole = text_of(facts, owner, heading)
    check_written(site, whole, facts)
    leading = [fact for fact in facts if not fact.rule.rpartition(".")[2].startswith("TO_")]
    if leading and len(leading) < len(facts):
        try:
            part = text_of(leading, owner, heading)
            check_written(site, part, facts)
        except ChangeRefused:
            return whole
        return part
    return whole


WHY_NOT = {
    "open": Both(
        "还在等第二人：`hazardwatch limits approve`", "waits for a second person: hazardwatch limits approve"
    ),
    "applied": Both("已写在现场文件中", "stands in the site's files already"),
    "rejected": Both("已被否决：请另提一个", "was rejected: propose another one"),
    "withdrawn": Both("已撤回：请重新提出", "was withdrawn: propose it anew"),
    "expired": Both("逾期无人决定：请重新提出", "found nobody who decided in time: propose it anew"),
    "stale": Both(
        "所依据的规则后来变了：请重新回测并提出",
        "is about rules that have changed since: back-test and propose it anew",
    ),
}
"""Why a change in this state is not written."""


def write_change(site: Path, change: Mapping[str, Any], now: datetime) -> tuple[Path, str]:
    """Write an approved change, as the alert service shows it, into the site's folder; the file, and the
    fingerprint of the rules with it.

    Raises ChangeRefused when it is not approved, or when the site's rules are no longer those that were
    reviewed; SiteInvalid; OSError. Then nothing was written.
    """
    if change["state"] != "approved":
        why = WHY_NOT[change["state"]]
        raise ChangeRefused(
            both(f"限值变更 {change['id']} {why.chinese}", f"change of limits {change['id']} {why}")
        )
    if not site.is_dir():
        raise ChangeRefused(
            both(
                f"{site} 不是文件夹：变更是与其他文件并列的单独文件",
                f"{site} is no folder: a change is a file of its own beside the others",
            )
        )
    enterprise = change["enterprise"]
    if digest(load_site(site), enterprise) != change["based_on"]:
        raise ChangeRefused(
            both(
                f"{site} 中 {enterprise} 的规则已不是当时审查的：请重新回测并提出",
                f"the rules of {enterprise} in {site} are no longer those that were reviewed: back-test and "
                "propose the change anew",
            )
        )
    facts = facts_of(change["facts"])
    who = f"proposed by {change['proposed_by']}, approved by {change['decided_by']}"
    owner = Owner(f"{change['reason']} ({who}, {change['id']})", change["decided_by"])
    heading = f"Change of limits {change['id']}: {who}.\n{change['title']}"
    text = shortest(site, facts, owner, heading)
    path = site / f"changes-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{change['id']}.yaml"
    _write_new(path, text)
    return path, digest(load_site(site), enterprise)


def _write_new(path: Path, text: str) -> None:
    """Durably, whole or not at all, and never over another file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.link(name, path)
    finally:
        os.unlink(name)
