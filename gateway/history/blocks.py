"""Blocks of samples: joined, parted, and freed of what no history can keep, with the reason."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alarm_rules.wording import Both
from gateway.history.port import HistoryColumns, RejectedSample

FIRST_TIME = -9_223_372_036 * 10**9
LAST_TIME = 2**63 - 3
"""ns UTC. What lies beyond is taken: DuckDB means the infinities by the outermost values, InfluxDB its
own limits, and Arrow cannot parse a time whose full second does not fit."""

_OUTSIDE = Both(
    "采样时刻在 1677 年至 2262 年之外，64 位纳秒只能表示这段时间",
    "source_time lies outside the years 1677 to 2262, which are all that 64-bit nanoseconds hold",
).stored

Mask = npt.NDArray[np.bool_]


def reject(columns: HistoryColumns, refused: Mask, reason: str) -> list[RejectedSample]:
    """The marked samples with the reason."""
    return [
        RejectedSample(
            columns.names[columns.point[i]],
            int(columns.source_time[i]),
            float(columns.value[i]),
            int(columns.quality[i]),
            reason,
        )
        for i in np.flatnonzero(refused).tolist()
    ]


def keep(columns: HistoryColumns, kept: Mask) -> HistoryColumns:
    """The marked samples; the same object when that is all of them."""
    if bool(kept.all()):
        return columns
    return HistoryColumns(
        columns.point[kept],
        columns.source_time[kept],
        columns.value[kept],
        columns.quality[kept],
        columns.names,
    )


def join(parts: Sequence[HistoryColumns]) -> HistoryColumns:
    """Blocks of one and the same table of names as one, in order."""
    return HistoryColumns(
        np.concatenate([part.point for part in parts]),
        np.concatenate([part.source_time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
        parts[0].names,
    )


def without_impossible_times(columns: HistoryColumns) -> tuple[HistoryColumns, list[RejectedSample]]:
    """Leave out samples at the two ends of the 64-bit range, where no store has an instant."""
    outside = (columns.source_time < FIRST_TIME) | (columns.source_time > LAST_TIME)
    if not outside.any():
        return columns, []
    return keep(columns, ~outside), reject(columns, outside, _OUTSIDE)
