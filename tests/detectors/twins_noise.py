"""Slow twins of `noise_loss` and `stuck`, and the rules with which they meet the traffic."""

import math
from statistics import fmean

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, Quality
from tests.detectors.twin import BAD_FOR_A_LINE, EXCURSIONS, Twin

SETTINGS = {
    "noise_loss": st.fixed_dictionaries(
        {
            "noise": st.sampled_from([None, 0.5137, 0.0713]),
            "resolution": st.sampled_from([0.0, 0.0137]),
            "window_s": st.just(20.0),
            "period_s": st.just(0.5),
            "learn_s": st.sampled_from([25.0, 60.0]),
            "fraction": st.sampled_from([0.3137, 0.5713]),
            "range_low": st.sampled_from([None, -5.0]),
            "range_high": st.sampled_from([None, 11.0]),
        }
    ),
    "stuck": st.fixed_dictionaries(
        {
            "noise": st.sampled_from([None, 0.5137, 0.0713]),
            "resolution": st.sampled_from([0.0137, 0.137]),
            "band": st.sampled_from([0.0, 0.5137]),
            "window_s": st.just(20.0),
            "period_s": st.just(0.5),
            "learn_s": st.sampled_from([25.0, 60.0]),
            "improbable": st.sampled_from([1e-10, 1e-3]),
            "min_samples": st.sampled_from([3, 6]),
            "min_s": st.sampled_from([0.0, 9.0]),
            "update_s": st.sampled_from([0.0, 2.5]),
            "range_low": st.sampled_from([None, -5.0]),
            "range_high": st.sampled_from([None, 11.0]),
        }
    ),
}

HALF_OF_GAUSS = math.sqrt(2 / math.pi)


def clamped(params, value):
    low = -math.inf if params.range_low is None else params.range_low
    high = math.inf if params.range_high is None else params.range_high
    return not low < value < high


class OwnNoise:
    """Keeps every sample since the last gap, and every movement of the window that it learns from."""

    def __init__(self, params):
        self.params = params
        self.window = max(params.window_s, 30 * params.period_s)
        self.usual = None if params.noise is None else params.noise * HALF_OF_GAUSS
        self.run = []
        self.scale = 0.0
        self.block = []
        self.block_began = None
        self.means = []
        self.alive = self.dead = 0

    def see(self, time, value):
        if clamped(self.params, value):
            self.run = []
            return
        if not self.run or time - self.run[-1][0] > round(self.window * SECOND_NS):
            self.run, self.scale = [(time, value)], 0.0
            self.block, self.block_began = [], time
            return
        self.run.append((time, value))
        if len(self.run) > 2:
            self.move(time, value)

    def move(self, time, value):
        (t0, v0), (t1, v1), _ = self.run[-3:]
        a = (time - t1) / (time - t0)
        u = abs(v1 - (a * v0 + (1 - a) * value)) / math.sqrt(1 + a**2 + (1 - a) ** 2)
        if self.usual is None:
            self.learn(time, u)
        else:
            u = min(u, 4 * self.usual)
        passed = (time - t1) / SECOND_NS
        share = passed / (passed + self.window / 3)
        self.scale += (u - self.scale) * max(share, 1 / (len(self.run) - 2))

    def learn(self, time, u):
        self.block.append(u)
        spent = time - self.block_began
        if spent < round(self.window * SECOND_NS):
            return
        mean = fmean(self.block)
        floor = max(self.params.resolution / 2 * HALF_OF_GAUSS, 1e-12, 0.2 * min(self.means, default=0))
        if mean >= floor:
            self.means.append(mean)
            self.alive += spent
            if self.alive >= max(round(self.params.learn_s * SECOND_NS), 9 * self.dead):
                self.usual = min(self.means)
        else:
            self.dead += spent
        self.block, self.block_began = [], time

    def settled(self, time):
        whole = self.run and time - self.run[0][0] >= round(self.window * SECOND_NS)
        return self.usual is not None and whole


class NoiseLoss(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.noise = OwnNoise(params)

    def see(self, time, value, quality, received):
        if quality in BAD_FOR_A_LINE:
            return None
        self.noise.see(time, value)
        if not self.noise.settled(time):
            return None
        share = self.noise.scale / self.noise.usual
        figure = self.noise.scale / HALF_OF_GAUSS
        if not self.truth and share < self.params.fraction:
            return self.turn(True, time, figure)
        if self.truth and share > 1.5 * self.params.fraction and CLEARS[quality]:
            return self.turn(False, time, figure)
        return None


class Stuck(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.noise = OwnNoise(params)
        self.run = []  # times that count, without movement
        self.held = []  # values; while true also those from before an excursion
        self.since = 0

    def needed(self):
        if self.noise.usual is None:
            return math.inf
        noise = self.noise.usual / HALF_OF_GAUSS / 2
        width = self.params.band + self.params.resolution
        stays = math.erf(width / (2 * math.sqrt(2) * noise))
        if stays == 1:
            return math.inf
        return max(self.params.min_samples, 1 + math.ceil(math.log(self.params.improbable) / math.log(stays)))

    def see(self, time, value, quality, received):
        if quality == Quality.UNCERTAIN_LAST_USABLE_VALUE:
            return None
        if quality in EXCURSIONS or (not self.truth and clamped(self.params, value)):
            self.run = []
            return None
        if self.truth and not CLEARS[quality]:
            return None
        if self.noise.usual is None:
            self.noise.see(time, value)
        return self.see_live(time, value)

    def see_live(self, time, value):
        before = self.since
        self.held = [*self.held, value] if self.truth or self.run else [value]
        moved = max(self.held) - min(self.held) > self.params.band + self.params.resolution / 4
        if moved:
            self.run, self.held = [], [value]
        if not self.run or time - self.run[-1] >= round(self.params.update_s * SECOND_NS):
            self.run.append(time)
        self.since = self.run[0]
        if self.truth and moved:
            return self.turn(False, time, (time - before) / SECOND_NS)
        span = time - self.since
        long = span >= round(self.params.min_s * SECOND_NS)
        if not self.truth and long and len(self.run) >= self.needed():
            return self.turn(True, time, span / SECOND_NS)
        return None


TWINS = {"noise_loss": NoiseLoss, "stuck": Stuck}
