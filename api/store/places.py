"""Rows of some installations, in a form for which both databases use the index on (enterprise, installation).

Row values, `(enterprise, installation) IN (...)`, make SQLite read the whole table.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from api.desks.register import Place

AT_ONCE = 100
"""Installations in one query: each enterprise is a term of its condition."""


def in_places(
    table: Any, places: Iterable[Place], also: Collection[ColumnElement[bool]] = ()
) -> ColumnElement[bool]:
    """Rows of these installations for which `also` holds; it stands in every term, because a partial
    index is used only where its condition does."""
    grouped: dict[str, list[str]] = {}
    for enterprise, installation in places:
        grouped.setdefault(enterprise, []).append(installation)
    return or_(
        *(
            and_(*also, table.enterprise == enterprise, table.installation.in_(sorted(installations)))
            for enterprise, installations in grouped.items()
        )
    )


def parts_of(places: Iterable[Place]) -> Iterator[list[Place]]:
    """As many at a time as one query takes."""
    rest = iter(places)
    while part := list(islice(rest, AT_ONCE)):
        yield part
