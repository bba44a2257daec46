"""PDF and workbook: what is in them, that text stays text, and that the same report gives the same bytes."""

import base64
import re
import zlib
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.figures.model import Words
from api.reports.cells import shown
from api.reports.errors import ReportTooSlow
from api.reports.fonts import FontUnusable, font_of
from api.reports.model import Chart, DailyReport, Table
from api.reports.pdf import PdfWriter
from api.reports.pdf_charts import step_of
from api.reports.texts import texts
from api.reports.xlsx import XlsxWriter
from tests.reports.events import DAY, DESK, HOSTILE, MIDNIGHT, TODAY

NOW = MIDNIGHT + 10**9
WORDS = Words(zh="口径", en="label")


def nothing() -> None:
    """There is time enough."""


def table(key: str, *rows: tuple, total: int | None = None) -> Table:
    section = texts().sections[key]
    return Table(
        key=key,
        title=section.title,
        columns=section.columns,
        rows=rows,
        total=len(rows) if total is None else total,
    )


def report(**more) -> DailyReport:
    log = table("log", *((NOW + n, "记事", text, text) for n, text in enumerate(HOSTILE)))
    hours = tuple(f"{hour:02}" for hour in range(24))
    chart = Chart(
        key="by_hour",
        title=texts().charts["by_hour"],
        categories=hours,
        series=(("紧急", tuple(float(n) for n in range(24))), ("低", (1.0,) * 24)),
    )
    fields = {
        "desk": DESK,
        "desk_name": "=示例企业",
        "day": TODAY,
        "time_zone": "Asia/Shanghai",
        "start": MIDNIGHT,
        "end": MIDNIGHT + DAY,
        "as_of": MIDNIGHT + DAY,
        "language": "zh",
        "enterprises": 1,
        "label": WORDS,
        "persons": (("=张伟", NOW, None, ""),),
        "summary": ("<i>一切</i>正常 & 平安",),
        "tables": (
            table("by_priority", ("过程报警", 1, 2, 0, 0, 3, 1)),
            table("offline", ("e1/LT01", "液位", 7200.0, 2 / 24), total=40),
            table("call_ups"),
            log,
        ),
        "charts": (chart,),
    }
    return DailyReport(**(fields | more))


def book(found: DailyReport) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(XlsxWriter(found, nothing).render()))


def cells(found: openpyxl.Workbook) -> list:
    return [cell for sheet in found for row in sheet.iter_rows() for cell in row if cell.value is not None]


