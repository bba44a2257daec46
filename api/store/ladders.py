"""Climbs, who was told, the clocks last seen and the auditor's proofs in the database.

Writing functions belong into a `Transaction`; none of them asks the database alarm by alarm.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, case, delete, func, insert, literal, select, update

from api.alarms.model import Entry
from api.auth.principal import Scope
from api.escalation.model import PHASE_OF, Progress
from api.store.alarms import _STATE as STATE
from api.store.alarms import LOOKUP
from api.store.database import upsert
from api.store.rows import columns_of
from api.store.scope import in_scope
from api.store.tables import alarms as alarm_tables
from api.store.tables import escalation as tables
from api.store.tables.timers import timer

LADDER = "ladder"
"""Kind of the timers of ladders; the key is `ladder:{alarm id}`."""
PROOFS_KEPT = 1440
"""One day of them."""

_c = tables.climb.c
_a = alarm_tables.alarm.c
_t = timer.c
CLIMBING = sorted(state for state, phase in PHASE_OF.items() if phase is not None)
_PROGRESS = tuple(name for name in Progress.__struct_fields__)
_END = (
    update(tables.climb)
    .where(_c.alarm_id == bindparam("of_alarm"), _c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), ended_by=bindparam("by"))
)


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """A climb as it is stored."""

    progress: Progress
    enterprise: str
    gap_ns: int
    ended_at: int | None = None
    ended_by: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One person told at one call of a ladder. Receiver "": nobody was there to be told."""

    alarm_id: str
    enterprise: str
    time: int
    due_at: int
    ladder: str
    phase: str
    step: int
    repeat: int
    receiver: str
    via: str
    """The name in the ladder that led to him: himself, `rota:...` or `role:...`."""
    on_call_source: str = ""
    """Of a rota: `layer`, `override` or `fallback`."""
    channels: str = ""
    """Comma between them."""
    call_up: str = ""
    """Id of the call-up that began."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What the auditor found of all open alarms. `owed` = `living` + `owned` + `holes`."""

    time: int
    open_alarms: int
    owed: int
    """Those that must have a living step or a named owner."""
    living: int
    owned: int
    """Without a step, and acknowledged by a named person."""
    holes: int
    repaired: int = 0
    exhausted: int = 0
    took_ms: float = 0.0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks at one moment, ns."""

    wall: int
    steady: int
    """Since the machine was started; it cannot be set."""
    boot: str
    """Identity of that start."""


def key_of(alarm_id: str) -> str:
    """Key of the timer of an alarm's next step."""
    return f"{LADDER}:{alarm_id}"


def climbs_of(connection: Connection, alarm_ids: Collection[str]) -> dict[str, Climb]:
    """Climbs by alarm id, ended ones too."""
    found: dict[str, Climb] = {}
    ids = sorted(alarm_ids)
    for start in range(0, len(ids), LOOKUP):
        query = select(tables.climb).where(_c.alarm_id.in_(ids[start : start + LOOKUP]))
        for row in connection.execute(query).mappings():
            found[row["alarm_id"]] = _climb(row)
    return found


def write_climbs(connection: Connection, climbs: Sequence[Climb]) -> None:
    """Begin, move or end these."""
    rows = [
        msgspec.structs.asdict(climb.progress)
        | {
            "enterprise": climb.enterprise,
            "gap_ns": climb.gap_ns,
            "ended_at": climb.ended_at,
            "ended_by": climb.ended_by,
        }
        for climb in climbs
    ]
    upsert(connection, tables.climb, ("alarm_id",), rows)


def end_climbs(connection: Connection, ended: Mapping[str, str], now: int) -> None:
    """End those that still go on; alarm id -> by whom or what. Their timers go too."""
    if not ended:
        return
    connection.execute(_END, [{"of_alarm": alarm, "at": now, "by": by} for alarm, by in ended.items()])
    keys = sorted(map(key_of, ended))
    for start in range(0, len(keys), LOOKUP):
        connection.execute(delete(timer).where(_t.key.in_(keys[start : start + LOOKUP])))


def write_told(connection: Connection, rows: Sequence[Told]) -> None:
    """Keep who was told."""
    if rows:
        connection.execute(insert(tables.told), [msgspec.structs.asdict(row) for row in rows])


def told_of(connection: Connection, alarm_id: str) -> list[Told]:
    """Who was told of an alarm, the earliest first."""
    fields = [tables.told.c[name] for name in Told.__struct_fields__]
    query = select(*fields).where(tables.told.c.alarm_id == alarm_id).order_by(tables.told.c.number)
    return [Told(**row) for row in connection.execute(query).mappings()]


def write_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Lines of the alarms' journal that change no alarm."""
    if entries:
        connection.execute(insert(alarm_tables.entry), [columns_of(entry) for entry in entries])


def exhausted_of(connection: Connection, scope: Scope, limit: int) -> list[Climb]:
    """Open alarms whose ladder has come to its end without an answer, the longest waiting first."""
    query = (
        select(tables.climb)
        .where(tables.EXHAUSTED, in_scope(_c.enterprise, scope))
        .order_by(_c.exhausted_at, _c.alarm_id)
        .limit(limit)
    )
    return [_climb(row) for row in connection.execute(query).mappings()]


