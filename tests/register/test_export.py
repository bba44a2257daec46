"""A register that is exported and imported again is the same; phones only for who may see them."""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.load import load_site, register_headings
from alarm_rules.model import (
    Enterprise,
    Installation,
    Limits,
    OutOfService,
    Point,
    ResponsiblePerson,
    Site,
    Unit,
)
from alarm_rules.register_keys import PLACE, POINT
from api.auth.principal import EVERYTHING
from api.register.checking import check_upload
from api.register.exporting import COLUMNS, Format, export_register, heading_of
from tests.register.importing import Yard, running_yard, write_split

EXAMPLES = Path(__file__).parents[2] / "examples"
SITES = sorted(path.parent for path in EXAMPLES.glob("*/rules.yaml"))
FORMS: tuple[Format, ...] = ("csv", "xlsx", "yaml")
PHONE = "+86 139-0000-0001"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("folder", SITES, ids=lambda path: path.name)
def test_exported_register_of_every_example_is_imported_without_a_difference(
    folder: Path, form: Format
) -> None:
    site = load_site(folder)
    for enterprise in site.enterprises:
        content = export_register(site, enterprise, form, "zh", with_phones=True)
        assert _is_same(folder, site, f"register.{form}", content)


def _is_same(folder: Path, site: Site, name: str, content: bytes) -> bool:
    checked = check_upload(folder, site, name, content, EVERYTHING)
    assert checked.findings == []
    assert checked.difference is not None
    assert checked.difference.is_nothing, checked.difference
    return True


TEXT = st.text("甲储罐 ab,;\"'=+-@#:{}", min_size=1, max_size=12).map(str.strip).filter(bool)
NUMBER = st.floats(0.001, 1e6, allow_nan=False)


@st.composite
def points(draw: st.DrawFn) -> list[Point]:
    """Points of one unit whose fields are anything that a register allows."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        low, limit, high = sorted(draw(st.lists(NUMBER, min_size=3, max_size=3, unique=True)))
        stopped = draw(st.booleans())
        made.append(
            Point(
                id=f"e1/T{number}",
                enterprise="e1",
                installation="h1",
                unit="u1",
                tag=f"T{number}",
                name=draw(st.just("") | TEXT),
                quantity="level",
                engineering_unit="m",
                range_low=low,
                range_high=high,
                period_s=draw(NUMBER),
                gateway=draw(st.sampled_from(["", "GW1", "001"])),
                signal=draw(st.sampled_from(["value", "4-20mA"])),
                latches_over_range=draw(st.booleans()),
                deadband=draw(st.none() | st.just((high - low) / 100)),
                longitude=117.0 + number / 3,
                latitude=38.0 + number / 7,
                in_use=not stopped,
                out_of_service=OutOfService(reason=draw(TEXT), person="王五", since="2026-01-05")
                if stopped
                else None,
                limits=Limits(H=draw(st.none() | st.just(limit))),
            )
        )
    return made


@settings(max_examples=15, deadline=None)
@given(points(), TEXT, st.sampled_from(FORMS), st.sampled_from(["zh", "en"]))
def test_any_register_is_imported_as_it_was_exported(
    some: list[Point], name: str, form: Format, language: str
) -> None:
    person = ResponsiblePerson(role="main", name="张三", phone=PHONE)
    unit = Unit(id="u1", kind="storage_tank", name=name, height_m=some[0].range_high)
    installation = Installation(id="h1", name=name, hazard_class=2, persons=(person,), units=(unit,))
    enterprise = Enterprise(id="e1", name=name, installations=(installation,))
    drawn = Site(enterprises=(enterprise,), points=tuple(some), rules=())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        first = export_register(drawn, enterprise, "yaml", "zh", with_phones=True)
        (folder / "register.yaml").write_bytes(first)
        (folder / "rules.yaml").write_text("packs: []\n", encoding="utf-8")
        site = load_site(folder)
        assert [point.name for point in site.points] == [point.name for point in some]
        content = export_register(site, site.enterprises[0], form, language, with_phones=True)
        assert _is_same(folder, site, f"register.{form}", content)


def test_every_column_of_a_register_is_exported_and_understood() -> None:
    assert set(COLUMNS) == {*PLACE, *POINT}
    understood = register_headings()
    for column in COLUMNS:
        for language in ("zh", "en"):
            heading = heading_of(column, language)
            assert understood.get(heading, understood.get(heading.casefold())) == column


def test_a_table_without_phones_has_no_persons_and_takes_none_away(tmp_path: Path) -> None:
    site = write_and_load(tmp_path)
    yard = site.enterprises[0]
    content = export_register(site, yard, "csv", "en", with_phones=False)
    (row, *_) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["main_person"], row["main_phone"]) == ("", "")
    assert _is_same(tmp_path, site, "register.csv", content)
    text = export_register(site, yard, "yaml", "zh", with_phones=False).decode()
    assert "0316-1234567" not in text
    assert "13800000000" not in text
    assert text.startswith("# 不含电话号码")


def write_and_load(folder: Path) -> Site:
    return load_site(write_split(folder))


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with running_yard(tmp_path_factory.mktemp("export"), apply=False) as running:
        yield running


@pytest.mark.parametrize("form", FORMS)
def test_download_of_the_running_register_is_imported_without_a_difference(yard: Yard, form: Format) -> None:
    answer = yard.chief.get("/register/export", params={"enterprise": "yard", "format": form})
    assert answer.status_code == 200, answer.text
    assert f'filename="register-yard.{form}"' in answer.headers["Content-Disposition"]
    found = yard.check(f"register.{form}", answer.content)["difference"]
    counts = [found["point_counts"], found["place_counts"], found["rule_counts"]]
    assert not any(number for each in counts for number in each.values())


def test_register_of_others_is_unknown_and_nobody_gets_one_without_a_login(yard: Yard) -> None:
    assert yard.chief.get("/register/export", params={"enterprise": "other"}).status_code == 404
    assert yard.everybody.get("/register/export", params={"enterprise": "other"}).status_code == 200
    assert yard.api.nobody.get("/register/export", params={"enterprise": "yard"}).status_code == 401
