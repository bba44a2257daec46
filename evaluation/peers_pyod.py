"""Detectors of PyOD on windows: fitted to what a point says while nothing happens."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from evaluation.peers import Float64

WINDOW = 10
"""Samples that the features of one look at."""
FITTED = 20_000
"""Samples that a model is fitted to at most, evenly taken."""


class WindowPeer:
    """A PyOD model on (value, mean, deviation, change and slope of the last ten samples)."""

    library = "pyod"

    def __init__(self, name: str, module: str, **settings: Any) -> None:
        """module: below `pyod.models`; the class has the peer's name. settings: of the model."""
        self.name = name
        self._module, self._settings = module, settings
        self._models: dict[str, Any] = {}

    def learn(self, point: str, quiet: Sequence[Float64]) -> None:
        parts = [features(values) for values in quiet if len(values) > WINDOW]
        if not parts:
            return
        table = np.concatenate(parts)
        table = table[:: max(1, len(table) // FITTED)]
        model = getattr(import_module(f"pyod.models.{self._module}"), self.name)(**self._settings)
        self._models[point] = model.fit(table)

    def scores(self, point: str, value: Float64) -> Float64:
        model = self._models.get(point)
        if model is None or not len(value):
            return np.zeros(len(value))
        found: Float64 = np.asarray(model.decision_function(features(value)), np.float64)
        found[:WINDOW] = found.min()
        return found


def features(value: Float64) -> Float64:
    """[n, 5]; the first rows look at shorter windows, filled up with the first value."""
    filled = np.concatenate((np.full(WINDOW - 1, value[0]), value))
    windows = np.lib.stride_tricks.sliding_window_view(filled, WINDOW)
    steps = np.arange(WINDOW) - (WINDOW - 1) / 2
    mean = windows.mean(axis=1)
    slope = windows @ steps / float(steps @ steps)
    return np.column_stack([value, mean, windows.std(axis=1), value - windows[:, 0], slope])


def pyod_peers() -> list[WindowPeer]:
    return [
        WindowPeer("ECOD", "ecod"),
        WindowPeer("IForest", "iforest", n_estimators=100, random_state=1),
    ]
