"""Slow twins of `rate_of_change` and `time_to_limit`: they keep every sample and fit each line anew."""

import math

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

LINE = {
    "window_s": st.just(40.0),
    "period_s": st.sampled_from([1.0, 7.0]),
    "min_samples": st.sampled_from([3, 6]),
    "significance": st.sampled_from([0.713, 2.171]),
}
# Odd setpoints, so that no tie of rounding between a kernel's sums and a twin's lists decides.
SETTINGS = {
    "rate_of_change": st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["rising", "falling", "either"]),
            "rate": st.sampled_from([0.7131, 7.177]),
            **LINE,
        }
    ),
    "time_to_limit": st.fixed_dictionaries(
        {
            "side": st.sampled_from(["HH", "LL"]),
            "setpoint": st.sampled_from([-3.137, 9.137]),
            "horizon_s": st.sampled_from([31.37, 313.7]),
            "precision": st.sampled_from([0.0713, 0.713]),
            **LINE,
        }
    ),
}

GAUSS_MEAN = math.sqrt(2 / math.pi)


def decay(now, then, tau):
    return math.exp(-(now - then) / SECOND_NS / tau)


def dot(*columns):
    return math.fsum(math.prod(each) for each in zip(*columns, strict=True))


class Fit:
    """The weighted line through (time, value, time from which its weight fades), seen from `now`."""

    def __init__(self, samples, now, tau):
        self.w = [decay(now, fades, tau) for _, _, fades in samples]
        ages = [(now - t) / SECOND_NS for t, _, _ in samples]
        values = [v for _, v, _ in samples]
        self.total = math.fsum(self.w)
        self.age = dot(self.w, ages) / self.total
        self.mean = dot(self.w, values) / self.total
        self.d = [self.age - a for a in ages]
        v = [each - self.mean for each in values]
        self.sxx, self.sxy, self.syy = dot(self.w, self.d, self.d), dot(self.w, self.d, v), dot(self.w, v, v)
        self.slope = self.sxy / self.sxx if self.sxx else math.nan

    def ahead(self, seconds):
        return self.mean + self.slope * (self.age + seconds)

    def freedom(self):
        square = dot(self.w, self.w)
        return self.total - square / self.total - self.spread()

    def spread(self):
        return dot(self.w, self.w, self.d, self.d) / self.sxx


