"""Calendars of rotas: exported, imported as overrides, and fetched under secret addresses."""

import hashlib
import secrets
from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy import Connection

from api.auth.principal import EVERYTHING, Principal, Scope
from api.bilingual import both
from api.rotas.calendar_export import export_schedule
from api.rotas.calendar_import import Imported, Shift, event_of, read_calendar
from api.rotas.check import RotaInvalid, unknown_receiver
from api.rotas.duty import known_rota
from api.rotas.errors import RotaRefused, UnknownRota
from api.rotas.holding import HoleWatch
from api.rotas.metrics import RotaMetrics
from api.rotas.model import Override, Rota
from api.rotas.papers import Feed
from api.rotas.people import People, within
from api.rotas.service import actor, changeable, may_change, new_id
from api.rotas.wall_clock import DAY_NS, zone_of
from api.store.rota_papers import feed_by_token, feeds_of, insert_feed, revoke_feed
from api.store.rotas import insert_overrides, withdraw_overrides
from api.store.writer import Clock, Reader, Transaction, Writer

IMPORT_DAYS = 366
"""How far ahead shifts are imported."""
FEED_DAYS = (-35, 180)
"""What a subscribed calendar shows: from before today until after it."""
TOKEN_BYTES = 24
"""192 random bits: an address that cannot be guessed."""


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    imported: Imported
    added: tuple[Shift, ...] = ()
    withdrawn: tuple[str, ...] = ()
    """Ids of overrides of earlier imports of the same events that no longer fit."""
    unchanged: int = 0
    stored: bool = False
    """False: a dry run, or there were errors and no `partial`."""


