"""A gas reading that stands above its own background before the first level is reached: a slow leak.

Finds: seals, flanges and valves that leak a little, drains that evaporate, a leak that the wind only grazes.
Choose `limit` for the levels themselves (always have them as well), `rate_of_change` for gas that builds
up within minutes, `cusum` or `drift` for a value whose normal place is known.

Every point has a background b of its own, a low expectile of its values that moves with source time:

    b += (x - b) dt / (fall_s + dt)           below it: the background is no higher than what is seen
    b += min(x - b, s) dt / (learn_s + dt)    above it: slowly, and never by more than the spread

and a spread s, the usual distance of the smoothed value from it: a mean of |m - b| over `learn_s`, cut at
3 s, where m is the value smoothed over `smooth_s`. So s counts what the daily swing, the weather and noise
that wanders do to m itself, and a leak, which lies far above, teaches b and s next to nothing: a steady one
of 20 spreads is told for some 10 `learn_s`. True when m - b is at least `rise` and at least `k` spreads
for `persist_s`; false when it is under half of the bound that holds then. While true, s does not grow.

It says nothing before it has watched for `warmup_s`. A detector that clamps its zero has no spread there:
`rise` alone decides.

Quality: an over-range or locked value counts as it stands and so raises, but teaches no background; it and
other UNCERTAIN samples end nothing. Under-range and last-usable values are passed over. After a silence
longer than an hour or `learn_s` / 4, the smaller, the smoothing and the persistence begin anew; the
background stays.

False alarms a point-year, measured on stationary noise at a period of 10 s with the defaults (500 points for
56 h, 3.2 point-years: 0 means fewer than 1), whatever the `rise`, by the correlation of neighbouring
samples: white 0, 0.7: 0, 0.9: 0.6. Weather makes more: see the field data below.

Field data: eight methane sensors around a test site for a week, 17 controlled releases, one row a minute
(`examples/metec`): all 17 seen, after 3.5 min in the median, with 10 false alarms a day; 3 ppm with the same
off-delay 20 a day.

Quiet months, false alarms a point-year: combustible_gas 2.9 (1.9 to 4.4), toxic_gas 1.7 (0.78 to 3.2); with
the settings of the packs: docs/false-alarms.md.

State: 65 bytes a row.

Example: `when: {detector: leak_trend, rise: 3}` on a methane detector in %LEL is true when it reads 3 %LEL
above its background for a minute, long before 25 %LEL.

Source: asymmetric least squares: W. K. Newey and J. L. Powell, Econometrica 55 (1987) 819 (expectiles); the
cut at three spreads: P. J. Huber, Robust Statistics. Defaults are choices of this project, no regulations.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from detectors.contract import SECOND_NS, Bool, DetectorKind, Edges, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_not_negative, require_positive
from detectors.quality import CLEARS, Quality
from detectors.trend import FITS, Records

CUT = 3.0
"""A distance counts for no more than this many spreads."""
RELEASE = 0.5
"""It ends under this share of the bound."""
LONGEST_SILENCE_S = 3600.0

RAISES = FITS.copy()
"""`RAISES[quality]`: may the value make it true?"""
RAISES[[Quality.UNCERTAIN_OVER_RANGE, Quality.UNCERTAIN_OVER_RANGE_LOCKED]] = True


@dataclass(frozen=True, kw_only=True)
class Params:
    rise: float = field(
        metadata={"doc": "Least rise above the background that counts as a leak.", "unit": "point"}
    )
    k: float = field(
        default=6.0,
        metadata={"doc": "Spreads above the background that are needed as well.", "unit": ""},
    )
    smooth_s: float = field(
        default=30.0, metadata={"doc": "Time over which the value is smoothed.", "unit": "s"}
    )
    persist_s: float = field(
        default=60.0, metadata={"doc": "How long it must stay above without a break.", "unit": "s"}
    )
    learn_s: float = field(
        default=21600.0,
        metadata={"doc": "Time in which the background follows upwards, and the spread.", "unit": "s"},
    )
    fall_s: float = field(
        default=1800.0, metadata={"doc": "Time in which the background follows downwards.", "unit": "s"}
    )
    warmup_s: float = field(
        default=1800.0, metadata={"doc": "Time after the first sample in which it only learns.", "unit": "s"}
    )

    def __post_init__(self) -> None:
        for name in ("rise", "k", "smooth_s", "learn_s", "fall_s"):
            require_positive(name, getattr(self, name))
        require_not_negative("persist_s", self.persist_s)
        require_not_negative("warmup_s", self.warmup_s)
        if self.fall_s > self.learn_s:
            raise Refused(
                f"fall_s={self.fall_s!r} 不得大于 learn_s={self.learn_s!r}：升得比降得快的本底会把泄漏学进去",
                f"fall_s={self.fall_s!r} must be at most learn_s={self.learn_s!r}: "
                "a background that rises faster than it falls learns the leak",
            )


LEAK_PARAMETERS = np.dtype(
    [
        ("rise", np.float64),
        ("k", np.float64),
        ("smooth", np.float64),  # s
        ("learn", np.float64),  # s
        ("fall", np.float64),  # s
        ("persist", np.int64),  # ns
        ("warmup", np.int64),  # ns
        ("silence", np.int64),  # ns
    ]
)
LEAK = np.dtype(
    [
        ("samples", np.int64),  # that taught the background; 0: none
        ("began", np.int64),  # ns of the first
        ("taught", np.int64),  # ns of the newest of them
        ("time", np.int64),  # ns of the newest sample
        ("since", np.int64),  # ns since when it stands above; NOT_ABOVE: it does not
        ("background", np.float64),
        ("spread", np.float64),
        ("smooth", np.float64),
    ]
)
NOT_ABOVE = int(np.iinfo(np.int64).max)


class LeakParameters(NamedTuple):
    leak: Records  # LEAK_PARAMETERS


class LeakState(NamedTuple):
    truth: Bool
    leak: Records  # LEAK


def make_parameters(params: Sequence[Params]) -> LeakParameters:
    rows = [
        (
            p.rise,
            p.k,
            p.smooth_s,
            p.learn_s,
            p.fall_s,
            round(p.persist_s * SECOND_NS),
            round(p.warmup_s * SECOND_NS),
            round(min(LONGEST_SILENCE_S, p.learn_s / 4) * SECOND_NS),
        )
        for p in params
    ]
    return LeakParameters(leak=np.array(rows, dtype=LEAK_PARAMETERS))


def make_state(rows: int) -> LeakState:
    leak = np.zeros(rows, LEAK)
    leak["since"] = NOT_ABOVE
    return LeakState(truth=np.zeros(rows, np.bool_), leak=leak)


@compiled
def share(passed: float, tau: float) -> float:
    """Of the newest sample in a running mean of `tau`, `passed` seconds after the one before."""
    return passed / (tau + passed)


@compiled
def smooth(settings: Any, leak: Any, source_time: int, value: float) -> None:
    """Take any sample that may raise into the smoothed value."""
    silence = source_time - leak["time"]
    if leak["samples"] == 0 or silence > settings["silence"]:
        leak["smooth"] = value
        leak["since"] = NOT_ABOVE
    else:
        leak["smooth"] += (value - leak["smooth"]) * share(silence / SECOND_NS, settings["smooth"])
    leak["time"] = source_time


@compiled
def teach(settings: Any, leak: Any, source_time: int, value: float, truth: bool) -> None:
    """Move background and spread by a sample that says where the process is."""
    if leak["samples"] == 0:
        leak["began"] = source_time
        leak["background"] = value
    else:
        passed = (source_time - leak["taught"]) / SECOND_NS
        early = 1.0 / (leak["samples"] + 1)
        slow = max(early, share(passed, settings["learn"]))
        distance = value - leak["background"]
        if distance < 0.0:
            leak["background"] += distance * max(early, share(passed, settings["fall"]))
        else:
            leak["background"] += min(distance, leak["spread"]) * slow
        apart = abs(leak["smooth"] - leak["background"])
        if leak["spread"] > 0.0:
            apart = min(apart, (1.0 if truth else CUT) * leak["spread"])
        leak["spread"] += (apart - leak["spread"]) * slow
    leak["taught"] = source_time
    if leak["samples"] < 1_000_000_000:
        leak["samples"] += 1


@compiled
def excess(leak: Any) -> float:
    """Of the smoothed value over the background."""
    return float(leak["smooth"] - leak["background"])


@compiled
def bound(settings: Any, leak: Any) -> float:
    """The excess at which it begins."""
    return float(max(settings["rise"], settings["k"] * leak["spread"]))


@compiled
def stands_above(settings: Any, leak: Any, source_time: int) -> bool:
    """Has the excess been at the bound for long enough, this sample included?"""
    if excess(leak) < bound(settings, leak):
        leak["since"] = NOT_ABOVE
        return False
    leak["since"] = min(leak["since"], source_time)
    return bool(source_time - leak["since"] >= settings["persist"])


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: LeakParameters,
    state: LeakState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if not RAISES[quality]:
            continue
        point = samples.point[i]
        time = samples.source_time[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            settings = parameters.leak[row]
            leak = state.leak[row]
            truth = state.truth[row]
            smooth(settings, leak, time, samples.value[i])
            if leak["samples"] == 0 or time - leak["began"] < settings["warmup"]:
                changed = False
            elif truth:
                changed = excess(leak) < RELEASE * bound(settings, leak) and CLEARS[quality]
            else:
                changed = stands_above(settings, leak, time)
            if FITS[quality]:
                teach(settings, leak, time, samples.value[i], truth)
            if changed:
                state.truth[row] = not truth
                leak["since"] = NOT_ABOVE
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = time
                edges.truth[count] = not truth
                edges.figure[count] = excess(leak)
                count += 1
    return count


KIND = DetectorKind(
    name="leak_trend",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="smoothed value above the background, point unit",
)
