"""Blocks of samples for the tests of history."""

from collections.abc import Iterable, Sequence

import numpy as np

from gateway.history.port import HistoryColumns, Series

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
T0 = 1_790_002_800 * SECOND
"""2026-09-21T15:00:00Z: the beginning of an hour."""

Sample = tuple[str, int, float, int]
"""Point, source_time, value, quality."""


def columns(samples: Iterable[Sample], names: Sequence[str] | None = None) -> HistoryColumns:
    samples = list(samples)
    names = tuple(names or dict.fromkeys(sample[0] for sample in samples))
    number = {name: index for index, name in enumerate(names)}
    return HistoryColumns(
        np.array([number[sample[0]] for sample in samples], np.int32),
        np.array([sample[1] for sample in samples], np.int64),
        np.array([sample[2] for sample in samples], np.float64),
        np.array([sample[3] for sample in samples], np.uint8),
        names,
    )


def rows(series: Series) -> list[tuple[int, float | None, int]]:
    """(source_time, value or None for NaN, quality) of each sample, comparable with ==."""
    return [
        (time, None if value != value else value, quality)
        for time, value, quality in zip(
            series.source_time.tolist(), series.value.tolist(), series.quality.tolist(), strict=True
        )
    ]
