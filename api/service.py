"""The one writer of alarms: reads what is known, lets pure functions decide, writes, tells the followers.

A follower (escalation, warning levels, ...) writes what it has to in the same transaction; the screens
are told after the commit.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from sqlalchemy import Connection

from alarm_rules.condition import ConditionChange, ConditionDelivery
from api.alarms import lifecycle
from api.alarms.delivery import DeliveryFold, decide, keys_of
from api.alarms.lifecycle import ActionRefused, Origin
from api.alarms.model import Alarm, Entry
from api.alarms.work import AlarmChange, Work
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.catalogue import SERVICE, Catalogue
from api.intake import Admission, admit, keepable
from api.metrics import Metrics
from api.store.alarms import (
    AlarmQuery,
    Count,
    Cursor,
    alarm_by_id,
    count_open,
    entries_of,
    page_of_alarms,
    positions_of,
    related_alarms,
    write_work,
)
from api.store.writer import Reader, Transaction, Writer

SECOND_NS = 1_000_000_000

Publish = Callable[[list[Alarm]], None]
"""Called in the event loop after each commit with the alarms that changed."""


class UnknownAlarm(Exception):
    """No alarm has this id, or none that this person may see."""


class Follower(Protocol):
    """Does its part whenever alarms change."""

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        """Called inside the transaction that changes them; an error takes everything back."""
        ...


Sieve = Callable[[Transaction, str, Sequence[ConditionChange]], Sequence[ConditionChange]]
"""(transaction, gateway, fresh changes) -> those that are alarms; it has dealt with the others."""


class AlarmService:
    """Alarms for the routes and the other parts."""

    def __init__(
        self, writer: Writer, reader: Reader, catalogue: Catalogue, metrics: Metrics, publish: Publish
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._catalogue = catalogue
        self._metrics = metrics
        self._publish = publish
        self.followers: list[Follower] = []
        self.sieves: list[Sieve] = []

    async def take(self, delivery: ConditionDelivery) -> int:
        """Store a delivery; returns the last sequence number that is now on disk.

        Raises SequenceGap, BrokenSequence, StoreUnavailable or StoreConflict; then nothing was stored.
        """
        kept = keepable(delivery)
        return await self._writer.run(lambda tx: self._take(tx, kept))

    async def acknowledge(self, alarm_id: str, by: Principal, comment: str) -> Alarm:
        """A person answers an alarm. Raises UnknownAlarm or ActionRefused."""
        return await self._writer.run(lambda tx: self.acknowledge_in(tx, alarm_id, by, comment))

    async def alarm(self, alarm_id: str, scope: Scope) -> tuple[Alarm, list[Entry]]:
        """One alarm with its journal. Raises UnknownAlarm."""
        return await self._reader.run(
            lambda connection: (_known(connection, alarm_id, scope), entries_of(connection, alarm_id))
        )

    async def page(self, query: AlarmQuery, after: Cursor | None, limit: int) -> list[Alarm]:
        """See `page_of_alarms`."""
        return await self._reader.run(lambda connection: page_of_alarms(connection, query, after, limit))

    async def counts(self, scope: Scope) -> list[Count]:
        """See `count_open`."""
        return await self._reader.run(lambda connection: count_open(connection, scope))

    def acknowledge_in(self, tx: Transaction, alarm_id: str, by: Principal, comment: str) -> Alarm:
        """The same as `acknowledge`, within somebody's transaction."""
        alarm = _known(tx.connection, alarm_id, by.scope)
        if not alarm.copy.place.enterprise and not self._catalogue.is_all(by.scope):
            raise ActionRefused(
                both(
                    "此报警关系到所有企业，须由能看到全部企业的人员确认。",
                    "This alarm concerns every enterprise: one of them cannot answer it for the others; "
                    "whoever sees all of them can.",
                )
            )
        step = lifecycle.acknowledge(alarm, by.name, comment, tx.now)
        work = Work()
        work.add(alarm, step.alarm, step.entry)
        self.apply(tx, work)
        tx.audit(f"operator:{by.name}", "acknowledge", alarm_id, comment, alarm.copy.place.enterprise)
        return step.alarm

    def report(self, tx: Transaction, kind: str, about: str, active: bool, text: str) -> None:
        """A condition of the service itself, `service/system/{kind}`, begins or ends.

        about: which part of it, so that one kind may hold for several. Saying again what is known
        changes nothing. Everybody sees these alarms: the text names no enterprise's particulars.
        """
        rule = f"{SERVICE}/system/{kind}"
        related = related_alarms(tx.connection, (), {(about, rule)})
        if active == bool(related.active):
            return
        fold = DeliveryFold(related, Origin(SERVICE, ""), self._catalogue.copy_of, tx.now)
        for onset in [tx.now] if active else [alarm.onset for alarm in related.active]:
            fold.add(_own_change(rule, about, active, onset, tx.now, text))
        work = fold.finish()
        work.entries = [msgspec.structs.replace(entry, actor=SERVICE) for entry in work.entries]
        self.apply(tx, work)

    def apply(self, tx: Transaction, work: Work) -> None:
        """Write what was decided, let the followers do their part, tell the screens after the commit."""
        write_work(tx.connection, work)
        tx.audits += work.audit
        tx.then(lambda: self._tell(work))  # before what the followers have to say of it
        changes = work.changes()
        if changes:
            for follower in self.followers:
                follower.alarms_changed(tx, changes)

    def _take(self, tx: Transaction, delivery: ConditionDelivery) -> int:
        admission = admit(positions_of(tx.connection, delivery.gateway), delivery)
        if admission.fresh or admission.replaced is not None:
            admission = self._sifted(tx, delivery.gateway, admission)
            suppression = self._catalogue.suppression
            related = related_alarms(tx.connection, *keys_of(admission.fresh, suppression))
            origin = Origin(delivery.gateway, delivery.journal)
            copy_of = self._catalogue.copy_of
            self.apply(tx, decide(admission, origin, related, copy_of, tx.now, suppression))
            tx.then(lambda: self._count(admission, tx.now))
        tx.then(lambda: self._metrics.changes_duplicate.inc(admission.duplicates))
        return admission.through

    def _sifted(self, tx: Transaction, gateway: str, admission: Admission) -> Admission:
        for sieve in self.sieves:
            admission = admission._replace(fresh=sieve(tx, gateway, admission.fresh))
        return admission

    def _tell(self, work: Work) -> None:
        for kind, lines in Counter(entry.kind for entry in work.entries).items():
            self._metrics.alarm_entries.labels(kind).inc(lines)
        if alarms := [*work.new, *work.changed]:
            self._publish(alarms)

    def _count(self, admission: Admission, now: int) -> None:
        self._metrics.changes_accepted.inc(len(admission.fresh))
        self._metrics.journals_replaced.inc(admission.replaced is not None)
        for change in admission.fresh:
            self._metrics.stored_after.observe(max(0, now - change.received_time) / SECOND_NS)


def _known(connection: Connection, alarm_id: str, scope: Scope) -> Alarm:
    alarm = alarm_by_id(connection, alarm_id, scope)
    if alarm is None:
        raise UnknownAlarm(both(f"没有报警 {alarm_id}", f"there is no alarm {alarm_id}"))
    return alarm


def _own_change(rule: str, about: str, active: bool, onset: int, now: int, text: str) -> ConditionChange:
    return ConditionChange(
        sequence=0,
        rule=rule,
        point=about,
        active=active,
        onset=onset,
        source_time=now,
        received_time=now,
        cause="event",
        text=text,
    )
