"""Which alarms count for which danger, and which are false."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evaluation.alarms import Alarm
from evaluation.matching import (
    ANNOUNCING,
    GRACE_S,
    PROCESS,
    Danger,
    Outcome,
    Span,
    as_danger,
    as_span,
    counts,
    is_false,
    outcome,
    weightiest,
)
from simulators.truth import TruthEvent

S = 1_000_000_000
LEVEL, PRESSURE, GAS_1, GAS_2 = "E1/T1.LT1", "E1/T1.PT1", "E1/G1.GD1", "E1/G1.GD2"
UNITS = {LEVEL: "T1", PRESSURE: "T1", GAS_1: "G1", GAS_2: "G1"}


def danger(*points: str, start: float = 100, end: float = 200, **more: Any) -> Danger:
    fields = {
        "name": "overfill", "danger": "fast", "points": points, "needs": "all", "units": frozenset({"T1"}),
        "start": round(start * S), "end": round(end * S), "of_instrument": False,
    }  # fmt: skip
    return Danger(**(fields | more))


def alarm(point: str, began: float, told: float | None = None, **more: Any) -> Alarm:
    told = began if told is None else told
    fields = {"rule": f"{point}.H", "alarm_class": "process", "ended": None}
    return Alarm(point=point, began=round(began * S), told=round(told * S), **(fields | more))


def told(event: Danger, *alarms: Alarm, classes: frozenset[str] = PROCESS) -> Outcome:
    return outcome(event, alarms, UNITS, watched=UNITS, classes=classes)


def test_process_alarm_of_an_expected_point_within_the_event_counts_from_when_it_was_told() -> None:
    assert told(danger(LEVEL), alarm(LEVEL, 110, 113)) == Outcome(True, 13.0)
    assert not told(danger(LEVEL), alarm(PRESSURE, 110)).seen
    assert not told(danger(LEVEL), alarm(LEVEL, 110, alarm_class="instrument")).seen


def test_alarm_may_follow_the_event_within_the_grace_and_not_later() -> None:
    assert told(danger(LEVEL), alarm(LEVEL, 200 + GRACE_S)).seen
    assert not told(danger(LEVEL), alarm(LEVEL, 201 + GRACE_S)).seen


def test_what_was_active_before_does_not_count_and_is_told_as_such() -> None:
    before = told(danger(LEVEL), alarm(LEVEL, 90))
    assert (before.seen, before.already_active) == (False, True)
    over = told(danger(LEVEL), alarm(LEVEL, 90, ended=95 * S))
    assert (over.seen, over.already_active) == (False, False)


def test_pre_alarm_counts_only_where_advisory_ones_speak() -> None:
    trend = alarm(LEVEL, 110, alarm_class="advisory")
    assert not told(danger(LEVEL), trend).seen
    assert told(danger(LEVEL), trend, classes=ANNOUNCING).seen


def test_fault_of_an_instrument_is_told_by_any_alarm_but_a_trend() -> None:
    sick = danger(LEVEL, of_instrument=True, danger="instrument")
    assert told(sick, alarm(LEVEL, 110, alarm_class="instrument")).seen
    assert told(sick, alarm(LEVEL, 110)).seen
    assert not told(sick, alarm(LEVEL, 110, alarm_class="advisory"), classes=ANNOUNCING).seen


def test_all_points_have_to_alarm_and_the_first_gives_the_delay() -> None:
    both = danger(LEVEL, PRESSURE)
    assert not told(both, alarm(LEVEL, 110)).seen
    assert told(both, alarm(LEVEL, 120), alarm(PRESSURE, 110)).delay_s == 10
    assert told(both._replace(needs="any"), alarm(LEVEL, 120)).delay_s == 20


def test_expected_point_without_a_rule_of_the_detector_is_not_asked_for() -> None:
    found = outcome(danger(LEVEL, PRESSURE), [alarm(LEVEL, 110)], UNITS, watched={LEVEL})
    assert found.seen


def test_danger_without_points_is_told_by_any_point_of_its_unit() -> None:
    assert told(danger(), alarm(PRESSURE, 110)).seen
    assert not told(danger(), alarm(GAS_1, 110)).seen


def test_lead_runs_to_when_the_true_value_reached_a_level() -> None:
    found = told(danger(LEVEL, reached={"H": 150 * S, "HH": 180 * S}), alarm(LEVEL, 160))
    assert found.leads_s == {"H": -10.0, "HH": 20.0}
    assert weightiest(found.leads_s) == "HH"
    assert weightiest({"spill": 1}) is None


def test_alarm_outside_every_event_of_its_unit_is_false() -> None:
    events = [Span(frozenset({"T1"}), 100 * S, 200 * S)]
    assert not is_false(alarm(LEVEL, 150), "T1", events)
    assert not is_false(alarm(LEVEL, 200 + GRACE_S), "T1", events)
    assert is_false(alarm(LEVEL, 99), "T1", events)
    assert is_false(alarm(GAS_1, 150), "G1", events)


def event(**more: Any) -> TruthEvent:
    fields = {
        "event": "gas_leak", "unit": "G1", "start_ns": S, "end_ns": None, "expected_points": (GAS_1,),
        "expected": "any", "enterprise": "E1", "gateway": "GW1", "scenario": "s", "seed": 0, "details": {},
    }  # fmt: skip
    return TruthEvent(**(fields | more))


def test_event_lies_in_every_unit_that_it_names() -> None:
    from_vessel = event(details={"vessel": "T1", "hole_mm": 4})
    assert as_span(from_vessel, UNITS, 9 * S) == Span(frozenset({"G1", "T1"}), S, 9 * S)
    assert as_span(event(unit="link", expected_points=()), UNITS, 9 * S).units == {"link", "G1", "T1"}


def test_fault_event_is_of_its_instrument() -> None:
    stuck = as_danger(event(event="stuck", unit="T1", details={"point": "T1.LT1"}), UNITS, 9 * S)
    assert (stuck.of_instrument, stuck.danger) == (True, "instrument")


CLASSES = st.sampled_from(["process", "advisory", "instrument", "system"])
POINTS = st.sampled_from(sorted(UNITS))
ALARMS = st.lists(
    st.builds(
        lambda point, began, wait, lasts, kind: alarm(
            point, began, began + wait, alarm_class=kind, ended=None if lasts is None else (began + lasts) * S
        ),
        POINTS,
        st.integers(0, 900),
        st.integers(0, 60),
        st.none() | st.integers(0, 100),
        CLASSES,
    ),
    max_size=6,
)
DANGERS = st.builds(
    lambda points, start, lasts, needs, sick, unit: danger(
        *sorted(points), start=start, end=start + lasts, needs=needs, of_instrument=sick,
        units=frozenset({unit}),
    ),
    st.sets(POINTS, max_size=3),
    st.integers(0, 500),
    st.integers(0, 300),
    st.sampled_from(["all", "any"]),
    st.booleans(),
    st.sampled_from(["T1", "G1"]),
)  # fmt: skip


def twin(event: Danger, alarms: list[Alarm], watched: set[str], classes: frozenset[str]) -> Mapping[str, Any]:
    """The same, written down as the rule is told in words."""
    first: dict[str, int] = {}
    before = False
    for one in alarms:
        if event.points and one.point not in event.points:
            continue
        if not event.points and UNITS[one.point] not in event.units:
            continue
        if event.of_instrument and one.alarm_class == "advisory":
            continue
        if not event.of_instrument and one.alarm_class not in classes:
            continue
        if one.began < event.start:
            before = before or one.ended is None or one.ended > event.start
        elif one.began <= event.end + GRACE_S * S:
            first[one.point] = min(first.get(one.point, one.told), one.told)
    wanted = [point for point in event.points if point in watched]
    every = event.needs == "all" and wanted
    seen = all(point in first for point in wanted) if every else len(first) > 0
    delay = (min(first.values()) - event.start) / S if seen else None
    return {"seen": seen, "delay_s": delay, "already_active": before and not seen}


@given(DANGERS, ALARMS, st.sets(POINTS), st.sampled_from([PROCESS, ANNOUNCING]))
def test_outcome_agrees_with_its_twin(
    event: Danger, alarms: list[Alarm], watched: set[str], classes: frozenset[str]
) -> None:
    found = outcome(event, alarms, UNITS, watched=watched, classes=classes)
    expected = twin(event, alarms, watched, classes)
    assert found._asdict() | {"leads_s": {}} == {"leads_s": {}, **expected}


@given(DANGERS, ALARMS)
def test_alarm_that_counts_is_never_false(event: Danger, alarms: list[Alarm]) -> None:
    spans = [Span(event.units | {UNITS[point] for point in event.points}, event.start, event.end)]
    for one in alarms:
        if counts(event, one, UNITS[one.point], ANNOUNCING):
            assert not is_false(one, UNITS[one.point], spans)
