"""A run of samples that do not move: what `flatline` and `stuck` count.

One record a row. Helpers take the record and numbers only: given the tuple of all columns, numba counts the
references of every column up and down at every sample, which takes twenty times as long as the judgement.
"""

from typing import Any

import numpy as np

from detectors.kernel import compiled
from detectors.quality import Quality

EXCURSION = np.zeros(256, dtype=np.bool_)
"""`EXCURSION[quality]`: the value left the range, so the run is over, but nothing proves that it moves."""
EXCURSION[
    [
        Quality.UNCERTAIN_OVER_RANGE,
        Quality.UNCERTAIN_UNDER_RANGE,
        Quality.UNCERTAIN_OVER_RANGE_LOCKED,
    ]
] = True
COPY = int(Quality.UNCERTAIN_LAST_USABLE_VALUE)
"""Quality of a value that is passed over: a copy of an earlier one."""
MOST = 1_000_000_000
"""A count of samples goes no further."""

RUN = np.dtype(
    [
        ("samples", np.int64),  # without movement; 0: none, after a start or an excursion
        ("since", np.int64),  # source_time of the first of them
        ("counted", np.int64),  # source_time of the last that counted
        ("low", np.float64),  # what they span; kept when the count begins anew while true,
        ("high", np.float64),  # to see that the value moved
    ]
)
"""40 bytes a row."""


@compiled
def leaves_run(
    run: Any, source_time: int, value: float, band: float, silence: int, update: int, truth: bool
) -> bool:
    """Take a sample in; True if it left the band, and then a run begins with it.

    `silence`, ns: after a longer one the count begins anew. `update`, ns: samples nearer than that to the
    last one counted are not counted. `truth`: does the rule hold now?
    """
    low = min(run["low"], value)
    high = max(run["high"], value)
    moved = high - low > band
    if moved or run["samples"] == 0 or source_time - run["counted"] > silence:
        run["samples"] = 1
        run["since"] = source_time
        run["counted"] = source_time
        if moved or not truth:
            low = value
            high = value
    elif source_time - run["counted"] >= update:
        run["counted"] = source_time
        if run["samples"] < MOST:
            run["samples"] += 1
    run["low"] = low
    run["high"] = high
    return bool(moved)
