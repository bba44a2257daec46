"""The desk's side of call-up, and the provider's: what routes call."""

import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from alarm_rules.findings import Wrong
from alarm_rules.ladder_keys import receiver_name
from alarm_rules.model import Priority
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.call_up.board import Matter, matters_of
from api.call_up.call_ups import CallUpRefused, CallUps
from api.call_up.model import Answer, Attempt, CallReport, CallUp, State
from api.escalation.ports import CallUpRequest
from api.service import UnknownAlarm
from api.store.alarms import alarm_by_id
from api.store.call_up_board import called
from api.store.call_ups import Cursor, attempts_of, call_up_by_id, page_of_call_ups
from api.store.receivers import receiver_by_id
from api.store.writer import Reader, Transaction, Writer

DUTY_OFFICERS = ("role:bureau_duty_officer",)
MOST_ON_BOARD = 500
"""Waiting call-ups on the board: more than that a desk cannot see to one by one."""
ON_BEHALF = "call_up.start"
"""Who may call people up may also record that he has reached one of them otherwise."""


class UnknownCallUp(Exception):
    """No call-up has this id, or none that this person may see."""


class WishInvalid(Exception):
    """A call-up that cannot be begun; the message says what to change."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants."""

    receivers: Sequence[str]
    text: str
    reason: str = ""
    alarm_id: str | None = None
    enterprise: str = ""
    superiors: Sequence[str] = ()


class Board(NamedTuple):
    """What stands on the call-up board."""

    matters: list[Matter]
    attempts: dict[str, list[Attempt]]
    """Of each call-up, in order."""
    complete: bool
    """False: more wait than are shown."""


class CallUpDesk:
    """One for the service."""

    def __init__(self, call_ups: CallUps, writer: Writer, reader: Reader) -> None:
        self._call_ups = call_ups
        self._writer = writer
        self._reader = reader

    async def start(self, by: Principal, wish: Wish) -> dict[str, str]:
        """Receiver -> id of his call-up. Raises WishInvalid or UnknownAlarm; then nobody is called."""
        return await self._writer.run(lambda tx: self._start(tx, by, wish))

    async def one(self, call_up_id: str, scope: Scope) -> tuple[CallUp, list[Attempt]]:
        """A call-up with its calls. Raises UnknownCallUp."""
        return await self._reader.run(
            lambda connection: (
                _known(connection, call_up_id, scope),
                attempts_of(connection, [call_up_id]),
            )
        )

    async def page(
        self,
        scope: Scope,
        states: Collection[State],
        receiver: str | None,
        after: Cursor | None,
        limit: int,
        *,
        untaken: bool,
    ) -> tuple[list[CallUp], list[Attempt]]:
        """The newest first, and their calls."""

        def read(connection: Connection) -> tuple[list[CallUp], list[Attempt]]:
            found = page_of_call_ups(connection, scope, states, receiver, after, limit, untaken=untaken)
            return found, attempts_of(connection, [one.id for one in found])

        return await self._reader.run(read)

    async def board(self, scope: Scope) -> Board:
        """Alarm by alarm who is being called or was not woken, with who answered."""
        found = await self._reader.run(lambda connection: called(connection, scope, MOST_ON_BOARD))
        attempts: dict[str, list[Attempt]] = {}
        for attempt in found.attempts:
            attempts.setdefault(attempt.call_up, []).append(attempt)
        return Board(matters_of(found), attempts, found.complete)

    async def answer(self, call_up_id: str, by: Principal, answer: Answer, comment: str) -> CallUp:
        """Raises UnknownCallUp, or CallUpRefused if it is over or another person is called."""

        def job(tx: Transaction) -> CallUp:
            one = _known(tx.connection, call_up_id, by.scope)
            _refuse_strangers(tx.connection, one, by)
            self._call_ups.answer(tx, one, by, answer, comment)
            return _known(tx.connection, call_up_id, by.scope)

        return await self._writer.run(job)

    async def take_over(self, call_up_id: str, by: Principal, comment: str) -> CallUp:
        """See `CallUps.take_over`. Raises UnknownCallUp or CallUpRefused."""
        return await self._writer.run(
            lambda tx: self._call_ups.take_over(tx, _known(tx.connection, call_up_id, by.scope), by, comment)
        )

    async def report(self, report: CallReport) -> None:
        """What a provider says became of a call. Raises UnknownCallUp."""
        if not await self._writer.run(lambda tx: self._call_ups.report(tx, report)):
            raise UnknownCallUp(f"no call has the id {report.call_id!r}")

    def _start(self, tx: Transaction, by: Principal, wish: Wish) -> dict[str, str]:
        enterprise, priority = wish.enterprise, Priority.HIGH
        if wish.alarm_id is not None:
            alarm = alarm_by_id(tx.connection, wish.alarm_id, by.scope)
            if alarm is None:
                raise UnknownAlarm(both(f"没有报警 {wish.alarm_id}", f"there is no alarm {wish.alarm_id}"))
            enterprise, priority = alarm.copy.place.enterprise, alarm.copy.priority
        elif not by.sees(enterprise):
            raise WishInvalid(both(f"没有企业 {enterprise!r}", f"there is no enterprise {enterprise!r}"))
        superiors = _names(wish.superiors) or DUTY_OFFICERS
        wanted = list(dict.fromkeys(wish.receivers))
        _refuse_unknown(tx.connection, [*wanted, *(name for name in superiors if ":" not in name)], by.scope)
        requests = [
            CallUpRequest(
                id=f"hand-{secrets.token_hex(8)}",
                receiver=receiver,
                enterprise=enterprise,
                priority=priority,
                text=wish.text,
                started_by=by.name,
                alarm_id=wish.alarm_id,
                reason=wish.reason,
                superiors=superiors,
            )
            for receiver in wanted
        ]
        real = self._call_ups.start_by_hand(tx, requests)
        words = f"{', '.join(wanted)}: {wish.text} {wish.reason}".strip()
        tx.audit(f"operator:{by.name}", "start_call_up", wish.alarm_id or "", words, enterprise)
        return {request.receiver: real[request.id] for request in requests}


def _known(connection: Connection, call_up_id: str, scope: Scope) -> CallUp:
    one = call_up_by_id(connection, call_up_id, scope)
    if one is None:
        raise UnknownCallUp(both(f"没有叫应 {call_up_id}", f"there is no call-up {call_up_id}"))
    return one


def _names(names: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(receiver_name(name) for name in names)
    except Wrong as wrong:
        raise WishInvalid(f"superiors: {wrong.wrong}; {wrong.right}") from wrong


def _refuse_unknown(connection: Connection, receivers: Sequence[str], scope: Scope) -> None:
    unknown = [name for name in receivers if receiver_by_id(connection, name, scope) is None]
    if unknown:
        raise WishInvalid(
            both(
                f"没有通知对象 {', '.join(unknown)}，未呼叫任何人",
                f"there is no receiver {', '.join(unknown)}; nobody was called",
            )
        )


def _refuse_strangers(connection: Connection, one: CallUp, by: Principal) -> None:
    person = receiver_by_id(connection, one.receiver, by.scope)
    if by.may(ON_BEHALF) or (person is not None and person.login and person.login == by.name):
        return
    raise CallUpRefused(
        both(
            f"被叫应的是 {one.receiver}，不是 {by.name}：由其本人或值班员代为应答",
            f"{one.receiver} is called, not {by.name}: he answers himself, or the duty officer for him",
        )
    )
