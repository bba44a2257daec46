"""The outbox on disk: messages that wait, leases on them, and what became of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alarm_rules.model import Priority
from api.auth.principal import Scope
from api.notify.message import Message
from api.store.receivers import Way
from api.store.scope import in_scope
from api.store.tables.notify import outbox, receipt

OutboxState = Literal["waiting", "sent", "cancelled", "dead"]
LOOKUP = 500
URGENT_RANK = 10
_o, _p = outbox.c, receipt.c


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way to one target."""

    number: int
    message: Message
    target: int | None
    lane: str
    created_at: int
    state: OutboxState
    attempts: int
    not_before: int
    withdrawn: bool
    finished_at: int | None
    sent_with: int | None
    words: str


class Head(NamedTuple):
    """What the decision needs of a waiting row."""

    number: int
    kind: str
    channel: str
    lane: str
    priority: int
    urgent: bool
    created_at: int
    not_before: int


def add_messages(
    connection: Connection,
    messages: Sequence[Message],
    ways: Mapping[tuple[str, str], Sequence[Way]],
    now: int,
) -> int:
    """One row a target; rows of known keys are left as they are. Returns how many rows are new."""
    rows = []
    for message in messages:
        goes = _wanted(message, ways.get((message.receiver, message.channel), ()))
        rows += [_row_of(message, way, now) for way in goes] or [_row_of(message, None, now)]
    if not rows:
        return 0
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(outbox).on_conflict_do_nothing(index_elements=["key"])
    before = _highest(connection)
    connection.execute(statement, rows)
    query = select(func.count()).select_from(outbox).where(_o.number > before)
    return int(connection.execute(query).scalar_one())


def _highest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(_o.number))).scalar_one() or 0)


def _wanted(message: Message, ways: Sequence[Way]) -> list[Way]:
    only = message.detail.get("target")
    return [way for way in ways if only is None or way.number == only]


def _row_of(message: Message, way: Way | None, now: int) -> dict[str, Any]:
    number = way.number if way else None
    return {
        "key": f"{message.key}/{message.receiver}/{message.channel}#{number or 0}",
        "message_key": message.key,
        "kind": message.kind,
        "receiver": message.receiver,
        "target": number,
        "channel": message.channel,
        "lane": way.lane if way else "",
        "priority": int(message.priority),
        "urgent": message.urgent,
        "rank": -(int(message.priority) + (URGENT_RANK if message.urgent else 0)),
        "enterprise": message.enterprise,
        "alarm_id": message.alarm_id,
        "title": message.title,
        "body": message.body,
        "detail": json.dumps(message.detail, ensure_ascii=False),
        "created_at": now,
        "state": "waiting",
        "attempts": 0,
        "not_before": 0,
        "lease": None,
        "lease_until": 0,
        "withdrawn": False,
        "words": "",
        "unsettled": False,
    }


class Closed(NamedTuple):
    """Lanes of which some rows need not be looked at: they could not go now."""

    wholly: frozenset[str] = frozenset()
    but_urgent: frozenset[str] = frozenset()
    """Only urgent rows can go."""
    but_critical: frozenset[str] = frozenset()
    """Only urgent rows and those of priority CRITICAL can."""


def waiting_heads(connection: Connection, now: int, closed: Closed, limit: int) -> list[Head]:
    """Waiting rows that nobody holds and that may go, most urgent first.

    Rows that cannot go are left out here, so that however many there are they do not hide others.
    """
    query = (
        select(*(_o[name] for name in Head._fields))
        .where(_o.state == "waiting", _o.lease_until <= now)
        .order_by(_o.rank, _o.number)
        .limit(limit)
    )
    if closed.wholly:
        query = query.where(_o.lane.not_in(sorted(closed.wholly)))
    for lanes, rank in ((closed.but_urgent, -URGENT_RANK), (closed.but_critical, -int(Priority.CRITICAL))):
        if lanes:
            query = query.where(or_(_o.rank <= rank, _o.lane.not_in(sorted(lanes))))
    return [Head(*row) for row in connection.execute(query)]


def heads_of_lanes(connection: Connection, now: int, lanes: Collection[str], limit: int) -> list[Head]:
    """Everything that waits on these lanes, most urgent first."""
    query = (
        select(*(_o[name] for name in Head._fields))
        .where(_o.state == "waiting", _o.lease_until <= now, _o.lane.in_(sorted(lanes)))
        .order_by(_o.rank, _o.number)
        .limit(limit)
    )
    return [Head(*row) for row in connection.execute(query)]


