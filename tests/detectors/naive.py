"""Slow and obvious twins of every kernel: one object a rule, plain Python. The bank is in `naive_bank`.

Written from the docstrings of the kinds, not from their kernels. A twin keeps whole lists of samples
where the kernel keeps sums.
"""

import math
from itertools import pairwise

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, Quality
from tests.detectors import (
    twins_balance,
    twins_discrepancy,
    twins_leak,
    twins_noise,
    twins_place,
    twins_rules,
    twins_shift,
    twins_voting,
)
from tests.detectors.twin import BAD_FOR_A_LINE, EXCURSIONS, Edge, Twin


class Limit(Twin):
    def see(self, time, value, quality, received):
        p = self.params
        high = p.side in ("H", "HH")
        reached = value >= p.setpoint if high else value <= p.setpoint
        back = value < p.setpoint - p.deadband if high else value > p.setpoint + p.deadband
        if not self.truth and reached:
            return self.turn(True, time)
        if self.truth and back and CLEARS[quality]:
            return self.turn(False, time)
        return None


class Line(Twin):
    """Keeps every sample since the last gap and fits the weighted line anew at each."""

    def __init__(self, params):
        super().__init__(params)
        self.samples = []

    def fit(self, time, value):
        """(slope in unit/s, level now, standard error of the slope), or None if not believed."""
        window = max(self.params.window_s, 8 * self.params.period_s)
        if self.samples and time - self.samples[-1][0] > round(window * SECOND_NS):
            self.samples = []
        self.samples.append((time, value))
        n = len(self.samples)
        if n < self.params.min_samples or time - self.samples[0][0] < round(window * SECOND_NS) // 2:
            return None
        tau = window / 48 ** (1 / 3)
        ages = [(time - t) / SECOND_NS for t, _ in self.samples]
        values = [v for _, v in self.samples]
        w = [math.exp(-a / tau) for a in ages]
        total = math.fsum(w)
        mean_age = math.fsum(wi * a for wi, a in zip(w, ages, strict=True)) / total
        mean = math.fsum(wi * v for wi, v in zip(w, values, strict=True)) / total
        d = [mean_age - a for a in ages]
        sxx = math.fsum(wi * di * di for wi, di in zip(w, d, strict=True))
        slope = math.fsum(wi * di * (v - mean) for wi, di, v in zip(w, d, values, strict=True)) / sxx
        rest = math.fsum(wi * (v - mean - slope * di) ** 2 for wi, di, v in zip(w, d, values, strict=True))
        square = math.fsum(wi * wi for wi in w)
        square_xx = math.fsum((wi * di) ** 2 for wi, di in zip(w, d, strict=True))
        freedom = total - square / total - square_xx / sxx
        variance = max(0.0, rest) / freedom if freedom > 0 else math.inf
        steps = [(b - a) ** 2 for a, b in pairwise(values)]
        step = math.fsum(wi * s for wi, s in zip(w[1:], steps, strict=True)) / math.fsum(w[1:])
        if step > 0:
            variance *= max(1.0, (4 * variance - step) / step)
        error = math.sqrt(variance * square_xx) / sxx
        return slope, mean + slope * mean_age, error


class RateOfChange(Line):
    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE:
            return None
        fitted = self.fit(time, value)
        if fitted is None:
            return None
        slope, _, error = fitted
        rate = slope * 60
        speed = {"rising": rate, "falling": -rate, "either": abs(rate)}[self.params.direction]
        if not self.truth and speed >= self.params.rate and abs(slope) > self.params.significance * error:
            return self.turn(True, time, rate)
        if self.truth and speed < self.params.rate * (1 - self.params.deadband) and CLEARS[quality]:
            return self.turn(False, time, rate)
        return None


class TimeToLimit(Line):
    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE:
            return None
        fitted = self.fit(time, value)
        high = self.params.side in ("H", "HH")
        beyond = value >= self.params.setpoint if high else value <= self.params.setpoint
        if fitted is None or beyond:
            return None
        slope, level, error = fitted
        towards = slope if high else -slope
        distance = self.params.setpoint - level if high else level - self.params.setpoint
        left = max(0.0, distance / towards) if towards > 0 else math.inf
        figure = left if math.isfinite(left) else math.nan
        significant = abs(slope) > self.params.significance * error
        if not self.truth and left <= self.params.horizon_s and significant:
            return self.turn(True, time, figure)
        if self.truth and left > 1.5 * self.params.horizon_s and CLEARS[quality]:
            return self.turn(False, time, figure)
        return None


