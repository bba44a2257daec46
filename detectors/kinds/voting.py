"""M of N: so many of redundant instruments are at or beyond a setpoint.

Finds: gas, level or pressure that several instruments confirm, so that one that lies neither trips nor
hides anything. Choose `limit` for a single instrument (and keep one on each where every touch needs an
answer), `discrepancy` for redundant instruments that disagree, `combination` for rules of several things.

The rule's own point and `others` vote, `votes` of them are needed. A member votes from the value that
reaches the setpoint until one that is back behind the deadband. A member is faulty while its newest sample
is BAD (out of service and calibration too), and once nothing has come from it for `max_age_s` on the
gateway's clock; one that has not spoken since the start is waited for that long. What faulty members mean
is stated by `degrade`:

    rule    degrade     1 faulty   2 faulty   all faulty
    2oo3    safe        1oo2       1oo1       as it was
    2oo3    available   2oo2       1oo1       as it was
    1oo2    either      1oo1       as it was
    2oo2    either      1oo1       as it was
    2oo4    safe        1oo3       1oo2       as it was
    2oo4    available   2oo3       2oo2       as it was

`safe`: a faulty member counts as a vote, but never the last one: one other must vote. `available`: the
votes needed stay, but are never more than the members that are left. With no usable member left the rule
keeps its truth and cannot end. While it is true, a member that fails keeps the vote that it had.

Quality: any sample that is not BAD gives a vote; only GOOD (and UNCERTAIN_TIMESTAMP) ones take it back and
end the rule. A last-usable value is a copy and no sign of life. BAD samples are seen and never clear.

False alarms: one of N must be wrong at once with M - 1 others: with independent false readings a share p of
the time, about N(N-1)/2 p^2 of the time for 2ooN instead of N p for 1ooN. Figures of a plant: measure.

Quiet months, false alarms a point-year: combustible_gas under 1.1, level under 0.57; with the settings of
quiet_rules.yaml: docs/false-alarms.md.

State: 71 bytes a row.

Example: `when: {detector: voting, votes: 2, others: [AT102, AT103], side: HH, setpoint: 50, deadband: 10}`
on AT101: 2oo3 of gas at 50 %LEL, 1oo2 while one of them is faulty.

Source: IEC 60079-29-3 and ISA-TR84.00.07 as generally known (notation and degradation unverified here);
"2ooN" of gas detectors: Detect3D manual. `max_age_s` of three reporting periods is this project's default.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.contract import (
    MOST_SLOTS,
    NEVER,
    SECOND_NS,
    Bool,
    DetectorKind,
    Edges,
    Index,
    Samples,
    Timer,
)
from detectors.kernel import compiled
from detectors.parameters import (
    Refused,
    require_count,
    require_finite,
    require_members,
    require_not_negative,
    require_one_of,
    require_positive,
)
from detectors.quality import CLEARS, FIRST_BAD, Quality

COPY = int(Quality.UNCERTAIN_LAST_USABLE_VALUE)
OUT_OF_SERVICE = int(Quality.BAD_OUT_OF_SERVICE)
SILENT = int(np.iinfo(np.int64).min)
"""`heard` of a member whose silence was noticed: until it speaks it is faulty, whenever the gateway slept."""
PERIODS = 3.0


@dataclass(frozen=True, kw_only=True)
class Params:
    votes: int = field(metadata={"doc": "M of MooN: so many members must vote.", "unit": ""})
    others: tuple[str, ...] = field(
        metadata={
            "doc": "The points that vote beside the rule's own, up to 7.",
            "unit": "",
            "watches": "point",
            "like_point": True,
        }
    )
    side: Literal["HH", "H", "L", "LL"] = field(
        metadata={
            "doc": "Which limit it is: HH and H are reached from below, L and LL from above.",
            "unit": "",
        }
    )
    setpoint: float = field(metadata={"doc": "Reaching it is a vote.", "unit": "point"})
    deadband: float = field(
        default=0.0,
        metadata={"doc": "How far back over the setpoint a member takes its vote back.", "unit": "point"},
    )
    degrade: Literal["safe", "available"] = field(
        default="safe", metadata={"doc": "What a faulty member means: see the table.", "unit": ""}
    )
    max_age_s: float | None = field(
        default=None,
        metadata={"doc": "Silence that makes a member faulty; without it, three periods.", "unit": "s"},
    )
    period_s: float = field(
        default=10.0,
        metadata={"doc": "Reporting period of the point.", "unit": "s", "from_point": "period_s"},
    )

    def __post_init__(self) -> None:
        require_members("others", self.others)
        require_count("votes", self.votes, 1)
        if self.votes > 1 + len(self.others):
            raise Refused(
                f"共 {1 + len(self.others)} 个成员，votes={self.votes!r}：请减小",
                f"votes={self.votes!r} with {1 + len(self.others)} members: ask for fewer",
            )
        require_one_of("side", self.side, ("HH", "H", "L", "LL"))
        require_finite("setpoint", self.setpoint)
        require_not_negative("deadband", self.deadband)
        require_one_of("degrade", self.degrade, ("safe", "available"))
        require_positive("period_s", self.period_s)
        if self.max_age_s is not None:
            require_positive("max_age_s", self.max_age_s)


VOTING = np.dtype(
    [
        ("sign", np.float64),  # +1: high side, -1: low side
        ("reach", np.float64),  # sign * value of a vote
        ("release", np.float64),  # sign * value below which it is taken back
        ("max_age", np.int64),  # ns
        ("members", np.int64),
        ("votes", np.int64),
        ("safe", np.int64),  # 1, or 0: available
    ]
)
BALLOT = np.dtype(
    [
        ("heard", np.int64, (MOST_SLOTS,)),  # received_time of the newest sample, or of `resume`; SILENT
        ("voted", np.int16),  # bit a slot
        ("bad", np.int16),  # bit a slot: its newest sample is BAD
        ("known", np.int16),  # bit a slot: it has spoken
    ]
)


class VotingParameters(NamedTuple):
    voting: npt.NDArray[np.void]  # VOTING


class VotingState(NamedTuple):
    truth: Bool
    ballot: npt.NDArray[np.void]  # BALLOT


def make_parameters(params: Sequence[Params]) -> VotingParameters:
    rows = []
    for p in params:
        sign = 1.0 if p.side in ("H", "HH") else -1.0
        age = PERIODS * p.period_s if p.max_age_s is None else p.max_age_s
        reach = sign * p.setpoint
        rows.append(
            (sign, reach, reach - p.deadband, round(age * SECOND_NS), 1 + len(p.others), p.votes,
             p.degrade == "safe")
        )  # fmt: skip
    return VotingParameters(voting=np.array(rows, dtype=VOTING))


def make_state(rows: int) -> VotingState:
    return VotingState(truth=np.zeros(rows, np.bool_), ballot=np.zeros(rows, BALLOT))


@compiled
def cast(settings: Any, ballot: Any, slot: int, value: float, quality: int, received_time: int) -> None:
    """A member speaks: what its sample says of it."""
    bit = np.int16(1 << slot)
    ballot["heard"][slot] = received_time
    ballot["known"] |= bit
    if quality >= FIRST_BAD:
        ballot["bad"] |= bit
        if quality == OUT_OF_SERVICE:
            ballot["voted"] &= ~bit
        return
    ballot["bad"] &= ~bit
    height = settings["sign"] * value
    if height >= settings["reach"]:
        ballot["voted"] |= bit
    elif height < settings["release"] and CLEARS[quality]:
        ballot["voted"] &= ~bit


@compiled
def count(settings: Any, ballot: Any, received_time: int) -> tuple[int, int, int, int]:
    """(votes of usable members, votes of faulty ones, faulty members, members that have not yet spoken)."""
    votes = kept = faulty = waiting = 0
    for slot in range(settings["members"]):
        bit = 1 << slot
        heard = ballot["heard"][slot]
        if heard == SILENT or received_time - heard > settings["max_age"]:
            ballot["heard"][slot] = SILENT
            heard = SILENT
        voted = 1 if ballot["voted"] & bit else 0
        if heard == SILENT or ballot["bad"] & bit:
            faulty += 1
            kept += voted
        else:
            votes += voted
            if not ballot["known"] & bit:
                waiting += 1
    return votes, kept, faulty, waiting


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: VotingParameters,
    state: VotingState,
    received_time: int,
    edges: Edges,
) -> int:
    written = 0
    for i in range(samples.point.shape[0]):
        quality = samples.quality[i]
        if quality == COPY:
            continue
        point = samples.point[i]
        for k in range(index.starts[point], index.starts[point + 1]):
            row = index.rows[k]
            settings = parameters.voting[row]
            ballot = state.ballot[row]
            cast(settings, ballot, index.slots[k], samples.value[i], quality, received_time)
            votes, kept, faulty, waiting = count(settings, ballot, received_time)
            left = settings["members"] - faulty
            if left == 0:
                continue
            needed = max(1, settings["votes"] - faulty) if settings["safe"] else min(settings["votes"], left)
            over = votes + kept < needed and CLEARS[quality]
            if over if state.truth[row] else votes >= needed:
                state.truth[row] = not state.truth[row]
                edges.row[written] = row
                edges.sample[written] = i
                edges.source_time[written] = samples.source_time[i]
                edges.truth[written] = state.truth[row]
                edges.figure[written] = votes + (left - waiting) / 10.0
                written += 1
    return written


@compiled
def advance(parameters: VotingParameters, state: VotingState, received_time: int, edges: Edges) -> int:
    """Nothing comes true by silence alone: the next sample of another member counts it."""
    return 0


@compiled
def deadline(parameters: VotingParameters, state: VotingState) -> int:
    return int(NEVER)


@compiled
def resume(parameters: VotingParameters, state: VotingState, received_time: int) -> None:
    """Silence that the gateway slept through is not held against those that were not silent before."""
    for row in range(state.truth.shape[0]):
        heard = state.ballot[row]["heard"]
        for slot in range(heard.shape[0]):
            if heard[slot] != SILENT:
                heard[slot] = received_time


KIND = DetectorKind(
    name="voting",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    sees_bad=True,
    timer=Timer(advance=advance, deadline=deadline, resume=resume),
    figure="members that vote, and how many are usable after the point: 2.3 is two of three",
    judges_silence=True,
)
