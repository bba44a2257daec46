"""What self-watch keeps and looks up: synthetic alarms, known gateways, conditions. Times are ns UTC."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from api.store.tables.alarms import alarm, position
from api.store.tables.watch import probe

_p = probe.c
LATENCIES = 200
"""Of so many newest probes the percentile is taken."""


class ProbeRow(NamedTuple):
    """One synthetic alarm."""

    id: str
    gateway: str
    tripped_at: int
    """By the gateway's clock."""
    stored_at: int
    """By ours."""


class ProbeFigures(NamedTuple):
    """How the probes of a gateway are doing."""

    gateway: str
    last_stored_at: int
    last_came_out_at: int | None
    """stored_at of the newest probe that came out; None if none did."""
    latencies_s: tuple[float, ...]
    """Of the newest that came out, newest first."""


def add_probe(connection: Connection, row: ProbeRow) -> None:
    """Keep it; one that is known stays as it is."""
    if connection.execute(select(_p.id).where(_p.id == row.id)).first() is None:
        connection.execute(insert(probe).values(row._asdict()))


def probes_under_way(connection: Connection, since: int) -> list[ProbeRow]:
    """Those stored since then that have not come out yet, the oldest first."""
    query = (
        select(_p.id, _p.gateway, _p.tripped_at, _p.stored_at)
        .where(_p.came_out_at.is_(None), _p.stored_at >= since)
        .order_by(_p.stored_at)
    )
    return [ProbeRow(*row) for row in connection.execute(query)]


def mark_out(connection: Connection, probe_id: str, came_out_at: int, latency_s: float) -> None:
    """It has come out."""
    connection.execute(
        update(probe).where(_p.id == probe_id).values(came_out_at=came_out_at, latency_s=latency_s)
    )


def forget_probes(connection: Connection, before: int) -> None:
    """Remove those stored before then."""
    connection.execute(delete(probe).where(_p.stored_at < before))


def probe_figures(connection: Connection) -> list[ProbeFigures]:
    """One line for each gateway that has sent probes."""
    query = select(_p.gateway, func.max(_p.stored_at)).group_by(_p.gateway).order_by(_p.gateway)
    return [_figures(connection, gateway, last) for gateway, last in connection.execute(query).all()]


def known_gateways(connection: Connection) -> list[str]:
    """Every gateway whose alarms have been taken."""
    query = select(position.c.gateway).where(position.c.current).order_by(position.c.gateway)
    return list(connection.execute(query).scalars())


def conditions_held(connection: Connection, rules: Collection[str]) -> list[tuple[str, str]]:
    """(point, rule) of the active alarms of these rules."""
    query = select(alarm.c.point, alarm.c.rule).where(alarm.c.active, alarm.c.rule.in_(sorted(rules)))
    return [(point, rule) for point, rule in connection.execute(query)]


def _figures(connection: Connection, gateway: str, last: int) -> ProbeFigures:
    query = (
        select(_p.stored_at, _p.latency_s)
        .where(_p.gateway == gateway, _p.latency_s.is_not(None))
        .order_by(_p.stored_at.desc())
        .limit(LATENCIES)
    )
    out = connection.execute(query).all()
    return ProbeFigures(gateway, last, out[0][0] if out else None, tuple(latency for _, latency in out))
