"""An .xlsx workbook as rows of text, read as what it is: a file from elsewhere.

A workbook is a zip of XML. Both are bounded before anything is unpacked, XML with a document type is
refused (entities that multiply), formulas are refused (what they gave is known to Excel alone), and only
text, numbers, truths and dates come out. Line n of the result is row n of the sheet.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from alarm_rules.findings import Findings, Place
from alarm_rules.wording import Both
from api.register.sheet_values import is_date_format, shown_date, shown_number

MOST_PARTS = 2_000
MOST_UNPACKED = 192 * 2**20
MOST_RATIO = 400
"""A part that unpacks to more than so many times its size is a trap, once it is large."""
FREE_BYTES = 4 * 2**20
MOST_ROWS = 200_000
MOST_COLUMNS = 200
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1 << 16
_SAVE_ANEW = Both("请在 Excel 中打开并重新保存", "open it in Excel and save it anew")


class Unreadable(Exception):
    """The workbook cannot be used: what is wrong, and the remedy."""

    def __init__(self, wrong: Both, right: Both) -> None:
        super().__init__(str(wrong))
        self.wrong, self.right = wrong, right


class Sheet(NamedTuple):
    """The first sheet of a workbook as CSV text."""

    text: str
    name: str
    others: tuple[str, ...]
    """Names of the sheets that were not read."""


def sheet_text(content: bytes, file: str, findings: Findings) -> Sheet | None:
    """The first visible sheet; None with a finding when the workbook cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return _Workbook(book, file, findings).first_sheet()
    except Unreadable as error:
        findings.add(Place(file, 1), error.wrong, error.right)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        findings.add(
            Place(file, 1),
            Both(f"不是 .xlsx 工作簿：{error}", f"not an .xlsx workbook: {error}"),
            Both(
                "请重新存为 Excel 工作簿（.xlsx）或 CSV",
                "save it anew as Excel workbook (.xlsx) or as CSV",
            ),
        )
    except (expat.ExpatError, ValueError, IndexError, OverflowError) as error:
        findings.add(
            Place(file, 1), Both(f"工作簿已损坏：{error}", f"a damaged workbook: {error}"), _SAVE_ANEW
        )
    return None


class _Workbook:
    def __init__(self, book: zipfile.ZipFile, file: str, findings: Findings) -> None:
        _refuse_traps(book)
        self._book, self._file, self._findings = book, file, findings
        self._strings: list[str] = []
        self._dates: list[bool] = []
        self._from_1904 = False

    def first_sheet(self) -> Sheet:
        names = self._sheets()
        if not names:
            raise Unreadable(
                Both("工作簿中没有可见的工作表", "a workbook without a visible sheet"),
                Both("请把台账放在第一张工作表", "put the register into the first sheet"),
            )
        self._read_strings()
        self._read_styles()
        (name, path), *others = names
        return Sheet(self._read_sheet(path), name, tuple(other for other, _ in others))

    def _sheets(self) -> list[tuple[str, str]]:
        targets: dict[str, str] = {}
        found: list[tuple[str, str]] = []

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                targets[attributes["Id"]] = attributes["Target"]

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr":
                self._from_1904 = attributes.get("date1904") in ("1", "true")
            elif tag == "sheet" and attributes.get("state", "visible") == "visible":
                found.append((attributes["name"], attributes.get("r:id", attributes.get("id", ""))))

        self._parse("xl/_rels/workbook.xml.rels", relation)
        self._parse("xl/workbook.xml", sheet)
        return [(name, _path(targets[key])) for name, key in found if key in targets]

    def _read_strings(self) -> None:
        if "xl/sharedStrings.xml" not in self._book.namelist():
            return
        parts: list[str] = []
        depth = {"rPh": 0}

        def start(tag: str, _attributes: dict[str, str]) -> None:
            if tag == "si":
                parts.clear()
            depth["rPh"] += tag == "rPh"

        def end(tag: str, text: str) -> None:
            if tag == "t" and not depth["rPh"]:
                parts.append(text)
            elif tag == "si":
                self._strings.append("".join(parts))
            depth["rPh"] -= tag == "rPh"

        self._parse("xl/sharedStrings.xml", start, end)

    def _read_styles(self) -> None:
        if "xl/styles.xml" not in self._book.namelist():
            return
        codes: dict[int, str] = {}
        inside = {"cellXfs": False}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "numFmt":
                codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                inside["cellXfs"] = True
            elif tag == "xf" and inside["cellXfs"]:
                number = int(attributes.get("numFmtId", "0"))
                self._dates.append(is_date_format(number, codes.get(number, "")))

        def end(tag: str, _text: str) -> None:
            if tag == "cellXfs":
                inside["cellXfs"] = False

        self._parse("xl/styles.xml", start, end)

    def _read_sheet(self, path: str) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        reader = _SheetReader(self._file, self._findings, self._cell_text)
        written = 0
        for number, row in reader.rows(self._bytes(path)):
            out.write("\n" * (number - 1 - written))
            writer.writerow(row)
            written = number
        return out.getvalue()

    def _cell_text(self, kind: str, style: int, text: str) -> str:
        if kind == "s":
            return self._strings[int(text)]
        if kind == "b":
            return "true" if text.strip() == "1" else "false"
        if kind in ("str", "inlineStr", "d"):
            return text
        if style < len(self._dates) and self._dates[style]:
            return shown_date(float(text), from_1904=self._from_1904)
        return shown_number(text)

    def _parse(
        self,
        path: str,
        on_start: Callable[[str, dict[str, str]], None],
        on_end: Callable[[str, str], None] = lambda _tag, _text: None,
    ) -> None:
        text: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            text.clear()
            on_start(_local(tag), attributes)

        parser = _parser(start, lambda tag: on_end(_local(tag), "".join(text)), text.append)
        for chunk in self._bytes(path):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _bytes(self, path: str) -> Iterator[bytes]:
        with self._book.open(path) as part:
            while chunk := part.read(_CHUNK):
                yield chunk


