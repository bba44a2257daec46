"""Pasquill-Gifford stability classes and sigmas after ISC3. Figures: `pasquill_gifford.yaml`."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import yaml

from simulators.processes.gases import Float64

SIGMA_Z_LIMIT_M = 5000.0
RADIANS = 0.017453293
"""ISC3's own π/180, kept as printed."""
NEAREST_M = 1.0
"""Closer than this a sigma means nothing; distances are taken as at least this."""


class _Curves(NamedTuple):
    lateral: dict[str, tuple[float, float]]  # c, d
    vertical: dict[str, Float64]  # rows of upper bound in km, a, b
    stability: dict[str, list[tuple[float, tuple[str, ...]]]]


@cache
def _curves() -> _Curves:
    table = yaml.safe_load(files(__package__).joinpath("pasquill_gifford.yaml").read_text("utf-8"))
    return _Curves(
        lateral={name: (row[0], row[1]) for name, row in table["sigma_y"].items()},
        vertical={name: np.array(rows, dtype=np.float64) for name, rows in table["sigma_z"].items()},
        stability={
            time: [(float(bound), tuple(classes)) for bound, classes in rows]
            for time, rows in table["stability"].items()
        },
    )


def stability_classes(speed_m_s: float, *, day: bool) -> tuple[str, ...]:
    """One class `A`…`F`, or two of which the mean of the sigmas is to be taken."""
    rows = _curves().stability["day" if day else "night"]
    return next(classes for bound, classes in rows if speed_m_s < bound)


def sigmas(distance_m: Float64, classes: tuple[str, ...]) -> tuple[Float64, Float64]:
    """Standard deviations of the plume, (σy, σz) in m, at these downwind distances in m.

    They stand for a mean over some ten minutes; a plume looked at for a second is narrower and swings.
    """
    km = np.maximum(distance_m, NEAREST_M) / 1000
    pairs = [_sigmas_of(km, name) for name in classes]
    lateral = sum(pair[0] for pair in pairs) / len(pairs)
    vertical = sum(pair[1] for pair in pairs) / len(pairs)
    return np.asarray(lateral), np.asarray(vertical)


def _sigmas_of(km: Float64, name: str) -> tuple[Float64, Float64]:
    curves = _curves()
    c, d = curves.lateral[name]
    lateral = 465.11628 * km * np.tan(RADIANS * (c - d * np.log(km)))
    rows = curves.vertical[name]
    row = rows[np.searchsorted(rows[:, 0], km, side="left")]
    return lateral, np.minimum(row[..., 1] * km ** row[..., 2], SIGMA_Z_LIMIT_M)
