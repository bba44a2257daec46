"""Keeps what this service was witness of, and reads it as facts for the figures."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, update

from api.figures.columns import Joined, Witnessed, columns_of
from api.store.database import upsert
from api.store.scope import in_scope
from api.store.tables.witness import point_known, witness_span
from api.store.writer import Transaction

_p, _w = point_known.c, witness_span.c
SERVICE = ""
"""In place of an enterprise: the times in which this service ran."""

_Question = Any
"""`api.store.figures.Question`; that module reads this one."""


class SeenSpan(NamedTuple):
    """[begin, end) ns UTC; enterprise `SERVICE`: this service ran."""

    enterprise: str
    begin: int
    end: int


def note_known(tx: Transaction, points: Mapping[str, str]) -> None:
    """Remember since when points (id -> enterprise) are in the register; those known already stay."""
    known = set(tx.connection.execute(select(_p.point)).scalars())
    rows = [
        {"point": point, "enterprise": enterprise, "known_at": tx.now}
        for point, enterprise in points.items()
        if point not in known
    ]
    upsert(tx.connection, point_known, ("point",), rows)


def points_heard(connection: Connection) -> set[str]:
    """Points of which a value has ever arrived."""
    return set(connection.execute(select(_p.point).where(_p.heard_at.is_not(None))).scalars())


def note_heard(tx: Transaction, points: Collection[str]) -> None:
    """A value of these has arrived; the first time counts."""
    if points:
        noted = update(point_known).where(_p.point == bindparam("id"), _p.heard_at.is_(None))
        rows = [{"id": point, "now": tx.now} for point in points]
        tx.connection.execute(noted.values(heard_at=bindparam("now")), rows)


def write_spans(tx: Transaction, spans: Iterable[SeenSpan]) -> None:
    """Begin spans, or lengthen those with the same beginning."""
    upsert(tx.connection, witness_span, ("enterprise", "begin"), [span._asdict() for span in spans])


def forget_spans_before(tx: Transaction, time: int) -> int:
    """Delete spans that ended earlier; how many."""
    return tx.connection.execute(delete(witness_span).where(_w.end < time)).rowcount


def counting_from(connection: Connection) -> dict[str, int]:
    """From when on each point counts, ns UTC: it is in the register, and something of its enterprise was
    heard. Points of enterprises that were never heard of are missing."""
    first = _first_heard(connection)
    return {
        point: max(known, first[enterprise])
        for point, enterprise, known in connection.execute(select(_p.point, _p.enterprise, _p.known_at))
        if enterprise in first
    }


def read_joined(connection: Connection, question: _Question) -> Joined:
    """Points of the register with the times from which they count."""
    population = question.population
    first = _first_heard(connection)
    found = select(_p.enterprise, _p.point, _p.known_at, _p.heard_at).where(
        in_scope(_p.enterprise, question.scope)
    )
    return columns_of(
        Joined,
        [
            (
                population.code_of[enterprise],
                population.point_code[point],
                known,
                max(known, first[enterprise]) if enterprise in first else None,
                heard,
            )
            for enterprise, point, known, heard in connection.execute(found)
            if point in population.point_code and enterprise in population.code_of
        ],
    )


def read_witnessed(connection: Connection, question: _Question) -> Witnessed:
    """For each enterprise the times in which this service ran, and those in which it heard of it."""
    span, population = question.span, question.population
    found = select(_w.enterprise, _w.begin, _w.end).where(
        _w.end > span.start,
        _w.begin < span.seen_end,
        in_scope(_w.enterprise, question.scope),
    )
    rows: list[tuple[object, ...]] = []
    for enterprise, begin, end in connection.execute(found):
        cut = max(begin, span.start), min(end, span.seen_end)
        if enterprise == SERVICE:
            rows += [(code, False, *cut) for code in population.code_of.values()]
        elif enterprise in population.code_of:
            rows.append((population.code_of[enterprise], True, *cut))
    return columns_of(Witnessed, rows)


def _first_heard(connection: Connection) -> dict[str, int]:
    found = select(_p.enterprise, func.min(_p.heard_at)).where(_p.heard_at.is_not(None))
    return {row[0]: row[1] for row in connection.execute(found.group_by(_p.enterprise))}