class _SheetReader:
    """Rows of one sheet, one after the other, without keeping the sheet."""

    def __init__(self, file: str, findings: Findings, cell_text: Callable[[str, int, str], str]) -> None:
        self._file, self._findings, self._cell_text = file, findings, cell_text
        self._ready: list[tuple[int, list[str]]] = []
        self._cells: dict[int, str] = {}
        self._row = 0
        self._place = ("", 0, 0)
        self._kind, self._style = "", 0
        self._value, self._text = "", [""]
        self._formula = False

    def rows(self, chunks: Iterator[bytes]) -> Iterator[tuple[int, list[str]]]:
        parser = _parser(self._start, self._end, self._text.append)
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from self._ready
            self._ready.clear()
        parser.Parse(b"", True)
        yield from self._ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text.clear()
        tag = _local(tag)
        if tag == "row":
            self._begin_row(int(attributes.get("r", self._row + 1)))
        elif tag == "c":
            self._begin_cell(attributes)
        elif tag == "f":
            self._formula = True

    def _begin_row(self, number: int) -> None:
        if not self._row < number <= MOST_ROWS:
            raise Unreadable(
                Both(f"工作表第 {number} 行", f"row {number} of the sheet"),
                Both(
                    f"行须按次序排列，最多 {MOST_ROWS:,} 行；请拆分表格",
                    f"rows stand in their order, {MOST_ROWS:,} at most; split the table",
                ),
            )
        self._row, self._cells = number, {}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        found = _CELL.fullmatch(attributes.get("r", ""))
        column = _number_of(found[1]) if found else max(self._cells, default=-1) + 1
        if column >= MOST_COLUMNS:
            raise Unreadable(
                Both(
                    f"第 {self._row} 行第 {column + 1} 列有单元格",
                    f"a cell in column {column + 1}, row {self._row}",
                ),
                Both(
                    f"台账最多 {MOST_COLUMNS} 列：请删去表格旁边的内容",
                    f"a register has {MOST_COLUMNS} columns at most: remove what stands beside the table",
                ),
            )
        self._place = (found[0] if found else f"row {self._row}", self._row, column)
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
        self._value, self._formula = "", False

    def _end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "v":
            self._value = "".join(self._text)
        elif tag == "t":
            self._value += "".join(self._text)
        elif tag == "c":
            self._end_cell()
        elif tag == "row" and any(self._cells.values()):
            last = max(column for column, text in self._cells.items() if text)
            self._ready.append((self._row, [self._cells.get(column, "") for column in range(last + 1)]))
        self._text.clear()

    def _end_cell(self) -> None:
        name, row, column = self._place
        place = Place(self._file, row, name.rstrip("0123456789"))
        if self._formula:
            self._findings.add(
                place,
                Both(f"单元格 {name} 是公式", f"cell {name} holds a formula"),
                Both(
                    "复制工作表并“粘贴为数值”，然后保存",
                    "copy the sheet and paste it as values, then save it",
                ),
            )
        elif self._kind == "e":
            self._findings.add(
                place,
                Both(f"单元格 {name} 是错误值 {self._value}", f"cell {name} holds the error {self._value}"),
                Both("请写入数值", "write the value"),
            )
        elif self._value:
            self._cells[column] = " ".join(self._cell_text(self._kind, self._style, self._value).split())


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], object],
) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_particulars: object) -> None:
    raise Unreadable(
        Both("工作簿的 XML 中带有文档类型声明", "a workbook with a document type in its XML"), _SAVE_ANEW
    )


def _refuse_traps(book: zipfile.ZipFile) -> None:
    """Before anything is unpacked. What an entry says of its size binds: not more of it is ever read."""
    parts = book.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise Unreadable(
            Both(
                f"工作簿有 {len(parts):,} 个部件，解压后 {unpacked / 2**20:.0f} MB",
                f"a workbook of {len(parts):,} parts and {unpacked / 2**20:.0f} MB unpacked",
            ),
            Both(
                f"最多读取 {MOST_PARTS:,} 个部件和 {MOST_UNPACKED >> 20} MB：请只把这一张表存为 CSV",
                f"at most {MOST_PARTS:,} parts and {MOST_UNPACKED >> 20} MB are read: "
                "save the one sheet as CSV",
            ),
        )
    for part in parts:
        if part.flag_bits & 1:
            raise Unreadable(
                Both("工作簿设有密码", "a workbook with a password"),
                Both("请去掉密码后保存", "save it without one"),
            )
        if part.file_size > FREE_BYTES and part.file_size > MOST_RATIO * max(1, part.compress_size):
            raise Unreadable(
                Both(
                    f"{part.filename} 解压后有 {part.file_size / 2**20:.0f} MB",
                    f"{part.filename} unpacks to {part.file_size / 2**20:.0f} MB",
                ),
                Both("请只把这一张表存为 CSV", "save the one sheet as CSV"),
            )


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _number_of(letters: str) -> int:
    """Column of a cell's name, from 0: A, B, ..., Z, AA, ..."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