class RotaCalendars:
    """Made once in `app.py`."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        people: People,
        watch: HoleWatch,
        metrics: RotaMetrics,
    ) -> None:
        self._writer, self._reader, self._clock = writer, reader, clock
        self._people, self._watch, self._metrics = people, watch, metrics

    async def export(self, scope: Scope, rota_id: str, start: int, end: int, receiver: str | None) -> bytes:
        """The final schedule as an .ics file. Raises UnknownRota, SpanRefused."""
        return await self._reader.run(
            lambda connection: self._export(connection, scope, rota_id, start, end, receiver)
        )

    async def bring_in(
        self, by: Principal, rota_id: str, content: bytes, *, dry_run: bool, partial: bool
    ) -> ImportResult:
        """Shifts of an .ics file as overrides, in place of what earlier imports made of the same events.

        With an error in any event nothing is stored, unless `partial`. Raises UnknownRota, RotaRefused,
        CalendarRefused.
        """
        scope = by.scope
        rota, imported = await self._reader.run(lambda c: self._read(c, scope, rota_id, content))
        if dry_run or (imported.errors and not partial):
            return msgspec.structs.replace(_planned(rota, imported, self._clock()), stored=False)
        self._metrics.events_refused.inc(len(imported.errors))
        return await self._writer.run(lambda tx: self._bring_in(tx, by, rota_id, imported))

    async def open_feed(self, by: Principal, rota_id: str, receiver: str) -> tuple[Feed, str]:
        """A new secret address; its secret is told this once.

        Raises UnknownRota, RotaRefused, RotaInvalid.
        """
        return await self._writer.run(lambda tx: self._open_feed(tx, by, rota_id, receiver))

    async def feeds(self, scope: Scope, rota_id: str) -> list[Feed]:
        """Every address there ever was, without its secret. Raises UnknownRota."""
        return await self._reader.run(lambda c: feeds_of(c, known_rota(c, rota_id, scope).id))

    async def revoke_feed(self, by: Principal, rota_id: str, feed_id: str) -> None:
        """Nobody gets it any more. Raises UnknownRota, RotaRefused."""
        await self._writer.run(lambda tx: self._revoke(tx, by, rota_id, feed_id))

    async def feed(self, token: str) -> bytes:
        """The calendar under this secret. Raises UnknownRota, also for a revoked one."""
        try:
            return await self._reader.run(lambda connection: self._feed(connection, token))
        except UnknownRota:
            self._metrics.feeds_refused.inc()
            raise

    def _export(
        self, connection: Connection, scope: Scope, rota_id: str, start: int, end: int, receiver: str | None
    ) -> bytes:
        rota = known_rota(connection, rota_id, scope, start - IMPORT_DAYS * DAY_NS)
        return export_schedule(rota, start, end, self._name_of(connection), receiver)

    def _name_of(self, connection: Connection) -> Callable[[str], str]:
        people = self._people(connection)
        return lambda receiver: people[receiver].name if receiver in people else receiver

    def _read(
        self, connection: Connection, scope: Scope, rota_id: str, content: bytes
    ) -> tuple[Rota, Imported]:
        rota, now = known_rota(connection, rota_id, scope), self._clock()
        people = within(self._people(connection), rota.enterprise)
        zone = zone_of(rota.version_at(now).definition.zone)
        names = {receiver: person.names for receiver, person in people.items()}
        return rota, read_calendar(content, zone, names, now, now + IMPORT_DAYS * DAY_NS)

    def _bring_in(self, tx: Transaction, by: Principal, rota_id: str, imported: Imported) -> ImportResult:
        rota = changeable(tx, by, rota_id)
        plan = _planned(rota, imported, tx.now)
        withdraw_overrides(tx.connection, plan.withdrawn, by.name, tx.now)
        insert_overrides(tx.connection, rota, [_override(shift, by, tx.now) for shift in plan.added])
        words = f"{len(plan.added)} added, {len(plan.withdrawn)} withdrawn, {len(imported.errors)} refused"
        tx.audit(actor(by), "import-calendar", rota_id, words, rota.enterprise)
        self._watch.look(tx, rota_id)
        return msgspec.structs.replace(plan, stored=True)

    def _open_feed(self, tx: Transaction, by: Principal, rota_id: str, receiver: str) -> tuple[Feed, str]:
        rota = self._for_feeds(tx, by, rota_id)
        known = within(self._people(tx.connection), rota.enterprise)
        if receiver and receiver not in known:
            raise RotaInvalid([unknown_receiver("receiver", receiver, known)])
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed = Feed(id=new_id(), rota=rota_id, receiver=receiver, created_by=by.name, created_at=tx.now)
        insert_feed(tx.connection, rota, feed, hash_of(token))
        tx.audit(actor(by), "open-feed", rota_id, f"{feed.id} {receiver}".strip(), rota.enterprise)
        return feed, token

    def _revoke(self, tx: Transaction, by: Principal, rota_id: str, feed_id: str) -> None:
        rota = self._for_feeds(tx, by, rota_id)
        if not revoke_feed(tx.connection, rota_id, feed_id, by.name, tx.now):
            raise UnknownRota(
                both(
                    f"值班表 {rota_id} 没有有效的订阅 {feed_id}",
                    f"rota {rota_id!r} has no living feed {feed_id!r}",
                )
            )
        tx.audit(actor(by), "revoke-feed", rota_id, feed_id, rota.enterprise)

    def _for_feeds(self, tx: Transaction, by: Principal, rota_id: str) -> Rota:
        """Retired rotas too: their addresses can still be revoked."""
        rota = known_rota(tx.connection, rota_id, by.scope)
        if not may_change(by, rota.enterprise):
            raise RotaRefused(
                both(
                    f"值班表 {rota_id} 属于应急管理局：{by.name} 只能查看",
                    f"rota {rota_id!r} is the bureau's: {by.name} may look at it only",
                )
            )
        return rota

    def _feed(self, connection: Connection, token: str) -> bytes:
        feed = feed_by_token(connection, hash_of(token))
        if feed is None or feed.revoked_at is not None:
            raise UnknownRota(
                both("没有此日历，或其地址已作废", "there is no such calendar, or its address was revoked")
            )
        start, end = (self._clock() + days * DAY_NS for days in FEED_DAYS)
        return self._export(connection, EVERYTHING, feed.rota, start, end, feed.receiver or None)


def hash_of(token: str) -> str:
    """What is kept of a secret: it has 192 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def _planned(rota: Rota, imported: Imported, now: int) -> ImportResult:
    """What has to change so that the rota has exactly the file's shifts of the file's events."""
    events = {event_of(shift.uid) for shift in imported.shifts} | set(imported.cancelled)
    standing = {
        (override.uid, override.receivers, override.start, override.end): override
        for override in _standing(rota.overrides, now)
        if event_of(override.uid) in events
    }
    wanted = {(shift.uid, shift.receivers, shift.start, shift.end): shift for shift in imported.shifts}
    return ImportResult(
        imported=imported,
        added=tuple(shift for key, shift in wanted.items() if key not in standing),
        withdrawn=tuple(override.id for key, override in standing.items() if key not in wanted),
        unchanged=len(standing.keys() & wanted.keys()),
    )


def _standing(overrides: Iterable[Override], now: int) -> Iterable[Override]:
    return (one for one in overrides if one.origin == "import" and one.counts_until > now)


def _override(shift: Shift, by: Principal, now: int) -> Override:
    return Override(
        id=new_id(),
        receivers=shift.receivers,
        start=shift.start,
        end=shift.end,
        reason=shift.summary or both("日历导入", "Imported"),
        entered_by=by.name,
        entered_at=now,
        origin="import",
        uid=shift.uid,
    )
