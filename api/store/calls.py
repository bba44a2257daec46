"""Calls that were placed, until it is known what became of them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from api.store.database import upsert
from api.store.tables.notify import voice_call

_c = voice_call.c


class VoiceCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call to a person. `answered` is None while it is not known."""

    reference: str
    """The provider's id."""
    outbox: int
    message_key: str
    receiver: str
    enterprise: str = ""
    alarm_id: str | None = None
    started_at: int
    ask_at: int
    """When to ask the provider, ns UTC."""
    is_open: bool = True
    answered: bool | None = None
    listened_s: float | None = None
    keypad: str = ""
    """Keys that the person pressed; "" for none."""
    ended_at: int | None = None
    words: str = ""


def keep_calls(connection: Connection, calls: Sequence[VoiceCall]) -> None:
    """New calls; one that is known already is left as it is."""
    for call in calls:
        if call_of(connection, call.reference) is None:
            upsert(connection, voice_call, ("reference",), [msgspec.structs.asdict(call)])


def call_of(connection: Connection, reference: str) -> VoiceCall | None:
    """The call with the provider's id."""
    row = connection.execute(select(voice_call).where(_c.reference == reference)).mappings().first()
    return _call(row) if row else None


def calls_of(connection: Connection, message_key: str) -> list[VoiceCall]:
    """All calls for a message, the first one first."""
    query = select(voice_call).where(_c.message_key == message_key).order_by(_c.started_at)
    return [_call(row) for row in connection.execute(query).mappings()]


def calls_to_ask(connection: Connection, now: int, limit: int) -> list[VoiceCall]:
    """Open calls whose outcome should be asked for now, the oldest first."""
    query = select(voice_call).where(_c.is_open, _c.ask_at <= now).order_by(_c.ask_at).limit(limit)
    return [_call(row) for row in connection.execute(query).mappings()]


def ask_later(connection: Connection, reference: str, at: int) -> None:
    """The provider does not know yet."""
    connection.execute(update(voice_call).where(_c.reference == reference, _c.is_open).values(ask_at=at))


def end_call(connection: Connection, call: VoiceCall) -> bool:
    """What became of it. False if that was known already: a report may come twice."""
    values = {
        "is_open": False,
        "answered": call.answered,
        "listened_s": call.listened_s,
        "keypad": call.keypad,
        "ended_at": call.ended_at,
        "words": call.words,
    }
    statement = update(voice_call).where(_c.reference == call.reference, _c.is_open).values(values)
    return connection.execute(statement).rowcount == 1


def _call(row: Any) -> VoiceCall:
    return VoiceCall(**row)
