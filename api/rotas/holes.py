"""Times without anybody: where only the fallback phone would ring.

The fallback keeps an alarm from getting lost, but a phone that nobody was named for is no plan, so each
such span is shown, and is a system alarm while it lies within the days that are looked at.
"""

from collections.abc import Callable, Iterable

import msgspec

from api.rotas.model import Rota, Span
from api.rotas.schedule import schedule
from api.rotas.wall_clock import DAY_NS

AHEAD_DAYS = 14
"""How far the check looks ahead."""

Reachable = Callable[[str], bool]
"""Does this receiver exist, and can he be told anything?"""


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which a rota has nobody, or nobody who can be told."""

    start: int
    end: int
    unreachable: tuple[str, ...] = ()
    """Receivers that are named for it but unknown or without a way to reach them; empty: nobody is named."""


def everybody(_receiver: str) -> bool:
    """A `Reachable` that trusts the rota."""
    return True


def holes(rota: Rota, start: int, end: int, reachable: Reachable = everybody) -> list[Hole]:
    """Spans between `start` and `end` without anybody, oldest first. A retired rota has none."""
    if rota.retired_at is not None and rota.retired_at <= start:
        return []
    return list(_joined(_hole(span) for span in schedule(rota, start, end) if _is_hole(span, reachable)))


def next_holes(rota: Rota, now: int, reachable: Reachable = everybody) -> list[Hole]:
    """The holes of the next AHEAD_DAYS days."""
    return holes(rota, now, now + AHEAD_DAYS * DAY_NS, reachable)


def _is_hole(span: Span, reachable: Reachable) -> bool:
    on_call = span.on_call
    return on_call.source == "fallback" or not any(map(reachable, on_call.receivers))


def _hole(span: Span) -> Hole:
    named = () if span.on_call.source == "fallback" else span.on_call.receivers
    return Hole(start=span.start, end=span.end, unreachable=named)


def _joined(found: Iterable[Hole]) -> Iterable[Hole]:
    """Neighbours of the same kind as one."""
    last: Hole | None = None
    for hole in found:
        if last and last.end == hole.start and last.unreachable == hole.unreachable:
            last = msgspec.structs.replace(last, end=hole.end)
            continue
        if last:
            yield last
        last = hole
    if last:
        yield last
