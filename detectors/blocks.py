"""Means over stretches of time, for kinds that look at hours and days and not at single samples.

`cusum` and `drift` need no sample to be looked at twice: a sample is added to the block that is running,
and only when a block is over, every half hour or hour, is its mean weighed. That makes them cheap (an
addition a sample), gives every stretch of time the same weight however its stamps lie, and breaks the
correlation that the lag of the instrument puts between neighbouring samples: means over `every` of noise
with a correlation time T correlate by about T / (2 every).

A block begins with its first sample and is over with the first one that is `every` later, which belongs
to the next. A gap makes no blocks.
"""

from typing import Any

import numpy as np

from detectors.kernel import compiled

BLOCK = np.dtype(
    [
        ("began", np.int64),  # source_time of the block's first sample
        ("mean", np.float64),
        ("samples", np.int32),  # 0: no block runs
        ("doubtful", np.int32),  # samples among them that may not end a condition
    ]
)
"""One record a row, in a column of its own: most samples touch nothing else of the row."""


@compiled
def is_over(block: Any, every: int, source_time: int) -> bool:
    """Does this sample begin the next block?"""
    return bool(block["samples"] > 0 and source_time - block["began"] >= every)


@compiled
def begin_block(block: Any, source_time: int) -> None:
    """An empty block."""
    block["began"] = source_time
    block["mean"] = 0.0
    block["samples"] = 0
    block["doubtful"] = 0


@compiled
def add_to_block(block: Any, source_time: int, value: float, clears: bool) -> None:
    """Take the sample in."""
    if block["samples"] == 0:
        begin_block(block, source_time)
    block["samples"] += 1
    block["mean"] += (value - block["mean"]) / block["samples"]
    if not clears:
        block["doubtful"] += 1
