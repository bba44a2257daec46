"""Slow and obvious twins of every kernel: one object a rule, plain Python. The bank is in `naive_bank`.

Written from the docstrings of the kinds, not from their kernels. A twin keeps whole lists of samples
where the kernel keeps sums.
"""

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
    twins_trend,
    twins_voting,
)
from tests.detectors.twin import EXCURSIONS, Edge, Twin


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


class Flatline(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.window = round(params.window_s * SECOND_NS)
        self.run = []  # (time, value) without movement; empty after an excursion
        self.held = []  # while true: all values since it got stuck, also from before an excursion
        self.since = 0

    def see(self, time, value, quality, received):
        p = self.params
        resting = p.resting is not None and abs(value - p.resting) <= p.band
        if quality == Quality.UNCERTAIN_LAST_USABLE_VALUE:
            return None
        if quality in EXCURSIONS or (resting and not self.truth):
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
    "flatline": Flatline,
    "stale": Stale,
    "instrument_signal": InstrumentSignal,
    **twins_leak.TWINS,
    **twins_noise.TWINS,
    **twins_trend.TWINS,
    **twins_place.TWINS,
    **twins_shift.TWINS,
    **twins_rules.TWINS,
    **twins_voting.TWINS,
    **twins_discrepancy.TWINS,
    **twins_balance.TWINS,
}
