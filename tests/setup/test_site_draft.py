"""The first enterprise as files: what is written loads, what would not load is not written."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alarm_rules.load import load_site
from alarm_rules.model import Limits
from alarm_rules.site_files import nothing_begun
from api.setup.choices import StartingPoint, choices, gases_of, normal_value, packs_of, units_of
from api.setup.errors import DraftRefused, SiteNotWritten, StepRefused
from api.setup.site_draft import draft_site, write_site
from tests.setup.wishes import LEVEL, wish


def test_written_site_is_what_was_described(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    write_site(draft_site(wish()), folder)
    site = load_site(folder)
    enterprise = site.enterprises[0]
    assert (enterprise.id, enterprise.name, enterprise.district) == ("E001", "示范石化", "滨海新区")
    assert enterprise.installations[0].hazard_class == 3
    assert [(point.id, point.range_high, point.limits.HH) for point in site.points] == [
        ("E001/TK101.LT01", 12.0, 11.0)
    ]
    assert {rule.id for rule in site.rules} >= {"E001/TK101.LT01.HH", "E001/TK101.LT01.STALE"}
    assert sorted(file.name for file in folder.iterdir()) == ["register.yaml", "rules.yaml"]


@pytest.mark.parametrize("start", choices().quantities, ids=lambda start: start.quantity)
def test_starting_figures_of_every_quantity_make_a_site(start: StartingPoint) -> None:
    assert not units_of(start.quantity) or start.engineering_unit in units_of(start.quantity)
    for gas in gases_of(start.quantity) if start.needs_gas else [None]:
        limits = {name: getattr(start.limits, name) for name in ("LL", "L", "H", "HH")}
        point: dict[str, Any] = {
            "tag": f"A1.{start.tag}",
            "name": start.tag,
            "quantity": start.quantity,
            "engineering_unit": start.engineering_unit,
            "range_low": start.range_low,
            "range_high": start.range_high,
            "limits": limits,
            "cas": gas.cas if gas else "",
        }
        draft = draft_site(wish(points=[point]))
        assert set(draft.packs) == set(packs_of(start.quantity))
        assert any(rule.point == f"E001/A1.{start.tag}" for rule in draft.site.rules)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "E 1/+"}, "id"),
        ({"unit_id": "TK 101"}, "unit_id"),
        ({"installation_id": "H/01"}, "installation_id"),
        ({"points": [LEVEL | {"engineering_unit": "furlong"}]}, "points.0.engineering_unit"),
        ({"points": [LEVEL | {"limits": {"H": 11.0, "HH": 10.0}}]}, "points.0.limits.HH"),
        ({"points": [LEVEL, LEVEL | {"name": "the same"}]}, "points.1.tag"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_finding_names_the_field_the_place_and_the_remedy(change: dict[str, Any], field: str) -> None:
    with pytest.raises(DraftRefused) as refused:
        draft_site(wish(**change))
    found = {finding["field"]: finding for finding in refused.value.more["findings"]}
    assert field in found
    assert found[field]["place"].startswith("register.yaml:")
    assert found[field]["right"]


def test_gas_point_without_its_gas_is_refused() -> None:
    gas = {
        "tag": "GD1",
        "name": "GD1",
        "quantity": "toxic_gas",
        "engineering_unit": "ppm",
        "range_low": 0.0,
        "range_high": 100.0,
    }
    with pytest.raises(DraftRefused, match="CAS"):
        draft_site(wish(points=[gas]))


@pytest.mark.parametrize("name", ["", "  "])
@pytest.mark.parametrize("field", ["name", "installation_name", "unit_name", "points.0.name"])
def test_what_people_will_see_has_a_name(field: str, name: str) -> None:
    change = {"points": [LEVEL | {"name": name}]} if field.startswith("points") else {field: name}
    with pytest.raises(ValidationError) as refused:
        wish(**change)
    assert {".".join(map(str, error["loc"])) for error in refused.value.errors()} == {field}


def test_site_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    write_site(draft_site(wish()), tmp_path / "site")
    before = (tmp_path / "site" / "register.yaml").read_text()
    with pytest.raises(StepRefused):
        write_site(draft_site(wish(name="another")), tmp_path / "site")
    assert (tmp_path / "site" / "register.yaml").read_text() == before


def test_folder_that_cannot_be_written_is_named_with_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SiteNotWritten, match=r"HAZARDWATCH_API_SITE and HAZARDWATCH_GATEWAY_SITE"):
        write_site(draft_site(wish()), tmp_path / "file" / "site")


def test_folder_without_a_table_is_a_site_to_come(tmp_path: Path) -> None:
    assert nothing_begun(tmp_path / "nowhere")
    assert nothing_begun(tmp_path)
    (tmp_path / "README.txt").write_text("drawings follow")
    (tmp_path / ".register.yaml-half").write_text("half")
    (tmp_path / ".half.yaml").write_text("half")
    assert nothing_begun(tmp_path)
    (tmp_path / "rules.yaml").write_text("packs: [level]")
    assert not nothing_begun(tmp_path)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [(Limits(), 6.0), (Limits(H=10.0), 5.0), (Limits(L=2.0, H=10.0), 6.0), (Limits(LL=4.0, HH=5.0), 4.5)],
)
def test_first_value_lies_between_the_limits(limits: Limits, expected: float) -> None:
    level = next(start for start in choices().quantities if start.quantity == "level")
    assert normal_value(level, 0.0, 12.0, limits) == expected
