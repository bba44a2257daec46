"""Slow twin of `mass_balance`, and the rules with which it meets the traffic."""

import math
from itertools import pairwise

from hypothesis import strategies as st

from detectors.contract import SECOND_NS
from detectors.quality import CLEARS, Quality
from tests.detectors.twin import BAD_FOR_A_LINE, Twin

SETTINGS = {
    "mass_balance": st.builds(
        lambda flows, shape, rest: flows | shape | rest,
        st.sampled_from(
            [
                {"inflows": ("b",)},
                {"inflows": ("b",), "outflows": ("c",), "flow_units": ("m3/h", "t/h")},
                {"outflows": ("b", "c"), "flow_units": ("L/min", "m3/h")},
            ]
        ),
        st.sampled_from(
            [
                {"area_m2": 0.01137},
                {"area_m2": 1.137, "level_unit": "cm"},
                {
                    "table_levels": (-2.0, 1.0, 5.0),
                    "table_volumes_m3": (0.0, 0.013, 0.091),
                    "level_unit": "%",
                },
            ]
        ),
        st.fixed_dictionaries(
            {
                "tolerance_m3": st.sampled_from([0.007131, 0.03137]),
                "direction": st.sampled_from(["either", "loss", "gain"]),
                "window_s": st.sampled_from([31.37, 313.7]),
                "smooth_s": st.sampled_from([0.001, 7.137]),
                "flow_error": st.sampled_from([0.0, 0.137]),
                "zero_cutoff_m3h": st.sampled_from([0.0, 4.5]),
                "max_age_s": st.sampled_from([12.0, 100.0]),
                "density_kg_m3": st.just(713.0),
            }
        ),
    )
}


class MassBalance(Twin):
    """Keeps every sample since the last gap and draws the whole balance anew at each level."""

    sees_bad = True

    def __init__(self, params):
        super().__init__(params)
        self.signs = [0] + [1] * len(params.inflows) + [-1] * len(params.outflows)
        self.flows = [[] for _ in self.signs]
        self.quality = [Quality.BAD] * len(self.signs)
        self.level = None  # (time, m3)
        self.drawn = []  # (time, m3 of volume less net flow so far, m3 that flowed either way)
        self.age = round(params.max_age_s * SECOND_NS)

    def see_slot(self, slot, time, value, quality, received):
        if quality == Quality.UNCERTAIN_LAST_USABLE_VALUE:
            return None
        self.quality[slot] = quality
        if quality >= Quality.BAD or quality in BAD_FOR_A_LINE:
            self.drawn = []
            if slot:
                self.flows[slot] = []
            else:
                self.level = None
        elif slot:
            if not self.flows[slot] or time - self.flows[slot][-1][0] > self.age:
                self.drawn, self.flows[slot] = [], []
            flow = value * self.in_m3h(slot)
            self.flows[slot].append((time, 0.0 if abs(flow) < self.params.zero_cutoff_m3h else flow))
        else:
            return self.see_level(time, self.volume(value), quality)
        return None

    def in_m3h(self, slot):
        units = self.params.flow_units
        density = self.params.density_kg_m3
        return {"m3/h": 1.0, "t/h": 1000.0 / density, "L/min": 0.06}[units[slot - 1] if units else "m3/h"]

    def volume(self, level):
        p = self.params
        if p.area_m2:
            return level * p.area_m2 * {"m": 1, "cm": 0.01}[p.level_unit]
        corners = list(zip(p.table_levels, p.table_volumes_m3, strict=True))
        for (low, bottom), (high, top) in pairwise(corners):
            if level <= high or high == corners[-1][0]:
                return bottom + (level - low) / (high - low) * (top - bottom)
        raise AssertionError

    def see_level(self, time, volume, quality):
        gap = self.level is None or time - self.level[0] > self.age
        self.level = (time, volume)
        if not all(each and abs(time - each[-1][0]) <= self.age for each in self.flows[1:]):
            self.drawn = []
            return None
        if gap:
            self.drawn = []
        net = sum(sign * integral(each, time) for sign, each in zip(self.signs, self.flows, strict=True))
        gross = sum(integral([(t, abs(q)) for t, q in each], time) for each in self.flows)
        self.drawn.append((time, volume - net, gross))
        return self.judge(time) if len(self.drawn) > 1 else None

    def judge(self, time):
        p = self.params
        shown = 0.0
        for last in range(2, len(self.drawn) + 1):
            residual, through = self.sums(self.drawn[:last])
            passed = (self.drawn[last - 1][0] - self.drawn[last - 2][0]) / SECOND_NS
            shown += (1 - math.exp(-passed / p.smooth_s)) * (residual - shown)
        size = {"either": abs(shown), "gain": shown, "loss": -shown}[p.direction]
        reach = p.tolerance_m3 + p.flow_error * max(0.0, through)
        if not self.truth and size >= reach:
            return self.turn(True, time, shown)
        balanced = time - self.drawn[0][0] >= round(p.window_s * SECOND_NS)
        sure = balanced and all(CLEARS[each] for each in self.quality)
        if self.truth and sure and size < reach * (1 - p.deadband):
            return self.turn(False, time, shown)
        return None

    def sums(self, drawn):
        residual = through = 0.0
        for before, after in pairwise(drawn):
            weight = math.exp(-(drawn[-1][0] - after[0]) / SECOND_NS / self.params.window_s)
            residual += weight * (after[1] - before[1])
            through += weight * (after[2] - before[2])
        return residual, through


def integral(flow, until):
    """m3 of (time, m3/h) by trapezoids, and held from the newest on, or taken back to `until`."""
    if not flow:
        return 0.0
    hours = 3600 * SECOND_NS
    total = sum((a[1] + b[1]) / 2 * (b[0] - a[0]) / hours for a, b in pairwise(flow))
    return total + flow[-1][1] * (until - flow[-1][0]) / hours


TWINS = {"mass_balance": MassBalance}
