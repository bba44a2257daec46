"""The first enterprise as site files: written out, checked by the loader itself, put in place in one go.

Nothing is in the site folder before the whole draft has passed; whoever looks at the folder meanwhile (the
gateway that waits for it) sees rules first and the register last, and a register alone is never there.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from alarm_rules.findings import Findings
from alarm_rules.load import check_site
from alarm_rules.model import Finding, Site
from alarm_rules.site_files import nothing_begun
from alarm_rules.yaml_lines import YamlList, YamlMapping, read_yaml
from api.bilingual import both, halves, joined
from api.setup.choices import packs_of
from api.setup.errors import DraftRefused, SiteNotWritten, StepRefused
from api.setup.schemas import EnterpriseRequest, PointBody

REGISTER, RULES = "register.yaml", "rules.yaml"
HEADS = {
    REGISTER: "# The register (台账): enterprise, installation, unit, points. All keys: docs/rules.md.\n",
    RULES: "# What may alarm here. Packs give rules to whole kinds of points; all keys: docs/rules.md.\n",
}
_PATHS = {
    "enterprises.0": "",
    "enterprises.0.installations.0.units.0.points": "points",
    "enterprises.0.installations.0.units.0": "unit_",
    "enterprises.0.installations.0": "installation_",
}
"""Where the parts of the request stand in the register."""


class Draft(NamedTuple):
    """A site that has passed the loader, as text by file name."""

    site: Site
    texts: dict[str, str]
    packs: list[str]


def draft_site(wish: EnterpriseRequest) -> Draft:
    """The wish as a checked site. DraftRefused with every finding: its place, what is wrong, the remedy."""
    packs = sorted({name for point in wish.points for name in packs_of(point.quantity)})
    texts = {
        RULES: HEADS[RULES] + _dump({"packs": packs}),
        REGISTER: HEADS[REGISTER] + _dump({"enterprises": [_enterprise(wish)]}),
    }
    with tempfile.TemporaryDirectory(prefix="hazardwatch-site-") as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        site, findings = check_site(Path(folder))
    if site is None:
        raise _refused(findings, texts[REGISTER])
    return Draft(site, texts, packs)


def write_site(draft: Draft, folder: Path) -> None:
    """Put the files into the folder. StepRefused if a site is there; SiteNotWritten if it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not nothing_begun(folder):
            raise StepRefused(
                both(
                    f"{folder} 中已有台账：此步已完成", f"{folder} holds a register already: the step is done"
                )
            )
        for name in (RULES, REGISTER):
            _put(folder / name, draft.texts[name])
        _sync(folder)
    except OSError as error:
        raise SiteNotWritten(
            both(
                f"{folder} 无法写入：{error.strerror or error}：请允许服务写入，或把 "
                "HAZARDWATCH_API_SITE 和 HAZARDWATCH_GATEWAY_SITE 设为可写的文件夹",
                f"{folder} cannot be written: {error.strerror or error}: let the service write there, or set "
                "HAZARDWATCH_API_SITE and HAZARDWATCH_GATEWAY_SITE to a folder that it may write",
            )
        ) from error


def _put(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _enterprise(wish: EnterpriseRequest) -> dict[str, Any]:
    unit = {"id": wish.unit_id, "kind": wish.unit_kind, "name": wish.unit_name}
    installation = {
        "id": wish.installation_id,
        "name": wish.installation_name,
        "hazard_class": wish.hazard_class,
    }
    whole = {"id": wish.id, "name": wish.name, "district": wish.district, "city": wish.city}
    points = [_point(point) for point in wish.points]
    return _said(whole) | {
        "installations": [_said(installation) | {"units": [_said(unit) | {"points": points}]}]
    }


def _point(point: PointBody) -> dict[str, Any]:
    limits = {name: value for name, value in point.limits.model_dump().items() if value is not None}
    return _said(point.model_dump(exclude={"limits"})) | ({"limits": limits} if limits else {})


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """What was given: an empty text and null say nothing, and need not stand in the file."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def _dump(tree: dict[str, Any]) -> str:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=100)


def _refused(findings: list[Finding], register: str) -> DraftRefused:
    fields = _fields(register)
    told = [
        {
            "field": fields.get(finding.line, "") if finding.file.endswith(REGISTER) else "",
            "place": f"{Path(finding.file).name}:{finding.line}",
            "wrong": both(finding.wrong_zh, finding.wrong),
            "right": both(finding.right_zh, finding.right),
        }
        for finding in findings
    ]
    first = joined(
        both(
            f"{f['place']}：{halves(f['wrong'])[0]}：{halves(f['right'])[0]}",
            f"{f['place']}: {halves(f['wrong'])[1]}: {halves(f['right'])[1]}",
        )
        for f in told[:3]
    )
    chinese, english = halves(first)
    text = both(f"有 {len(told)} 处错误：{chinese}", f"{len(told)} finding(s): {english}")
    return DraftRefused(text, findings=told)


def _fields(register: str) -> dict[int, str]:
    """Line of the register -> field of the request that stands there."""
    tree = read_yaml(register, REGISTER, Findings())
    return {line: _field(path) for path, line in _walk(tree, "")}


def _walk(tree: Any, path: str) -> Iterator[tuple[str, int]]:
    """Every path with its line, an outer one before what it holds: the inner one names the line better."""
    items: list[tuple[str, Any, int]] = []
    if isinstance(tree, YamlMapping):
        items = [(key, value, tree.lines[key]) for key, value in tree.items()]
    elif isinstance(tree, YamlList):
        items = [(str(at), value, tree.lines[at]) for at, value in enumerate(tree)]
    for key, value, line in items:
        inner = f"{path}.{key}" if path else key
        yield inner, line
        yield from _walk(value, inner)


def _field(path: str) -> str:
    for start, prefix in sorted(_PATHS.items(), key=lambda item: -len(item[0])):
        if path == start or path.startswith(f"{start}."):
            rest = path[len(start) + 1 :]
            if prefix == "points":
                return f"points.{rest}" if rest else "points"
            return "hazard_class" if rest == "hazard_class" else f"{prefix}{rest}" if rest else ""
    return ""
