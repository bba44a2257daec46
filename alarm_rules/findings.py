"""Mistakes in site files: where they are kept, and how they are raised.

Nothing stops at the first mistake: every reader and check adds what it finds and goes on.
"""

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from alarm_rules.model import Finding
from alarm_rules.wording import Both, Text, both, one_line

SHOWN_IN_ERROR = 20
SUGGESTIONS = 60
"""Nearest-name searches a load may spend: a wrong column in a register of thousands needs no more."""
COMPARED = 300
"""Names that are compared letter by letter; of more, only those that begin or end like the wanted one."""


class SiteInvalid(Exception):
    """The site files cannot be used; `findings` says why, in the order of the files."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        shown = [str(finding) for finding in findings[:SHOWN_IN_ERROR]]
        if len(findings) > SHOWN_IN_ERROR:
            shown.append(f"... and {len(findings) - SHOWN_IN_ERROR} more; `hazardwatch check` lists all")
        super().__init__("\n".join(shown))


class Place(NamedTuple):
    """A line of a file, counted from 1."""

    file: str
    line: int
    column: str = ""
    """Of a table, as spreadsheets name it: C; empty elsewhere."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Wrong(Exception):
    """A single value cannot be used. Raised by conversions, turned into a finding by who knows the place."""

    def __init__(self, wrong: Text, right: Text) -> None:
        super().__init__(wrong, right)
        self.wrong = both(wrong)
        self.right = both(right)

    def told_of(self, what: Text) -> Both:
        """What is wrong, with the thing that it is wrong of."""
        return Both(f"{both(what).chinese}：{self.wrong.chinese}", f"{what}: {self.wrong.english}")

    def within(self, name: str, what: Text, chinese: str = "") -> Both:
        """What is wrong, with the key and the thing that it is of. chinese: the key for Chinese readers."""
        return Both(
            f"{both(what).subject}的 {chinese or name}：{self.wrong.chinese}",
            f"{name} of {what}: {self.wrong.english}",
        )


class Findings:
    """Collects findings; also rations the search for the nearest name, which is slow on large registers."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._suggestions = SUGGESTIONS

    def add(self, place: Place, wrong: Both, right: Both) -> None:
        """Keep one finding."""
        what, remedy = one_line(wrong), one_line(right)
        self._found.append(
            Finding(
                place.file,
                place.line,
                what.english,
                remedy.english,
                place.column,
                what.chinese,
                remedy.chinese,
            )
        )

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> list[Finding]:
        """By file and line; the same mistake seen by two checks is listed once."""
        return sorted(set(self._found))

    def nearest(self, name: str, known: Iterable[str]) -> str | None:
        """The known name that looks most like `name`, or None; None too once the ration is used up."""
        if self._suggestions <= 0:
            return None
        self._suggestions -= 1
        return nearest(name, known)


class Entry:
    """A mapping of a site file, with the place of each key: one point, one rule, one installation.

    `values` are strings (every scalar of YAML and every cell of CSV is text until the key that it belongs
    to says what it means), or nested mappings and lists where the YAML has them.
    """

    __slots__ = ("columns", "file", "line", "lines", "values")

    def __init__(
        self,
        file: str,
        line: int,
        values: dict[str, Any],
        lines: Mapping[str, int] | None,
        columns: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.file = file
        self.line = line
        self.values = values
        self.lines = lines
        """Line of each key; None where all stand on `line` (a row of a CSV file)."""
        self.columns = columns
        """Letter of each key's column, in a table."""

    @property
    def place(self) -> Place:
        return Place(self.file, self.line)

    def at(self, key: str) -> Place:
        """Where `key` stands, or the entry itself if the key is not there."""
        line = self.line if self.lines is None else self.lines.get(key, self.line)
        return Place(self.file, line, self.columns.get(key, ""))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`: same letters in another case first, then by likeness."""
    candidates = list(known)
    folded = name.casefold()
    for candidate in candidates:
        if candidate.casefold() == folded:
            return candidate
    if len(candidates) > COMPARED:
        half = len(name) // 2
        head, tail = name[:half], name[half:]
        candidates = [other for other in candidates if other.startswith(head) or other.endswith(tail)]
        candidates = [other for other in candidates if abs(len(other) - len(name)) <= 2][: 4 * COMPARED]
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def meant(suggestion: str | None, otherwise: Text) -> Both:
    """The remedy of a finding about an unknown name."""
    rest = both(otherwise)
    if not suggestion:
        return rest
    return Both(f"是否想写 {suggestion!r}？{rest.chinese}", f"did you mean {suggestion!r}? {rest.english}")


def known_are(names: Iterable[str]) -> Both:
    """The remedy that lists what there is."""
    listed = list(names)
    return Both(f"可用的有：{'、'.join(listed)}", f"known are {', '.join(listed)}")
