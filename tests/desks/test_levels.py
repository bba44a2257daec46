"""The warning level of an installation: the shipped policy, and what holds for any policy."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.model import Priority
from api.desks.colours import WarningLevel, level_of
from api.desks.level_policy import Condition, LevelByClass, LevelPolicy, LevelRule
from api.desks.levels import Bearing, Seen, derive
from api.desks.policy import load_policy
from tests.desks.naive import level_by_counting
from tests.desks.times import MINUTE, T0, S

POLICY = load_policy().levels
NONE, BLUE, YELLOW, ORANGE, RED = WarningLevel
LOW, MEDIUM, HIGH, CRITICAL = Priority


def bearing(number: int = 1, priority: Priority = HIGH, *, minutes: float = 0, **more) -> Bearing:
    """An alarm that began so many minutes before T0."""
    fields = {"alarm_class": "process", "point": f"p{number}"} | more
    return Bearing(alarm=f"a{number}", priority=priority, since=T0 - round(minutes * MINUTE), **fields)


def seen(*bearings: Bearing, hazard_class: int | None = 2, points: int = 20) -> Seen:
    return Seen(hazard_class=hazard_class, points_in_use=points, bearings=bearings)


@dataclass
class Case:
    """One line of the table: what is active, and the level for classes 1, 2, 3, 4 and none."""

    name: str
    active: tuple[Bearing, ...]
    levels: str


GAS = {"second_level_gas": True}
OFFLINE = {"alarm_class": "system", "offline": True}
LOST = {"alarm_class": "instrument"}
CASES = [
    Case("nothing", (), "none none none none none"),
    Case("second-level gas, just now", (bearing(1, CRITICAL, **GAS),), "red orange orange orange orange"),
    Case(
        "gas detector beyond its range",
        (bearing(1, CRITICAL, **GAS, **LOST),),
        "red orange orange orange orange",
    ),
    Case(
        "two second-level gas alarms",
        (bearing(1, CRITICAL, **GAS), bearing(2, CRITICAL, **GAS)),
        "red red red red red",
    ),
    Case(
        "two second-level gas alarms of one detector, which confirms itself by nobody",
        (bearing(1, CRITICAL, **GAS), bearing(2, CRITICAL, point="p1", **GAS)),
        "red orange orange orange orange",
    ),
    Case(
        "two second-level gas alarms of one detector, and one of another",
        (bearing(1, CRITICAL, **GAS), bearing(2, CRITICAL, point="p1", **GAS), bearing(3, CRITICAL, **GAS)),
        "red red red red red",
    ),
    Case("second-level gas for 10 min", (bearing(1, CRITICAL, minutes=10, **GAS),), "red red red red red"),
    Case("critical", (bearing(1, CRITICAL),), "orange orange yellow yellow orange"),
    Case(
        "critical, answered, for 9 min",
        (bearing(1, CRITICAL, minutes=9, unanswered=False),),
        "orange orange yellow yellow orange",
    ),
    Case(
        "critical, unanswered for 5 min",
        (bearing(1, CRITICAL, minutes=5),),
        "red orange orange orange orange",
    ),
    Case(
        "critical for 10 min",
        (bearing(1, CRITICAL, minutes=10, unanswered=False),),
        "red red orange orange red",
    ),
    Case("high", (bearing(1, HIGH),), "yellow yellow blue blue yellow"),
    Case("high for 30 min", (bearing(1, HIGH, minutes=30),), "orange orange yellow yellow orange"),
    Case("five high", tuple(bearing(n, HIGH) for n in range(5)), "orange orange yellow yellow orange"),
    Case("medium", (bearing(1, MEDIUM, minutes=29.9),), "none none none none none"),
    Case("medium for 30 min", (bearing(1, MEDIUM, minutes=30),), "blue blue blue blue blue"),
    Case("ten medium", tuple(bearing(n, MEDIUM) for n in range(10)), "yellow yellow blue blue yellow"),
    Case(
        "any number of low ones",
        tuple(bearing(n, LOW, minutes=90) for n in range(50)),
        "none none none none none",
    ),
    Case("high advisory", (bearing(1, HIGH, alarm_class="advisory"),), "blue blue blue blue blue"),
    Case("gas detector lost for 30 min", (bearing(1, HIGH, minutes=30, **LOST),), "blue blue blue blue blue"),
    Case(
        "a tenth of 20 points lost for 10 min",
        tuple(bearing(n, MEDIUM, minutes=10, **LOST) for n in range(2)),
        "blue blue blue blue blue",
    ),
    Case(
        "two alarms at one point are one lost point",
        (
            bearing(1, MEDIUM, minutes=10, **LOST),
            bearing(2, MEDIUM, minutes=10, point="p1", alarm_class="instrument"),
        ),
        "none none none none none",
    ),
    Case(
        "half of the points lost for 10 min",
        tuple(bearing(n, MEDIUM, minutes=10, **LOST) for n in range(10)),
        "orange yellow yellow yellow yellow",
    ),
    Case("silent for 4 min", (bearing(1, HIGH, minutes=4, **OFFLINE),), "none none none none none"),
    Case("silent for 5 min", (bearing(1, HIGH, minutes=5, **OFFLINE),), "yellow blue blue blue blue"),
    Case(
        "silent for 30 min", (bearing(1, HIGH, minutes=30, **OFFLINE),), "orange yellow yellow yellow yellow"
    ),
    Case(
        "silent while a high alarm stands",
        (bearing(1, HIGH, **OFFLINE), bearing(2, HIGH)),
        "red orange orange orange orange",
    ),
    Case(
        "another system alarm",
        (bearing(1, CRITICAL, minutes=90, alarm_class="system"),),
        "none none none none none",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_shipped_policy_gives(case: Case) -> None:
    given = [derive(POLICY, seen(*case.active, hazard_class=c), T0).level.word for c in (1, 2, 3, 4, None)]
    assert " ".join(given) == case.levels


def test_explanation_names_rule_alarms_and_the_moment() -> None:
    found = derive(POLICY, seen(bearing(1, CRITICAL, minutes=2), bearing(2, HIGH, minutes=1)), T0)
    first = found.grounds[0]
    assert (first.rule, first.level, first.alarms, first.count) == ("critical", ORANGE, ("a1",), 1)
    assert first.since == T0 - 2 * MINUTE
    assert {ground.rule for ground in found.grounds} == {"critical", "high"}


def test_level_rises_by_the_passing_of_time_exactly_when_announced() -> None:
    active = seen(bearing(1, CRITICAL, unanswered=False))
    now = derive(POLICY, active, T0)
    assert now.rises_at == T0 + 10 * MINUTE
    assert derive(POLICY, active, now.rises_at - 1).level is ORANGE
    assert derive(POLICY, active, now.rises_at).level is RED


def test_level_that_cannot_rise_further_announces_nothing() -> None:
    assert derive(POLICY, seen(bearing(1, CRITICAL, minutes=60)), T0).rises_at is None


def test_points_are_counted_from_the_first_alarm_of_each() -> None:
    active = seen(
        bearing(1, CRITICAL, minutes=9, **GAS),
        bearing(2, CRITICAL, minutes=3, **GAS),
        bearing(3, CRITICAL, minutes=1, point="p2", **GAS),
    )
    grounds = {ground.rule: ground for ground in derive(POLICY, active, T0).grounds}
    assert grounds["second-level-gas-two"].since == T0 - 3 * MINUTE
    assert grounds["second-level-gas-two"].count == 3
    assert grounds["second-level-gas-two"].floor


def test_second_level_gas_sets_a_floor() -> None:
    found = derive(POLICY, seen(bearing(1, CRITICAL, **GAS)), T0)
    assert found.floor is ORANGE
    assert derive(POLICY, seen(bearing(1, CRITICAL)), T0).floor is NONE


levels = st.sampled_from(["none", "blue", "yellow", "orange", "red"])
bearings = st.builds(
    Bearing,
    alarm=st.integers(0, 10**6).map(str),
    point=st.integers(0, 8).map(str),
    alarm_class=st.sampled_from(["process", "instrument", "system", "advisory"]),
    priority=st.sampled_from(list(Priority)),
    since=st.integers(T0 - 3000 * S, T0 + 60 * S),
    second_level_gas=st.booleans(),
    offline=st.booleans(),
    unanswered=st.booleans(),
)
conditions = st.builds(
    Condition,
    alarm_class=st.lists(st.sampled_from(["process", "instrument", "system"]), max_size=2).map(tuple),
    priority_at_least=st.sampled_from(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
    second_level_gas=st.booleans(),
    offline=st.booleans(),
    unanswered=st.booleans(),
    count_at_least=st.integers(1, 4),
    count=st.sampled_from(["alarms", "points"]),
    share_at_least=st.none() | st.sampled_from([0.1, 0.5, 1.0]),
    for_s=st.sampled_from([0.0, 60.0, 600.0, 1800.0]),
)


@st.composite
def any_rule(draw: st.DrawFn) -> LevelRule:
    by_class = sorted((draw(levels) for _ in range(4)), key=level_of, reverse=True)
    level = LevelByClass(
        class_1=by_class[0],
        class_2=by_class[1],
        class_3=by_class[2],
        class_4=by_class[3],
        unclassified=draw(levels),
    )
    return LevelRule(
        id=str(draw(st.integers(0, 10**9))),
        name="",
        name_en="",
        level=level,
        when=tuple(draw(st.lists(conditions, min_size=1, max_size=2))),
        source="",
    )


@st.composite
def any_policy(draw: st.DrawFn) -> LevelPolicy:
    gas = LevelRule(
        id="gas",
        name="",
        name_en="",
        level="orange",
        floor=True,
        when=(Condition(second_level_gas=True),),
        source="",
    )
    rules = {rule.id: rule for rule in draw(st.lists(any_rule(), max_size=5))}
    return msgspec.structs.replace(POLICY, rules=(gas, *rules.values()))


policies = st.just(POLICY) | any_policy()
situations = st.builds(
    Seen,
    hazard_class=st.sampled_from([None, 1, 2, 3, 4]),
    points_in_use=st.integers(0, 8),
    bearings=st.lists(bearings, max_size=8).map(tuple),
)
moments = st.integers(T0 - 100 * S, T0 + 3000 * S)


@settings(max_examples=200, deadline=None)
@given(policies, situations, moments)
def test_derivation_agrees_with_plain_counting(policy: LevelPolicy, situation: Seen, now: int) -> None:
    assert derive(policy, situation, now).level == level_by_counting(policy, situation, now)


@settings(max_examples=150, deadline=None)
@given(policies, situations, bearings, moments)
def test_one_more_alarm_never_lowers_the_level(
    policy: LevelPolicy, situation: Seen, more: Bearing, now: int
) -> None:
    richer = msgspec.structs.replace(situation, bearings=(*situation.bearings, more))
    assert derive(policy, richer, now).level >= derive(policy, situation, now).level


@settings(max_examples=150, deadline=None)
@given(policies, situations, st.data(), moments)
def test_a_more_urgent_or_older_alarm_never_lowers_the_level(
    policy: LevelPolicy, situation: Seen, data: st.DataObject, now: int
) -> None:
    if not situation.bearings:
        return
    number = data.draw(st.integers(0, len(situation.bearings) - 1))
    old = situation.bearings[number]
    urgent = old._replace(
        priority=Priority(data.draw(st.integers(old.priority, Priority.CRITICAL))),
        since=old.since - data.draw(st.integers(0, 1000)) * S,
        second_level_gas=old.second_level_gas or data.draw(st.booleans()),
        offline=old.offline or data.draw(st.booleans()),
        unanswered=old.unanswered or data.draw(st.booleans()),
    )
    others = [*situation.bearings[:number], urgent, *situation.bearings[number + 1 :]]
    worse = msgspec.structs.replace(situation, bearings=tuple(others))
    assert derive(policy, worse, now).level >= derive(policy, situation, now).level


@settings(max_examples=150, deadline=None)
@given(policies, situations, moments, st.integers(0, 3000))
def test_waiting_or_a_worse_class_never_lowers_the_level(
    policy: LevelPolicy, situation: Seen, now: int, wait_s: int
) -> None:
    level = derive(policy, situation, now).level
    assert derive(policy, situation, now + wait_s * S).level >= level
    if situation.hazard_class is not None and situation.hazard_class > 1:
        worse = msgspec.structs.replace(situation, hazard_class=situation.hazard_class - 1)
        assert derive(policy, worse, now).level >= level


@settings(max_examples=150, deadline=None)
@given(policies, situations, moments)
def test_level_stays_until_the_announced_moment_and_is_higher_then(
    policy: LevelPolicy, situation: Seen, now: int
) -> None:
    found = derive(policy, situation, now)
    if found.rises_at is None:
        assert derive(policy, situation, now + 10**6 * S).level == found.level
    else:
        assert derive(policy, situation, found.rises_at - 1).level == found.level
        assert derive(policy, situation, found.rises_at).level > found.level


@settings(max_examples=100, deadline=None)
@given(policies, situations, moments)
def test_second_level_gas_is_never_below_its_floor(policy: LevelPolicy, situation: Seen, now: int) -> None:
    begun = [item for item in situation.bearings if item.second_level_gas and item.since <= now]
    if begun:
        assert derive(policy, situation, now).level >= ORANGE
