"""Slow twins of `cusum` and `drift`, and the rules with which they meet the traffic."""

import math
from statistics import fmean

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

SETTINGS = {
    "cusum": st.fixed_dictionaries(
        {
            "target": st.sampled_from([None, None, 4.137]),
            "sigma": st.sampled_from([None, None, 0.7137]),
            "slack": st.sampled_from([0.0, 0.5137]),
            "threshold": st.sampled_from([1.137, 4.137]),
            "every_s": st.sampled_from([0.5, 4.0]),
            "learn_s": st.sampled_from([4.0, 40.0]),
            "relearn_s": st.sampled_from([0.0, 60.0]),
            "period_s": st.just(1.0),
            "range_low": st.just(-5.0),
            "range_high": st.just(11.0),
        }
    ),
    "drift": st.fixed_dictionaries(
        {
            "drift": st.sampled_from([0.3137, 1.137]),
            "direction": st.sampled_from(["rising", "falling", "either"]),
            "deadband": st.sampled_from([0.0, 0.5137]),
            "fast_s": st.sampled_from([2.0, 12.0]),
            "slow_s": st.sampled_from([30.0, 80.0]),
            "relearn_s": st.sampled_from([0.0, 60.0]),
            "period_s": st.just(0.5),
        }
    ),
}


class OverBlocks(Twin):
    """Keeps the samples of the block that runs; tells `weigh` of each finished one."""

    def __init__(self, params, every_s):
        super().__init__(params)
        self.every = round(every_s * SECOND_NS)
        self.block = []  # (time, value, quality)

    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE:
            return None
        edge = None
        if self.block and time - self.block[0][0] >= self.every:
            sound = all(CLEARS[each] for _, _, each in self.block)
            mean = fmean(each for _, each, _ in self.block)
            edge = self.weigh(time, time - self.block[0][0], mean, sound)
            self.block = []
        self.block.append((time, value, quality))
        return edge

    def weigh(self, time, passed, mean, sound):
        raise NotImplementedError


class Side:
    """One of the two sums."""

    def __init__(self, slack):
        self.slack = slack
        self.clear()

    def clear(self):
        self.sum, self.means, self.rise = 0.0, 0, []

    def add(self, z, most):
        self.sum = min(most, max(0.0, self.sum + z - self.slack))
        self.means = self.means + 1 if self.sum else 0

    def note(self):
        """The height of a rise that has come back, else 0."""
        self.rise.append(self.sum)
        if self.sum:
            return 0.0
        height, self.rise = max(self.rise), []
        return height


class Cusum(OverBlocks):
    def __init__(self, params):
        every_s = max(params.every_s, params.period_s)
        super().__init__(params, every_s)
        self.learns = params.target is None or params.sigma is None
        self.needed = max(8, round(params.learn_s / every_s)) if self.learns else 0
        self.learn_s = max(params.learn_s, 8 * every_s)
        self.forget = math.exp(-every_s / (10 * self.learn_s))
        self.up, self.down = Side(params.slack), Side(params.slack)
        self.anew()

    def anew(self):
        self.count, self.place, self.variance, self.calm = 0, 0.0, 0.0, 0.0
        self.up.clear()
        self.down.clear()

    def target(self):
        return self.place if self.params.target is None else self.params.target

    def sigma(self):
        p = self.params
        return (
            max(math.sqrt(self.variance), 0.005 * (p.range_high - p.range_low))
            if p.sigma is None
            else p.sigma
        )

    def add(self, mean, most):
        z = (mean - self.target()) / self.sigma()
        self.up.add(z, most)
        self.down.add(-z, most)

    def reach(self):
        h = self.params.threshold
        return min(max(h, 2 * self.calm), 4 * h)

    def weigh(self, time, passed, mean, sound):
        if self.truth:
            shift = mean - self.target()
            self.add(mean, self.reach())
            p = self.params
            if sound and self.learns and p.relearn_s and time - self.since >= p.relearn_s * SECOND_NS:
                self.anew()
                return self.turn(False, time, shift)
            if sound and not self.up.sum and not self.down.sum:
                self.up.clear()
                self.down.clear()
                return self.turn(False, time, shift)
            return None
        if passed > round(self.learn_s * SECOND_NS):
            self.anew()
        return self.watch(time, mean)

    def watch(self, time, mean):
        if self.count >= self.needed / 2:
            reach = self.reach()
            self.add(mean, math.inf)
            larger, sign = (self.up, 1) if self.up.sum >= self.down.sum else (self.down, -1)
            if larger.sum > reach and self.count >= self.needed:
                self.since = time
                shift = sign * self.sigma() * (self.params.slack + larger.sum / larger.means)
                return self.turn(True, time, shift)
            self.calm = max(self.calm * self.forget, self.up.note(), self.down.note())
        if self.learns:
            self.learn(mean)
        return None

    def learn(self, mean):
        self.count += 1
        if self.count == 1:
            self.variance = 0.0 if self.params.target is None else (mean - self.params.target) ** 2
            self.place = mean
            return
        rest = mean - self.target()
        if self.count > 8:
            most = 3 * self.sigma()
            rest = math.copysign(min(abs(rest), most), rest)
        share = 1 / min(self.count, self.needed)
        self.place += share * rest
        self.variance += share * (rest * rest - self.variance)


class Drift(OverBlocks):
    def __init__(self, params):
        self.every_s = max(params.fast_s / 48, params.period_s)
        super().__init__(params, self.every_s)
        self.seen = 0.0

    def weigh(self, time, passed, mean, sound):
        p = self.params
        if passed > p.slow_s * SECOND_NS and not self.truth:
            self.seen = 0.0
        if not self.seen:
            self.first = self.fast = self.slow = mean
            self.usual = 0.0
        self.average(min(passed / SECOND_NS, 2 * self.every_s), mean)
        drift = self.fast - self.slow
        size = {"rising": drift, "falling": -drift, "either": abs(drift)}[p.direction]
        if not self.truth and self.seen >= 3 * p.fast_s and size >= p.drift:
            self.since = time
            return self.turn(True, time, drift)
        if self.truth and sound:
            if p.relearn_s and time - self.since >= p.relearn_s * SECOND_NS:
                self.slow = self.fast
                return self.turn(False, time, drift)
            if size < p.drift * (1 - p.deadband):
                return self.turn(False, time, drift)
        return None

    def average(self, passed, mean):
        p = self.params
        self.seen += passed
        quick, slow = (
            max(1 - math.exp(-passed / tau), passed / self.seen) for tau in (p.fast_s / 2, p.slow_s)
        )
        limit = max(2 * p.drift, 3 * self.usual)
        excursion = abs(mean - self.slow) > limit
        taken = self.slow + math.copysign(limit, mean - self.slow) if excursion else mean
        self.first += quick * (taken - self.first)
        self.fast += quick * (self.first - self.fast)
        if self.seen < 3 * p.fast_s or not (excursion or self.truth):
            distance = taken - self.slow
            self.slow += slow * distance
            self.usual += slow * (abs(distance) - self.usual)


TWINS = {"cusum": Cusum, "drift": Drift}
