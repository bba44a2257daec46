"""What came of each attempt to deliver a message: kept for each person and channel."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, insert, select

from api.auth.principal import Scope
from api.store.scope import in_scope
from api.store.tables.notify import outbox, receipt

_o, _p = outbox.c, receipt.c


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to deliver one message to one target, and what came of it."""

    outbox: int
    carrier: int
    """The first row of the same call of the provider; this row itself when it went alone."""
    message_key: str
    receiver: str
    channel: str
    target: int | None
    lane: str
    enterprise: str
    alarm_id: str | None
    attempt: int
    started_at: int
    ended_at: int
    outcome: str
    """`accepted`, or the `outcome` of the error: busy, unreachable, unclear, target_refused, ..."""
    words: str
    reference: str = ""
    form: str = "single"
    messages: int = 1
    """How many messages this one call of the provider carried."""


def add_receipts(connection: Connection, receipts: Sequence[ReceiptRow]) -> None:
    """Keep what came of attempts."""
    if receipts:
        connection.execute(insert(receipt), [msgspec.structs.asdict(one) for one in receipts])


def receipts_of(
    connection: Connection,
    *,
    message_key: str | None = None,
    alarm_id: str | None = None,
    number: int | None = None,
    scope: Scope | None = None,
) -> list[ReceiptRow]:
    """Every attempt for a message, an alarm or a row of the outbox, oldest first."""
    query = select(*(_p[name] for name in ReceiptRow.__struct_fields__)).order_by(_p.number)
    for column, value in ((_p.message_key, message_key), (_p.alarm_id, alarm_id), (_p.outbox, number)):
        if value is not None:
            query = query.where(column == value)
    if scope is not None:
        query = query.where(in_scope(_p.enterprise, scope))
    return [ReceiptRow(**row) for row in connection.execute(query).mappings()]


def calls_since(connection: Connection, lane: str, since: int) -> int:
    """How many calls of the provider went over a lane since then; a digest counts once."""
    query = select(func.count()).where(_p.lane == lane, _p.ended_at >= since, _p.outbox == _p.carrier)
    return int(connection.execute(query).scalar_one())


def last_merged_at(connection: Connection, lane: str, since: int) -> int | None:
    """When a message that can be merged was last accepted over this lane, not looking beyond `since`."""
    query = (
        select(func.max(_p.ended_at))
        .join(outbox, _o.number == _p.outbox)
        .where(_p.lane == lane, _p.ended_at >= since, _p.outcome == "accepted", _o.urgent.is_(False))
    )
    last: int | None = connection.execute(query).scalar_one()
    return last
