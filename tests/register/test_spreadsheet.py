"""Workbooks: what people type comes out as they meant it, and what is hostile stays outside."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from alarm_rules.findings import Findings
from api.register.spreadsheet import MOST_COLUMNS, MOST_ROWS, Sheet, sheet_text

SHEET = "xl/worksheets/sheet1.xml"
XML = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one part in place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, part if entry.filename == name else old.read(entry))
    return out.getvalue()


def read(content: bytes) -> tuple[Sheet | None, list[str]]:
    findings = Findings()
    sheet = sheet_text(content, "台账.xlsx", findings)
    return sheet, [str(finding) for finding in findings.sorted()]


def test_text_numbers_truths_and_dates_come_out_as_they_were_typed() -> None:
    sheet, findings = read(workbook(["位号", 0.8, 12.0, 120000000001, True, date(2026, 3, 1), "a,b"]))
    assert findings == []
    assert sheet is not None
    assert sheet.text == '位号,0.8,12,120000000001,true,2026-03-01,"a,b"\n'


def test_lines_of_the_text_are_rows_of_the_sheet() -> None:
    sheet, _ = read(workbook(["tag"], [], ["LT1", None, "多行\n文字"]))
    assert sheet is not None
    assert sheet.text.split("\n") == ["tag", "", "LT1,,多行 文字", ""]


def test_other_sheets_are_named_and_not_read() -> None:
    book = Workbook()
    book.active.append(["tag"])
    book.create_sheet("说明")
    out = io.BytesIO()
    book.save(out)
    sheet, _ = read(out.getvalue())
    assert sheet is not None
    assert sheet.others == ("说明",)


def test_formula_is_a_finding_with_its_cell() -> None:
    _, findings = read(workbook(["tag", "range_high"], ["LT1", "=6*2"], ["LT2", '=HYPERLINK("http://x")']))
    assert [finding.split(": ")[1] for finding in findings] == [
        "cell B2 holds a formula",
        "cell B3 holds a formula",
    ]


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    sheet, findings = read(with_part(workbook(["tag"]), SHEET, b" " * (64 << 20)))
    assert sheet is None
    assert "unpacks to 64 MB" in findings[0]


def test_workbook_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as book:
        for number in range(2_001):
            book.writestr(f"xl/part{number}.xml", b"")
    sheet, findings = read(out.getvalue())
    assert sheet is None
    assert "2,001 parts" in findings[0]


def test_entities_that_multiply_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    sheet, findings = read(with_part(workbook(["tag"]), SHEET, bomb))
    assert sheet is None
    assert "document type" in findings[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (f'<row r="{MOST_ROWS + 1}"><c r="A1"><v>1</v></c></row>', "row 200001"),
        ('<row r="5"/><row r="4"/>', "row 4"),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "column 16384"),
        (f'<row r="1">{"<c><v>1</v></c>" * (MOST_COLUMNS + 1)}</row>', "column 201"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "damaged"),
        ('<row r="x"/>', "damaged"),
        ("<row", "damaged"),
    ],
)
def test_sheet_of_a_strange_shape_is_refused(rows: str, said: str) -> None:
    sheet, findings = read(with_part(workbook(["tag"]), SHEET, XML.format(rows).encode()))
    assert sheet is None
    assert said in findings[0]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0 an old .xls", workbook(["tag"])[:-200]]
)
def test_file_that_is_no_workbook_is_a_finding(content: bytes) -> None:
    sheet, findings = read(content)
    assert sheet is None
    assert "not an .xlsx workbook" in findings[0]


def test_cell_with_an_error_is_a_finding() -> None:
    rows = '<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>'
    _, findings = read(with_part(workbook(["tag"]), SHEET, XML.format(rows).encode()))
    assert "cell A1 holds the error #REF!" in findings[0]


def test_workbook_of_another_program_is_read(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "register.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["位号", 2.5])
    book.close()
    found, findings = read(path.read_bytes())
    assert findings == []
    assert found is not None
    assert found.text == "位号,2.5\n"
