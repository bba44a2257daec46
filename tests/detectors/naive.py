"""Slow and obvious twins of every kernel and of the stage of delays: one object a rule, plain Python.

Written from the docstrings of the kinds, not from their kernels. A twin keeps whole lists of samples
where the kernel keeps sums.
"""

import math
from itertools import pairwise

from detectors.contract import NEVER, SECOND_NS
from detectors.quality import CLEARS, FIRST_BAD, Quality
from tests.detectors import twins_noise
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
    **twins_noise.TWINS,
}


class Delays:
    """On-delay, off-delay and latch of one rule. Gives (active, onset, source_time, value, quality,
    figure, cause) tuples.

    The condition after its delays is `told`; an episode is active while it is, or while a latch holds it.
    """

    def __init__(self, on_delay_s=0.0, off_delay_s=0.0, latched=False):
        self.on_delay = round(on_delay_s * SECOND_NS)
        self.off_delay = round(off_delay_s * SECOND_NS)
        self.latched = latched
        self.told = self.active = False
        self.pending = None  # (edge, value, quality, deadline)
        self.last = None  # (edge, value, quality) of the newest falling edge
        self.onset = None
        self.heard = -math.inf  # when the point last gave a sign of life that lets an off-delay end

    def deadline(self):
        return self.pending[3] if self.pending else NEVER

    def fire(self, received):
        """Changes due at or before `received`, each with its deadline."""
        while self.pending and self.pending[3] <= received:
            edge, value, quality, due = self.pending
            if edge.truth or not self.off_delay or self.heard >= edge.source_time + self.off_delay // 2:
                return [(due, self.come_true())]
            self.pending = (edge, value, quality, due + self.off_delay)
        return []

    def come_true(self):
        edge, value, quality, _ = self.pending
        self.pending = None
        return self.tell(edge, self.delay_of(edge), value, quality, "timer")

    def delay_of(self, edge):
        return self.on_delay if edge.truth else self.off_delay

    def tell(self, edge, delay, value, quality, cause):
        """The condition after its delays is the edge's truth from now on."""
        begins = edge.truth and not self.active
        self.told = edge.truth
        self.active = edge.truth or self.latched
        if begins:
            self.onset = edge.source_time
        if self.active and not self.told:
            cause = "latched"
        return (self.active, self.onset, edge.source_time + delay, value, quality, edge.figure, cause)

    def see(self, edge, received, value, quality, cause):
        changes = []
        if not edge.truth:
            self.last = (edge, value, quality)
        if self.pending:
            waited = edge.source_time - self.pending[0].source_time
            if waited > self.delay_of(self.pending[0]):
                changes.append(self.come_true())
            self.pending = None
        if edge.truth == self.told:
            return changes
        if delay := self.delay_of(edge):
            self.pending = (edge, value, quality, received + delay)
        else:
            changes.append(self.tell(edge, 0, value, quality, cause))
        return changes

    def reset(self, received):
        """(the ending change or None, whether it was refused)."""
        if not self.active:
            return None, False
        if self.told or self.pending:
            return None, True
        self.active = False
        edge, value, quality = self.last
        return (False, self.onset, received, value, quality, edge.figure, "reset"), False


class NaiveBank:
    """The bank, one rule at a time."""

    def __init__(self, rules):
        self.rules = rules
        self.twins = [TWINS[rule.kind](rule.params) for rule in rules]
        self.delays = [Delays(rule.on_delay_s, rule.off_delay_s, rule.latched) for rule in rules]
        self.resumed = False

    def resume(self, received):
        self.resumed = True
        for twin in self.twins:
            twin.resume(received)

    def reset(self, rows, received):
        """-> (list of (rule, *change, sample), rows refused), like Bank.reset."""
        out, refused = self.step([], received), []
        for row in rows:
            change, still_true = self.delays[row].reset(received)
            if change:
                out.append((row, *change, -1))
            if still_true:
                refused.append(row)
        return out, refused

    def step(self, samples, received):
        """`samples`: list of (point, source_time, value, quality) -> list of (rule, *change, sample)."""
        if not self.resumed:
            self.resume(received)
        timers = []
        for row, (twin, delay) in enumerate(zip(self.twins, self.delays, strict=True)):
            edge = twin.pass_time(received)
            if edge:
                timers += [(due, row, change) for due, change in delay.fire(edge.received)]
                settled = delay.see(edge, edge.received, math.nan, int(Quality.BAD_NO_COMMUNICATION), "timer")
                timers += [(edge.received, row, change) for change in settled]
            timers += [(due, row, change) for due, change in delay.fire(received)]
        timers.sort(key=lambda each: each[:2])
        out = [(row, *change, -1) for _, row, change in timers]
        for i, (point, time, value, quality) in enumerate(samples):
            for row, rule in enumerate(self.rules):
                if rule.point == point and (self.twins[row].sees_bad or CLEARS[quality]):
                    self.delays[row].heard = received if self.twins[row].sees_bad else time
                if rule.point == point and (self.twins[row].sees_bad or quality < FIRST_BAD):
                    edge = self.twins[row].see(time, value, quality, received)
                    if edge:
                        shown = value if quality < FIRST_BAD else math.nan
                        settled = self.delays[row].see(edge, received, shown, quality, "sample")
                        out += [(row, *change, i) for change in settled]
        return out
