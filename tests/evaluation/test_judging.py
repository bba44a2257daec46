"""One run judged: eligible events, leads of announced limits, time outside events, chattering."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.alarms import Alarm
from evaluation.judging import Run, Watcher, announced, chatterers, judge, outside_s
from evaluation.matching import ANNOUNCING, GRACE_S, Danger, Span

S = 1_000_000_000
LEVEL, GAS = "E1/T1.LT1", "E1/G1.GD1"
UNITS = {LEVEL: "T1", GAS: "G1"}
OVERFILL = Danger("overfill", "fast", (LEVEL,), "all", frozenset({"T1"}), 100 * S, 900 * S, False, {})


def run(*dangers: Danger, end: int = 1_000, events: tuple[Span, ...] = ()) -> Run:
    spans = events or tuple(Span(one.units, one.start, one.end) for one in dangers)
    return Run("s", 1, 0, end * S, UNITS, dangers, spans)


def alarm(rule: str, began: float, point: str = LEVEL, ended: float | None = None, **more: object) -> Alarm:
    over = None if ended is None else round(ended * S)
    base = Alarm(rule, point, "process", round(began * S), round(began * S), over)
    return base._replace(**more)


def test_event_where_the_detector_has_no_rule_is_not_its_own() -> None:
    assert judge(Watcher({"process": frozenset({GAS})}, ANNOUNCING), run(OVERFILL), []).seen == []
    missed = judge(Watcher({"process": frozenset({LEVEL})}, ANNOUNCING), run(OVERFILL), [])
    assert [one.seen for one in missed.seen] == [False]


def test_detector_of_instruments_is_not_asked_for_what_happens_to_the_process() -> None:
    assert judge(Watcher({"instrument": frozenset({LEVEL})}, ANNOUNCING), run(OVERFILL), []).seen == []


def test_false_alarms_are_counted_by_class_and_only_within_the_run() -> None:
    watcher = Watcher({"process": frozenset({LEVEL, GAS})}, ANNOUNCING)
    alarms = [
        alarm("a", 150),
        alarm("b", 150, GAS),
        alarm("c", 160, GAS, alarm_class="advisory"),
        alarm("d", 1_001, GAS),
    ]
    cried = judge(watcher, run(OVERFILL), alarms).cried
    assert (cried.process, cried.advisory, cried.instrument) == (1, 1, 0)


def test_announced_time_is_compared_with_when_that_limit_was_truly_reached() -> None:
    danger = OVERFILL._replace(reached={"H": 400 * S, "HH": 800 * S})
    sides = {"TO_H": "H", "TO_HH": "HH"}
    early = alarm("TO_H", 200, figure=250.0)
    later = alarm("TO_HH", 300, figure=550.0)
    assert announced(danger, [early, later], sides) == (500.0, pytest.approx(0.1))
    assert announced(danger, [early], sides) == (200.0, pytest.approx(0.25))
    assert announced(danger, [], sides) == (None, None)
    assert announced(danger._replace(reached={}), [later], sides) == (None, None)


@given(
    st.lists(st.tuples(st.integers(0, 990), st.integers(0, 400), st.sampled_from(["T1", "G1"])), max_size=4)
)
def test_time_outside_events_agrees_with_counting_seconds(spans: list[tuple[int, int, str]]) -> None:
    events = tuple(Span(frozenset({unit}), at * S, (at + lasts) * S) for at, lasts, unit in spans)
    free = 0
    for unit in ("T1", "G1"):
        for second in range(1_000):
            inside = any(one == unit and at <= second < at + lasts + GRACE_S for at, lasts, one in spans)
            free += not inside
    assert outside_s(run(events=events)) == pytest.approx(free / 2)


def test_rule_that_comes_and_goes_three_times_in_five_minutes_chatters() -> None:
    often = [alarm("a", at, ended=at + 10) for at in (0, 50, 100)]
    assert chatterers(often) == 1
    assert chatterers(often[:2]) == 0
    assert chatterers([alarm("a", at, ended=at + 10) for at in (0, 200, 400)]) == 0


@given(st.lists(st.integers(0, 2_000), min_size=2, max_size=20, unique=True))
def test_chattering_agrees_with_looking_at_every_window(times: list[int]) -> None:
    moments = sorted(times)[: len(times) // 2 * 2]
    alarms = [alarm("a", began, ended=ended) for began, ended in list(pairwise(moments))[::2]]
    worst = max((sum(at - 300 < other <= at for other in moments) for at in moments), default=0)
    assert chatterers(alarms) == (worst > 5)
