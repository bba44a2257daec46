"""Who is on call at an instant: the rota's answer as a pure function.

layers (the highest that has somebody) ─► overrides for everybody ─► overrides for one person ─► fallback
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.rotas.model import Definition, Layer, OnCall, Override, Restriction, Rota, Rotation
from api.rotas.wall_clock import instant_of, wall_of, zone_of

DAY = timedelta(days=1)


def resolve(rota: Rota, at: int) -> OnCall:
    """Who must be told at this instant; never nobody."""
    definition = rota.version_at(at).definition
    if rota.retired_at is not None and rota.retired_at <= at:
        return OnCall(receivers=(definition.fallback,), source="fallback")
    covering = [override for override in rota.overrides if override.covers(at)]
    base = _from_layers(definition, at)
    for override in covering:
        if not override.instead_of:
            base = OnCall(receivers=override.receivers, source="override", via=override.id)
    if base is not None:
        base = _substituted(base, covering)
    return base or OnCall(receivers=(definition.fallback,), source="fallback")


def turn_number(rotation: Rotation, at: int, zone: ZoneInfo) -> int | None:
    """How many turns were handed over before this instant; None before the first began."""
    number = (wall_of(at, zone) - rotation.start) // rotation.length
    while turn_start(rotation, number + 1, zone) <= at:
        number += 1  # in the second passing of a doubled hour the wall clock is behind
    while turn_start(rotation, number, zone) > at:
        number -= 1
    return number if number >= 0 else None


def turn_start(rotation: Rotation, number: int, zone: ZoneInfo) -> int:
    """When this turn begins."""
    return instant_of(rotation.start + number * rotation.length, zone)


def restriction_span(restriction: Restriction, day: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """The restriction's time that begins on this day (given as its midnight on the wall)."""
    start = datetime.combine(day, restriction.start)
    end = datetime.combine(day, restriction.end)
    return instant_of(start, zone), instant_of(end if end > start else end + DAY, zone)


def _from_layers(definition: Definition, at: int) -> OnCall | None:
    zone = zone_of(definition.zone)
    for layer in reversed(definition.layers):
        if _counts(layer, at, zone) and (receivers := _turn(layer, at, zone)):
            return OnCall(receivers=receivers, source="layer", via=layer.name)
    return None


def _turn(layer: Layer, at: int, zone: ZoneInfo) -> tuple[str, ...]:
    number = turn_number(layer.rotation, at, zone)
    return () if number is None else layer.turns[number % len(layer.turns)]


def _counts(layer: Layer, at: int, zone: ZoneInfo) -> bool:
    if not layer.restrictions:
        return True
    return any(_holds(restriction, at, zone) for restriction in layer.restrictions)


def _holds(restriction: Restriction, at: int, zone: ZoneInfo) -> bool:
    today = datetime.combine(wall_of(at, zone).date(), datetime.min.time())
    for day in (today - DAY, today):
        if day.weekday() in restriction.weekdays:
            start, end = restriction_span(restriction, day, zone)
            if start <= at < end:
                return True
    return False


def _substituted(base: OnCall, covering: Iterable[Override]) -> OnCall:
    """Single persons replaced, in the order in which it was entered; nobody is named twice."""
    for override in covering:
        if override.instead_of in base.receivers:
            swapped: list[str] = []
            for receiver in base.receivers:
                swapped += override.receivers if receiver == override.instead_of else (receiver,)
            base = OnCall(receivers=tuple(dict.fromkeys(swapped)), source="override", via=override.id)
    return base
