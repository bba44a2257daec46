"""Detectors of river (online-ml/river): they learn from each sample after they have scored it."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from evaluation.peers import Float64

WARM_UP = 50
"""Samples without a score at the beginning: an empty model finds everything strange."""
STEPS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Thresholds of Page-Hinkley that are run side by side, in standard deviations of the quiet point."""


class GaussianScorer:
    """`river.anomaly.GaussianScorer`: how far out in the normal distribution of the last `window` samples."""

    library = "river"

    def __init__(self, window: int = 600) -> None:
        self.name = f"GaussianScorer({window})"
        self._window = window
        self._scale: dict[str, tuple[float, float]] = {}

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        """Only where zero is: far from it the variance of a rolling window loses its digits."""
        self._scale[point] = scale_of(quiet)

    def scores(self, point: str, value: Float64) -> Float64:
        model = import_module("river.anomaly").GaussianScorer(window_size=self._window, grace_period=WARM_UP)
        middle, width = self._scale.get(point, (0.0, 1.0))
        found = np.zeros(len(value))
        for i, one in enumerate(((value - middle) / width).tolist()):
            try:
                found[i] = model.score_one(None, one)
            except TypeError:  # by rounding its variance is below zero, and its deviation a complex number
                found[i] = 0.0
            model.learn_one(None, one)
        return found


class HalfSpaceTrees:
    """`river.anomaly.HalfSpaceTrees` on the value and its change over ten samples, both scaled by what the
    point says while nothing happens."""

    library = "river"
    name = "HalfSpaceTrees"

    def __init__(self) -> None:
        self._scale: dict[str, tuple[float, float]] = {}

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        self._scale[point] = scale_of(quiet)

    def scores(self, point: str, value: Float64) -> Float64:
        middle, width = self._scale.get(point, (0.0, 1.0))
        scaled = np.clip((value - middle) / width, -20, 20)
        change = (
            scaled - np.concatenate((np.full(min(10, len(scaled)), scaled[:1]), scaled[:-10]))[: len(scaled)]
        )
        model = import_module("river.anomaly").HalfSpaceTrees(
            n_trees=25, height=8, window_size=250, limits={"value": (-20, 20), "change": (-20, 20)}, seed=1
        )
        found = np.zeros(len(value))
        for i, (one, two) in enumerate(zip(scaled.tolist(), change.tolist(), strict=True)):
            features = {"value": one, "change": two}
            found[i] = model.score_one(features)
            model.learn_one(features)
        found[:WARM_UP] = 0.0
        return found


class PageHinkley:
    """`river.drift.PageHinkley`, upwards and downwards, with thresholds of `STEPS` side by side: the score is
    the highest of them at which it finds a change."""

    library = "river"
    name = "PageHinkley"

    def __init__(self) -> None:
        self._scale: dict[str, tuple[float, float]] = {}

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        self._scale[point] = scale_of(quiet)

    def scores(self, point: str, value: Float64) -> Float64:
        middle, width = self._scale.get(point, (0.0, 1.0))
        scaled = ((value - middle) / width).tolist()
        found = np.zeros(len(value))
        for threshold in STEPS:
            model: Any = import_module("river.drift").PageHinkley(
                min_instances=WARM_UP, delta=0.5, threshold=threshold, mode="both"
            )
            for i, one in enumerate(scaled):
                model.update(one)
                if model.drift_detected:
                    found[i] = threshold
        return found


def scale_of(quiet: Sequence[Float64]) -> tuple[float, float]:
    """(median, standard deviation after the median absolute deviation); 1 where the point never moves."""
    values = np.concatenate(quiet) if quiet else np.zeros(0)
    if not len(values):
        return 0.0, 1.0
    middle = float(np.median(values))
    width = 1.4826 * float(np.median(np.abs(values - middle))) or float(values.std())
    return middle, width or 1.0
