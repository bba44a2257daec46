"""Redundant instruments that do not agree.

Finds: the one of several gauges that lies: stuck, drifted, wrongly scaled, mounted on another tank. Choose
`voting` to act on what the majority says, `flatline` or `stuck` for an instrument without a twin,
`mass_balance` for a level that nothing but the flows can check.

The rule's own point and `others` should show the same. Each member is held against the median of the other
usable ones; of two members that is their difference. True when one is away by `tolerance` or more, false
when all are within `tolerance * (1 - deadband)`.

Samples of different times: members are compared at the stamp of the one that spoke longest ago. For a
member that has spoken since then every value between its sample at that moment and its newest is believed,
so a process that moves, ramp or step, makes no difference however the stamps are staggered and however the
periods differ; the comparison is sharp again when the slow one speaks. A member whose stamp is more than
`max_age_s` behind the newest is not compared. One that begins to speak, or does so again after a longer
silence or a fault, is compared from the moment on at which it is the one that spoke longest ago: before it
nothing is known of it. With fewer than two comparable members nothing is said.
A turn of the process between two stamps, which one member alone has seen, is a difference until the next
samples: give the rule an on-delay of two periods where the process moves fast.
A clock that is wrong by more than that takes its instrument out of the comparison, and one that is wrong
by less makes a difference of rate times error: leave room for it in the tolerance.

Quality: over-range, under-range, locked and BAD members are not compared until they can be believed again;
a last-usable value is a copy and passed over. The rule ends only with a sample that clears (GOOD,
UNCERTAIN_TIMESTAMP), and only while every member that took part since it began is comparable: the failure
of the liar is no agreement. `instrument_signal` and `stale` tell of such members.

False alarms: members with independent noise of sigma differ by 1.4 sigma sqrt(2 ln n) or so in n samples;
a tolerance of 8 sigma is left by noise alone once in 10^7 samples. Zero offsets add up: count them in.

Quiet months, false alarms a point-year: level under 0.57; with the settings of quiet_rules.yaml:
docs/false-alarms.md.

State: 165 bytes a row. Values are kept to 7 digits.

Example: `on_delay_s: 20` and `when: {detector: discrepancy, others: [LT102, LT103], tolerance: 0.05}` on
LT101 in m.

Source: deviation alarm (PDA) between redundant transmitters in tag lists of safety systems; mid-value
selection as in general practice, unverified. The default of 5 % of the range is a choice of this project.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.columns import floats
from detectors.contract import MOST_SLOTS, SECOND_NS, Bool, DetectorKind, Edges, Float64, Index, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_finite, require_members, require_positive
from detectors.quality import CLEARS, Quality
from detectors.trend import FITS

COPY = int(Quality.UNCERTAIN_LAST_USABLE_VALUE)
PERIODS = 3.0
NEVER_SEEN = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, kw_only=True)
class Params:
    others: tuple[str, ...] = field(
        metadata={
            "doc": "The points that should show the same as the rule's own, up to 7.",
            "unit": "",
            "watches": "point",
            "like_point": True,
        }
    )
    tolerance: float | None = field(
        default=None,
        metadata={"doc": "Difference that is too large; without it, a share of the range.", "unit": "point"},
    )
    share_of_range: float = field(
        default=0.05, metadata={"doc": "The tolerance as a fraction of the instrument's range.", "unit": ""}
    )
    deadband: float = field(
        default=0.2,
        metadata={
            "doc": "Fraction of the tolerance by which the difference must fall to end it.",
            "unit": "",
        },
    )
    max_age_s: float | None = field(
        default=None,
        metadata={
            "doc": "A member so far behind the newest is not compared; without it, three periods.",
            "unit": "s",
        },
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )
    range_low: float = field(
        default=0.0,
        metadata={"doc": "Lower end of the range.", "unit": "point", "from_point": "range_low"},
    )
    range_high: float = field(
        default=100.0,
        metadata={"doc": "Upper end of the range.", "unit": "point", "from_point": "range_high"},
    )

    def __post_init__(self) -> None:
        require_members("others", self.others)
        require_positive("share_of_range", self.share_of_range)
        for name in ("tolerance", "max_age_s"):
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))
        require_positive("period_s", self.period_s)
        require_finite("deadband", self.deadband)
        if not 0 <= self.deadband < 1:
            raise Refused(
                f"deadband={self.deadband!r} 应为 tolerance 的一部分：不小于 0，小于 1",
                f"deadband={self.deadband!r} must be a fraction of tolerance: 0 or above, below 1",
            )
        if self.tolerance is None and not self.range_low < self.range_high:
            raise Refused(
                "range_low 应小于 range_high：请改正测点，或给 tolerance",
                "range_low must be below range_high: correct the point, or give a tolerance",
            )

    @property
    def effective_tolerance(self) -> float:
        """In the point's unit."""
        if self.tolerance is not None:
            return self.tolerance
        return self.share_of_range * (self.range_high - self.range_low)


