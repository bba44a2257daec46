"""Stored history through one or more engines at once, offline and as fast as it goes.

The engines are those of the gateway. History holds no received_time, so source_time stands in for it: a
sample that came late is judged as if it had come in time. Samples are judged together that lie in one
tick; delays count in source_time all the same, so a tick only rounds the silence of a point up to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from alarm_rules.model import Site
from detectors.contract import Bool, Samples
from evaluation.episodes import EpisodeLog, unlatched
from evaluation.history_reading import AWAY_S, Listening, Range
from gateway.engine import Engine
from gateway.history.port import HistoryColumns
from gateway.samples import NO_SAMPLES

SECOND_NS = 1_000_000_000
SHORTEST_TICK_S, LONGEST_TICK_S = 1.0, 10.0
TICKS_A_PERIOD = 2.0


class Track(NamedTuple):
    """One site's engine and what it has told so far."""

    engine: Engine
    log: EpisodeLog


class Numbering(NamedTuple):
    """Points by number, as the engines know them; 0 is never used."""

    names: tuple[str, ...]
    number: dict[str, int]


def numbering(sites: Sequence[Site]) -> Numbering:
    """All points of these sites."""
    names = ("", *dict.fromkeys(point.id for site in sites for point in site.points))
    return Numbering(names, {name: number for number, name in enumerate(names) if name})


def make_track(site: Site, points: Numbering) -> Track:
    """An engine without latches, at its beginning."""
    return Track(Engine(unlatched(site), points.names), EpisodeLog())


def tick_of(sites: Iterable[Site]) -> int:
    """ns: half the shortest reporting period, from one to ten seconds."""
    shortest = min((point.period_s for site in sites for point in site.points), default=LONGEST_TICK_S)
    return round(min(max(shortest / TICKS_A_PERIOD, SHORTEST_TICK_S), LONGEST_TICK_S) * SECOND_NS)


def replay(
    pieces: Iterable[HistoryColumns],
    tracks: Sequence[Track],
    points: Numbering,
    listening: Listening,
    tick: int,
    span: Range,
) -> int:
    """Judge everything, and the time until span.end; the number of samples judged, warm-up included.

    pieces: of a scan that may begin before span.start.
    """
    judged = 0
    reached = 0
    for piece in pieces:
        number = np.array([points.number.get(name, 0) for name in piece.names], np.int32)[piece.point]
        known = number > 0
        listening.unknown += int((~known).sum())
        samples = Samples(number, piece.source_time, piece.value, piece.quality)
        if not known.all():
            samples = chosen(samples, known)
        judged += samples.point.size
        listening.heard(samples.point.astype(np.int64), samples.source_time)
        for received, batch in _batches(samples, tick):
            away = reached > 0 and received - reached > AWAY_S * SECOND_NS
            for track in tracks:
                _judge(track, batch, received, away=away)
            reached = received
    away = span.end - reached > AWAY_S * SECOND_NS
    for track in tracks:
        if not away:
            _pass_time(track, span.end)
    return judged


def _batches(samples: Samples, tick: int) -> Iterator[tuple[int, Samples]]:
    """(end of the tick, its samples), rising."""
    if not samples.point.size:
        return
    ticks = samples.source_time // tick
    edges = [0, *(np.flatnonzero(np.diff(ticks)) + 1).tolist(), ticks.size]
    for first, last in pairwise(edges):
        yield (int(ticks[first]) + 1) * tick, chosen(samples, slice(first, last))


def chosen(samples: Samples, rows: Bool | slice) -> Samples:
    """Some rows of the columns."""
    return Samples(samples.point[rows], samples.source_time[rows], samples.value[rows], samples.quality[rows])


def _judge(track: Track, batch: Samples, received: int, *, away: bool) -> None:
    if not away:
        _pass_time(track, received)
    judgement = track.engine.judge(batch, received, raw=False, resumed=away)
    if judgement.changes:
        track.log.add(judgement.changes)


def _pass_time(track: Track, until: int) -> None:
    """What time alone changes before `until`, each at its own deadline."""
    last = 0
    while last < (deadline := track.engine.next_deadline()) < until:
        track.log.add(track.engine.judge(NO_SAMPLES, deadline, raw=False).changes)
        last = deadline
