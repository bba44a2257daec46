"""A report as PDF, A4. Deterministic: the same report gives the same bytes."""
# mypy: disable-error-code="import-untyped,misc"

from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, PageBreak, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from api.figures.model import Words
from api.reports.cells import clean, shown
from api.reports.days import local
from api.reports.model import DailyReport, Table
from api.reports.pdf_charts import drawing
from api.reports.texts import texts

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
HEADER = colors.HexColor("#e8eef4")
LINE = colors.HexColor("#9aa7b3")
LONGEST = 4000
"""Characters of one cell; the rest stands in the other forms."""
RIGHT = {"number", "share", "seconds"}


class PdfWriter:
    """Lays one report out. `font` must be registered with reportlab."""

    def __init__(self, report: DailyReport, font: str, check: Callable[[], None]) -> None:
        self._report = report
        self._font = font
        self._check = check
        self._zone = ZoneInfo(report.time_zone)
        self._body = ParagraphStyle("body", fontName=font, fontSize=8.5, leading=12, wordWrap="CJK")
        self._small = ParagraphStyle("small", parent=self._body, fontSize=7.5, leading=10)
        self._right = ParagraphStyle("right", parent=self._small, alignment=2)
        self._head = ParagraphStyle("head", parent=self._body, fontSize=11.5, leading=16, spaceBefore=8)
        self._title = ParagraphStyle("title", parent=self._body, fontSize=26, leading=36, alignment=1)
        self._subtitle = ParagraphStyle("subtitle", parent=self._body, fontSize=14, leading=22, alignment=1)

    def render(self) -> bytes:
        """The whole document."""
        story: list[Any] = [*self._cover(), PageBreak()]
        charts = {chart.key: chart for chart in self._report.charts}
        for table in self._report.tables:
            self._check()
            story += self._section(table)
            if table.key == "by_priority":
                for chart in charts.values():
                    story.append(
                        KeepTogether(
                            [
                                self._text(self._say(chart.title)),
                                drawing(chart, self._font, WIDTH),
                                Spacer(1, 4),
                            ]
                        )
                    )
        story += self._signatures()
        out = BytesIO()
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN,
            title=f"{self._say(texts().title)} {self._report.day}",
            author="hazardwatch",
            invariant=1,
        )
        document.build(story, canvasmaker=self._canvas)
        return out.getvalue()

    def _canvas(self, *args: Any, **more: Any) -> Canvas:
        report = self._report
        footer = f"{self._say(texts().title)}  {report.day}  {clean(report.desk_name)}"
        return _NumberedCanvas(*args, font=self._font, footer=footer, page=self._say(texts().page), **more)

    def _cover(self) -> list[Any]:
        report, t = self._report, texts()
        lines = [
            (t.desk, f"{report.desk_name}（{report.desk}）" if report.language == "zh" else report.desk),
            (t.span, f"{local(report.start, self._zone)} – {local(report.end, self._zone)}"),
            (t.as_of, f"{local(report.as_of, self._zone)}（{report.time_zone}）"),
            (t.enterprises, str(report.enterprises)),
        ]
        story: list[Any] = [
            Spacer(1, 40 * mm),
            Paragraph(escape(self._say(t.title)), self._title),
            Spacer(1, 6 * mm),
            Paragraph(escape(report.day), self._subtitle),
            Paragraph(escape(clean(report.desk_name)), self._subtitle),
            Spacer(1, 14 * mm),
        ]
        rows = [[self._text(self._say(name)), self._text(text)] for name, text in lines]
        story.append(Grid(rows, colWidths=[WIDTH * 0.22, WIDTH * 0.78], style=_GRID))
        if report.as_of < report.end:
            story += [Spacer(1, 4 * mm), self._text(self._say(t.running))]
        story += [Spacer(1, 8 * mm), *self._persons(), Spacer(1, 8 * mm)]
        story += [self._text(f"· {line}") for line in report.summary]
        return [*story, Spacer(1, 6 * mm), self._text(self._say(report.label), self._small)]

    def _persons(self) -> list[Any]:
        section = texts().sections["persons"]
        if not self._report.persons:
            return [self._text(f"{self._say(texts().on_duty)}: {self._say(texts().nobody)}")]
        rows = self._report.persons
        table = Table(key="persons", title=section.title, columns=section.columns, rows=rows, total=len(rows))
        return [self._text(self._say(section.title)), self._grid(table)]

    def _section(self, table: Table) -> list[Any]:
        title = Paragraph(escape(self._say(table.title)), self._head)
        if not table.rows:
            return [KeepTogether([title, self._text(self._say(table.note or texts().none))])]
        story: list[Any] = [title, self._grid(table)]
        if table.total > len(table.rows):
            note = self._say(texts().cut).format(total=table.total, shown=len(table.rows))
            story.append(self._text(note, self._small))
        return story

    def _grid(self, table: Table) -> Grid:
        whole = sum(column.width for column in table.columns)
        head = [self._text(self._say(column.name), self._small) for column in table.columns]
        rows = [
            [
                self._text(
                    shown(cell, column.kind, self._zone),
                    self._right if column.kind in RIGHT else self._small,
                )
                for cell, column in zip(row, table.columns, strict=True)
            ]
            for row in table.rows
        ]
        widths = [WIDTH * column.width / whole for column in table.columns]
        return Grid([head, *rows], colWidths=widths, repeatRows=1, splitInRow=1, style=[*_GRID, _SHADE])

    def _signatures(self) -> list[Any]:
        t = texts()
        date = self._say(t.day)
        rows = [
            [self._text(f"{self._say(line)}: ____________________"), self._text(f"{date}: ______________")]
            for line in t.signature_lines
        ]
        grid = Grid(rows, colWidths=[WIDTH * 0.6, WIDTH * 0.4], rowHeights=[14 * mm] * len(rows))
        title = Paragraph(escape(self._say(t.signatures)), self._head)
        return [KeepTogether([Spacer(1, 6 * mm), title, grid])]

    def _text(self, text: str, style: ParagraphStyle | None = None) -> Paragraph:
        """A paragraph of plain text: nothing in it is ever read as markup."""
        return Paragraph(escape(clean(text)[:LONGEST]), style or self._body)

    def _say(self, words: Words) -> str:
        return self._report.say(words)


_GRID = [
    ("GRID", (0, 0), (-1, -1), 0.4, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_SHADE = ("BACKGROUND", (0, 0), (-1, 0), HEADER)


class _NumberedCanvas(Canvas):
    """Writes `page n of m` at the foot: the pages are kept until their number is known."""

    def __init__(self, *args: Any, font: str, footer: str, page: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._foot = (font, footer, page)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        font, footer, page = self._foot
        for number, kept in enumerate(self._kept, 1):
            self.__dict__.update(kept)
            self.setFont(font, 7.5)
            self.drawString(MARGIN, 9 * mm, footer)
            self.drawRightString(A4[0] - MARGIN, 9 * mm, page.format(page=number, pages=len(self._kept)))
            super().showPage()
        super().save()
