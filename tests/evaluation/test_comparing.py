"""Pairing the alarms of two replays: each alarm once, as many pairs as can be, and only such that meet."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.model import Rule
from detectors.kinds.limit import Params
from evaluation.comparing import covered, is_shifted, pair
from evaluation.episodes import Episode, partners

END = 1_000
RULES = ("e/A", "e/B")


@st.composite
def timelines(draw: st.DrawFn) -> list[Episode]:
    """Episodes of two rules at two points; those of one rule at one point follow each other."""
    found = []
    for rule in RULES:
        for point in ("p", "q"):
            edges = sorted(draw(st.lists(st.integers(0, END), unique=True, max_size=8)))
            spans = list(pairwise(edges))[::2]
            if len(edges) % 2:
                spans.append((edges[-1], None))
            delay = draw(st.integers(0, 2))
            found += [
                Episode(rule, point, onset, min(onset + delay, onset if ended is None else ended), ended)
                for onset, ended in spans
            ]
    return found


def meets(one: Episode, other: Episode) -> bool:
    return one.onset <= other.until(END) and other.onset <= one.until(END)


def most_pairs(mine: list[Episode], theirs: list[Episode]) -> int:
    """The naive twin: the largest matching, by augmenting paths."""
    partner_of: dict[Episode, Episode] = {}

    def place(each: Episode, tried: set[Episode]) -> bool:
        for other in theirs:
            if (
                other not in tried
                and (each.rule, each.point) == (other.rule, other.point)
                and meets(each, other)
            ):
                tried.add(other)
                if other not in partner_of or place(partner_of[other], tried):
                    partner_of[other] = each
                    return True
        return False

    return sum(place(each, set()) for each in mine)


SAME = {rule: rule for rule in RULES}


@settings(max_examples=40)
@given(before=timelines(), after=timelines())
def test_every_alarm_stands_once_and_as_many_as_possible_have_a_partner(
    before: list[Episode], after: list[Episode]
) -> None:
    found = pair(before, after, SAME, END)
    assert sorted([old for old, _ in found.pairs] + found.lost) == sorted(before)
    assert sorted([new for _, new in found.pairs] + found.gained) == sorted(after)
    assert all(
        meets(old, new) and old.rule == new.rule and old.point == new.point for old, new in found.pairs
    )
    assert len(found.pairs) == most_pairs(before, after)


@settings(max_examples=40)
@given(timelines())
def test_same_alarms_are_all_paired_and_none_is_shifted(episodes: list[Episode]) -> None:
    found = pair(episodes, episodes, SAME, END)
    assert (found.lost, found.gained) == ([], [])
    assert not any(is_shifted(each, END) for each in found.pairs)


@settings(max_examples=40)
@given(before=timelines(), after=timelines())
def test_the_other_way_round_lost_and_gained_change_places(
    before: list[Episode], after: list[Episode]
) -> None:
    there, back = pair(before, after, SAME, END), pair(after, before, SAME, END)
    assert len(there.pairs) == len(back.pairs)
    assert (len(there.lost), len(there.gained)) == (len(back.gained), len(back.lost))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6), st.integers(0, 50))
def test_covered_is_what_one_other_alarm_tells_of_from_beginning_to_end(
    spans: list[tuple[int, int]], begun: int
) -> None:
    others = [Episode("e/A", "p", a, a, a + length) for a, length in spans]
    mine = Episode("e/A", "p", begun, begun, begun + 5)
    naive = any(a <= begun and begun + 5 <= a + length for a, length in spans)
    assert covered(mine, others, END) == naive
    assert not covered(mine._replace(point="q"), others, END)


def rule(name: str, point: str = "e/p", side: str = "H") -> Rule:
    return Rule(id=name, point=point, detector="limit", params=Params(side=side, setpoint=1.0))


def test_rule_under_another_id_is_known_by_its_point_and_side() -> None:
    before = [rule("e/p.H"), rule("e/p.HH", side="HH"), rule("e/q.H", "e/q")]
    after = [rule("e/p.HIGH"), rule("e/p.HH", side="HH"), rule("e/r.H", "e/r")]
    assert partners(before, after) == {"e/p.H": "e/p.HIGH", "e/p.HH": "e/p.HH"}


def test_two_candidates_for_one_place_are_no_partner() -> None:
    assert partners([rule("e/p.H")], [rule("e/p.A"), rule("e/p.B")]) == {}


def test_alarm_of_a_renamed_rule_is_shifted_and_not_lost() -> None:
    old, new = Episode("e/p.H", "e/p", 5, 5, 9), Episode("e/p.HIGH", "e/p", 6, 6, 9)
    found = pair([old], [new], {"e/p.H": "e/p.HIGH"}, END)
    assert found.pairs == [(old, new)]
    assert pair([old], [new], {}, END).lost == [old]
