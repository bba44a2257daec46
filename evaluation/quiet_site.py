"""Register and rules for the quiet plant, loaded as a site's own files are: all packs, and the rules of
`quiet_rules.yaml` for kinds that no pack gives to a quantity."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from alarm_rules.load import load_site
from alarm_rules.model import Site
from alarm_rules.pack_files import load_pack, pack_names
from evaluation.quiet_plant import QuietPlant, QuietPoint

LIMITS = ("LL", "L", "H", "HH")


class OwnRule(NamedTuple):
    """One entry of `quiet_rules.yaml`."""

    quantity: list[str]
    when: dict[str, Any]
    why: str
    suffix: str = ""
    tags: list[str] | None = None
    """Only points whose tag ends so."""
    class_: str = "advisory"
    on_delay_s: float = 0.0

    @property
    def detector(self) -> str:
        return str(self.when["detector"])


@cache
def own_rules() -> tuple[OwnRule, ...]:
    """The entries, in the order of the file. Raises TypeError for an unknown key."""
    tree = yaml.safe_load(files(__package__).joinpath("quiet_rules.yaml").read_text("utf-8"))
    return tuple(
        OwnRule(**{"class_" if key == "class" else key: value for key, value in entry.items()})
        for entry in tree["rules"]
    )


def enterprise(site: int) -> str:
    return f"Q{site + 1:03d}"


def point_id(point: QuietPoint) -> str:
    return f"{enterprise(point.site)}/{point.tag}"


def make_site(plant: QuietPlant) -> Site:
    """The site of the plant. Raises SiteInvalid if a delivered pack or an entry of the file is wrong."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-quiet-") as folder:
        write_site(Path(folder), plant.points, plant.clock.period_s)
        return load_site(Path(folder))


def write_site(folder: Path, points: Sequence[QuietPoint], period_s: float) -> None:
    """register.csv, rules.yaml and rules.csv."""
    _write(folder / "register.csv", (_register_row(point, period_s) for point in points))
    (folder / "rules.yaml").write_text(f"packs: [{', '.join(pack_names())}]\n", "utf-8")
    _write(folder / "rules.csv", _rule_rows(points))


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    listed = list(rows)
    heading = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, heading, restval="")
        writer.writeheader()
        writer.writerows(listed)


def _register_row(point: QuietPoint, period_s: float) -> dict[str, Any]:
    signal = point.signal
    return {
        "enterprise": enterprise(point.site),
        "installation": "H1",
        "unit": point.unit,
        "unit_kind": point.unit_kind,
        "tag": point.tag,
        "quantity": signal.quantity,
        "engineering_unit": signal.engineering_unit,
        "range_low": signal.range_low,
        "range_high": signal.range_high,
        "period_s": period_s,
        "cas": signal.cas,
        **{side: signal.limits.get(side, "") for side in LIMITS},
    }


@cache
def given_by_packs() -> frozenset[tuple[str, str]]:
    """(quantity, kind) pairs that some pack has a rule for."""
    rules = (rule for name in pack_names() for rule in load_pack(name).rules)
    return frozenset((quantity, rule.detector) for rule in rules for quantity in rule.applies_to.quantity)


def _rule_rows(points: Sequence[QuietPoint]) -> Iterator[dict[str, Any]]:
    of_sort: dict[tuple[int, str, str], list[str]] = {}
    for point in points:
        of_sort.setdefault((point.site, point.unit[:2], point.signal.tag), []).append(point.tag)
    for point in points:
        for rule in own_rules():
            if _concerns(rule, point):
                neighbours = of_sort[point.site, point.unit[:2], point.signal.tag]
                yield _rule_row(rule, point, neighbours)


def _concerns(rule: OwnRule, point: QuietPoint) -> bool:
    quantity = point.signal.quantity
    if quantity not in rule.quantity or (quantity, rule.detector) in given_by_packs():
        return False
    if rule.tags is not None and point.tag not in rule.tags and point.signal.tag not in rule.tags:
        return False
    return all(_has(point, value) for value in rule.when.values())


def _has(point: QuietPoint, value: Any) -> bool:
    """Does the point have what this parameter refers to?"""
    return not isinstance(value, dict) or "limit" not in value or value["limit"] in point.signal.limits


def _rule_row(rule: OwnRule, point: QuietPoint, neighbours: list[str]) -> dict[str, Any]:
    suffix = rule.suffix or rule.detector.upper()
    when = {name: _value(value, point, neighbours) for name, value in rule.when.items()}
    return {
        "id": f"{enterprise(point.site)}/{point.tag}.{suffix}",
        "point": f"{enterprise(point.site)}/{point.tag}",
        "class": rule.class_,
        "on_delay_s": rule.on_delay_s,
        **when,
    }


def _value(value: Any, point: QuietPoint, neighbours: list[str]) -> Any:
    """A parameter as one cell of a CSV row."""
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    if not isinstance(value, dict):
        return value
    ((how, what),) = value.items()
    signal = point.signal
    if how == "resolution":
        return signal.resolution
    if how == "share_of_range":
        return f"{what * (signal.range_high - signal.range_low):.6g}"
    if how == "limit":
        return signal.limits[what]
    if how == "same_unit":
        return ";".join(f"{enterprise(point.site)}/{point.unit}.{tag}" for tag in what)
    if how == "same_area":
        others = [tag for tag in neighbours if tag != point.tag]
        return ";".join(f"{enterprise(point.site)}/{tag}" for tag in others[: what - 1])
    if how == "rules_of_area":
        return ";".join(f"{enterprise(point.site)}/{tag}.{what}" for tag in neighbours)
    raise ValueError(
        f"quiet_rules.yaml: {value} is not known: share_of_range, limit, resolution, same_unit, same_area"
    )
