"""What `rate_of_change` and `time_to_limit` share: the settings and the state of their line.

The line itself: `detectors/line.py`; how it follows a value that bends: `detectors/bends.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.contract import SECOND_NS, Bool
from detectors.kernel import compiled
from detectors.line import LINE, LINE_PARAMETERS, slope_error, slope_of
from detectors.parameters import require_count, require_positive
from detectors.quality import Quality

EQUAL_NOISE = 48 ** (1 / 3)
LEAST_PERIODS = 8
"""A line needs some samples: a window is never taken shorter than this many periods of the point."""

FITS = np.zeros(256, dtype=np.bool_)
"""`FITS[quality]`: does the value say where the process is? A pegged or repeated one does not."""
FITS[
    [
        Quality.GOOD,
        Quality.UNCERTAIN,
        Quality.UNCERTAIN_SENSOR_NOT_ACCURATE,
        Quality.UNCERTAIN_TIMESTAMP,
    ]
] = True


@dataclass(frozen=True, kw_only=True)
class TrendParams:
    """What a rule says about its line."""

    window_s: float = field(
        default=300.0,
        metadata={
            "doc": "Time over which the slope is taken; never shorter than 8 reporting periods of the point.",
            "unit": "s",
        },
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )
    min_samples: int = field(
        default=8,
        metadata={
            "doc": "Samples needed after a start or a gap, over half the window, to believe the line.",
            "unit": "",
        },
    )
    significance: float = field(
        default=4.0,
        metadata={
            "doc": "Standard errors by which the slope must differ from none, against false alarms by noise.",
            "unit": "",
        },
    )

    def __post_init__(self) -> None:
        require_positive("window_s", self.window_s)
        require_positive("period_s", self.period_s)
        require_count("min_samples", self.min_samples, 3)
        require_positive("significance", self.significance)


Records = npt.NDArray[np.void]


class TrendState(NamedTuple):
    truth: Bool
    line: Records  # LINE


def looks(window_s: float) -> int:
    """The power of two of ns that is half a window at most, so that a shift finds it."""
    return max(0, round(window_s * SECOND_NS / 2).bit_length() - 1)


def make_line_parameters(params: Sequence[TrendParams]) -> Records:
    """LINE_PARAMETERS from what the rules say, one element a row."""
    windows = [max(p.window_s, LEAST_PERIODS * p.period_s) for p in params]
    return np.array(
        [
            (
                window / EQUAL_NOISE,
                round(window * SECOND_NS),
                looks(window),
                1 / window,
                p.min_samples,
                p.significance,
            )
            for window, p in zip(windows, params, strict=True)
        ],
        dtype=LINE_PARAMETERS,
    )


def make_trend_state(rows: int) -> TrendState:
    """No sample seen yet."""
    return TrendState(truth=np.zeros(rows, np.bool_), line=np.zeros(rows, LINE))


@compiled
def is_significant(settings: Any, line: Any) -> bool:
    """Does the slope differ from none by more than noise explains?"""
    return bool(abs(slope_of(line)) > settings["significance"] * slope_error(settings, line))