class Line(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.window = max(params.window_s, 8 * params.period_s)
        self.tau = self.window / 48 ** (1 / 3)
        self.samples, self.steps, self.extra = [], [], (0.0, 0)
        self.scale = self.wander = 0.0
        self.forget_bend()

    def forget_bend(self):
        self.up = self.down = 0.0
        self.recent, self.slope_then = [], None

    def fit(self, now):
        return Fit(self.samples, now, self.tau)

    def follow(self, time, value):
        """Take the sample in; is the line believed?"""
        gap = round(self.window * SECOND_NS)
        before = self.samples[-1][0] if self.samples else None
        if before is None or time - before > gap:
            self.samples, self.steps, self.extra = [(time, value, time)], [], (0.0, 0)
            self.forget_bend()
            return False
        if len(self.samples) >= 3 and self.scale:
            self.test_for_bend(time, value, (time - before) / SECOND_NS)
        self.steps.append(((value - self.samples[-1][1]) ** 2, time))
        self.samples.append((time, value, time))
        if max(self.up, -self.down) > 8:
            self.bend(time)
        if not self.scale and len(self.samples) >= 2 * self.params.min_samples:
            self.scale = max(math.sqrt(self.variance(self.fit(time))), self.rounding(self.fit(time)))
        look = int(self.window * SECOND_NS / 2).bit_length() - 1
        enough = len(self.samples) >= self.params.min_samples
        if enough and time - self.samples[0][0] >= gap and time // 2**look != before // 2**look:
            self.look(self.fit(time).slope, self.rounding(self.fit(time)))
        return self.believed(gap)

    def believed(self, gap):
        lived = self.samples[-1][0] - self.samples[0][0]
        return len(self.samples) >= self.params.min_samples and lived >= gap // (4 if self.scale else 2)

    def look(self, slope, rounding):
        if self.slope_then is not None:
            change = max(abs(slope - self.slope_then), rounding / self.window)
            factor = 1.1 if change > self.wander else 1 / 1.1
            self.wander = self.wander * factor if self.wander else change
        self.slope_then = slope

    def test_for_bend(self, time, value, passed):
        fit = self.fit(self.samples[-1][0])
        error = value - fit.ahead(passed)
        sigma = max(self.scale, self.rounding(fit))
        z = min(max(error / sigma, -4), 4)
        before = self.up > -self.down
        self.up, self.down = max(0.0, self.up + z - 1), min(0.0, self.down + z + 1)
        if self.up > -self.down:
            self.down = 0.0
        else:
            self.up = 0.0
        if not self.up and not self.down:
            self.recent = []
        elif self.recent and before == (self.up > 0):
            self.recent.append((time, value))
        else:
            self.recent = [(time, value)]
        if len(self.samples) >= self.params.min_samples:
            usual = min(abs(error) / GAUSS_MEAN, 3 * sigma)
            self.scale += (usual - self.scale) * min(1, passed / self.window)

    def rounding(self, fit):
        return 1e-6 * (abs(self.samples[-1][1]) + abs(fit.mean))

    def squares(self, fit):
        """About the mean; what a bend left is no square of a residual but the usual noise."""
        return fit.syy + self.extra[0] * decay(self.samples[-1][0], self.extra[1], self.tau)

    def bend(self, time):
        noise = max(self.scale, self.rounding(self.fit(time))) ** 2
        n = len(self.recent)
        self.samples = [(t, v, time) for t, v in self.recent]
        fit = self.fit(time)
        self.extra = (noise * n + fit.sxy**2 / fit.sxx - fit.syy, time)
        self.steps = [(2 * noise * n, time)]
        self.forget_bend()

    def variance(self, fit):
        freedom = fit.freedom()
        rest = max(0.0, self.squares(fit) - fit.slope * fit.sxy)
        return rest / freedom if freedom > 0 else math.inf

    def error(self, fit, now):
        """Standard error of the slope."""
        lived = (now - self.samples[0][0]) / SECOND_NS
        variance = self.variance(fit)
        weight = fit.total - math.exp(-lived / self.tau)
        step = math.fsum(s * decay(now, t, self.tau) for s, t in self.steps) / weight
        if step > 0:
            variance *= max(1.0, (4 * variance - step) / step)
        variance = max(variance, self.scale**2)
        error = math.sqrt(variance * fit.spread() / fit.sxx)
        if not self.wander:
            return 2 * error
        young = max(1.0, self.window / lived)
        return max(error, self.wander / 0.6745 / math.sqrt(2) * young**1.5)


class RateOfChange(Line):
    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE or not self.follow(time, value):
            return None
        fit = self.fit(time)
        rate = fit.slope * 60
        speed = {"rising": rate, "falling": -rate, "either": abs(rate)}[self.params.direction]
        sure = abs(fit.slope) > self.params.significance * self.error(fit, time)
        if not self.truth and speed >= self.params.rate and sure:
            return self.turn(True, time, rate)
        if self.truth and speed < self.params.rate * (1 - self.params.deadband) and CLEARS[quality]:
            return self.turn(False, time, rate)
        return None


class TimeToLimit(Line):
    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE:
            return None
        believed = self.follow(time, value)
        high = self.params.side in ("H", "HH")
        beyond = value >= self.params.setpoint if high else value <= self.params.setpoint
        if not believed or beyond:
            return None
        fit = self.fit(time)
        towards = fit.slope if high else -fit.slope
        distance = self.params.setpoint - fit.ahead(0) if high else fit.ahead(0) - self.params.setpoint
        left = max(0.0, distance / towards) if towards > 0 else math.inf
        if left >= 1e9:  # thirty years: the value rests, but for rounding
            left = math.inf
        figure = left if math.isfinite(left) else math.nan
        if not self.truth and left <= self.params.horizon_s and self.sure(fit, time, left):
            return self.turn(True, time, figure)
        if self.truth and left > 1.5 * self.params.horizon_s and CLEARS[quality]:
            return self.turn(False, time, figure)
        return None

    def sure(self, fit, time, left):
        needed = self.params.significance
        if left > 0.6 * self.params.horizon_s:
            needed = max(needed, 1 / self.params.precision)
            if max(self.up, -self.down) > 4:
                return False
        return abs(fit.slope) > needed * self.error(fit, time)


TWINS = {"rate_of_change": RateOfChange, "time_to_limit": TimeToLimit}
