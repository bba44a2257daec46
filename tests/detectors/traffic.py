"""Rules and traffic for the contract suite, as hypothesis strategies."""

from random import Random

import numpy as np
from hypothesis import strategies as st

from detectors.bank import CAUSES, RuleRow
from detectors.catalogue import kinds
from detectors.contract import SECOND_NS, Samples
from detectors.parameters import watched_points, watched_rules
from detectors.quality import Quality
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

START = 1_700_000_000 * SECOND_NS
POINTS = 3

# Odd setpoints, so that no tie of rounding between a kernel's sums and a twin's lists decides.
SETTINGS = {
    "limit": st.fixed_dictionaries(
        {"side": st.sampled_from(["HH", "H", "L", "LL"]), "setpoint": st.sampled_from([2.0, 5.0])},
        optional={"deadband": st.sampled_from([0.0, 1.0])},
    ),
    "flatline": st.fixed_dictionaries(
        {
            "window_s": st.sampled_from([5.0, 20.0]),
            "band": st.sampled_from([0.0, 1.0]),
            "min_samples": st.sampled_from([2, 4]),
            "resting": st.sampled_from([None, 4.0]),
        }
    ),
    "stale": st.fixed_dictionaries(
        {"period_s": st.sampled_from([2.0, 6.0])},
        optional={"factor": st.just(2.0), "timeout_s": st.just(9.0)},
    ),
    "instrument_signal": st.fixed_dictionaries(
        {
            "states": st.lists(
                st.sampled_from(["failure", "over_range", "no_communication", "not_accurate"]), min_size=1
            )
        }
    ),
    **twins_leak.SETTINGS,
    **twins_noise.SETTINGS,
    **twins_trend.SETTINGS,
    **twins_place.SETTINGS,
    **twins_shift.SETTINGS,
    **twins_rules.SETTINGS,
    **twins_voting.SETTINGS,
    **twins_discrepancy.SETTINGS,
    **twins_balance.SETTINGS,
}


def params_of(kind):
    """Valid Params of a kind."""
    return SETTINGS[kind].map(lambda settings: kinds()[kind].params(**settings))


PLAIN = 3
"""So many rules that watch points there are at least, where there is one over rules."""


@st.composite
def rule_sets(draw, names, least=1, most=6):
    """Some rules of these kinds over POINTS points, with delays and latches."""
    chosen = [draw(st.sampled_from(names)) for _ in range(draw(st.integers(least, most)))]
    over = [kind for kind in chosen if kinds()[kind].over_rules]
    if over:
        chosen += draw(st.lists(st.sampled_from(["limit", "stale"]), min_size=PLAIN, max_size=PLAIN))
        chosen = draw(st.permutations(chosen))
    plain = [row for row, kind in enumerate(chosen) if not kinds()[kind].over_rules]
    return [draw(rule_rows(f"works/rule{i}", kind, plain)) for i, kind in enumerate(chosen)]


@st.composite
def rule_rows(draw, rule, kind, plain):
    """A rule of this kind; `plain` are the rows that one over rules may watch."""
    params = draw(params_of(kind))
    points = draw(st.permutations(range(POINTS)))
    watched = draw(st.permutations(plain))
    return RuleRow(
        rule=rule,
        point=points[0],
        kind=kind,
        params=params,
        on_delay_s=draw(st.sampled_from([0.0, 0.0, 3.0, 11.0])),
        off_delay_s=draw(st.sampled_from([0.0, 0.0, 2.0, 12.0])),
        latched=draw(st.booleans()),
        members=tuple(points[1 : 1 + len(watched_points(params))]),
        watched=tuple(watched[: len(watched_rules(params))]),
    )


def traffic(most=300):
    """Batches of a seeded plant: hypothesis chooses the seed and how many samples."""
    return st.builds(recorded, st.integers(0, 2**32 - 1), st.integers(60, most))


def recorded(seed, count):
    """List of (received_time, [(point, source_time, value, quality), ...]), received_time not falling.

    Per point source_time rises strictly: a nanosecond, a second, a period, a gap; now and then a burst
    of stored samples comes at once. A value ramps, rests, jumps or is noise for a while, and its quality
    is mostly good, or for a while something else.
    """
    random = Random(seed)
    plant = [Wandering(random) for _ in range(POINTS)]
    received, batches = START, []
    while count > 0:
        size = random.choice([0, 1, 1, 2, 4, 12])
        count -= max(size, 1)
        received += random.choice([0, 1, 1, 2, 5, 30]) * SECOND_NS
        points = [random.randrange(POINTS) for _ in range(size)]
        batches.append((received, [(point, *plant[point].sample()) for point in points]))
    return batches


class Wandering:
    """A point that changes its ways."""

    def __init__(self, random):
        self.random = random
        self.time = START
        self.value = 4.0
        self.change()

    def change(self):
        self.way = self.random.choice(["rise", "fall", "rest", "rest", "noise"])
        self.slope = self.random.choice([0.02, 0.1, 0.37])
        self.quality = self.random.choice([Quality.GOOD, Quality.GOOD, self.random.choice(list(Quality))])
        self.value = self.random.choice([self.value, self.value, 4.0, 9.5, -3.5])

    def sample(self):
        if self.random.random() < 0.08:
            self.change()
        choices = [1, SECOND_NS, SECOND_NS, 3 * SECOND_NS, 7_130_000_000]
        step = self.random.choice(choices) if self.random.random() < 0.98 else 90 * SECOND_NS
        self.time += step
        move = self.slope * step / SECOND_NS
        if self.way == "rise":
            self.value = min(self.value + move, 11.0)
        elif self.way == "fall":
            self.value = max(self.value - move, -5.0)
        elif self.way == "noise":
            self.value += self.random.gauss(0, 0.5)
        odd = self.random.random() < 0.05
        return self.time, self.value, int(self.random.choice(list(Quality)) if odd else self.quality)


def columns(batch):
    """Tuples -> Samples."""
    return Samples(
        np.array([each[0] for each in batch], dtype=np.int32),
        np.array([each[1] for each in batch], dtype=np.int64),
        np.array([each[2] for each in batch], dtype=np.float64),
        np.array([each[3] for each in batch], dtype=np.uint8),
    )


def rows(changes):
    """Changes -> list of tuples as the naive bank gives them."""
    return [
        (
            int(changes.rule[i]),
            bool(changes.active[i]),
            int(changes.onset[i]),
            int(changes.source_time[i]),
            float(changes.value[i]),
            int(changes.quality[i]),
            float(changes.figure[i]),
            CAUSES[changes.cause[i]],
            int(changes.sample[i]),
        )
        for i in range(len(changes.rule))
    ]