def shift_timers(connection: Connection, kinds: Collection[str], by_ns: int) -> int:
    """Move the timers of these kinds, with the climbs and the calls under way; how many timers."""
    moved = connection.execute(
        update(timer)
        .where(_t.kind.in_(sorted(kinds)))
        .values(due_at=_t.due_at + by_ns, version=_t.version + 1)
    ).rowcount
    connection.execute(update(tables.climb).where(_c.ended_at.is_(None)).values(due_at=_c.due_at + by_ns))
    u = tables.call_up.c
    going_on = u.state == "calling"
    moved_up = {"next_at": u.next_at + by_ns, "started_at": u.started_at + by_ns}
    connection.execute(update(tables.call_up).where(going_on).values(moved_up))
    n = tables.call_attempt.c
    connection.execute(
        update(tables.call_attempt).where(n.outcome == "").values(called_at=n.called_at + by_ns)
    )
    return moved


def seen_before(connection: Connection, name: str) -> Seen | None:
    """What the clocks showed when they were looked at last."""
    s = tables.last_seen.c
    row = connection.execute(select(s.wall, s.steady, s.boot).where(s.name == name)).mappings().first()
    return Seen(**row) if row else None


def keep_seen(connection: Connection, name: str, seen: Seen) -> None:
    """Remember what the clocks show."""
    upsert(connection, tables.last_seen, ("name",), [{"name": name} | msgspec.structs.asdict(seen)])


def prove(connection: Connection, now: int, overdue_ns: int) -> Proof:
    """Count, in one query, the open alarms that must climb and those that have a living step or an owner.

    Living: its timer comes within the ladder's largest wait, and is not overdue by more than `overdue_ns`.
    """
    owed, living, owned = _owed(), _living(now, overdue_ns), _owned()
    query = (
        select(
            func.count(),
            _count(owed),
            _count(and_(owed, living)),
            _count(and_(owed, ~living, owned)),
            _count(and_(owed, ~living, ~owned)),
            _count(and_(_c.exhausted_at.is_not(None), _c.ended_at.is_(None))),
        )
        .select_from(_open_with_steps())
        .where(alarm_tables.OPEN)
    )
    found, must, lives, has_owner, holes, exhausted = connection.execute(query).one()
    return Proof(
        time=now,
        open_alarms=found,
        owed=must,
        living=lives,
        owned=has_owner,
        holes=holes,
        exhausted=exhausted,
    )


def holes_in(connection: Connection, now: int, overdue_ns: int, limit: int) -> list[str]:
    """Ids of the open alarms that must climb, and have neither a living step nor an owner."""
    query = (
        select(_a.id)
        .select_from(_open_with_steps())
        .where(alarm_tables.OPEN, _owed(), ~_living(now, overdue_ns), ~_owned())
        .order_by(_a.priority.desc(), _a.raised_time, _a.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def reported(connection: Connection, rule: str) -> set[str]:
    """What an own condition of the service holds for now."""
    query = select(_a.point).where(alarm_tables.ACTIVE, alarm_tables.OPEN, _a.rule == rule)
    return set(connection.execute(query).scalars())


def keep_proof(connection: Connection, proof: Proof) -> None:
    """Keep it, and forget those of long ago."""
    connection.execute(insert(tables.audit_proof).values(**msgspec.structs.asdict(proof)))
    p = tables.audit_proof.c
    newest = connection.execute(select(func.max(p.number))).scalar_one()
    connection.execute(delete(tables.audit_proof).where(p.number <= newest - PROOFS_KEPT))


def proofs(connection: Connection, limit: int) -> list[Proof]:
    """The last proofs, the newest first."""
    fields = [tables.audit_proof.c[name] for name in Proof.__struct_fields__]
    query = select(*fields).order_by(tables.audit_proof.c.number.desc()).limit(limit)
    return [Proof(**row) for row in connection.execute(query).mappings()]


def _open_with_steps() -> Any:
    by_key = _t.key == literal(f"{LADDER}:") + _a.id
    return alarm_tables.alarm.outerjoin(tables.climb, _c.alarm_id == _a.id).outerjoin(timer, by_key)


def _owed() -> Any:
    """It needs an answer or the end of its danger, is not hidden, and of a class that asks for either."""
    return and_(_a.alarm_class != "advisory", STATE.in_(CLIMBING))


def _living(now: int, overdue_ns: int) -> Any:
    return func.coalesce(
        and_(_t.due_at >= now - overdue_ns, _t.due_at <= now + func.coalesce(_c.gap_ns, 0)), False
    )


def _owned() -> Any:
    return func.coalesce(_a.acknowledged_by != "", False)


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _climb(row: Any) -> Climb:
    return Climb(
        progress=Progress(**{name: row[name] for name in _PROGRESS}),
        enterprise=row["enterprise"],
        gap_ns=row["gap_ns"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
    )