def claim(connection: Connection, numbers: Sequence[int], lease: str, now: int, until: int) -> list[Row]:
    """Take a lease on those rows that are still free; of two who try, one gets a row.

    Returns the rows that were taken, in the order of `numbers`.
    """
    free = and_(_o.state == "waiting", _o.lease_until <= now)
    taken = {"lease": lease, "lease_until": until, "attempts": _o.attempts + 1}
    found: dict[int, Row] = {}
    for start in range(0, len(numbers), LOOKUP):
        some = numbers[start : start + LOOKUP]
        connection.execute(update(outbox).where(_o.number.in_(some), free).values(taken))
        query = select(outbox).where(_o.number.in_(some), _o.lease == lease, _o.state == "waiting")
        for row in connection.execute(query).mappings():
            found[row["number"]] = row_of(row)
    return [found[number] for number in numbers if number in found]


def finish(
    connection: Connection,
    number: int,
    lease: str,
    state: OutboxState,
    now: int,
    words: str,
    sent_with: int | None = None,
    unsettled: bool = False,
) -> bool:
    """The row reaches its end. False if the lease is not ours any more: somebody else has it."""
    values = {
        "state": state,
        "finished_at": now,
        "words": words,
        "sent_with": sent_with,
        "lease": None,
        "lease_until": 0,
        "unsettled": unsettled,
    }
    same = (_o.number == number, _o.lease == lease, _o.state == "waiting")
    return connection.execute(update(outbox).where(*same).values(values)).rowcount == 1


def put_back(connection: Connection, number: int, lease: str, not_before: int, words: str) -> bool:
    """Wait for another attempt. False if the lease is not ours any more."""
    same = (_o.number == number, _o.lease == lease, _o.state == "waiting")
    values = {"lease": None, "lease_until": 0, "not_before": not_before, "words": words}
    return connection.execute(update(outbox).where(*same).values(values)).rowcount == 1


def send_alone(connection: Connection, number: int, lease: str) -> bool:
    """Wait for an attempt without others in the same call."""
    same = (_o.number == number, _o.lease == lease, _o.state == "waiting")
    values = {"lease": None, "lease_until": 0, "urgent": True, "rank": -(_o.priority + URGENT_RANK)}
    return connection.execute(update(outbox).where(*same).values(values)).rowcount == 1


