"""Annunciations in columns: every time that people were told of an alarm, with its end and its answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max
"""In place of a time that has not come."""
SECOND_NS = 1_000_000_000
PROCESS = "process"
"""The only class that counts in figures of performance."""


class Annunciation(NamedTuple):
    """One of them, as a row. Times are ns UTC; `onset` and `returned_time` by the instrument, the others
    by this service's clock."""

    time: int
    enterprise: str
    installation: str
    unit: str
    point: str
    rule: str
    priority: int
    onset: int
    returned_time: int | None = None
    returned_at: int | None = None
    acknowledged_time: int | None = None
    acknowledged_by: str | None = None
    alarm_id: str = ""
    second_level_gas: bool = False


@dataclass(frozen=True, eq=False)
class Annunciations:
    """n annunciations, rising in `time`. Names are kept once, columns hold their places in the list."""

    time: Int64
    source: Int32
    """(point, rule), place in `sources`."""
    priority: Int32
    onset: Int64
    returned_time: Int64
    returned_at: Int64
    acknowledged_time: Int64
    acknowledged_by: Int32
    """Place in `people`, -1 if nobody."""
    sources: Sequence[tuple[str, str]]
    people: Sequence[str]

    def __len__(self) -> int:
        return len(self.time)


def columns_of(rows: Iterable[Annunciation]) -> Annunciations:
    """Columns from rows in any order."""
    ordered = sorted(rows, key=lambda row: row.time)
    sources = {pair: at for at, pair in enumerate(dict.fromkeys((row.point, row.rule) for row in ordered))}
    named = (row.acknowledged_by for row in ordered)
    people: dict[str | None, int] = {name: at for at, name in enumerate(dict.fromkeys(filter(None, named)))}
    return Annunciations(
        time=_times([row.time for row in ordered]),
        source=np.array([sources[row.point, row.rule] for row in ordered], dtype=np.int32),
        priority=np.array([row.priority for row in ordered], dtype=np.int32),
        onset=_times([row.onset for row in ordered]),
        returned_time=_times([row.returned_time for row in ordered]),
        returned_at=_times([row.returned_at for row in ordered]),
        acknowledged_time=_times([row.acknowledged_time for row in ordered]),
        acknowledged_by=np.array([people.get(row.acknowledged_by, -1) for row in ordered], dtype=np.int32),
        sources=list(sources),
        people=[name for name in people if name],
    )


def _times(values: Sequence[int | None]) -> Int64:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)
