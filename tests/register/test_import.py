"""Importing a register: compared, refused with place and remedy, written, or proposed to a second person."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from alarm_rules.load import load_site
from api.bilingual import halves
from tests.register.importing import GAS, LEVEL, NEW, WARMTH, Yard, running_yard, table
from tests.register.plants import REGISTER

WHOLE = (LEVEL, WARMTH, GAS)
OUT = (
    "yard,H01,2,GA1,gas_area,GA1.GD2,西侧甲烷,combustible_gas,%LEL,0,100,,,,,74-82-8,NFPA,GW1"  # in use again
)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with running_yard(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """For tests that write nothing."""
    with running_yard(tmp_path_factory.mktemp("import"), apply=False) as running:
        yield running


def workbook(content: bytes) -> bytes:
    book = Workbook()
    for line in content.decode().splitlines():
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_import_tells_points_and_rules_that_come(looked_at: Yard) -> None:
    found = looked_at.check("台账.csv", table(*WHOLE, OUT, NEW))
    assert (found["outcome"], found["enterprise"], found["findings"]) == ("checked", "yard", [])
    difference = found["difference"]
    assert difference["point_counts"] == {"added": 1, "removed": 0, "changed": 1}
    assert [item["id"] for item in difference["points"] if item["kind"] == "added"] == ["yard/TK2.LT1"]
    assert {rule["rule"] for rule in difference["rules"] if rule["kind"] == "added"} >= {"yard/TK2.LT1.HH"}
    assert difference["rule_counts"]["added"] >= 2


def test_import_tells_changed_fields_with_old_and_new(looked_at: Yard) -> None:
    found = looked_at.check("r.csv", table(LEVEL.replace(",10,11,", ",9.5,11,"), WARMTH, GAS, OUT))
    (change,) = [item for item in found["difference"]["points"] if item["id"] == "yard/TK1.LT1"]
    assert {"field": "limits.H", "old": 10.0, "new": 9.5} in change["fields"]
    assert {
        "rule": "yard/TK1.LT1.H",
        "kind": "changed",
        "field": "when.setpoint",
        "old": 10.0,
        "new": 9.5,
    } in (found["difference"]["rules"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_import_reads_the_encodings_of_spreadsheet_programs(looked_at: Yard, encoding: str) -> None:
    content = table(*WHOLE, OUT, NEW.replace("液位", "新罐液位")).decode().encode(encoding)
    found = looked_at.check("台账.csv", content)
    assert [item["name"] for item in found["difference"]["points"] if item["kind"] == "added"] == ["新罐液位"]


def test_workbook_gives_the_same_difference_as_its_table(looked_at: Yard) -> None:
    content = table(*WHOLE, OUT, NEW)
    one, other = looked_at.check("r.csv", content), looked_at.check("r.xlsx", workbook(content))
    assert one["difference"] == other["difference"]


def test_finding_names_file_line_column_and_remedy(looked_at: Yard) -> None:
    content = table(LEVEL, WARMTH.replace(",80,", ",eighty,"))
    for name, upload in (("台账.csv", content), ("台账.xlsx", workbook(content))):
        found = looked_at.check(name, upload)
        assert (found["outcome"], found["difference"]) == ("refused", None)
        (finding,) = found["findings"]
        assert (finding["file"], finding["line"], finding["column"]) == (name, 3, "K")
        assert "不是数字" in halves(finding["wrong"])[0]
        assert "is not a number" in halves(finding["wrong"])[1]
        assert halves(finding["right"])[1].startswith("write digits")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("register.xls", b"x", "a file ending in .xls"),
        ("register", b"x", "a file ending in nothing"),
        ("register.csv", b" \n", "an empty file"),
        ("register.csv", b"\xff\xfe\x00\x01\x00", "neither UTF-8 nor GB18030"),
        ("register.csv", b"tag\n" + b"x," * 5000 + b"\n", "cells under"),
        ("register.csv", b'tag\n"open', "not CSV"),
        ("register.yaml", b"a: &a [x, x]\nb: &b [*a, *a, *a]\n", "unknown key"),
        ("register.yaml", b"rules: []\nenterprises: []\n", "rules in a register"),
        ("register.yaml", b"enterprises: " + b"[" * 5000, "nested deeper"),
        ("register.xlsx", b"PK", "not an .xlsx workbook"),
    ],
)
def test_hostile_file_is_refused_with_a_finding(
    looked_at: Yard, name: str, content: bytes, said: str
) -> None:
    found = looked_at.check(name, content)
    assert found["outcome"] == "refused"
    assert any(said in finding["wrong"] for finding in found["findings"]), found["findings"]


def test_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with running_yard(tmp_path, register_file_bytes=2000) as yard:
        answer = yard.chief.post("/register/import", params={"file": "r.csv"}, content=table(*[LEVEL] * 50))
        assert answer.status_code == 413


def test_rule_of_the_site_that_a_removed_point_leaves_behind_is_a_finding(tmp_path: Path) -> None:
    with running_yard(tmp_path) as yard:
        override = "override: {TK1.TT1.H: {when: {setpoint: 35}, reason: 夏季, person: 王五}}\n"
        rules = yard.site / "rules.yaml"
        rules.write_text(rules.read_text("utf-8") + override, encoding="utf-8")
        found = yard.check("r.csv", table(LEVEL, GAS))
        (finding,) = found["findings"]
        assert (finding["file"], finding["line"]) == ("rules.yaml", 2)


def test_enterprise_out_of_sight_cannot_be_imported(looked_at: Yard) -> None:
    foreign = table("other,H01,,U1,pressure_vessel,V1.PT1,压力,pressure,MPa,0,2.5,,,,,,,GW1")
    answer = looked_at.chief.post("/register/import", params={"file": "r.csv"}, content=foreign)
    assert answer.status_code == 404
    assert looked_at.check("r.csv", foreign, looked_at.everybody)["enterprise"] == "other"


def test_new_enterprise_needs_somebody_who_sees_all(looked_at: Yard) -> None:
    fresh = table(LEVEL.replace("yard,", "fresh,"))
    assert (
        looked_at.chief.post("/register/import", params={"file": "r.csv"}, content=fresh).status_code == 404
    )
    found = looked_at.check("r.csv", fresh, looked_at.everybody)
    assert found["difference"]["place_counts"]["added"] == 3


def test_service_that_may_not_write_says_where_to_put_the_file(looked_at: Yard) -> None:
    content = table(*WHOLE, OUT, NEW)
    found = looked_at.check("r.csv", content)
    assert found["may_write"] is False
    answer = looked_at.carry_out("r.csv", content, found["based_on"])
    assert answer.status_code == 409
    assert "HAZARDWATCH_API_REGISTER_APPLY" in answer.json()["detail"]


def added_only() -> bytes:
    """The yard's register as it is, and one tank more."""
    tank = (
        "          - id: TK2\n            kind: storage_tank\n            points:\n"
        "              - {tag: TK2.LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12,\n"
        "                 limits: {H: 10}}\n"
    )
    own, _, _ = REGISTER.partition("  - id: other")
    return (own + tank).encode()


