"""Slow twin of `leak_trend`, and the rules with which it meets the traffic."""

import math

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, Quality
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

SETTINGS = {
    "leak_trend": st.fixed_dictionaries(
        {
            "rise": st.sampled_from([0.3137, 2.137]),
            "k": st.sampled_from([0.713, 3.137]),
            "smooth_s": st.sampled_from([0.5, 11.0]),
            "persist_s": st.sampled_from([0.0, 6.5]),
            "learn_s": st.sampled_from([100.0, 1000.0]),
            "fall_s": st.sampled_from([10.0, 100.0]),
            "warmup_s": st.sampled_from([0.0, 20.5]),
        }
    )
}

NEVER_ENTERS = {Quality.UNCERTAIN_UNDER_RANGE, Quality.UNCERTAIN_LAST_USABLE_VALUE}


def share_of_the_newest(seconds, tau):
    return seconds / (seconds + tau)


class LeakTrend(Twin):
    def __init__(self, params):
        super().__init__(params)
        self.background = self.spread = self.smooth = self.last = None
        self.taught = []  # source times of the samples that taught the background
        self.above = []  # source times since the excess is at the bound

    def see(self, time, value, quality, received):
        if quality in NEVER_ENTERS:
            return None
        p = self.params
        silence = math.inf if self.last is None else time - self.last
        if not self.taught or silence > round(min(3600, p.learn_s / 4) * SECOND_NS):
            self.smooth, self.above = value, []
        else:
            self.smooth += (value - self.smooth) * share_of_the_newest(silence / SECOND_NS, p.smooth_s)
        self.last = time
        turns = self.turns(time, quality)
        if quality not in BAD_FOR_A_LINE:
            self.teach(time, value)
        if turns:
            self.above = []
            return self.turn(not self.truth, time, self.smooth - self.background)
        return None

    def turns(self, time, quality):
        p = self.params
        if not self.taught or time - self.taught[0] < round(p.warmup_s * SECOND_NS):
            return False
        excess = self.smooth - self.background
        bound = max(p.rise, p.k * self.spread)
        if self.truth:
            return excess < bound / 2 and CLEARS[quality]
        self.above = [*self.above, time] if excess >= bound else []
        return bool(self.above) and time - self.above[0] >= round(p.persist_s * SECOND_NS)

    def teach(self, time, value):
        if not self.taught:
            self.background, self.spread = value, 0.0
            self.taught.append(time)
            return
        p = self.params
        passed = (time - self.taught[-1]) / SECOND_NS
        early = 1 / (len(self.taught) + 1)
        slow = max(early, share_of_the_newest(passed, p.learn_s))
        if value < self.background:
            self.background -= (self.background - value) * max(early, share_of_the_newest(passed, p.fall_s))
        else:
            self.background += min(value - self.background, self.spread) * slow
        apart = abs(self.smooth - self.background)
        if self.spread:
            apart = min(apart, self.spread if self.truth else 3 * self.spread)
        self.spread += (apart - self.spread) * slow
        self.taught.append(time)


TWINS = {"leak_trend": LeakTrend}
