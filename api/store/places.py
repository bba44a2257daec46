"""Rows of some installations, in a form for which both databases use the index on (enterprise, installation).

Row values, `(enterprise, installation) IN (...)`, make SQLite read the whole table; a term for each
installation makes a new statement to be planned each time. Two plain lists find a few rows too many where
enterprises have installations of the same id: callers leave out what they did not ask for.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam

from api.desks.register import Place

AT_ONCE = 100
"""Installations in one query: the index is searched at most the square of it times."""


def in_places(table: Any) -> ColumnElement[bool]:
    """Rows of the installations that `these` names, and perhaps of some others of the same enterprises.

    For statements that are made once: with each delivery, making one costs as much as asking it.
    """
    return and_(
        table.enterprise.in_(bindparam("enterprises", expanding=True)),
        table.installation.in_(bindparam("installations", expanding=True)),
    )


def these(places: Iterable[Place]) -> dict[str, list[str]]:
    """The parameters of a statement with `in_places`."""
    wanted = list(places)
    return {
        "enterprises": sorted({enterprise for enterprise, _ in wanted}),
        "installations": sorted({installation for _, installation in wanted}),
    }


def parts_of(places: Iterable[Place]) -> Iterator[list[Place]]:
    """As many at a time as one query takes."""
    rest = iter(places)
    while part := list(islice(rest, AT_ONCE)):
        yield part
