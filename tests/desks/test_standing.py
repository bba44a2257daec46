"""How a level is kept: hysteresis, adjustment by hand, and the floor of second-level gas alarms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.desks.colours import WarningLevel
from api.desks.errors import StepRefused
from api.desks.levels import Derivation, Ground
from api.desks.policy import load_policy
from api.desks.standing import Adjustment, Standing, adjust, settle, withdraw
from tests.desks.times import HOUR, MINUTE, T0, S

POLICY = load_policy().levels
NONE, BLUE, YELLOW, ORANGE, RED = WarningLevel
HOLD = round(POLICY.hold_s.orange * S)


def derived(level: WarningLevel, *, floor: bool = False, since: int = T0, newest: int = T0) -> Derivation:
    if level is NONE:
        return Derivation()
    ground = Ground(rule="r", level=level, since=since, newest=newest, alarms=("a",), count=1, floor=floor)
    return Derivation(level=level, grounds=(ground,))


def by_hand(level: WarningLevel, before: Standing, now: int = T0, hours: float = 1) -> Adjustment:
    return Adjustment(
        level=level,
        by="王芳",
        reason="现场核实",
        at=now,
        until=now + round(hours * HOUR),
        settled=before.settled,
        derived=before.derived,
    )


ORANGE_NOW = settle(Standing(), derived(ORANGE), POLICY, T0)


def test_level_rises_at_once() -> None:
    assert ORANGE_NOW.level is ORANGE
    assert ORANGE_NOW.due_at is None


def test_level_falls_only_after_the_hold() -> None:
    gone = settle(ORANGE_NOW, derived(NONE), POLICY, T0 + MINUTE)
    assert (gone.level, gone.falls_at) == (ORANGE, T0 + MINUTE + HOLD)
    early = settle(gone, derived(NONE), POLICY, gone.falls_at - 1)
    assert early.level is ORANGE
    assert settle(early, derived(NONE), POLICY, gone.falls_at).level is NONE


def test_level_does_not_flap_when_its_reason_comes_and_goes() -> None:
    standing, seen = ORANGE_NOW, set()
    for number in range(20):
        level = NONE if number % 2 else ORANGE
        standing = settle(standing, derived(level), POLICY, T0 + number * MINUTE)
        seen.add(standing.level)
    assert seen == {ORANGE}


def test_level_falls_to_what_is_still_derived() -> None:
    less = settle(ORANGE_NOW, derived(BLUE), POLICY, T0)
    assert settle(less, derived(BLUE), POLICY, T0 + HOLD).level is BLUE


def test_raised_level_counts_until_its_end() -> None:
    raised = adjust(ORANGE_NOW, derived(ORANGE), by_hand(RED, ORANGE_NOW), POLICY, T0)
    assert (raised.level, raised.due_at) == (RED, T0 + HOUR)
    assert settle(raised, derived(ORANGE), POLICY, T0 + HOUR - 1).level is RED
    ended = settle(raised, derived(ORANGE), POLICY, T0 + HOUR)
    assert (ended.level, ended.adjustment) == (ORANGE, None)


def test_lowered_level_gives_way_to_a_higher_one() -> None:
    lowered = adjust(ORANGE_NOW, derived(ORANGE), by_hand(BLUE, ORANGE_NOW), POLICY, T0)
    assert lowered.level is BLUE
    assert settle(lowered, derived(RED), POLICY, T0 + MINUTE).level is RED


def test_lowered_level_gives_way_to_a_new_alarm_of_the_same_level() -> None:
    lowered = adjust(ORANGE_NOW, derived(ORANGE), by_hand(BLUE, ORANGE_NOW), POLICY, T0)
    again = settle(lowered, derived(ORANGE, newest=T0 + MINUTE), POLICY, T0 + MINUTE)
    assert (again.level, again.adjustment) == (ORANGE, None)


def test_lowered_level_stays_while_nothing_new_speaks_against_it() -> None:
    lowered = adjust(ORANGE_NOW, derived(ORANGE), by_hand(BLUE, ORANGE_NOW), POLICY, T0)
    assert settle(lowered, derived(ORANGE), POLICY, T0 + 30 * MINUTE).level is BLUE


def test_second_level_gas_cannot_be_lowered_by_hand() -> None:
    with pytest.raises(StepRefused, match="气体二级"):
        adjust(ORANGE_NOW, derived(ORANGE, floor=True), by_hand(BLUE, ORANGE_NOW), POLICY, T0)


def test_second_level_gas_lifts_a_level_that_was_lowered_before() -> None:
    lowered = adjust(ORANGE_NOW, derived(ORANGE), by_hand(NONE, ORANGE_NOW), POLICY, T0)
    gas = settle(lowered, derived(ORANGE, floor=True, since=T0 - 1, newest=T0 - 1), POLICY, T0 + 1)
    assert gas.level is ORANGE


@pytest.mark.parametrize("hours", [0, -1, 24.1])
def test_adjustment_without_a_proper_end_is_refused(hours: float) -> None:
    with pytest.raises(StepRefused, match="期限"):
        adjust(ORANGE_NOW, derived(ORANGE), by_hand(RED, ORANGE_NOW, hours=hours), POLICY, T0)


def test_adjustment_that_changes_nothing_is_refused() -> None:
    with pytest.raises(StepRefused, match="already"):
        adjust(ORANGE_NOW, derived(ORANGE), by_hand(ORANGE, ORANGE_NOW), POLICY, T0)


def test_withdrawn_adjustment_gives_the_derived_level_back() -> None:
    raised = adjust(Standing(), derived(NONE), by_hand(RED, Standing()), POLICY, T0)
    assert withdraw(raised, derived(NONE), POLICY, T0 + 1).level is NONE
    with pytest.raises(StepRefused):
        withdraw(Standing(), derived(NONE), POLICY, T0)


steps = st.lists(
    st.tuples(st.sampled_from(list(WarningLevel)), st.booleans(), st.integers(0, 400)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(steps, st.none() | st.sampled_from(list(WarningLevel)))
def test_level_is_never_below_what_may_be(
    timeline: list[tuple[WarningLevel, bool, int]], hand: WarningLevel | None
) -> None:
    """Without an adjustment never below the derived level, with one never below the floor."""
    standing, now = Standing(), T0
    for level, floor, wait_s in timeline:
        now += wait_s * S
        found = derived(level, floor=floor, since=now, newest=now)
        standing = settle(standing, found, POLICY, now)
        if (
            hand is not None
            and standing.adjustment is None
            and hand >= found.floor
            and hand != standing.level
        ):
            standing = adjust(standing, found, by_hand(hand, standing, now), POLICY, now)
        assert standing.settled >= level
        assert standing.level >= found.floor
        if standing.adjustment is None:
            assert standing.level >= level
        assert standing.falls_at is None or standing.falls_at > now
