"""How the values of some points are spread, in bounded memory: a histogram over the instrument's range."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from alarm_rules.model import Point
from detectors.contract import Int64
from detectors.quality import Quality
from evaluation.history_reading import Range
from gateway.history.port import HistoryColumns

BINS = 2_000
"""A quantile is exact to a two-thousandth of the range."""
MOST_POINTS = 5_000
GOOD = int(Quality.GOOD)


class Histogram(NamedTuple):
    """One point's values; those beyond the range count at its ends."""

    low: float
    width: float
    counts: Int64

    def quantile(self, share: float) -> float | None:
        """The upper edge of the bin that holds it (the lower one below the median); None without values."""
        total = int(self.counts.sum())
        if not total:
            return None
        at = int(np.searchsorted(np.cumsum(self.counts), share * total))
        return self.low + self.width * (at + (share >= 0.5))


class Watched:
    """Histograms of points, filled while a scan passes by. Only GOOD samples of the range count."""

    def __init__(self, points: Iterable[Point], numbers: Mapping[str, int], span: Range) -> None:
        self._span = span
        self._of: dict[str, Histogram] = {}
        for point in points:
            if len(self._of) < MOST_POINTS and point.range_high > point.range_low:
                width = (point.range_high - point.range_low) / BINS
                self._of.setdefault(point.id, Histogram(point.range_low, width, np.zeros(BINS, np.int64)))
        self._known = numbers

    def looking(self, pieces: Iterable[HistoryColumns]) -> Iterator[HistoryColumns]:
        """The same pieces, looked at."""
        for piece in pieces:
            self._look(piece)
            yield piece

    def _look(self, piece: HistoryColumns) -> None:
        span, time = self._span, piece.source_time
        inside = (time >= span.start) & (time < span.end) & (piece.quality == GOOD) & np.isfinite(piece.value)
        code, value = piece.point[inside], piece.value[inside]
        order = np.argsort(code, kind="stable")
        code, value = code[order], value[order]
        for number, name in enumerate(piece.names):
            histogram = self._of.get(name)
            if histogram is None:
                continue
            mine = value[slice(*np.searchsorted(code, [number, number + 1]))]
            bins = np.clip((mine - histogram.low) / histogram.width, 0, BINS - 1).astype(np.int64)
            histogram.counts[:] += np.bincount(bins, minlength=BINS)

    def quantile(self, point: str, share: float) -> float | None:
        """Of a point that is watched; None for another, and without values."""
        histogram = self._of.get(point)
        return None if histogram is None else histogram.quantile(share)
