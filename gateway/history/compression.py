"""Keeping fewer samples within a stated error: exception (dead-band) and swinging door.

Off by default: disk is cheap, and what was not kept can never be looked at. Set for a quantity where
a site has more points than disk.

| method | keeps | reconstruct by | error of every sample left out |
|---|---|---|---|
| `exception` | what differs from the last kept by more than that | holding the last kept | <= deviation |
| `swinging_door` | the ends of straight stretches | a line between neighbours | <= deviation |

Both always keep: the first sample of a point, BAD samples and those without a finite value, the
first sample of a quality, what comes later than `max_interval_s` after the last kept, and late samples
(which are not judged). Swinging door also keeps the last sample of a quality.
The swinging door here is the strict one: a sample is left out only if the line to each later sample
that could end the stretch was checked against all those left out (Bristol's original checks the door
alone, and errs by up to twice the deviation). After a crash a stretch is done anew from an earlier
sample; where the two runs overlap the error may reach twice the deviation. A late sample bends the
line between its neighbours; their bound then holds no more.

Swinging door needs to hold back one sample a point until it knows the next. A held sample is still in
the journal, because the history's cursor waits behind it (`safe_position`), and it is let go after
`max_interval_s` of the gateway's time even if its point fell silent.

E. H. Bristol, "Swinging door trending: adaptive trend recording?", ISA National Conference 1990.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from alarm_rules.model import Point
from detectors.contract import SECOND_NS
from gateway.history.blocks import join
from gateway.history.ordering import Int32
from gateway.history.port import HistoryColumns
from gateway.history.swinging_door import (
    EXCEPTION,
    NEVER_SEEN,
    NONE,
    SWINGING_DOOR,
    Kept,
    Parameters,
    State,
    compress,
    release_due,
)

Method = Literal["none", "exception", "swinging_door"]
METHODS: dict[Method, int] = {"none": NONE, "exception": EXCEPTION, "swinging_door": SWINGING_DOOR}
UNKNOWN = -1
"""No position: below all that a journal counts."""


class CompressionRule(NamedTuple):
    """How one point is compressed."""

    method: Method = "none"
    deviation: float = 0.0
    """In the point's engineering unit; the bound of the error."""
    max_interval_s: float = 600.0
    """No sample that comes longer than this after the last kept is left out."""


class QuantityCompression(NamedTuple):
    """How all points of a quantity are compressed."""

    method: Method
    deviation_percent: float
    """Of the instrument's range: a good value is its accuracy, a few tenths of a per cent."""
    max_interval_s: float = 600.0


def rules_by_point(
    points: Iterable[Point], by_quantity: Mapping[str, QuantityCompression]
) -> dict[str, CompressionRule]:
    """The rule of each point whose quantity has one. ValueError when a figure makes no sense."""
    for quantity, rule in by_quantity.items():
        if rule.method not in METHODS:
            raise ValueError(
                f"compression of {quantity}: method {rule.method!r} is unknown: one of {', '.join(METHODS)}"
            )
        if not 0 <= rule.deviation_percent <= 100 or not rule.max_interval_s > 0:
            raise ValueError(
                f"compression of {quantity}: deviation_percent {rule.deviation_percent} must be 0 to 100 "
                f"and max_interval_s {rule.max_interval_s} above 0"
            )
    return {
        point.id: _rule(point, by_quantity[point.quantity])
        for point in points
        if point.quantity in by_quantity
    }


def _rule(point: Point, quantity: QuantityCompression) -> CompressionRule:
    span = point.range_high - point.range_low
    return CompressionRule(quantity.method, span * quantity.deviation_percent / 100, quantity.max_interval_s)


