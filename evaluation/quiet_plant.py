"""Quiet months of many sites as columns: THE FILE TO READ FIRST of the false-alarm figures.

    weather → families (gas areas, tanks, a sphere, a line) → instruments → what the link loses

Nothing dangerous happens in them; ordinary work does: tanks are filled and loaded, pumps change over, hoses
are uncoupled, detectors drift, fronts pass. So whatever alarms is false. Every figure of it is in
`quiet_plant.yaml`. The plant is made a piece at a time in memory that does not grow with the months, and the
same seed gives the same samples however the pieces are cut.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from evaluation.quiet_figures import figure
from evaluation.quiet_gas import AMMONIAC, COARSE, FINE, SULFIDE, GasFamily, OxygenFamily
from evaluation.quiet_line import LineFamily
from evaluation.quiet_signals import Family, Signal
from evaluation.quiet_tanks import SphereFamily, TankFamily
from evaluation.quiet_walks import Bursts, Clock, Float64
from evaluation.quiet_weather import QuietWeather

MONTH_DAYS = 30.0
PIECE_STEPS = 720


class QuietPoint(NamedTuple):
    """One column of the plant."""

    site: int
    unit: str
    unit_kind: str
    signal: Signal

    @property
    def tag(self) -> str:
        return f"{self.unit}.{self.signal.tag}"


class Piece(NamedTuple):
    """Some steps of all points."""

    value: Float64  # [steps, points], engineering unit
    arrives: npt.NDArray[np.bool_]  # [steps, points]; the rest is lost on the way
    listens: npt.NDArray[np.bool_]  # [steps]: the gateway is there
    restart: npt.NDArray[np.bool_]  # [steps]: it begins to listen again with this step


class QuietPlant:
    """`sites` sites over `days`, every point reporting each `period_s`."""

    def __init__(self, sites: int, days: float, period_s: float = 10.0, seed: int = 0) -> None:
        self.clock = Clock(seed, period_s, days)
        self.sites = sites
        self._weather = QuietWeather(self.clock, sites)
        self.families: tuple[Family, ...] = (
            GasFamily(self.clock, sites, "GA", 3, FINE),
            GasFamily(self.clock, sites, "GB", 3, COARSE),
            GasFamily(self.clock, sites, "GS", 2, SULFIDE),
            GasFamily(self.clock, sites, "GN", 2, AMMONIAC),
            OxygenFamily(self.clock, sites),
            TankFamily(self.clock, sites, "TR", 1, worked=False),
            TankFamily(self.clock, sites, "TW", 2, worked=True),
            SphereFamily(self.clock, sites),
            LineFamily(self.clock, sites),
        )
        self.points = [point for family in self.families for point in _points(family, sites)]
        n = len(self.points)
        self._loss = self.clock.stream("lost")
        lasting = (2 * period_s, 2 * period_s)
        often = figure("link.instrument_restarts") / MONTH_DAYS
        self._restarts = Bursts(self.clock, "restarts", n, often, 1.0, 0.0, lasting)
        away = (figure("link.gateway_away"), figure("link.gateway_away"))
        updates = figure("link.gateway_restarts") / MONTH_DAYS
        self._updates = Bursts(self.clock, "updates", 1, updates, 1.0, 0.0, away)
        self._was_away = False

    def pieces(self, steps: int = PIECE_STEPS) -> Iterator[Piece]:
        """The whole time, `steps` steps at a time."""
        left = self.clock.steps
        while left:
            many = min(steps, left)
            yield self._take(many)
            left -= many

    def _take(self, steps: int) -> Piece:
        air = self._weather.take(steps)
        columns = [column for family in self.families for column in family.take(air, steps)]
        value = np.concatenate(columns, axis=1)
        lost = self._loss.random(value.shape, dtype=np.float32) < figure("link.lost")
        away = self._updates.take(steps)[:, 0] > 0
        lost |= (self._restarts.take(steps) > 0) | away[:, None]
        before = np.concatenate(([self._was_away], away[:-1]))
        self._was_away = bool(away[-1])
        return Piece(value, ~lost, ~away, before & ~away)


def _points(family: Family, sites: int) -> Iterator[QuietPoint]:
    for signal in family.signals:
        for site in range(sites):
            for unit in range(family.units):
                yield QuietPoint(site, f"{family.name}{unit + 1:02d}", family.kind, signal)
