"""Numbers and dates of a spreadsheet cell as text, as a person would have written them."""

import re
from datetime import datetime, timedelta

_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in number formats that show a date or a time (ECMA-376, part 1, 18.8.30)."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
LARGEST_EXACT = 2**53


def is_date_format(number: int, code: str) -> bool:
    """Does a cell with this number format show a date? code: of a format that the workbook defines."""
    return number in _DATES or bool(re.search(r"[ymdh]", _QUOTED.sub("", code), re.IGNORECASE))


def shown_number(text: str) -> str:
    """`0.80000000000000004` as 0.8, `12.0` as 12, so that codes of digits stay what they are."""
    number = float(text)
    if number.is_integer() and abs(number) < LARGEST_EXACT:
        return str(int(number))
    return repr(number)


def shown_date(serial: float, *, from_1904: bool) -> str:
    """Days since 1899-12-30 (Excel counts a 29 February 1900 that never was) or since 1904-01-01."""
    moment = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    moment += timedelta(seconds=round(serial * 86_400))
    return moment.strftime("%Y-%m-%d" if moment.time() == datetime.min.time() else "%Y-%m-%d %H:%M:%S")
