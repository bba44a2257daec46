"""Shift log and hand-over (交接班) of control rooms and of the bureau's desks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from api.auth.people import actor_name
from api.auth.principal import Principal
from api.bilingual import both
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.desks.handover import (
    LogEntry,
    LogKind,
    Shift,
    ShiftPolicy,
    check_entry,
    hand_over,
    may_offer,
    may_take,
    offered,
)
from api.desks.identity import new_id
from api.desks.levels import SECOND_NS
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.register import Desk, DeskRegister
from api.desks.shift_summary import Totals, summary_text
from api.store.shift_totals import totals_of
from api.store.shifts import (
    add_entry,
    add_events,
    add_shift,
    change_shift,
    entry_of,
    is_settled,
    keep_read,
    lasting_shift,
    lasting_shifts,
    open_matters,
    page_of_shifts,
    unread_critical,
)
from api.store.writer import Transaction, Writer

MAX_READ = 500


class Event(NamedTuple):
    """Something that belongs into the logs."""

    enterprise: str
    text: str
    subject: str
    """Id of the warning or check that it is about."""
    critical: bool


class ShiftDesk:
    """Writes shifts and their logs. Its clock is the transaction's."""

    def __init__(self, writer: Writer, policy: ShiftPolicy, register: DeskRegister) -> None:
        self._writer = writer
        self._policy = policy
        self._register = register
        self.changed: DeskHook = nobody_listens

    def known(self, desk_id: str, by: Principal) -> Desk:
        """The desk as this person may see it. NotOnDesk."""
        desk = self._register.desk(desk_id)
        if desk is None or not self._register.may_see(desk, by):
            raise NotOnDesk(both(f"没有席位 {desk_id}。", f"There is no desk {desk_id}."))
        return desk

    async def write(
        self,
        by: Principal,
        desk_id: str,
        kind: LogKind,
        text: str,
        *,
        critical: bool = False,
        about: int | None = None,
    ) -> LogEntry:
        """A person writes into the log. Raises NotOnDesk, StepRefused or WrongEntry."""
        desk = self.known(desk_id, by)

        def job(tx: Transaction) -> LogEntry:
            shift = lasting_shift(tx.connection, desk)
            if shift is None:
                raise StepRefused(
                    both("本席位无人在岗，请先接班。", "Nobody is on duty here: begin a shift first.")
                )
            entry = self._entry(tx, desk, shift, kind, actor_name(by), text, critical=critical, about=about)
            target = entry_of(tx.connection, desk, about) if about is not None else None
            check_entry(entry, target)
            if kind == "settled" and about is not None and is_settled(tx.connection, about):
                raise StepRefused(both(f"事项 {about} 已办结。", f"Matter {about} is settled already."))
            kept = add_entry(tx.connection, entry, desk)
            tx.audit(actor_name(by), f"shift.{kind}", f"{desk.id}#{kept.number}", text, desk.enterprise)
            self._tell(tx, desk, kind)
            return kept

        return await self._writer.run(job)

    async def read(self, by: Principal, desk_id: str, numbers: Sequence[int]) -> list[LogEntry]:
        """A person has read these entries; gives the critical ones that he still has to read."""
        desk = self.known(desk_id, by)
        if len(numbers) > MAX_READ:
            raise WrongEntry(both(f"一次最多 {MAX_READ} 条。", f"At most {MAX_READ} at a time."))

        def job(tx: Transaction) -> list[LogEntry]:
            for number in numbers:
                if entry_of(tx.connection, desk, number) is None:
                    raise NotOnDesk(both(f"没有记录 {number}。", f"There is no entry {number} at this desk."))
            keep_read(tx.connection, sorted(set(numbers)), by.name, tx.now)
            return self._unread(tx, desk, by.name)

        return await self._writer.run(job)

    async def offer(self, by: Principal, desk_id: str, to: str) -> Shift:
        """The person on duty signs; the summary of his shift is written. Raises NotOnDesk, StepRefused."""
        desk = self.known(desk_id, by)

        def job(tx: Transaction) -> Shift:
            shift = may_offer(lasting_shift(tx.connection, desk), by.name, to)
            signed = offered(shift, to, tx.now)
            change_shift(tx.connection, signed)
            text = self._summary(tx, desk, shift)
            add_entry(tx.connection, self._entry(tx, desk, shift, "summary", "service", text), desk)
            tx.audit(actor_name(by), "shift.offer", shift.id, f"to {to}", desk.enterprise)
            self._tell(tx, desk, "offered")
            return signed

        return await self._writer.run(job)

    async def take(self, by: Principal, desk_id: str) -> Shift:
        """The incoming person signs: the old shift ends, his begins. Raises NotOnDesk, StepRefused."""
        desk = self.known(desk_id, by)

        def job(tx: Transaction) -> Shift:
            old = lasting_shift(tx.connection, desk)
            may_take(old, by.name, self._unread(tx, desk, by.name))
            if old is not None:
                change_shift(tx.connection, hand_over(old, by.name, tx.now))
            new = Shift(id=new_id(), desk=desk.id, begun_at=tx.now, on_duty=by.name)
            add_shift(tx.connection, new, desk)
            tx.audit(
                actor_name(by), "shift.take", new.id, f"from {old.on_duty}" if old else "", desk.enterprise
            )
            self._tell(tx, desk, "taken")
            return new

        return await self._writer.run(job)

    def note(self, tx: Transaction, events: Sequence[Event]) -> None:
        """The service writes events into the logs of the enterprises' control rooms and of the bureau's
        desks above them, in the transaction that causes them."""
        above = [(event, desk) for event in events for desk in self._register.desks_above(event.enterprise)]
        running = lasting_shifts(tx.connection, [desk for _, desk in above])
        add_events(
            tx.connection, [(_event_entry(event, desk, running, tx.now), desk) for event, desk in above]
        )

    def state(
        self, connection: Connection, desk: Desk, person: str, now: int
    ) -> tuple[Shift | None, list[LogEntry], list[LogEntry]]:
        """Who is on duty, the open matters, and what this person still has to read."""
        unread = unread_critical(connection, desk, person, self._unread_since(connection, desk, now))
        return lasting_shift(connection, desk), open_matters(connection, desk), unread

    def totals(self, tx: Transaction, desk: Desk, since: int) -> Totals:
        """What happened to the enterprises of a desk from `since` (ns UTC) until now."""
        return totals_of(tx.connection, self._register.covers(desk), since, tx.now)

    def _unread(self, tx: Transaction, desk: Desk, person: str) -> list[LogEntry]:
        since = self._unread_since(tx.connection, desk, tx.now)
        return unread_critical(tx.connection, desk, person, since)

    def _unread_since(self, connection: Connection, desk: Desk, now: int) -> int:
        """The beginning of the shift; of the time since the last one while nobody is on duty."""
        shifts = page_of_shifts(connection, desk, None, 1)
        longest = round(self._policy.longest_s * SECOND_NS)
        if not shifts:
            return now - longest
        return shifts[0].begun_at if shifts[0].ended_at is None else shifts[0].ended_at

    def _summary(self, tx: Transaction, desk: Desk, shift: Shift) -> str:
        totals = self.totals(tx, desk, shift.begun_at)
        return summary_text(totals, open_matters(tx.connection, desk))

    def _entry(
        self,
        tx: Transaction,
        desk: Desk,
        shift: Shift,
        kind: LogKind,
        author: str,
        text: str,
        *,
        critical: bool = False,
        about: int | None = None,
    ) -> LogEntry:
        return LogEntry(
            number=0,
            desk=desk.id,
            shift=shift.id,
            time=tx.now,
            kind=kind,
            author=author,
            text=text,
            critical=critical,
            about=about,
        )

    def _tell(self, tx: Transaction, desk: Desk, state: str) -> None:
        delta = DeskDelta(kind="shift", enterprise=desk.enterprise, id=desk.id, state=state, since=tx.now)
        tx.then(lambda: self.changed([delta]))


def _event_entry(event: Event, desk: Desk, running: Mapping[str, str], now: int) -> LogEntry:
    return LogEntry(
        number=0,
        desk=desk.id,
        shift=running.get(desk.id, ""),
        time=now,
        kind="event",
        author="service",
        text=event.text,
        critical=event.critical,
        subject=event.subject,
    )