MEMBERS = np.dtype(
    [
        ("time", np.int64, (MOST_SLOTS,)),  # ns of the newest sample; NEVER_SEEN before it and while unusable
        ("value", np.float32, (MOST_SLOTS,)),  # of the newest sample
        ("low", np.float32, (MOST_SLOTS,)),  # least and greatest value that is believed
        ("high", np.float32, (MOST_SLOTS,)),
        ("part", np.int16),  # bit a slot: took part since the rule is true
        ("settled", np.int16),  # bit a slot: what it showed at the moment of comparison is known
    ]
)


class DiscrepancyParameters(NamedTuple):
    reach: Float64  # point unit
    release: Float64
    max_age: npt.NDArray[np.int64]  # ns
    members: npt.NDArray[np.int64]


class DiscrepancyState(NamedTuple):
    truth: Bool
    members: npt.NDArray[np.void]  # MEMBERS


def make_parameters(params: Sequence[Params]) -> DiscrepancyParameters:
    ages = [PERIODS * p.period_s if p.max_age_s is None else p.max_age_s for p in params]
    return DiscrepancyParameters(
        reach=floats(p.effective_tolerance for p in params),
        release=floats(p.effective_tolerance * (1 - p.deadband) for p in params),
        max_age=np.array([round(age * SECOND_NS) for age in ages], dtype=np.int64),
        members=np.array([1 + len(p.others) for p in params], dtype=np.int64),
    )


def make_state(rows: int) -> DiscrepancyState:
    members = np.zeros(rows, MEMBERS)
    members["time"] = NEVER_SEEN
    return DiscrepancyState(truth=np.zeros(rows, np.bool_), members=members)


@compiled
def take_in(members: Any, slot: int, source_time: int, value: float, quality: int, max_age: int) -> None:
    """A member speaks; one that cannot be believed is out until it can."""
    if not FITS[quality]:
        members["time"][slot] = NEVER_SEEN
        return
    newest = np.float32(value)
    before = members["time"][slot]
    if before == NEVER_SEEN or source_time - before > max_age:
        members["settled"] &= ~np.int16(1 << slot)
        members["low"][slot] = newest
        members["high"][slot] = newest
    else:
        members["low"][slot] = min(members["low"][slot], newest)
        members["high"][slot] = max(members["high"][slot], newest)
    members["time"][slot] = source_time
    members["value"][slot] = newest


@compiled
def compare_at(members: Any, number: int, max_age: int) -> int:
    """Settle which members are compared, a bit a slot, and forget what they showed before that moment."""
    newest = NEVER_SEEN
    for slot in range(number):
        newest = max(newest, members["time"][slot])
    speaking = 0
    oldest = newest
    for slot in range(number):
        time = members["time"][slot]
        if time != NEVER_SEEN and newest - time <= max_age:
            speaking |= 1 << slot
            oldest = min(oldest, time)
    for slot in range(number):
        if members["time"][slot] <= oldest:
            members["settled"] |= np.int16(1 << slot)
            members["low"][slot] = members["value"][slot]
            members["high"][slot] = members["value"][slot]
    return int(speaking & members["settled"])


@compiled
def median_of_others(column: Any, number: int, usable: int, slot: int, room: Any) -> float:
    """The middle one of the usable others' values, or the mean of the two in the middle."""
    count = 0
    for other in range(number):
        if other != slot and usable & (1 << other):
            value = float(column[other])
            place = count
            while place > 0 and room[place - 1] > value:
                room[place] = room[place - 1]
                place -= 1
            room[place] = value
            count += 1
    return float((room[(count - 1) // 2] + room[count // 2]) / 2.0)


@compiled
def deviation_of(members: Any, number: int, usable: int, room: Any) -> float:
    """How far the member that is farthest away is from the others; negative when it is below them."""
    worst = 0.0
    for slot in range(number):
        if not usable & (1 << slot):
            continue
        above = float(members["low"][slot]) - median_of_others(members["high"], number, usable, slot, room)
        below = median_of_others(members["low"], number, usable, slot, room) - float(members["high"][slot])
        if above > abs(worst):
            worst = above
        if below > abs(worst):
            worst = -below
    return worst


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: DiscrepancyParameters,
    state: DiscrepancyState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    room = np.empty(MOST_SLOTS, np.float64)
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if quality == COPY:
            continue
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            members = state.members[row]
            slot, age = index.slots[k], parameters.max_age[row]
            take_in(members, slot, samples.source_time[i], samples.value[i], quality, age)
            number = parameters.members[row]
            usable = compare_at(members, number, age)
            if usable & (usable - 1) == 0 or not FITS[quality]:
                continue  # fewer than two can be compared, or nothing new can be
            deviation = deviation_of(members, number, usable, room)
            if state.truth[row]:
                members["part"] |= np.int16(usable)
                whole = members["part"] & ~usable == 0
                changed = whole and abs(deviation) < parameters.release[row] and CLEARS[quality]
            else:
                members["part"] = np.int16(usable)
                changed = abs(deviation) >= parameters.reach[row]
            if changed:
                state.truth[row] = not state.truth[row]
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = state.truth[row]
                edges.figure[count] = deviation
                count += 1
    return count


KIND = DetectorKind(
    name="discrepancy",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    sees_bad=True,
    figure="distance of the member that is farthest away from the others, point unit, negative when below",
)
