"""A rota's final schedule as iCalendar (RFC 5545), for the calendars of those who are on call.

Every shift is one event. Its UID comes from rota, start and people, so that a calendar which asks again
finds the same event again; an override cuts the shift that it changes into others.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from api.bilingual import sent
from api.rotas.model import Rota, Span
from api.rotas.schedule import shifts
from api.rotas.wall_clock import EPOCH

PRODUCT = "-//hazardwatch//on-call rotas//EN"
RECEIVERS = "X-HAZARDWATCH-RECEIVERS"
SOURCE = "X-HAZARDWATCH-SOURCE"
ASK_AGAIN = "PT1H"

NameOf = Callable[[str], str]
"""What people call a receiver."""


def export_schedule(
    rota: Rota, start: int, end: int, name_of: NameOf = str, receiver: str | None = None
) -> bytes:
    """The shifts that touch the span; with `receiver` only those in which he is on call.

    The fallback's times are in the rota's calendar, marked as holes, and in nobody's own.
    """
    definition = rota.version_at(start).definition
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _calendar_name(definition.name, receiver, name_of))
    calendar.add("x-wr-timezone", definition.zone)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", ASK_AGAIN)
    for span in shifts(rota, start, end):
        if receiver is None or _is_theirs(span, receiver):
            calendar.add_component(_event(rota, span, name_of))
    content: bytes = calendar.to_ical()
    return content


def event_uid(rota: Rota, span: Span) -> str:
    """The same for the same shift of the same people."""
    text = "\n".join((rota.enterprise, rota.id, str(span.start), str(span.end), *span.on_call.receivers))
    digest = b32encode(hashlib.blake2b(text.encode(), digest_size=15).digest()).decode().lower()
    return f"{digest}@hazardwatch"


def _event(rota: Rota, span: Span, name_of: NameOf) -> Event:
    names = "、".join(map(name_of, span.on_call.receivers))
    rota_name = rota.version_at(span.start).definition.name
    event = Event()
    event.add("uid", event_uid(rota, span))
    event.add("dtstamp", _moment(_entered_at(rota, span)))
    event.add("dtstart", _moment(span.start))
    event.add("dtend", _moment(span.end))
    event.add("summary", _summary(span, names, rota_name))
    event.add("description", "\n".join(_description(rota, span)))
    event.add("categories", [span.on_call.source])
    event.add("transp", "TRANSPARENT")
    event.add(RECEIVERS, ",".join(span.on_call.receivers))
    event.add(SOURCE, span.on_call.source)
    return event


def _summary(span: Span, names: str, rota_name: str) -> str:
    if span.on_call.source == "fallback":
        return f"无人值班 / Nobody on call · {rota_name} ({names})"
    return f"值班 / On call · {rota_name} · {names}"


def _description(rota: Rota, span: Span) -> Iterator[str]:
    for override in rota.overrides:
        if override.id == span.on_call.via:
            yield f"代班 / Override: {sent(override.reason, ' / ')} ({override.entered_by})"
    if span.on_call.source == "layer":
        yield f"班次 / Layer: {span.on_call.via}"


def _entered_at(rota: Rota, span: Span) -> int:
    """When what makes this shift so was entered: an export says the same as long as the rota does."""
    for override in rota.overrides:
        if override.id == span.on_call.via:
            return override.entered_at
    return rota.version_at(span.start).entered_at


def _is_theirs(span: Span, receiver: str) -> bool:
    return span.on_call.source != "fallback" and receiver in span.on_call.receivers


def _calendar_name(rota_name: str, receiver: str | None, name_of: NameOf) -> str:
    return f"{rota_name} 值班表" if receiver is None else f"{name_of(receiver)} · {rota_name}"


def _moment(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant // 1000)
