"""The day's work of a tank: filled by ship or road, emptied by the truckload, and left to rest."""

import numpy as np

from evaluation.quiet_figures import HOUR_S, figure
from evaluation.quiet_walks import Clock, Float64

FILL_BELOW, EMPTY_ABOVE = 0.4, 0.75
"""Shares of H below which the next job fills, above which it empties; between them it is drawn."""
SHORTEST_REST_H = 0.5


class TankWork:
    """Flows in and out of n tanks of `area` m2, planned for the whole time so that the level stays
    between `low` and `high` m."""

    def __init__(
        self, clock: Clock, name: str, columns: int, *, area: float, low: float, high: float, rest_h: float
    ) -> None:
        self._clock = clock
        self._columns = columns
        self._done = 0
        random = clock.stream(f"{name} work")
        self._area, self._low, self._high, self._rest_h = area, low, high, rest_h
        self.level = low + (high - low) * random.uniform(0.25, 0.8, columns)
        """m of each tank before the first step."""
        jobs = [
            (column, *job)
            for column in range(columns)
            for job in self._jobs(random, float(self.level[column]))
        ]
        self._jobs_of = np.array(jobs).reshape(-1, 4)

    def _jobs(self, random: np.random.Generator, level: float) -> list[tuple[float, float, float]]:
        """(begin s, end s, m3/h, negative out) of one tank."""
        now = 0.0
        jobs: list[tuple[float, float, float]] = []
        while now < self._clock.days * 86_400:
            now += HOUR_S * max(SHORTEST_REST_H, random.exponential(self._rest_h))
            share = level / self._high
            fills = share < FILL_BELOW or (share < EMPTY_ABOVE and random.random() < 0.5)
            target = self._target(random, level, fills)
            volume = abs(target - level) * self._area
            now = self._fill(random, now, volume, jobs) if fills else self._load(random, now, volume, jobs)
            level = target
        return jobs

    def _target(self, random: np.random.Generator, level: float, fills: bool) -> float:
        if fills:
            return random.uniform(level, figure("work.fill_to") * self._high)
        return random.uniform(self._low + 0.1 * (level - self._low), level)

    def _fill(
        self, random: np.random.Generator, now: float, volume: float, jobs: list[tuple[float, float, float]]
    ) -> float:
        rate = random.uniform(figure("work.fill_slow"), figure("work.fill_fast"))
        end = now + volume / rate * HOUR_S + figure("work.ramp")
        jobs.append((now, end, rate))
        return end

    def _load(
        self, random: np.random.Generator, now: float, volume: float, jobs: list[tuple[float, float, float]]
    ) -> float:
        rate = figure("work.truck_rate")
        while volume > 0:
            load = min(volume, figure("work.truck"))
            end = now + load / rate * HOUR_S + figure("work.ramp")
            jobs.append((now, end, -rate))
            now = end + HOUR_S * random.exponential(figure("work.truck_break"))
            volume -= load
        return now

    def take(self, steps: int) -> tuple[Float64, Float64, Float64]:
        """(level m, flow in, flow out m3/h) of the next steps, each [steps, columns]."""
        period = self._clock.period_s
        flow = np.zeros((steps, self._columns))
        begin, end = self._done * period, (self._done + steps) * period
        for column, start, stop, rate in self._jobs_of:
            if start < end + period and stop > begin - period:
                first = max(0, int((start - begin) // period))
                last = min(steps, int((stop - begin) // period) + 2)
                time = begin + period * np.arange(first + 1, last + 1, dtype=np.float64)
                flow[first:last, int(column)] += rate * _on(time, start, stop)
        self._done += steps
        level = self.level + np.cumsum(flow, axis=0) * (period / HOUR_S / self._area)
        self.level = level[-1].copy()
        return level, np.maximum(flow, 0.0), np.maximum(-flow, 0.0)


def _on(time_s: Float64, start_s: float, stop_s: float) -> Float64:
    """0 to 1: a trapezium that rises and falls within a ramp; its area is the length less one ramp."""
    ramp = figure("work.ramp")
    rise = np.clip((time_s - start_s) / ramp, 0, 1)
    fall = np.clip((stop_s - time_s) / ramp, 0, 1)
    return np.minimum(rise, fall)