def contents(pdf: bytes) -> bytes:
    """The page contents, uncompressed."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join(
        zlib.decompress(base64.a85decode(stream.strip(), adobe=False))
        for stream in (s.strip().removesuffix(b"~>") for s in streams)
    )


def written(text: str) -> bytes:
    """Text as it stands in a page: UTF-16, escaped as PDF does."""
    return b"".join(
        b"\\%03o" % byte if not 32 <= byte < 127 else b"\\" * (byte in b"()\\") + bytes([byte])
        for byte in text.encode("utf-16-be")
    )


def test_text_in_the_workbook_never_becomes_a_formula_or_a_link() -> None:
    found = book(report())
    assert {cell.data_type for cell in cells(found)} <= {"s", "n", "d"}
    assert all(cell.hyperlink is None for cell in cells(found))
    texts_of = {cell.value for cell in cells(found)}
    assert {"=1+1", "+CMD|' /C calc'!A0", "-2+3", "@SUM(A1)", "第一行 第二行 "} <= texts_of
    risky = [cell for cell in cells(found) if cell.value == "=1+1"]
    assert all(cell.quotePrefix for cell in risky), "saved as CSV it would else be a formula"


@given(st.text(max_size=200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_written_in_either_form(text: str) -> None:
    odd = report(desk_name=text, tables=(table("log", (NOW, text, text, text)),))
    found = book(odd)
    assert {cell.data_type for cell in cells(found)} <= {"s", "n", "d"}
    assert PdfWriter(odd, font_of(None), nothing).render().startswith(b"%PDF")


def test_workbook_has_a_sheet_for_each_list_and_native_charts() -> None:
    found = book(report())
    assert [sheet.title for sheet in found] == [
        "值班日报",
        "1 报警统计",
        "2 离线测点",
        "3 叫应",
        "4 值班记事",
        "图表",
    ]
    (chart,) = found["图表"]._charts
    assert len(chart.series) == 2
    assert chart.grouping == "stacked"


def test_workbook_keeps_numbers_durations_and_times_as_such() -> None:
    sheet = book(report())["2 离线测点"]
    heading = [cell.value for cell in sheet[3]]
    row = dict(zip(heading, sheet[4], strict=True))
    assert row["离线时长"].number_format == "[h]:mm:ss"
    assert row["占统计时段"].value == pytest.approx(2 / 24)
    assert "共 40 条" in sheet["A2"].value
    first = book(report())["4 值班记事"]["A4"].value
    assert first.isoformat() == "2025-06-16T00:00:01", "local time of the desk"


def test_the_same_report_gives_the_same_bytes() -> None:
    found = report()
    assert XlsxWriter(found, nothing).render() == XlsxWriter(found, nothing).render()
    font = font_of(None)
    assert PdfWriter(found, font, nothing).render() == PdfWriter(found, font, nothing).render()


def test_pdf_holds_title_lists_signature_lines_and_page_numbers() -> None:
    page = contents(PdfWriter(report(), font_of(None), nothing).render())
    for text in (
        "值班日报",
        "示例企业",
        "离线测点",
        "值班记事",
        "签字",
        "带班领导",
        "<i>一切</i>正常 & 平安",
    ):
        assert written(text) in page, text
    assert written("第 1 页，共 2 页") in page
    assert written("共 40 条，列出 1 条") in page


def test_pdf_in_english_has_no_chinese_headings() -> None:
    page = contents(PdfWriter(report(language="en"), font_of(None), nothing).render())
    assert written("Daily duty report") in page
    assert written("值班日报") not in page


def test_a_text_longer_than_a_page_is_laid_out() -> None:
    long = report(tables=(table("log", (NOW, "记事", "张伟", "很长的记事。" * 5000)),))
    assert PdfWriter(long, font_of(None), nothing).render().count(b"/Type /Page\n") >= 2


def test_a_report_that_takes_too_long_is_given_up() -> None:
    def late() -> None:
        raise ReportTooSlow("too slow")

    with pytest.raises(ReportTooSlow):
        PdfWriter(report(), font_of(None), late).render()
    with pytest.raises(ReportTooSlow):
        XlsxWriter(report(), late).render()


def test_a_font_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.ttf"
    file.write_bytes(b"no font")
    with pytest.raises(FontUnusable, match=r"none\.ttf.*TrueType"):
        font_of(file)


def test_report_survives_its_way_as_json() -> None:
    found = report()
    assert msgspec.json.decode(msgspec.json.encode(found), type=DailyReport) == found


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (None, "share", ""),
        (0.1234, "share", "12.3 %"),
        (59.4, "seconds", "59 s"),
        (59.6, "seconds", "1 min"),
        (3725.0, "seconds", "1 h 2 min"),
        (86_400 * 2 + 3600.0, "seconds", "2 d 1 h"),
        (1234.0, "number", "1,234"),
        (0.5, "number", "0.5"),
        (MIDNIGHT, "time", "2025-06-16 00:00"),
        ("a\x00b\ud800", "text", "a b?"),
    ],
)
def test_cells_read_as_people_write_them(cell, kind: str, text: str) -> None:
    assert shown(cell, kind, ZoneInfo("Asia/Shanghai")) == text


@given(st.floats(0, 1e9))
def test_grid_lines_are_few_and_whole(top: float) -> None:
    step = step_of(top)
    assert step >= 1
    assert top / step <= 10