def test_import_that_only_adds_is_written_and_keeps_the_previous_files(tmp_path: Path) -> None:
    with running_yard(tmp_path) as yard:
        before = yard.files()
        content = added_only()
        found = yard.check("新台账.yaml", content)
        assert found["loosens"] == []
        done = yard.carry_out("新台账.yaml", content, found["based_on"]).json()
        assert done["outcome"] == "written"
        assert (yard.site / "register-yard.yaml").read_bytes() == content
        assert (yard.site / done["previous"] / "register-yard.yaml").read_bytes() == before[
            "register-yard.yaml"
        ]
        assert "yard/TK2.LT1" in [point.id for point in load_site(yard.site).points]
        (act,) = yard.chief.get("/audit", params={"action": "register.import"}).json()["rows"]
        assert "新台账.yaml" in act["text"]
        assert "1 added" in act["text"]


def test_yaml_of_several_enterprises_is_left_to_a_person(tmp_path: Path) -> None:
    with running_yard(tmp_path, split=False) as yard:
        (finding,) = yard.check("r.yaml", added_only())["findings"]
    assert "together with something else" in finding["wrong"]
    assert "a register file of its own" in finding["right"]


def without_temperature() -> bytes:
    """The yard's register without the thermometer of the tank."""
    own, _, _ = REGISTER.partition("  - id: other")
    before, _, rest = own.partition("              - {tag: TK1.TT1")
    return (before + rest.partition("\n")[2].partition("\n")[2]).encode()


def test_point_that_goes_takes_a_second_person_and_is_written_afterwards(yard: Yard) -> None:
    content = without_temperature()
    found = yard.check("r.yaml", content)
    assert found["difference"]["point_counts"]["removed"] == 1
    assert any(line.startswith("yard/TK1.TT1 removed") for line in found["loosens"])
    before = yard.files()
    done = yard.carry_out("r.yaml", content, found["based_on"]).json()
    assert (done["outcome"], yard.files()) == ("proposed", before)
    proposal = done["proposal"]
    assert yard.chief.post(f"/approvals/{proposal}/approve", json={}).status_code == 403
    assert yard.chief.post(f"/register/imports/{proposal}/write").status_code == 409
    assert yard.second.post(f"/approvals/{proposal}/approve", json={}).status_code == 200
    (waiting,) = yard.second.get("/register/imports").json()["imports"]
    assert (waiting["id"], waiting["state"], waiting["waits"]) == (proposal, "applied", True)
    written = yard.second.post(f"/register/imports/{proposal}/write")
    assert written.json()["outcome"] == "written"
    assert "yard/TK1.TT1" not in [point.id for point in load_site(yard.site).points]
    assert yard.second.get("/register/imports").json()["imports"][0]["waits"] is False
    assert yard.second.post(f"/register/imports/{proposal}/write").status_code == 409