class Compressor:
    """A `gateway.history.cursor.Filter`. One thread; its state dies with the process and may."""

    def __init__(self, rules: Mapping[str, CompressionRule]) -> None:
        self._rules = rules
        self._rows: dict[str, int] = {}
        self._ids: tuple[str, ...] = ()
        self._parameters, self._state = _parameters(()), _nothing_seen(0)
        self._names: tuple[str, ...] = ()
        self._row_of: Int32 = np.empty(0, np.int32)
        self._position = UNKNOWN

    def take(self, columns: HistoryColumns, position: int, now: int) -> HistoryColumns:
        """What to write now that these samples came."""
        if columns.names is not self._names:
            self._learn(columns.names)
        # A block read a second time may hold anything: nothing of it may be passed while it is held.
        before = self._position if position > self._position else UNKNOWN
        self._position = max(position, self._position)
        kept = _room(2 * columns.point.size)
        point = self._row_of[columns.point]
        count = compress(
            point,
            columns.source_time,
            columns.value,
            columns.quality,
            before,
            now,
            self._parameters,
            self._state,
            kept,
        )
        written = self._columns(kept, count)
        waited = self.due(now)
        return written if waited is None else join([written, waited])

    def due(self, now: int) -> HistoryColumns | None:
        """What was held for `max_interval_s`, or None."""
        kept = _room(len(self._ids))
        count = release_due(self._parameters, self._state, now, kept)
        return self._columns(kept, count) if count else None

    def flush(self) -> HistoryColumns | None:
        """All that is held, or None."""
        return self.due(np.iinfo(np.int64).max)

    def safe_position(self) -> int:
        """Position behind which all samples were given out."""
        held = self._state.held_time != NEVER_SEEN
        return int(self._state.held_position[held].min(initial=self._position))

    def _columns(self, kept: Kept, count: int) -> HistoryColumns:
        return HistoryColumns(
            kept.point[:count].copy(),
            kept.source_time[:count].copy(),
            kept.value[:count].copy(),
            kept.quality[:count].copy(),
            self._ids,
        )

    def _learn(self, names: tuple[str, ...]) -> None:
        """Rows for names not seen before; those known keep theirs."""
        new = tuple(name for name in dict.fromkeys(names) if name not in self._rows)
        self._rows |= {name: len(self._ids) + number for number, name in enumerate(new)}
        self._ids += new
        added = _parameters([self._rules.get(name, CompressionRule()) for name in new])
        empty = _nothing_seen(len(new))
        self._parameters = Parameters(*_lengthened(self._parameters, added))
        self._state = State(*_lengthened(self._state, empty))
        self._names = names
        self._row_of = np.fromiter((self._rows[name] for name in names), np.int32, len(names))


def _parameters(rules: Iterable[CompressionRule]) -> Parameters:
    rules = list(rules)
    return Parameters(
        np.array([METHODS[rule.method] for rule in rules], np.uint8),
        np.array([rule.deviation for rule in rules], np.float64),
        np.array([round(rule.max_interval_s * SECOND_NS) for rule in rules], np.int64),
    )


def _nothing_seen(points: int) -> State:
    return State(
        kept_time=np.full(points, NEVER_SEEN, np.int64),
        kept_value=np.zeros(points, np.float64),
        kept_quality=np.zeros(points, np.uint8),
        held_time=np.full(points, NEVER_SEEN, np.int64),
        held_value=np.zeros(points, np.float64),
        held_quality=np.zeros(points, np.uint8),
        held_position=np.full(points, UNKNOWN, np.int64),
        held_since=np.zeros(points, np.int64),
        low_slope=np.full(points, -np.inf),
        high_slope=np.full(points, np.inf),
    )


def _lengthened(columns: Iterable[Any], more: Iterable[Any]) -> Iterator[Any]:
    """Each column with its continuation."""
    return (np.concatenate([column, continued]) for column, continued in zip(columns, more, strict=True))


def _room(rows: int) -> Kept:
    return Kept(
        np.empty(rows, np.int32),
        np.empty(rows, np.int64),
        np.empty(rows, np.float64),
        np.empty(rows, np.uint8),
    )
