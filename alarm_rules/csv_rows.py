"""CSV tables with the line of every row: registers and rules of thousands of points.

The first line that is not a `#` remark is the heading. Comma, semicolon or tab; UTF-8 with or without
byte order mark, or GB18030, as spreadsheet programs of this country save it (see `site_files.read_text`).
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from alarm_rules.findings import Entry, Findings, Place, meant
from alarm_rules.keys import shown
from alarm_rules.wording import Both

MAX_ROWS = 500_000


def read_rows(
    text: str, file: str, headings: Mapping[str, str | None], findings: Findings
) -> Iterator[Entry]:
    """One Entry a row that holds anything, by the names that `headings` gives.

    `headings` maps a heading to the key's name, or to None for a column to pass over. It is looked up as
    written and then in small letters, for `UNIT` and `unit` are different columns of different exports.
    Unknown headings and unreadable rows become findings; the rest is read all the same.
    """
    lines = StringIO(text, newline="")
    skipped, heading = _heading(lines)
    if not heading.strip():
        findings.add(
            Place(file, max(skipped, 1)),
            Both("表是空的", "an empty table"),
            Both("第一行应为列名", "begin with a line of column names"),
        )
        return
    delimiter = max(",;\t", key=heading.count)
    lines.seek(0)
    for _ in range(skipped):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    columns: list[str | None] = []
    letters: dict[str, str] = {}
    line = skipped + 1
    try:
        for row in reader:
            if not columns:
                columns = _columns(row, Place(file, line), headings, findings)
                letters = {name: letter(number) for number, name in enumerate(columns) if name}
            elif any(cell.strip() for cell in row):
                yield _entry(row, columns, letters, Place(file, line), findings)
            line = skipped + reader.line_num + 1
            if line > MAX_ROWS:
                findings.add(
                    Place(file, line),
                    Both(f"超过 {MAX_ROWS:,} 行", f"more than {MAX_ROWS:,} lines"),
                    Both("请按企业拆分", "split the table by enterprise"),
                )
                return
    except csv.Error as error:
        findings.add(
            Place(file, line),
            Both(f"不是有效的 CSV：{error}", f"not CSV: {error}"),
            Both("检查此行的引号；另存为 CSV UTF-8", "check the quotes of this row; save as CSV UTF-8"),
        )


def _heading(lines: StringIO) -> tuple[int, str]:
    """Number of remark and blank lines before the heading, and the heading."""
    skipped = 0
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return skipped, line
        skipped += 1
    return skipped, ""


def _columns(
    row: list[str], place: Place, headings: Mapping[str, str | None], findings: Findings
) -> list[str | None]:
    columns: list[str | None] = []
    first: dict[str, str] = {}
    for number, cell in enumerate(row, 1):
        heading = cell.strip()
        if not heading:
            columns.append(None)
            continue
        known = heading if heading in headings else heading.casefold()
        if known not in headings:
            findings.add(
                place._replace(column=letter(number - 1)),
                Both(
                    f"不认识的列 {shown(heading)}（第 {number} 列）",
                    f"unknown column {shown(heading)} (number {number})",
                ),
                meant(
                    findings.nearest(heading, headings),
                    Both(
                        "删去此列，或按文档所列列名改名",
                        "remove it or rename it as the documentation lists the columns",
                    ),
                ),
            )
            columns.append(None)
            continue
        name = headings[known]
        if name is not None and name in first:
            findings.add(
                place,
                Both(
                    f"列 {first[name]!r} 和 {heading!r} 都是 {name}",
                    f"the columns {first[name]!r} and {heading!r} both give {name}",
                ),
                Both("只保留其中一列", "keep one of them"),
            )
            name = None
        elif name is not None:
            first[name] = heading
        columns.append(name)
    return columns


def letter(column: int) -> str:
    """Name of a column, counted from 0, as spreadsheets have it: A, B, ..., Z, AA, ..."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _entry(
    row: list[str], columns: list[str | None], letters: dict[str, str], place: Place, findings: Findings
) -> Entry:
    extra = [cell for cell in row[len(columns) :] if cell.strip()]
    if extra:
        findings.add(
            place,
            Both(
                f"{len(columns)} 列下有 {len(row)} 个单元格，多出的第一个是 {shown(extra[0])}",
                f"{len(row)} cells under {len(columns)} columns, the first too many is {shown(extra[0])}",
            ),
            Both("含逗号的单元格请加引号", "put quotes around a cell that holds a comma"),
        )
    values = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name and cell.strip()}
    return Entry(place.file, place.line, values, None, letters)