@pytest.mark.parametrize(
    ("old", "new", "loosens"),
    [
        ("limits: {H: 10, HH: 11}", "limits: {H: 9, HH: 11}", False),
        ("limits: {H: 10, HH: 11}", "limits: {H: 10.5, HH: 11}", True),
        ("limits: {H: 10, HH: 11}", "limits: {HH: 11}", True),
        ("limits: {H: 10, HH: 11}", "limits: {LL: 1, H: 10, HH: 11}", False),
        ("name: 液位", "name: 一号罐液位", False),
        ("range_high: 12", "range_high: 20", True),
        ("tag: TK1.LT1, name: 液位", "tag: TK1.LT1, name: 液位, deadband: 0.7", False),
        ("period_s: 10", "period_s: 60", True),
        ("lel_authority: NFPA,\n", "lel_authority: NFPA, latches_over_range: true,\n", True),
    ],
)
def test_what_could_let_a_danger_go_unseen_takes_a_second_person(
    looked_at: Yard, old: str, new: str, loosens: bool
) -> None:
    own, _, _ = REGISTER.partition("  - id: other")
    assert old in own
    found = looked_at.check("r.yaml", own.replace(old, new, 1).encode())
    assert found["findings"] == []
    assert bool(found["loosens"]) is loosens, found["loosens"]


def test_second_level_of_a_gas_is_named(looked_at: Yard) -> None:
    own, _, _ = REGISTER.partition("  - id: other")
    gone = own.replace(
        "cas: 74-82-8, lel_authority: NFPA,\n                 longitude",
        "in_use: false, cas: 74-82-8, "
        "out_of_service: {reason: 检修, person: 王五, since: 2026-01-05},\n                 longitude",
        1,
    )
    found = looked_at.check("r.yaml", gone.encode())
    assert found["findings"] == []
    assert found["loosens_gas"] is True


def test_import_of_other_files_than_those_compared_is_refused(yard: Yard) -> None:
    content = added_only()
    found = yard.check("r.yaml", content)
    (yard.site / "rules.yaml").write_text("packs: [gas, level, instrument]\n", encoding="utf-8")
    answer = yard.carry_out("r.yaml", content, found["based_on"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:hazardwatch:problem:stale-import")


def test_import_without_a_reason_is_refused(yard: Yard) -> None:
    content = added_only()
    found = yard.check("r.yaml", content)
    assert yard.carry_out("r.yaml", content, found["based_on"], reason=" ").status_code == 422


def test_table_keeps_what_it_cannot_say(yard: Yard) -> None:
    content = table(*WHOLE, NEW)
    found = yard.check("r.csv", content)
    assert any("GA1.GD2 removed" in line for line in found["loosens"])
    done = yard.carry_out("r.csv", content, found["based_on"]).json()
    yard.second.post(f"/approvals/{done['proposal']}/approve", json={})
    assert yard.second.post(f"/register/imports/{done['proposal']}/write").status_code == 200
    assert sorted(yard.files()) == [
        "register-other.yaml", "register-yard-emergency.yaml", "register-yard.csv", "rules.yaml"
    ]  # fmt: skip
    site = load_site(yard.site)
    (installation,) = next(each for each in site.enterprises if each.id == "yard").installations
    assert [person.name for person in installation.persons] == ["张三"]
    assert installation.materials[0].quantity == 4
    assert installation.units[0].substance == "甲醇"


def test_rows_of_other_enterprises_in_a_table_stay_as_they_are(tmp_path: Path) -> None:
    foreign = 'other,H01,,U1,pressure_vessel,V1.PT1,"压,力",pressure,MPa,0,2.5,,,,,,,GW1'
    with running_yard(tmp_path) as yard:
        for name in ("register-yard.yaml", "register-other.yaml"):
            (yard.site / name).unlink()
        (yard.site / "register.csv").write_bytes(table(LEVEL, foreign, WARMTH))
        found = yard.check("r.csv", table(*WHOLE, OUT, NEW))
        done = yard.carry_out("r.csv", table(*WHOLE, OUT, NEW), found["based_on"])
        assert done.json()["outcome"] == "written", done.text
        assert (yard.site / "register.csv").read_bytes() == table(foreign)


def test_operator_may_not_import(tmp_path: Path) -> None:
    with running_yard(tmp_path) as yard:
        answer = yard.api.person.post("/register/import", params={"file": "r.csv"}, content=table(LEVEL))
        assert answer.status_code == 403
