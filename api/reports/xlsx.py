"""A report as a workbook with native charts. Deterministic: the same report gives the same bytes.

Text from anywhere is written as text: a cell never becomes a formula, a link or a number by itself.
"""
# mypy: disable-error-code="import-untyped"

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from api.figures.model import Words
from api.reports.cells import clean
from api.reports.days import local
from api.reports.model import Cell, Chart, Column, DailyReport, Table
from api.reports.pdf_charts import FILLS
from api.reports.texts import texts

LONGEST = 32_767
"""Characters of one cell; Excel takes no more."""
RISKY = ("=", "+", "-", "@")
"""What begins with these is marked as text, so that it stays text when somebody saves it as CSV."""
FORMATS = {"number": "#,##0.##", "share": "0.0%", "seconds": "[h]:mm:ss", "time": "yyyy-mm-dd hh:mm:ss"}
DAY_S = 86_400


class XlsxWriter:
    """Writes one report."""

    def __init__(self, report: DailyReport, check: Callable[[], None]) -> None:
        self._report = report
        self._check = check
        self._zone = ZoneInfo(report.time_zone)
        self._out = BytesIO()
        self._book: Workbook = xlsxwriter.Workbook(
            self._out,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self._book.set_properties(
            {
                "title": clean(f"{self._say(texts().title)} {report.day}"),
                "author": "hazardwatch",
                "created": datetime.fromtimestamp(report.as_of // 10**9, UTC).replace(tzinfo=None),
            }
        )
        self._head = self._format(bold=True, bg_color="#E8EEF4", border=1, text_wrap=True)
        self._bold = self._format(bold=True, font_size=16)
        self._text = self._format(border=1, text_wrap=True, valign="top")
        self._risky = self._format(border=1, text_wrap=True, valign="top", quote_prefix=True)
        self._plain = self._format(text_wrap=True)
        self._kinds = {kind: self._format(border=1, num_format=code) for kind, code in FORMATS.items()}

    def render(self) -> bytes:
        """The whole workbook."""
        self._cover()
        for number, table in enumerate(self._report.tables, 1):
            self._check()
            self._sheet(number, table)
        self._chart_sheet()
        self._book.close()
        return self._out.getvalue()

    def _cover(self) -> None:
        report, t = self._report, texts()
        sheet = self._book.add_worksheet(clean(self._say(t.title))[:31])
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 4, 24)
        sheet.write_string(0, 0, self._say(t.title), self._bold)
        lines = [
            (t.day, report.day),
            (t.desk, f"{report.desk_name}（{report.desk}）"),
            (t.span, f"{local(report.start, self._zone)} – {local(report.end, self._zone)}"),
            (t.as_of, f"{local(report.as_of, self._zone)}（{report.time_zone}）"),
            (t.enterprises, str(report.enterprises)),
        ]
        for row, (name, text) in enumerate(lines, 2):
            sheet.write_string(row, 0, self._say(name), self._head)
            self._write_text(sheet, row, 1, text)
        row = 8
        for line in (*report.summary, self._say(report.label)):
            sheet.merge_range(row, 0, row, 4, clean(line), self._plain)
            row += 1
        section = t.sections["persons"]
        row = self._rows(sheet, row + 1, section.columns, report.persons)
        if not report.persons:
            self._write_text(sheet, row, 0, self._say(t.nobody))
        for number, line_words in enumerate(t.signature_lines):
            sheet.write_string(row + 2 + number, 0, f"{self._say(line_words)}: ____________", self._plain)

    def _sheet(self, number: int, table: Table) -> None:
        title = clean(self._say(table.title))
        sheet = self._book.add_worksheet(_sheet_name(title, number))
        sheet.write_string(0, 0, title, self._bold)
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, 6 + 11 * column.width)
        if table.total > len(table.rows):
            note = self._say(texts().cut).format(total=table.total, shown=len(table.rows))
            sheet.write_string(1, 0, note, self._plain)
        if not table.rows:
            sheet.write_string(1, 0, self._say(table.note or texts().none), self._plain)
        last = self._rows(sheet, 2, table.columns, table.rows)
        if table.rows:
            sheet.autofilter(2, 0, last - 1, len(table.columns) - 1)
        sheet.freeze_panes(3, 0)

    def _rows(
        self, sheet: Worksheet, row: int, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]
    ) -> int:
        """Heading and rows from this row on; the row after them."""
        for index, column in enumerate(columns):
            sheet.write_string(row, index, self._say(column.name), self._head)
        for cells in rows:
            row += 1
            for index, (cell, column) in enumerate(zip(cells, columns, strict=True)):
                self._write(sheet, row, index, cell, column)
        return row + 1

    def _write(self, sheet: Worksheet, row: int, index: int, cell: Cell, column: Column) -> None:
        if cell is None:
            sheet.write_blank(row, index, None, self._text)
        elif isinstance(cell, str):
            self._write_text(sheet, row, index, cell)
        elif column.kind == "time":
            moment = datetime.fromtimestamp(cell // 10**9, self._zone).replace(tzinfo=None)
            sheet.write_datetime(row, index, moment, self._kinds["time"])
        elif column.kind == "seconds":
            sheet.write_number(row, index, float(cell) / DAY_S, self._kinds["seconds"])
        else:
            sheet.write_number(row, index, float(cell), self._kinds.get(column.kind, self._kinds["number"]))

    def _write_text(self, sheet: Worksheet, row: int, index: int, text: str) -> None:
        text = clean(text)[:LONGEST]
        sheet.write_string(row, index, text, self._risky if text.startswith(RISKY) else self._text)

    def _chart_sheet(self) -> None:
        data = self._book.add_worksheet("图表" if self._report.language == "zh" else "Charts")
        row = 0
        for chart in self._report.charts:
            row = self._chart(data, row, chart)

    def _chart(self, sheet: Worksheet, row: int, chart: Chart) -> int:
        """The data of a chart, and the chart beside them; the row where the next may begin."""
        sheet.write_string(row, 0, self._say(chart.title), self._head)
        for index, (name, _) in enumerate(chart.series, 1):
            sheet.write_string(row, index, name, self._head)
        for line, category in enumerate(chart.categories, row + 1):
            self._write_text(sheet, line, 0, category)
            for index, (_, values) in enumerate(chart.series, 1):
                sheet.write_number(line, index, values[line - row - 1], self._kinds["number"])
        last = row + len(chart.categories)
        made = self._book.add_chart({"type": "column", "subtype": "stacked"})
        made.set_title({"name": self._say(chart.title), "name_font": {"size": 11}})
        for index, fill in zip(range(1, len(chart.series) + 1), FILLS, strict=False):
            made.add_series(
                {
                    "name": [sheet.name, row, index],
                    "categories": [sheet.name, row + 1, 0, last, 0],
                    "values": [sheet.name, row + 1, index, last, index],
                    "fill": {"color": fill},
                }
            )
        made.set_size({"width": 760, "height": 320})
        sheet.insert_chart(row, len(chart.series) + 2, made)
        return max(last, row + 17) + 2

    def _format(self, **properties: Any) -> Format:
        return self._book.add_format({"font_name": "宋体", "font_size": 10} | properties)

    def _say(self, words: Words) -> str:
        return self._report.say(words)


def _sheet_name(title: str, number: int) -> str:
    """Excel's names: 31 characters, none of `[]:*?/\\`, not quoted at the ends, unique."""
    name = "".join(" " if character in "[]:*?/\\'" else character for character in title)
    return f"{number} {name.partition('、')[2] or name.partition('. ')[2] or name}"[:31]
