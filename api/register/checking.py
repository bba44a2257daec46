"""An uploaded register of one enterprise, held against the site's files and against what runs. No writing."""

import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

import msgspec

from alarm_rules.findings import Findings, Place
from alarm_rules.load import check_site, check_site_files
from alarm_rules.model import Enterprise, Finding, Site
from alarm_rules.site_files import YAML, read_text
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlMapping, read_yaml
from api.auth.principal import Scope
from api.bilingual import both
from api.register.differences import Difference, difference
from api.register.kept_facts import kept_beside
from api.register.remarks import Remark, remarks_on
from api.register.site_folder import (
    REGISTER_KEYS,
    FolderPlan,
    candidate,
    digest_of,
    plan_for,
    tables_of,
    target_name,
)
from api.register.spreadsheet import sheet_text

ENDINGS = (".csv", ".xlsx", *YAML)
OF_OTHERS = Finding(
    file=both("现场的其他文件", "other files of the site"),
    line=1,
    wrong="the site has mistakes that do not come from this file",
    right="ask who sees all enterprises",
    wrong_zh="现场文件中有不是来自本文件的错误",
    right_zh="请能看到全部企业的人处理",
)
"""What somebody is told of files that are not his."""


class OutOfSight(Exception):
    """The enterprise of the file is none that this person sees."""


class SiteUnusable(Exception):
    """The site's folder cannot be read or is no folder; the message says what to do."""


class Checked(NamedTuple):
    """What came of the check. Without findings there is a plan and a difference."""

    enterprise: str
    """Empty when the file does not say one."""
    findings: list[Finding]
    remarks: list[Remark]
    based_on: str
    """Fingerprint of the folder's tables that the check saw."""
    plan: FolderPlan | None = None
    difference: Difference | None = None


class _Upload(NamedTuple):
    """The file as it will be kept."""

    ending: str
    content: bytes
    other_sheets: tuple[str, ...] = ()


def check_upload(folder: Path, running: Site, name: str, content: bytes, scope: Scope) -> Checked:
    """Takes seconds for thousands of points: not for the event loop.

    Raises OutOfSight, SiteUnusable.
    """
    if not folder.is_dir():
        raise SiteUnusable(
            f"{folder} is no folder: put the site's files into a folder of their own to import"
        )
    try:
        based_on = digest_of(tables_of(folder))
    except OSError as error:
        raise SiteUnusable(f"{folder} cannot be read: {error.strerror}: check its permissions") from error
    findings = Findings()
    upload = _read(name, content, findings)
    if upload is None or len(findings):
        return Checked("", findings.sorted(), [], based_on)
    own, found = _alone(name, upload)
    if own is None:
        return Checked("", found, [], based_on)
    enterprise = _visible(own, running, scope)
    beside = None
    if upload.ending == ".csv":
        before = next((each for each in running.enterprises if each.id == enterprise.id), None)
        beside = kept_beside(before, enterprise)
    plan = plan_for(folder, enterprise.id, upload.ending, upload.content, beside, findings)
    if len(findings):
        return Checked(enterprise.id, findings.sorted(), [], based_on)
    with candidate(folder, plan) as whole:
        site, found = check_site(whole)
    if site is None:
        names = {target_name(plan, upload.content): name}
        told = _named(found, names, set(plan.writes), scope)
        return Checked(enterprise.id, told, [], based_on)
    made = next(each for each in site.enterprises if each.id == enterprise.id)
    return Checked(
        enterprise.id,
        [],
        remarks_on(site, made, running, upload.other_sheets),
        based_on,
        plan,
        difference(running, site, enterprise.id),
    )


def _read(name: str, content: bytes, findings: Findings) -> _Upload | None:
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        findings.add(
            Place(name, 1),
            Both(f"文件扩展名是 {ending or '空的'}", f"a file ending in {ending or 'nothing'}"),
            Both(f"请给 {'、'.join(ENDINGS)} 之一", f"give one of {', '.join(ENDINGS)}"),
        )
        return None
    if not content.strip():
        findings.add(
            Place(name, 1),
            Both("文件是空的", "an empty file"),
            Both("请重新导出台账", "export the register again"),
        )
        return None
    if ending != ".xlsx":
        return _Upload(ending, content)
    sheet = sheet_text(content, name, findings)
    return None if sheet is None else _Upload(".csv", sheet.text.encode(), sheet.others)


def _alone(name: str, upload: _Upload) -> tuple[Site | None, list[Finding]]:
    """The file by itself, before it is laid into the site."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-import-") as made:
        path = Path(made) / f"register{upload.ending}"
        path.write_bytes(upload.content)
        findings = Findings()
        if upload.ending in YAML:
            _refuse_more(path, findings)
        site, found = check_site_files([path], [])
        found = [*findings.sorted(), *found]
        return (None if found else site), [_renamed(each, name) for each in found]


def _refuse_more(path: Path, findings: Findings) -> None:
    tree = read_yaml(read_text(path, Findings()) or "", str(path), Findings())
    if isinstance(tree, YamlMapping):
        for key in tree:
            if key not in REGISTER_KEYS:
                findings.add(
                    Place(str(path), tree.lines[key]),
                    Both(f"导入的台账中有 {key}", f"{key} in a register that is imported"),
                    Both(
                        "台账中可以有 enterprises 和 defaults；规则和升级规则各有自己的文件",
                        "it may hold enterprises and defaults; rules and ladders have files of their own",
                    ),
                )


def _visible(own: Site, running: Site, scope: Scope) -> Enterprise:
    """The one enterprise of the file. A new one needs somebody who sees all of them."""
    if len(own.enterprises) != 1:
        names = ", ".join(each.id for each in own.enterprises)
        raise OutOfSight(
            both(
                f"文件中有 {len(own.enterprises)} 家企业（{names}）：一次只导入一家",
                f"the file is of {len(own.enterprises)} enterprises ({names}): import one at a time",
            )
        )
    (enterprise,) = own.enterprises
    known = any(each.id == enterprise.id for each in running.enterprises)
    if not scope.sees(enterprise.id) or not (known or scope.enterprises is None):
        raise OutOfSight(
            both(
                f"您能看到的范围内没有企业 {enterprise.id}",
                f"there is no enterprise {enterprise.id} in your sight",
            )
        )
    return enterprise


def _named(found: Iterable[Finding], names: dict[str, str], own: set[str], scope: Scope) -> list[Finding]:
    """With the names that the person knows. Of files of others he is told only that they have mistakes."""
    told = []
    for finding in found:
        name = PurePath(finding.file).name
        if scope.enterprises is None or name in own or name.startswith(("rules", "overrides", "changes")):
            told.append(_renamed(finding, names.get(name, name)))
        else:
            told.append(OF_OTHERS)
    return sorted(set(told))


def _renamed(finding: Finding, name: str) -> Finding:
    folder = str(PurePath(finding.file).parent)
    texts = {
        field: getattr(finding, field).replace(finding.file, name).replace(f"{folder}/", "")
        for field in ("wrong", "right", "wrong_zh", "right_zh")
    }
    return msgspec.structs.replace(finding, file=name, **texts)
