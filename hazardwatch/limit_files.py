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
from alarm_rules.model import Site

OWNER = frozenset(("reason", "person"))
"""Facts that say who decided and why: they are written with the change, not reviewed as a part of it."""
WHEN = "when."


class ChangeRefused(ValueError):
    """The change cannot be written as reviewed; the message says why, and what would be right."""


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
                f"{change.rule} is {change.kind}: a change of limits changes rules in force or switches them "
                "off; write a new rule into the site's files"
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
        raise ChangeRefused("nothing would change: the new rules are those in force")
    if len(found) > 1:
        raise ChangeRefused(f"the change is of {', '.join(found)}: propose one for each enterprise")
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
            said = "; ".join(f"{finding.wrong}: {finding.right}" for finding in error.findings[:3])
            raise ChangeRefused(f"a file of changes cannot say this: {said}") from error
    made = {repr(fact) for fact in facts_between(present, after)}
    wanted = {repr(fact) for fact in facts}
    if made != wanted:
        more, less = sorted(made - wanted), sorted(wanted - made)
        raise ChangeRefused(
            "a file of changes would not make exactly this true: "
            + "; ".join([*(f"besides {one}" for one in more[:3]), *(f"without {one}" for one in less[:3])])
            + ": change the site's own files instead"
        )
    return after


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
    "open": "waits for a second person: hazardwatch limits approve",
    "applied": "stands in the site's files already",
    "rejected": "was rejected: propose another one",
    "withdrawn": "was withdrawn: propose it anew",
    "expired": "found nobody who decided in time: propose it anew",
    "stale": "is about rules that have changed since: back-test and propose it anew",
}
"""Why a change in this state is not written."""


def write_change(site: Path, change: Mapping[str, Any], now: datetime) -> tuple[Path, str]:
    """Write an approved change, as the alert service shows it, into the site's folder; the file, and the
    fingerprint of the rules with it.

    Raises ChangeRefused when it is not approved, or when the site's rules are no longer those that were
    reviewed; SiteInvalid; OSError. Then nothing was written.
    """
    if change["state"] != "approved":
        raise ChangeRefused(f"change of limits {change['id']} {WHY_NOT[change['state']]}")
    if not site.is_dir():
        raise ChangeRefused(f"{site} is no folder: a change is a file of its own beside the others")
    enterprise = change["enterprise"]
    if digest(load_site(site), enterprise) != change["based_on"]:
        raise ChangeRefused(
            f"the rules of {enterprise} in {site} are no longer those that were reviewed: back-test and "
            "propose the change anew"
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
