"""Repeats, clusters and what a changed rule makes of them; a true alarm is never lost, hidden or delayed."""

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.load import load_site
from alarm_rules.model import Point, Rule
from detectors.kinds.limit import Params
from evaluation.candidates import Change, advised, calming, delay_refused, limit_refused, shortening
from evaluation.episodes import SECOND_NS, Episode
from evaluation.nuisance import Wishes, calms, clusters, effect, repeats, shortens
from evaluation.quantiles import Histogram
from tests.evaluation.histories import write_site

END = 100_000
WISHES = Wishes(true_s=60, repeat_s=300)


def at(*spans: tuple[int, int], rule: str = "e/A") -> list[Episode]:
    """Episodes of these seconds."""
    return [
        Episode(rule, "e/p", begun * SECOND_NS, begun * SECOND_NS, over * SECOND_NS) for begun, over in spans
    ]


spans_drawn = st.lists(st.integers(0, 5_000), unique=True, max_size=16).map(
    lambda edges: [pair for pair in list(pairwise(sorted(edges)))[::2]]  # noqa: C416
)


@settings(max_examples=40)
@given(spans_drawn, st.integers(1, 600))
def test_repeats_are_the_alarms_that_begin_soon_after_the_one_before(
    spans: list[tuple[int, int]], repeat_s: int
) -> None:
    naive = sum(later[0] - earlier[1] <= repeat_s for earlier, later in pairwise(spans))
    assert repeats(at(*spans), repeat_s, END * SECOND_NS) == naive
    together = clusters(at(*spans), repeat_s, END * SECOND_NS)
    assert [each for cluster in together for each in cluster] == at(*spans)


@settings(max_examples=40)
@given(spans_drawn)
def test_same_alarms_lose_hide_and_delay_nothing(spans: list[tuple[int, int]]) -> None:
    found = effect(at(*spans), at(*spans, rule="e/A~1"), WISHES, END * SECOND_NS)
    assert (found.true_lost, found.true_hidden, found.delay_s, found.removed_share) == (0, 0, 0, 0)
    assert (found.gained, found.lost, found.shifted) == (0, 0, 0)


CHATTER = [(1000 + 30 * k, 1010 + 30 * k) for k in range(10)]


def test_one_long_alarm_in_place_of_chatter_calms() -> None:
    found = effect(
        at(*CHATTER, (5000, 5200)), at((1000, 1300), (5000, 5200), rule="x"), WISHES, END * SECOND_NS
    )
    assert (found.repeats_before, found.repeats_after, found.true_before) == (9, 0, 1)
    assert calms(found, WISHES)


def test_true_alarm_that_only_prolongs_an_earlier_one_is_hidden() -> None:
    """Nobody would be told anew at 5000: the change removes all repeats and is refused."""
    found = effect(at(*CHATTER, (5000, 5200)), at((1000, 5300), rule="x"), WISHES, END * SECOND_NS)
    assert (found.removed_share, found.true_hidden, found.true_lost) == (1.0, 1, 0)
    assert not calms(found, WISHES)


def test_true_alarm_that_is_lost_or_delayed_is_not_calm() -> None:
    lost = effect(at(*CHATTER, (5000, 5200)), at((1000, 1300), rule="x"), WISHES, END * SECOND_NS)
    assert (lost.true_lost, calms(lost, WISHES)) == (1, False)
    late = effect(
        at(*CHATTER, (5000, 5200)), at((1000, 1300), (5010, 5200), rule="x"), WISHES, END * SECOND_NS
    )
    assert (late.delay_s, late.removed_share, calms(late, WISHES)) == (10.0, 1.0, False)


def test_on_delay_beyond_what_may_be_delayed_is_refused() -> None:
    shorts = [(1000 * k, 1000 * k + 5) for k in range(1, 9)]
    found = effect(at(*shorts, (9500, 9900)), at((9520, 9900), rule="x"), WISHES, END * SECOND_NS)
    assert (found.short_before, found.short_after, found.delay_s) == (8, 0, 20.0)
    assert not shortens(found, WISHES)
    assert shortens(found, Wishes(true_s=60, repeat_s=300, may_delay_s=20))


@pytest.fixture
def place(tmp_path) -> dict[str, tuple[Rule, Point]]:
    site = load_site(write_site(tmp_path / "site"))
    points = {point.id: point for point in site.points}
    return {rule.id: (rule, points[rule.point]) for rule in site.rules}


def test_gas_and_safety_limits_are_never_delayed_nor_moved(place: dict[str, tuple[Rule, Point]]) -> None:
    gas, safety, high = place["E1/GT1.HH"], place["E1/LT1.HH"], place["E1/LT1.H"]
    for rule in (gas, safety):
        assert list(shortening(*rule, may_delay_s=60)) == []
        kinds = {change.kind for change in calming(*rule)}
        assert kinds == {"deadband", "off_delay", "deadband and off_delay"}
    assert "GB/T 50493" in str(limit_refused(*gas))
    assert "never delayed" in str(delay_refused(*gas))
    assert "design of the vessel" in str(limit_refused(*safety))
    assert limit_refused(*high) is None
    assert [change.on_delay_s for change in shortening(*high, may_delay_s=10)] == [1.0, 2.0, 5.0, 10.0]


def test_candidates_are_larger_than_what_is_there_and_the_smallest_comes_first(
    place: dict[str, tuple[Rule, Point]],
) -> None:
    rule, point = place["E1/LT1.H"]
    deadbands = [change.deadband for change in calming(rule, point) if change.kind == "deadband"]
    assert deadbands == sorted(deadbands)
    assert min(deadbands) > rule.params.deadband
    assert max(deadbands) == pytest.approx(0.05 * 12)


@given(st.floats(0, 12), st.floats(0, 12), st.sampled_from("HL"))
def test_advised_limit_never_goes_past_half_the_way_to_the_safety_limit(
    quantile: float, room: float, side: str
) -> None:
    rule = Rule(id="e/A", point="e/p", detector="limit", params=Params(side=side, setpoint=6.0))  # type: ignore[arg-type]
    for change in advised(rule, (quantile,), room):
        assert change.setpoint is not None
        middle = 6.0 + (room - 6.0) / 2
        assert (6.0 < change.setpoint <= middle) if side == "H" else (middle <= change.setpoint < 6.0)


def test_change_is_made_on_the_rule_and_said_in_the_file_alike(place: dict[str, tuple[Rule, Point]]) -> None:
    rule, _ = place["E1/LT1.H"]
    change = Change(deadband=0.3, off_delay_s=20.0)
    made = change.made(rule, "E1/LT1.H~1")
    assert (made.id, made.params, made.off_delay_s) == (
        "E1/LT1.H~1",
        dataclasses.replace(rule.params, deadband=0.3),
        20.0,
    )
    assert change.override() == {"when": {"deadband": 0.3}, "off_delay_s": 20.0}


def test_quantile_of_a_histogram_is_that_of_its_values() -> None:
    import numpy as np

    values = np.random.default_rng(1).normal(5, 1, 20_000)
    counts = np.histogram(values, bins=2000, range=(0, 10))[0].astype(np.int64)
    histogram = Histogram(0.0, 10 / 2000, counts)
    for share in (0.01, 0.5, 0.99, 0.999):
        assert histogram.quantile(share) == pytest.approx(np.quantile(values, share), abs=0.02)
    assert Histogram(0.0, 1.0, np.zeros(5, np.int64)).quantile(0.5) is None
