"""Small sites for the tests of this package, written to a folder and loaded like any other."""

from pathlib import Path

from alarm_rules.load import load_site
from alarm_rules.model import Rule, Site

REGISTER = """\
enterprises:
  - id: E001
    installations:
      - id: H01
        units:
          - id: U1
            points:
"""


def write_site(folder: Path, points: list[str], rules: str = "") -> Path:
    """A site of one enterprise; each point is the inside of a YAML flow mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"              - {{{point}}}\n" for point in points)
    (folder / "register.yaml").write_text(REGISTER + lines, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules or "packs: []\n", encoding="utf-8")
    return folder


def loaded(folder: Path, points: list[str], rules: str = "") -> Site:
    return load_site(write_site(folder, points, rules))


def rules_by_id(site: Site) -> dict[str, Rule]:
    """By id without the enterprise."""
    return {rule.id.partition("/")[2]: rule for rule in site.rules}


LEVEL = (
    "tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12, limits: {H: 10, HH: 11}"
)


def gas(
    tag: str, cas: str, unit: str = "ppm", high: float = 100, quantity: str = "toxic_gas", more: str = ""
) -> str:
    return (
        f'tag: {tag}, quantity: {quantity}, engineering_unit: "{unit}", range_low: 0, range_high: {high}'
        + (f", cas: {cas}" if cas else "")
        + more
    )
