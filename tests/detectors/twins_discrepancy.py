"""Slow twin of `discrepancy`, and the rules with which it meets the traffic."""

import math
from statistics import median

import numpy as np
from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, Quality
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

SETTINGS = {
    "discrepancy": st.fixed_dictionaries(
        {
            "others": st.sampled_from([("b",), ("b", "c")]),
            "tolerance": st.sampled_from([0.7131, 3.137, None]),
            "deadband": st.sampled_from([0.0, 0.2]),
            "period_s": st.sampled_from([2.0, 20.0, 300.0]),
        },
        optional={"max_age_s": st.just(15.0)},
    )
}


class Discrepancy(Twin):
    """Keeps, of each member, every sample since it was last the oldest of those compared."""

    sees_bad = True

    def __init__(self, params):
        super().__init__(params)
        self.samples = [[] for _ in range(1 + len(params.others))]
        self.max_age = round((params.max_age_s or 3 * params.period_s) * SECOND_NS)
        self.part = set()
        self.settled = set()  # those that were the one that spoke longest ago since they began to speak

    def see_slot(self, slot, time, value, quality, received):
        if quality == Quality.UNCERTAIN_LAST_USABLE_VALUE:
            return None
        if quality >= Quality.BAD or quality in BAD_FOR_A_LINE:
            self.samples[slot] = []
            self.compared()
            return None
        if not self.samples[slot] or time - self.samples[slot][-1][0] > self.max_age:
            self.samples[slot] = []
            self.settled.discard(slot)
        self.samples[slot].append((time, float(np.float32(value))))
        usable = self.compared()
        if len(usable) < 2:
            return None
        deviation = max((self.deviation(each, usable) for each in sorted(usable)), key=abs)
        if not self.truth:
            self.part = usable
            reached = abs(deviation) >= self.params.effective_tolerance
            return self.turn(True, time, deviation) if reached else None
        self.part |= usable
        within = abs(deviation) < self.params.effective_tolerance * (1 - self.params.deadband)
        if within and self.part <= usable and CLEARS[quality]:
            return self.turn(False, time, deviation)
        return None

    def compared(self):
        """Slots of the usable members; what they showed before the oldest of them spoke is forgotten."""
        newest = max((each[-1][0] for each in self.samples if each), default=-math.inf)
        usable = {
            slot for slot, each in enumerate(self.samples) if each and newest - each[-1][0] <= self.max_age
        }
        oldest = min((self.samples[slot][-1][0] for slot in usable), default=newest)
        for slot, each in enumerate(self.samples):
            if each and each[-1][0] <= oldest:
                self.settled.add(slot)
                del each[:-1]
        return usable & self.settled

    def deviation(self, slot, usable):
        low = {each: min(value for _, value in self.samples[each]) for each in usable}
        high = {each: max(value for _, value in self.samples[each]) for each in usable}
        above = low[slot] - median([high[each] for each in usable if each != slot])
        below = median([low[each] for each in usable if each != slot]) - high[slot]
        return max(above, 0.0) if above >= below else min(-below, 0.0)


TWINS = {"discrepancy": Discrepancy}
