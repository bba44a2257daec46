"""Rules and traffic for the contract suite, as hypothesis strategies."""

import numpy as np
from hypothesis import strategies as st

from detectors.bank import RuleRow
from detectors.catalogue import kinds
from detectors.contract import SECOND_NS, Samples
from detectors.quality import Quality

START = 1_700_000_000 * SECOND_NS
POINTS = 3

# Odd setpoints, so that no tie of rounding between a kernel's sums and a twin's lists decides.
SETTINGS = {
    "limit": st.fixed_dictionaries(
        {"side": st.sampled_from(["HH", "H", "L", "LL"]), "setpoint": st.sampled_from([2.0, 5.0])},
        optional={"deadband": st.sampled_from([0.0, 1.0])},
    ),
    "rate_of_change": st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["rising", "falling", "either"]),
            "rate": st.sampled_from([0.7131, 7.177]),
            "window_s": st.just(40.0),
            "period_s": st.sampled_from([1.0, 7.0]),
            "min_samples": st.sampled_from([3, 6]),
            "significance": st.sampled_from([0.713, 2.171]),
        }
    ),
    "time_to_limit": st.fixed_dictionaries(
        {
            "side": st.sampled_from(["HH", "LL"]),
            "setpoint": st.sampled_from([-3.137, 9.137]),
            "horizon_s": st.sampled_from([31.37, 313.7]),
            "window_s": st.just(40.0),
            "period_s": st.sampled_from([1.0, 7.0]),
            "min_samples": st.sampled_from([3, 6]),
            "significance": st.sampled_from([0.713, 2.171]),
        }
    ),
    "flatline": st.fixed_dictionaries(
        {
            "window_s": st.sampled_from([5.0, 20.0]),
            "band": st.sampled_from([0.0, 1.0]),
            "min_samples": st.sampled_from([2, 4]),
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
}

QUALITIES = st.one_of(st.just(Quality.GOOD), st.just(Quality.GOOD), st.sampled_from(list(Quality)))


def params_of(kind):
    """Valid Params of a kind."""
    return SETTINGS[kind].map(lambda settings: kinds()[kind].params(**settings))


@st.composite
def rule_sets(draw, names, least=1, most=6):
    """Some rules of these kinds over POINTS points, with delays and latches."""
    rules = []
    for i in range(draw(st.integers(least, most))):
        kind = draw(st.sampled_from(names))
        rules.append(
            RuleRow(
                rule=f"works/rule{i}",
                point=draw(st.integers(0, POINTS - 1)),
                kind=kind,
                params=draw(params_of(kind)),
                on_delay_s=draw(st.sampled_from([0.0, 0.0, 3.0, 11.0])),
                off_delay_s=draw(st.sampled_from([0.0, 0.0, 2.0, 12.0])),
                latched=draw(st.booleans()),
            )
        )
    return rules


@st.composite
def traffic(draw, most=60):
    """List of (received_time, [(point, source_time, value, quality), ...]), received_time not falling.

    Per point source_time rises strictly: in small steps, in steps of a period, and over gaps; now and
    then a burst of stored samples comes at once. Values walk, rest, jump and repeat.
    """
    source = [START] * POINTS
    value = [4.0] * POINTS
    received = START
    batches = []
    left = draw(st.integers(1, most))
    while left > 0:
        size = draw(st.sampled_from([0, 1, 1, 2, 4, 12]))
        left -= max(size, 1)
        received += draw(st.sampled_from([0, 1, 1, 2, 5, 30])) * SECOND_NS
        batch = []
        for _ in range(size):
            point = draw(st.integers(0, POINTS - 1))
            source[point] += draw(
                st.sampled_from([1, SECOND_NS, SECOND_NS, 3 * SECOND_NS, 7_130_000_000, 90 * SECOND_NS])
            )
            value[point] = draw(
                st.sampled_from(
                    [value[point], value[point], value[point] + 1.0, value[point] - 1.0, 4.0, 9.5]
                )
            )
            batch.append((point, source[point], value[point], int(draw(QUALITIES))))
        batches.append((received, batch))
    return batches


def columns(batch):
    """Tuples -> Samples."""
    return Samples(
        np.array([each[0] for each in batch], dtype=np.int32),
        np.array([each[1] for each in batch], dtype=np.int64),
        np.array([each[2] for each in batch], dtype=np.float64),
        np.array([each[3] for each in batch], dtype=np.uint8),
    )


CAUSES = ("sample", "timer", "reset")


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
