"""Several rules at once: any of them, all of them, or at least so many.

Finds: what no single rule says: gas at two detectors of an area, a high level while the outlet is shut, any
fault in a safety loop. Choose `voting` for points that measure the same (it knows what a faulty one means),
`suppressed_by` to keep a rule quiet while another is true.

It watches rules of its enterprise, of any installation, in packs or of the site's own, and never another
combination. A rule counts from the beginning of its episode to the end, after its own delays; the delays
of the combination come on top. A latched rule counts until a person resets it, for until then nobody has
said that the danger is past. True while enough of them count: one for `any`, each for `all`, `at_least` of
them for `at_least`. The alarm stands at the rule's own point, which names the place and is not judged.

Quality: it sees rules, not samples; what a bad sample means is settled by the rules that it watches. A
rule whose point is out of service is left out as long as that lasts: `all` and `at_least` then ask no
more than those that remain. When none remains the combination is out of service as well.

False alarms: none of its own; it says what its rules say. As many a point-year as the rules have in common
within one another's episodes: two rules that are independently true a share p and q of the time are both
true a share p q of it.

Quiet months, false alarms a point-year: combustible_gas under 1.1; with the settings of quiet_rules.yaml:
docs/false-alarms.md.

State: 9 bytes a row.

Example: `when: {detector: combination, need: at_least, at_least: 2, rules: [AT101.H, AT102.H, AT103.H]}`.

Source: "confirmed gas", 2 of N detectors, as tag lists of safety systems have it; ISA-18.2 calls it a
calculated alarm. Notation and practice from general knowledge, unverified.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np

from detectors.columns import integers
from detectors.contract import Bool, DetectorKind, Edges, Index, Int32, Int64, Samples
from detectors.kernel import compiled
from detectors.parameters import Refused, require_count, require_members, require_one_of

MOST_RULES = 60
"""So many bits of an int64 are used."""


@dataclass(frozen=True, kw_only=True)
class Params:
    rules: tuple[str, ...] = field(
        metadata={"doc": "Rules of the enterprise that it watches, up to 60.", "unit": "", "watches": "rule"}
    )
    need: Literal["any", "all", "at_least"] = field(
        default="any", metadata={"doc": "How many of them must be active.", "unit": ""}
    )
    at_least: int = field(
        default=2, metadata={"doc": "So many of them, where `need` is at_least.", "unit": ""}
    )

    def __post_init__(self) -> None:
        require_members("rules", self.rules, 1, MOST_RULES)
        require_one_of("need", self.need, ("any", "all", "at_least"))
        require_count("at_least", self.at_least, 1)
        if self.need == "at_least" and self.at_least > len(self.rules):
            raise Refused(
                f"共 {len(self.rules)} 条规则，at_least={self.at_least!r}：请减小",
                f"at_least={self.at_least!r} with {len(self.rules)} rules: ask for fewer",
            )

    @property
    def least(self) -> int:
        """How many rules must be active."""
        return {"any": 1, "all": len(self.rules), "at_least": self.at_least}[self.need]

    def without(self, rules: Collection[str]) -> "Params | None":
        """The same without these rules; None if none remains."""
        rest = tuple(rule for rule in self.rules if rule not in rules)
        if not rest:
            return None
        least = min(self.at_least, len(rest)) if self.need == "at_least" else self.at_least
        return replace(self, rules=rest, at_least=least)


class CombinationParameters(NamedTuple):
    least: Int32


class CombinationState(NamedTuple):
    truth: Bool
    members: Int64  # bit slot - 1: that rule is active


def make_parameters(params: Sequence[Params]) -> CombinationParameters:
    return CombinationParameters(least=integers(p.least for p in params))


def make_state(rows: int) -> CombinationState:
    return CombinationState(truth=np.zeros(rows, np.bool_), members=np.zeros(rows, np.int64))


@compiled
def count_of(members: int) -> int:
    """How many bits are set."""
    count = 0
    while members != 0:
        members &= members - 1
        count += 1
    return count


@compiled
def judge(
    samples: Samples,
    index: Index,
    parameters: CombinationParameters,
    state: CombinationState,
    received_time: int,
    edges: Edges,
) -> int:
    count = 0
    for i in range(samples.point.shape[0]):
        rule = samples.point[i]
        for k in range(index.starts[rule], index.starts[rule + 1]):
            row = index.rows[k]
            bit = 1 << (int(index.slots[k]) - 1)
            if samples.value[i] != 0.0:
                state.members[row] |= bit
            else:
                state.members[row] &= ~bit
            active = count_of(state.members[row])
            truth = active >= parameters.least[row]
            if truth != state.truth[row]:
                state.truth[row] = truth
                edges.row[count] = row
                edges.sample[count] = i
                edges.source_time[count] = samples.source_time[i]
                edges.truth[count] = truth
                edges.figure[count] = float(active)
                count += 1
    return count


KIND = DetectorKind(
    name="combination",
    params=Params,
    make_parameters=make_parameters,
    make_state=make_state,
    judge=judge,
    figure="rules that are active",
    over_rules=True,
)
