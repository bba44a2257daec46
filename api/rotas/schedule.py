"""The final schedule of a rota: who is on call when, as spans that follow each other without a gap.

People change only at edges (a turn is handed over, a restriction begins or ends, an override or a
version begins or ends), so it is enough to ask `resolve` once after each edge.
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from api.bilingual import both
from api.rotas.model import Layer, OnCall, Rota, Span, Version
from api.rotas.resolve import DAY, resolve, restriction_span, turn_number, turn_start
from api.rotas.wall_clock import DAY_NS, HOUR_NS, local_date, midnight, wall_of, zone_of

MAX_DAYS = 400
"""Longest schedule that is made at once: a year and its margins."""

Kind = Callable[[int, OnCall], Hashable]
"""What two neighbouring pieces must have in common to be one span."""


class SpanRefused(ValueError):
    """More than MAX_DAYS at once, or a span that ends before it begins."""


def schedule(rota: Rota, start: int, end: int) -> list[Span]:
    """Spans from `start` until `end`, oldest first; neighbours always differ in who or why.

    Raises SpanRefused.
    """
    _check_span(start, end)
    return list(_joined(rota, start, end, edges(rota, start, end), lambda _at, on_call: on_call))


def shifts(rota: Rota, start: int, end: int) -> list[Span]:
    """Like `schedule`, but cut wherever a turn is handed over (the fallback's at midnight), and the first
    and last one whole: a shift has the same start and end whatever part of it was asked for."""
    _check_span(start, end)
    margin = _longest_shift(rota, start, end)
    low, high = start - margin, end + margin
    cuts = sorted({*edges(rota, low, high), *_midnights(rota, low, high)})
    spans = _joined(rota, low, high, cuts, lambda at, on_call: (on_call, _shift_of(rota, at, on_call)))
    return [span for span in spans if span.end > start and span.start < end]


def edges(rota: Rota, start: int, end: int) -> list[int]:
    """Instants inside the span at which the people on call may change, in order."""
    found: set[int] = set()
    for low, high, version in versions_within(rota, start, end):
        found.add(low)
        zone = zone_of(version.definition.zone)
        for layer in version.definition.layers:
            found.update(_handovers(layer, low, high, zone))
            found.update(_restriction_edges(layer, low, high, zone))
    for override in rota.overrides:
        found.update((override.counts_from, override.counts_until))
    if rota.retired_at is not None:
        found.add(rota.retired_at)
    return sorted(edge for edge in found if start < edge < end)


def versions_within(rota: Rota, start: int, end: int) -> Iterator[tuple[int, int, Version]]:
    """(from, until, version) of the span's parts in which one version counts."""
    begins = sorted({version.valid_from for version in rota.versions if start < version.valid_from < end})
    for low, high in zip([start, *begins], [*begins, end], strict=True):
        yield low, high, rota.version_at(low)


def _joined(rota: Rota, start: int, end: int, cuts: list[int], kind: Kind) -> Iterator[Span]:
    begun, on_call = start, resolve(rota, start)
    of_kind = kind(start, on_call)
    for cut in cuts:
        next_on_call = resolve(rota, cut)
        next_kind = kind(cut, next_on_call)
        if next_kind != of_kind:
            yield Span(start=begun, end=cut, on_call=on_call)
            begun, on_call, of_kind = cut, next_on_call, next_kind
    yield Span(start=begun, end=end, on_call=on_call)


def _handovers(layer: Layer, start: int, end: int, zone: ZoneInfo) -> Iterator[int]:
    number = turn_number(layer.rotation, start, zone) or 0
    while (begins := turn_start(layer.rotation, number, zone)) < end:
        yield begins
        number += 1


def _restriction_edges(layer: Layer, start: int, end: int, zone: ZoneInfo) -> Iterator[int]:
    day = datetime.combine(wall_of(start, zone).date(), time(0)) - DAY
    last = wall_of(end, zone)
    while layer.restrictions and day <= last:
        for restriction in layer.restrictions:
            if day.weekday() in restriction.weekdays:
                yield from restriction_span(restriction, day, zone)
        day += DAY


def _midnights(rota: Rota, start: int, end: int) -> Iterator[int]:
    for low, high, version in versions_within(rota, start, end):
        zone = zone_of(version.definition.zone)
        day = local_date(low, zone)
        while (begins := midnight(day, zone)) < high:
            if begins > low:
                yield begins
            day += DAY


def _shift_of(rota: Rota, at: int, on_call: OnCall) -> Hashable:
    """What makes this shift another one than the next, though the same people have both."""
    definition = rota.version_at(at).definition
    zone = zone_of(definition.zone)
    if on_call.source == "fallback":
        return local_date(at, zone)
    for layer in definition.layers:
        if on_call.source == "layer" and layer.name == on_call.via:
            return turn_start(layer.rotation, turn_number(layer.rotation, at, zone) or 0, zone)
    return None


def _longest_shift(rota: Rota, start: int, end: int) -> int:
    """At least as long as any shift that touches the span, in ns."""
    turns = [
        layer.rotation.length.total_seconds()
        for version in rota.versions
        for layer in version.definition.layers
    ]
    spans = [override.end - override.start for override in rota.overrides if override.end > start]
    longest_turn = int(max(turns, default=0)) * 10**9
    return max([longest_turn, *spans], default=0) + DAY_NS + 2 * HOUR_NS


def _check_span(start: int, end: int) -> None:
    if end <= start:
        raise SpanRefused(
            both(
                "排班的结束不晚于开始：请把 `to` 改得更晚",
                "the schedule's end is not after its start: give a later `to`",
            )
        )
    if end - start > MAX_DAYS * DAY_NS:
        raise SpanRefused(
            both(
                f"排班超过 {MAX_DAYS} 天：请分段查询",
                f"a schedule of more than {MAX_DAYS} days: ask for a part of it at a time",
            )
        )