class Flatline(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.window = round(params.window_s * SECOND_NS)
        self.run = []  # (time, value) without movement; empty after an excursion
        self.held = []  # while true: all values since it got stuck, also from before an excursion
        self.since = 0

    def see(self, time, value, quality, received):
        if quality in EXCURSIONS:
            self.run = []
        elif quality != Quality.UNCERTAIN_LAST_USABLE_VALUE and (CLEARS[quality] or not self.truth):
            return self.see_live(time, value)
        return None

    def see_live(self, time, value):
        if self.run and time - self.run[-1][0] > self.window:
            self.run = []
        before = self.since
        self.held = [*self.held, value] if self.truth or self.run else [value]
        moved = max(self.held) - min(self.held) > self.params.band
        if moved:
            self.run, self.held = [], [value]
        self.run.append((time, value))
        self.since = self.run[0][0]
        if self.truth and moved:
            return self.turn(False, time, (time - before) / SECOND_NS)
        unchanged = time - self.since
        if not self.truth and unchanged >= self.window and len(self.run) >= self.params.min_samples:
            return self.turn(True, time, unchanged / SECOND_NS)
        return None


class Stale(Twin):
    sees_bad = True

    def __init__(self, params):
        super().__init__(params)
        seconds = params.factor * params.period_s if params.timeout_s is None else params.timeout_s
        self.timeout = round(seconds * SECOND_NS)
        self.heard = None

    def resume(self, received):
        if not self.truth:
            self.heard = received

    def pass_time(self, received):
        if self.truth or self.heard is None or self.heard + self.timeout > received:
            return None
        self.truth = True
        due = self.heard + self.timeout
        return Edge(True, due, self.timeout / SECOND_NS, received=due)

    def see(self, time, value, quality, received):
        if self.heard is None:
            return None
        silence = (received - self.heard) / SECOND_NS
        self.heard = received
        return self.turn(False, received, silence) if self.truth else None


STATES = {
    Quality.BAD: "failure",
    Quality.BAD_SENSOR_FAILURE: "failure",
    Quality.BAD_DEVICE_FAILURE: "failure",
    Quality.BAD_CONFIGURATION_ERROR: "failure",
    Quality.BAD_SIGNAL_LOW: "failure",
    Quality.BAD_SIGNAL_HIGH: "failure",
    Quality.BAD_BEAM_BLOCKED: "failure",
    Quality.UNCERTAIN_OVER_RANGE: "over_range",
    Quality.UNCERTAIN_UNDER_RANGE: "under_range",
    Quality.BAD_CHECK_FUNCTION: "check_function",
    Quality.UNCERTAIN: "not_accurate",
    Quality.UNCERTAIN_SENSOR_NOT_ACCURATE: "not_accurate",
    Quality.UNCERTAIN_OVER_RANGE_LOCKED: "over_range_locked",
    Quality.BAD_NO_COMMUNICATION: "no_communication",
    Quality.UNCERTAIN_LAST_USABLE_VALUE: "no_communication",
}


class InstrumentSignal(Twin):
    sees_bad = True

    def see(self, time, value, quality, received):
        truth = STATES.get(quality) in self.params.states
        return self.turn(truth, time, float(quality)) if truth != self.truth else None


TWINS = {
    "limit": Limit,
    "rate_of_change": RateOfChange,
    "time_to_limit": TimeToLimit,
    "flatline": Flatline,
    "stale": Stale,
    "instrument_signal": InstrumentSignal,
    **twins_leak.TWINS,
    **twins_noise.TWINS,
    **twins_place.TWINS,
    **twins_shift.TWINS,
    **twins_rules.TWINS,
    **twins_voting.TWINS,
    **twins_discrepancy.TWINS,
    **twins_balance.TWINS,
}
