"""Tables in Markdown, and text between markers."""

import re
from collections.abc import Iterable, Mapping, Sequence

_SECTION = re.compile(r"<!-- generated: (?P<name>[^>]+) -->\n.*?<!-- end -->\n", re.DOTALL)


class MarkersWrong(Exception):
    """A page does not hold the sections that the code can make."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may hold any text."""
    lines = [_line(head), "|" + "---|" * len(head)]
    lines += [_line([_cell(text) for text in row]) for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Text as code, nothing for an empty text."""
    return f"`{text}`" if text else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def fill(page: str, sections: Mapping[str, str]) -> str:
    """The page with every section between its markers made anew.

    Raises MarkersWrong when a marker is unknown, or a section has no place.
    """
    found = [match["name"] for match in _SECTION.finditer(page)]
    if sorted(found) != sorted(sections):
        raise MarkersWrong(f"the page has sections {found}, the code makes {list(sections)}: make them equal")
    return _SECTION.sub(
        lambda match: f"<!-- generated: {match['name']} -->\n\n{sections[match['name']]}\n<!-- end -->\n",
        page,
    )
