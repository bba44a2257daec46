"""The samples of a generated plant, as columns, second after second of its own time.

    schedule (who reports) → signals (quiet values) → disturbance (incidents) → range and resolution

    traffic = Traffic(Population(plan), start_ns=...)
    for _ in range(3600):
        samples = traffic.advance()     # .row, .source_time, .value, .quality

Deterministic: the same plan, rate and second give the same values, to the bit, whether all points are asked
for or one device's.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.quality import Quality
from simulators.generator import counted
from simulators.generator.counted import Int64, UInt64
from simulators.generator.disturbance import Disturbance, Report
from simulators.generator.incidents import Calendar
from simulators.generator.population import Population
from simulators.generator.signals import Signals
from simulators.processes.gases import Float64

SECOND_NS = 1_000_000_000
MILLISECOND_NS = 1_000_000
RATE = 0.002
"""Incidents a point and day: one point in 500 each day. Plausible, not taken from a source."""


class TrafficSamples(NamedTuple):
    """n samples; n may be 0."""

    row: Int64
    """Of the point in the population; the number it has in the register, from 0."""
    source_time: Int64  # ns UTC, whole milliseconds
    value: Float64  # NaN where no value comes
    quality: npt.NDArray[np.uint8]


class Traffic:
    """The points of `rows`, rising (None: all of them)."""

    def __init__(
        self, population: Population, *, start_ns: int = 0, rate: float = RATE, rows: Int64 | None = None
    ) -> None:
        """`rate`: incidents a point and day, 0 to 1; `start_ns` UTC."""
        self.start_ns = start_ns - start_ns % MILLISECOND_NS
        self.elapsed_s = 0
        self._rows = np.arange(population.plan.points) if rows is None else rows
        self._schedule = Schedule(population, self._rows)
        self._signals = Signals(population, self._rows)
        self._high = population.of_kind("range_high", self._rows)
        calendar = Calendar(population, self._rows, rate)
        self._disturbance = Disturbance(calendar, self._rows, self._signals, self._high)
        floored = population.of_kind("floor", self._rows) > 0
        self._low = np.where(floored, 0.0, population.of_kind("range_low", self._rows))
        self._steps = np.rint(1 / population.of_kind("resolution", self._rows))
        self._offset_ns = device_offset_ms(population, self._rows) * MILLISECOND_NS

    @property
    def now_ns(self) -> int:
        """The plant's own time, ns UTC; no stamp is later."""
        return self.start_ns + self.elapsed_s * SECOND_NS

    def advance(self) -> TrafficSamples:
        """One second on; what is reported at its end."""
        self.elapsed_s += 1
        at = self._schedule.due(self.elapsed_s)
        value, noise = self._signals.report(at, self.elapsed_s)
        good = np.full(len(at), Quality.GOOD, dtype=np.uint8)
        report = Report(at, value, noise, good, np.ones(len(at), np.bool_))
        self._disturbance.apply(report, self.elapsed_s)
        return self._shown(report)

    def _shown(self, report: Report) -> TrafficSamples:
        """Ranged and rounded, without what is not sent."""
        sent = np.flatnonzero(report.sent)
        at, steps = report.at[sent], self._steps[report.at[sent]]
        value = np.clip(report.value[sent] + report.noise[sent], self._low[at], self._high[at])
        return TrafficSamples(
            row=self._rows[at],
            source_time=self.now_ns - self._offset_ns[at],
            value=np.rint(value * steps) / steps + 0.0,  # no minus zero
            quality=report.quality[sent],
        )


class Schedule:
    """Which of the points report at a second: those of one device and one period together."""

    def __init__(self, population: Population, rows: Int64) -> None:
        periods = population.period_s[rows].astype(np.int64)
        phases = (_device_bits(population, rows) >> np.uint64(16)).astype(np.int64) % periods
        self._groups: dict[int, list[Int64]] = {}
        for period in np.unique(periods).tolist():
            own = np.flatnonzero(periods == period)
            order = own[np.argsort(phases[own], kind="stable")]
            self._groups[period] = np.split(order, np.searchsorted(phases[order], np.arange(1, period)))

    def due(self, t_s: int) -> Int64:
        """Places in the rows, rising."""
        parts = [phases[t_s % period] for period, phases in self._groups.items()]
        return np.sort(np.concatenate(parts), kind="stable")


def device_offset_ms(population: Population, rows: Int64) -> Int64:
    """How much before the full second the device of each of these points stamps: 0 to 999."""
    return (_device_bits(population, rows) % np.uint64(1000)).astype(np.int64)


def _device_bits(population: Population, rows: Int64) -> UInt64:
    return counted.bits(population.plan.seed, "device", population.enterprise[rows], population.device[rows])
