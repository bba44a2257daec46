"""Rotas for the routes: each act is decided by the pure parts, written in one transaction, and audited."""

import secrets
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from alarm_rules.findings import SHOWN_IN_ERROR, SiteInvalid
from alarm_rules.model import Finding
from api.auth.principal import Principal, Scope
from api.bilingual import both, joined
from api.rotas.check import RotaFinding, RotaInvalid, check_definition, unknown_receiver
from api.rotas.duty import known_rota
from api.rotas.errors import RotaRefused, RotaTaken, UnknownRota
from api.rotas.holding import HoleWatch
from api.rotas.holes import Hole
from api.rotas.model import Definition, OnCall, Override, Rota, Span, Version
from api.rotas.people import People, within
from api.rotas.resolve import resolve
from api.rotas.schedule import MAX_DAYS, schedule
from api.rotas.wall_clock import DAY_NS
from api.store.rotas import (
    insert_overrides,
    insert_rota,
    insert_version,
    page_of_rotas,
    retire_rota,
    rota_by_id,
    withdraw_overrides,
)
from api.store.writer import Reader, Transaction, Writer


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An override as somebody asks for it. Times are ns UTC."""

    receivers: tuple[str, ...]
    start: int
    end: int
    reason: str
    instead_of: str = ""


class RotaService:
    """Rotas, their versions and overrides. Swaps, calendars and feeds have services of their own."""

    def __init__(self, writer: Writer, reader: Reader, people: People, watch: HoleWatch) -> None:
        self._writer = writer
        self._reader = reader
        self._people = people
        self._watch = watch

    async def create(
        self, by: Principal, enterprise: str, rota_id: str, definition: Definition
    ) -> tuple[Rota, list[Hole]]:
        """A new rota, valid at once, and its holes. Raises RotaInvalid, RotaTaken, RotaRefused."""
        return await self._writer.run(lambda tx: self._create(tx, by, enterprise, rota_id, definition))

    async def change(
        self, by: Principal, rota_id: str, definition: Definition, valid_from: int | None, reason: str
    ) -> tuple[Rota, list[Hole]]:
        """A new version from `valid_from` on (ns UTC; None: now).

        Raises UnknownRota, RotaInvalid, RotaRefused.
        """
        return await self._writer.run(
            lambda tx: self._change(tx, by, rota_id, definition, valid_from, reason)
        )

    async def retire(self, by: Principal, rota_id: str) -> None:
        """It is used no longer. Raises UnknownRota, RotaRefused."""
        await self._writer.run(lambda tx: self._retire(tx, by, rota_id))

    async def override(self, by: Principal, rota_id: str, wanted: Wanted) -> tuple[Override, list[Hole]]:
        """Somebody else for a span. Raises UnknownRota, RotaInvalid, RotaRefused."""
        return await self._writer.run(lambda tx: self._override(tx, by, rota_id, wanted))

    async def withdraw(self, by: Principal, rota_id: str, override_id: str) -> list[Hole]:
        """An override counts no longer. Raises UnknownRota, RotaRefused."""
        return await self._writer.run(lambda tx: self._withdraw(tx, by, rota_id, override_id))

    async def rota(self, scope: Scope, rota_id: str) -> Rota:
        """A rota with everything that was ever entered. Raises UnknownRota."""
        return await self._reader.run(lambda connection: known_rota(connection, rota_id, scope))

    async def page(
        self, scope: Scope, now: int, after: str | None, limit: int, *, retired: bool
    ) -> list[Rota]:
        """See `page_of_rotas`."""
        return await self._reader.run(
            lambda connection: page_of_rotas(connection, scope, now, after, limit, retired=retired)
        )

    async def on_call(self, scope: Scope, rota_id: str, at: int) -> OnCall:
        """Who is, was or will be on call. Raises UnknownRota."""
        return await self._reader.run(
            lambda connection: resolve(known_rota(connection, rota_id, scope, at, at + 1), at)
        )

    async def schedule(self, scope: Scope, rota_id: str, start: int, end: int) -> list[Span]:
        """The final schedule. Raises UnknownRota or SpanRefused."""
        return await self._reader.run(
            lambda connection: schedule(known_rota(connection, rota_id, scope, start, end), start, end)
        )

    async def holes(self, scope: Scope, now: int) -> list[tuple[Rota, list[Hole]]]:
        """Rotas in sight with holes in the next days."""
        return await self._reader.run(lambda connection: self._watch.list_holes(connection, scope, now))

    def _create(
        self, tx: Transaction, by: Principal, enterprise: str, rota_id: str, definition: Definition
    ) -> tuple[Rota, list[Hole]]:
        if not may_change(by, enterprise):
            raise RotaRefused(
                both(
                    f"{by.name} 不能新建 {enterprise or '监管部门'} 的值守表",
                    f"{by.name} may not make rotas of enterprise {enterprise or '(bureau)'!r}",
                )
            )
        self._check(tx.connection, enterprise, definition)
        if rota_by_id(tx.connection, rota_id) is not None:
            raise RotaTaken(
                both(
                    f"值守表 {rota_id!r} 已存在：请另选编号，或修改该表",
                    f"there is a rota {rota_id!r} already: choose another id, or change that one",
                )
            )
        made = _new_rota(enterprise, rota_id, definition, by, tx.now)
        insert_rota(tx.connection, made, by.name, tx.now)
        tx.audit(actor(by), "create-rota", rota_id, _words(definition), enterprise)
        return made, self._watch.look(tx, rota_id)

    def _change(
        self,
        tx: Transaction,
        by: Principal,
        rota_id: str,
        definition: Definition,
        valid_from: int | None,
        reason: str,
    ) -> tuple[Rota, list[Hole]]:
        rota = changeable(tx, by, rota_id)
        if valid_from is not None and valid_from < tx.now:
            raise RotaRefused(
                both(
                    "新版本不能从过去生效，请不填 valid_from",
                    "a version cannot be valid from the past, which has happened: leave valid_from out",
                )
            )
        self._check(tx.connection, rota.enterprise, definition)
        version = Version(
            number=rota.versions[-1].number + 1,
            valid_from=valid_from or tx.now,
            definition=definition,
            entered_by=by.name,
            entered_at=tx.now,
            reason=reason,
        )
        insert_version(tx.connection, rota_id, version)
        tx.audit(actor(by), "change-rota", rota_id, f"{reason} {_words(definition)}".strip(), rota.enterprise)
        changed = msgspec.structs.replace(rota, versions=(*rota.versions, version))
        return changed, self._watch.look(tx, rota_id)

    def _retire(self, tx: Transaction, by: Principal, rota_id: str) -> None:
        rota = changeable(tx, by, rota_id)
        retire_rota(tx.connection, rota_id, by.name, tx.now)
        tx.audit(actor(by), "retire-rota", rota_id, "", rota.enterprise)
        self._watch.look(tx, rota_id)

    def _override(
        self, tx: Transaction, by: Principal, rota_id: str, wanted: Wanted
    ) -> tuple[Override, list[Hole]]:
        rota = changeable(tx, by, rota_id)
        known = within(self._people(tx.connection), rota.enterprise)
        named = [("receivers", one) for one in wanted.receivers]
        named += [("instead_of", wanted.instead_of)] if wanted.instead_of else []
        if unknown := [unknown_receiver(where, one, known) for where, one in named if one not in known]:
            raise RotaInvalid(unknown)
        if mistakes := list(_span_mistakes(wanted, tx.now)):
            raise RotaInvalid(mistakes)
        override = Override(
            id=new_id(), entered_by=by.name, entered_at=tx.now, **msgspec.structs.asdict(wanted)
        )
        insert_overrides(tx.connection, rota, [override])
        tx.audit(actor(by), "override-rota", rota_id, _override_words(override), rota.enterprise)
        return override, self._watch.look(tx, rota_id)

    def _withdraw(self, tx: Transaction, by: Principal, rota_id: str, override_id: str) -> list[Hole]:
        rota = changeable(tx, by, rota_id)
        override = next((one for one in rota.overrides if one.id == override_id), None)
        if override is None:
            raise UnknownRota(
                both(
                    f"值守表 {rota_id!r} 没有替班 {override_id!r}",
                    f"rota {rota_id!r} has no override {override_id!r}",
                )
            )
        if override.withdrawn_at is not None or override.end <= tx.now:
            raise RotaRefused(
                both(
                    "该替班已不再有效，无需撤回",
                    "this override counts no longer; there is nothing to withdraw",
                )
            )
        withdraw_overrides(tx.connection, [override_id], by.name, tx.now)
        tx.audit(actor(by), "withdraw-override", rota_id, _override_words(override), rota.enterprise)
        return self._watch.look(tx, rota_id)

    def _check(self, connection: Connection, enterprise: str, definition: Definition) -> None:
        if findings := check_definition(definition, within(self._people(connection), enterprise)):
            raise RotaInvalid(findings)


class RotaFileInvalid(SiteInvalid):
    """A file of rotas has mistakes; none of its rotas was made. As text: one a line, in both languages."""

    def __str__(self) -> str:
        lines = [_line(finding) for finding in self.findings[:SHOWN_IN_ERROR]]
        more = len(self.findings) - SHOWN_IN_ERROR
        return joined(
            [*lines, *([both(f"另有 {more} 处", f"and {more} more")] if more > 0 else [])], "\n", "\n"
        )


def _line(finding: Finding) -> str:
    return both(f"{finding.file}:{finding.line}：{finding.wrong_zh}：{finding.right_zh}", str(finding))


def actor(by: Principal) -> str:
    """As the audit names persons."""
    return f"operator:{by.name}"


def may_change(by: Principal, enterprise: str) -> bool:
    """Is it in this person's hands? What belongs to no enterprise is the bureau's, though all see it."""
    return by.scope.enterprises is None or enterprise in by.scope.enterprises


def changeable(tx: Transaction, by: Principal, rota_id: str) -> Rota:
    """The rota, if this person may change it. Raises UnknownRota or RotaRefused."""
    rota = known_rota(tx.connection, rota_id, by.scope)
    if not may_change(by, rota.enterprise):
        raise RotaRefused(
            both(
                f"值守表 {rota_id!r} 属监管部门，{by.name} 只能查看",
                f"rota {rota_id!r} is the bureau's: {by.name} may look at it only",
            )
        )
    if rota.retired_at is not None:
        raise RotaRefused(
            both(f"值守表 {rota_id!r} 已停用，请新建", f"rota {rota_id!r} is retired: make a new one")
        )
    return rota


def new_id() -> str:
    """Id of an override, an offer or a feed: 80 random bits."""
    return secrets.token_hex(10)


def _new_rota(enterprise: str, rota_id: str, definition: Definition, by: Principal, now: int) -> Rota:
    version = Version(number=1, valid_from=now, definition=definition, entered_by=by.name, entered_at=now)
    return Rota(id=rota_id, enterprise=enterprise, versions=(version,))


def _span_mistakes(wanted: Wanted, now: int) -> Sequence[RotaFinding]:
    found = []
    if wanted.end <= max(wanted.start, now):
        found.append(
            RotaFinding(
                "end",
                both("时段已过去，或结束早于开始", "the span is over, or ends before it begins"),
                both("请给更晚的结束时间", "give a later end"),
            )
        )
    if wanted.end - wanted.start > MAX_DAYS * DAY_NS:
        found.append(
            RotaFinding(
                "end",
                both(f"超过 {MAX_DAYS} 天", f"more than {MAX_DAYS} days"),
                both("请改值班表本身", "change the rota itself instead"),
            )
        )
    if len(set(wanted.receivers)) != len(wanted.receivers):
        found.append(
            RotaFinding(
                "receivers",
                both("同一人写了两次", "somebody is named twice"),
                both("每人只写一次", "name each once"),
            )
        )
    return found


def _words(definition: Definition) -> str:
    return msgspec.json.encode(definition).decode()


def _override_words(override: Override) -> str:
    instead = f" instead of {override.instead_of}" if override.instead_of else ""
    who = ", ".join(override.receivers)
    return f"{override.id}: {who}{instead} {override.start}–{override.end} {override.reason}"