def withdrawn_of(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Those of the rows that were withdrawn."""
    found: set[int] = set()
    for start in range(0, len(numbers), LOOKUP):
        some = numbers[start : start + LOOKUP]
        query = select(_o.number).where(_o.number.in_(some), _o.withdrawn)
        found |= set(connection.execute(query).scalars())
    return found


def release(connection: Connection, lease: str, numbers: Sequence[int]) -> int:
    """Give back what was not tried under this lease, as if it had never been taken."""
    values = {"lease": None, "lease_until": 0, "attempts": _o.attempts - 1}
    same = (_o.number.in_(numbers), _o.lease == lease, _o.state == "waiting")
    statement = update(outbox).where(*same).values(values)
    return connection.execute(statement).rowcount


def bury(connection: Connection, numbers: Sequence[int], now: int, words: str) -> int:
    """Waiting rows that nobody holds become dead letters."""
    values = {"state": "dead", "finished_at": now, "words": words, "unsettled": True}
    free = and_(_o.state == "waiting", _o.lease_until <= now)
    return sum(
        connection.execute(
            update(outbox).where(_o.number.in_(numbers[start : start + LOOKUP]), free).values(values)
        ).rowcount
        for start in range(0, len(numbers), LOOKUP)
    )


def withdraw(connection: Connection, alarm_id: str, kinds: Collection[str], now: int) -> dict[str, int]:
    """Cancel what waits for this alarm; what is being sent now is not tried again.

    Returns how many rows of each channel were cancelled at once.
    """
    mine = and_(_o.state == "waiting", _o.alarm_id == alarm_id, _o.kind.in_(sorted(kinds)))
    free = and_(mine, _o.lease_until <= now)
    counted = select(_o.channel, func.count()).where(free).group_by(_o.channel)
    cancelled = {channel: int(count) for channel, count in connection.execute(counted)}
    values = {"state": "cancelled", "finished_at": now, "words": "withdrawn"}
    connection.execute(update(outbox).where(free).values(values))
    connection.execute(update(outbox).where(mine).values(withdrawn=True))
    return cancelled


def revive(connection: Connection, number: int, now: int) -> bool:
    """A dead letter is tried again from the start, for its full age. False if it is not dead."""
    values = {
        "state": "waiting",
        "finished_at": None,
        "created_at": now,
        "attempts": 0,
        "not_before": 0,
        "unsettled": False,
        "withdrawn": False,
    }
    statement = update(outbox).where(_o.number == number, _o.state == "dead").values(values)
    return connection.execute(statement).rowcount == 1


def settle(connection: Connection, number: int) -> bool:
    """A person has seen this dead letter. False if it is not one that waits for that."""
    statement = update(outbox).where(_o.number == number, _o.unsettled).values(unsettled=False)
    return connection.execute(statement).rowcount == 1


def settle_lane(connection: Connection, lane: str) -> int:
    """The way works again: its dead letters need no attention any more. How many did."""
    statement = update(outbox).where(_o.lane == lane, _o.unsettled).values(unsettled=False)
    return connection.execute(statement).rowcount


def unsettled_lanes(connection: Connection, lanes: Collection[str]) -> set[str]:
    """Those of the lanes that have dead letters which nobody has seen to."""
    query = select(_o.lane).where(_o.unsettled, _o.lane.in_(sorted(set(lanes)))).distinct()
    return set(connection.execute(query).scalars())


def oldest_waiting(connection: Connection) -> int | None:
    """When the oldest waiting row was made, ns UTC."""
    oldest: int | None = connection.execute(
        select(func.min(_o.created_at)).where(_o.state == "waiting")
    ).scalar_one()
    return oldest


def counts_by_state(connection: Connection, scope: Scope, since: int) -> dict[tuple[str, str], int]:
    """Rows made since then by (channel, state)."""
    query = (
        select(_o.channel, _o.state, func.count())
        .where(_o.created_at >= since, in_scope(_o.enterprise, scope))
        .group_by(_o.channel, _o.state)
    )
    return {(channel, state): int(count) for channel, state, count in connection.execute(query)}


def outbox_row(connection: Connection, number: int, scope: Scope) -> Row | None:
    """None if there is none, or none in sight."""
    query = select(outbox).where(_o.number == number, in_scope(_o.enterprise, scope))
    row = connection.execute(query).mappings().first()
    return row_of(row) if row else None


def page_of_outbox(
    connection: Connection,
    scope: Scope,
    before: int | None,
    limit: int,
    equals: Mapping[str, str],
    unsettled: bool = False,
) -> list[Row]:
    """Newest first. `equals` restricts by state, receiver, channel, alarm_id or kind."""
    query = select(outbox).where(in_scope(_o.enterprise, scope)).order_by(_o.number.desc()).limit(limit)
    for name, value in equals.items():
        query = query.where(_o[name] == value)
    if unsettled:
        query = query.where(_o.unsettled)
    if before is not None:
        query = query.where(_o.number < before)
    return [row_of(row) for row in connection.execute(query).mappings()]


def rows_of_message(connection: Connection, message_key: str) -> list[Row]:
    """The rows that one message became, one a target."""
    query = select(outbox).where(_o.message_key == message_key).order_by(_o.number)
    return [row_of(row) for row in connection.execute(query).mappings()]


def forget_older(connection: Connection, before: int, limit: int) -> int:
    """Delete finished rows older than that with their receipts, at most `limit`; how many rows."""
    old = select(_o.number).where(_o.created_at < before, _o.state != "waiting").limit(limit)
    numbers = list(connection.execute(old).scalars())
    for start in range(0, len(numbers), LOOKUP):
        some = numbers[start : start + LOOKUP]
        connection.execute(delete(receipt).where(_p.outbox.in_(some)))
        connection.execute(delete(outbox).where(_o.number.in_(some)))
    return len(numbers)


def row_of(row: Any) -> Row:
    """The row of the table as a value."""
    message = Message(
        key=row["message_key"],
        kind=row["kind"],
        receiver=row["receiver"],
        channel=row["channel"],
        priority=Priority(row["priority"]),
        enterprise=row["enterprise"],
        alarm_id=row["alarm_id"],
        title=row["title"],
        body=row["body"],
        detail=json.loads(row["detail"]),
    )
    same = (
        "number",
        "target",
        "lane",
        "created_at",
        "state",
        "attempts",
        "not_before",
        "withdrawn",
        "finished_at",
        "sent_with",
        "words",
    )
    return Row(message=message, **{name: row[name] for name in same})


def move_to_lane(connection: Connection, receiver: str, target: int, lane: str) -> None:
    """What waits for this target goes to its new address, under that address' limits."""
    mine = (_o.receiver == receiver, _o.target == target, _o.state == "waiting")
    connection.execute(update(outbox).where(*mine).values(lane=lane))


def unsettled_left(connection: Connection, channel: str, lane: str) -> bool:
    """Are there dead letters of this channel and lane that nobody has seen to?"""
    query = select(_o.number).where(_o.unsettled, _o.lane == lane, _o.channel == channel).limit(1)
    return connection.execute(query).first() is not None


def aim(connection: Connection, number: int, target: int, lane: str) -> None:
    """A message that had no target gets one."""
    connection.execute(update(outbox).where(_o.number == number).values(target=target, lane=lane))
