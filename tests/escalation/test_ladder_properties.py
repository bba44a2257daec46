"""Whatever happens in whatever order, each open alarm has a living step; fast and naive way agree."""

import asyncio
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.ladders import default_ladders
from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.alarms.lifecycle import ActionRefused, state_name
from api.alarms.model import Alarm, Facts, Place, RuleCopy
from api.escalation.decide import begin, hurried, next_step, phase_of, slowed
from api.escalation.schedule import largest_gap_ns, schedule_of
from api.store.ladders import climbs_of, prove
from api.store.timers import timer_of
from tests.api.plant import T0
from tests.escalation.timeline import (
    SECOND,
    acknowledged,
    ladder,
    raised,
    step,
    timeline,
)

waits = st.integers(0, 50).map(float)
steps = st.lists(
    st.builds(
        LadderStep,
        after_s=waits,
        to=st.just(("zhang",)),
        repeat_every_s=st.integers(1, 30).map(float),
        repeat_times=st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    made = sorted(draw(steps), key=lambda one: one.after_s)
    top = LadderTop(to=("chief",), every_s=float(draw(st.integers(1, 60))))
    factor = float(draw(st.integers(1, 3)))
    return Ladder(id="x", steps=tuple(made), top=top, returned_factor=factor)


def open_alarm() -> Alarm:
    copy = RuleCopy(name="x", priority=1, alarm_class="process", place=Place(enterprise="acme"))
    return Alarm(
        id="a",
        point="acme/p",
        rule="acme/r",
        onset=T0,
        gateway="g",
        raised_time=T0,
        received_time=T0,
        facts=Facts(active=True),
        copy=copy,
    )


def naive_times(made: Ladder, until_s: float) -> list[float]:
    """Second by second: when somebody is told, if every call is made in time."""
    due = sorted(
        one.after_s + turn * one.repeat_every_s for one in made.steps for turn in range(one.repeat_times + 1)
    )
    last = due[-1] + made.top.every_s
    while last <= until_s:
        due.append(last)
        last += made.top.every_s
    return [time for time in due if time <= until_s]


@given(ladders(), st.integers(1, 300))
def test_a_climb_made_in_time_is_the_naive_list_of_times(made: Ladder, until_s: int) -> None:
    alarm, told = open_alarm(), []
    progress = begin(made, alarm, T0)
    while progress is not None and progress.due_at <= T0 + until_s * SECOND:
        now = progress.due_at
        firing = next_step(made, alarm, progress, now)
        told += [(due.due_at - T0) / SECOND for due in firing.calls]
        progress = firing.progress
    assert sorted(set(told)) == sorted(set(naive_times(made, until_s)))


@given(ladders(), st.lists(st.integers(0, 500), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_a_living_step_is_never_further_than_the_largest_wait(
    made: Ladder, pauses: list[int], goes_back: bool, hurries: bool
) -> None:
    alarm, now = open_alarm(), T0
    progress = begin(made, alarm, now)
    assert progress is not None
    for number, pause in enumerate(pauses):
        now += pause * SECOND
        if goes_back and number == 1:
            facts = msgspec.structs.replace(alarm.facts, active=False, returned_time=now, annunciated_time=1)
            alarm = msgspec.structs.replace(alarm, facts=facts)
            progress = slowed(made, progress, now)
        if hurries and number == 2:
            progress = hurried(made, progress, now)
        firing = next_step(made, alarm, progress, now)
        assert firing.progress is not None
        progress = firing.progress
        assert now < progress.due_at <= now + largest_gap_ns(made)


@given(ladders(), st.integers(0, 1000))
def test_looking_late_tells_each_step_once_and_leaves_none_out(made: Ladder, late_s: int) -> None:
    alarm = open_alarm()
    progress = begin(made, alarm, T0)
    assert progress is not None
    firing = next_step(made, alarm, progress, T0 + late_s * SECOND)
    told = [due.call.step for due in firing.calls]
    assert len(told) == len(set(told))
    due = {call.step for call in schedule_of(made, "unacked") if call.offset_ns <= late_s * SECOND}
    assert due <= set(told)


def test_the_packaged_ladders_reach_their_top_and_keep_their_waits() -> None:
    for made in default_ladders()[0]:
        alarm, progress = open_alarm(), begin(made, open_alarm(), T0)
        for _ in range(50):
            assert progress is not None
            progress = next_step(made, alarm, progress, progress.due_at).progress
        assert progress is not None
        assert progress.exhausted_at is not None


ACTS = ("raise", "acknowledge", "return", "wait", "restart", "again")


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 400)), max_size=8))
def test_each_open_alarm_has_a_living_step_after_any_history(acts: list[tuple[str, int]]) -> None:
    asyncio.run(_live_through(acts))


async def _live_through(acts: list[tuple[str, int]]) -> None:
    rungs = ladder(step(0, "zhang"), step(60, "wang"), acked=[step(100, "li")], returned_factor=2.0)
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), 0
        url = f"sqlite:///{folder / 'alarms.sqlite'}"
        number, now = 0, T0
        while acts:
            async with timeline(url, folder, rungs) as t:
                t.sequence, t.now = number, now
                while acts:
                    act, pause = acts.pop(0)
                    clock += pause
                    await t.at(clock)
                    if act == "restart":
                        break
                    await _do(t, act)
                    await t.at(clock)
                    await _check(t)
                number, now = t.sequence, t.now


async def _do(t, act: str) -> None:
    match act:
        case "raise":
            await t.take(onset=t.now)
        case "again" if await t.alarms():
            await raised(t) if t.sequence else None
        case "acknowledge" if await t.alarms():
            try:
                await acknowledged(t)
            except ActionRefused:
                return
        case "return" if await t.alarms():
            alarm = await t.alarm()
            await t.take(active=False, onset=alarm.onset, after_s=1)
        case _:
            return


async def _check(t) -> None:
    proof = await t.reader.run(lambda c: prove(c, t.now, 0))
    assert proof.holes == 0, proof
    for alarm in await t.alarms():
        due = await t.reader.run(lambda c, key=f"ladder:{alarm.id}": timer_of(c, key))
        climb = (await t.reader.run(lambda c, one=alarm.id: climbs_of(c, [one]))).get(alarm.id)
        if phase_of(alarm) == "unacked":
            assert due is not None, state_name(alarm.facts)
            assert climb is not None
            assert climb.progress.due_at == due.due_at
            assert t.now < due.due_at <= t.now + climb.gap_ns
        if phase_of(alarm) is None:
            assert due is None
            assert climb is None or climb.ended_at is not None
