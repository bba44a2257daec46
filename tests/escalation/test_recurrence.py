"""A condition that ends and comes back while nobody answers: the ladder climbs as if it had stayed."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Ladder
from api.alarms.lifecycle import LATCHED
from api.alarms.model import Acknowledgement, Alarm, Facts
from api.escalation.decide import begin, next_step, order_for, quickened, slowed
from api.escalation.schedule import largest_gap_ns
from tests.api.plant import T0
from tests.escalation.test_ladder_properties import ladders, open_alarm
from tests.escalation.timeline import (
    SECOND,
    THREE_STEPS,
    Timeline,
    acknowledged,
    ladder,
    message,
    raised,
    returned,
    step,
    timeline,
)

ANSWER = Acknowledgement(by="陈", time=T0, comment="")
ONCE = [
    message(0, "zhang"),
    message(60, "li"),
    message(60, "li", "dingtalk"),
    message(180, "wang"),
    message(780, "chief"),
]
"""Whom THREE_STEPS tells until second 900."""


def alarm_with(**facts) -> Alarm:
    return msgspec.structs.replace(
        open_alarm(), facts=Facts(**({"active": True, "annunciated_time": T0} | facts))
    )


def latched(t: Timeline):
    """The condition has ended; the latch holds the alarm."""
    return t.take(cause=LATCHED, after_s=(t.now - T0) / SECOND)


@pytest.mark.parametrize(
    ("before", "order"),
    [
        ({"latched": True}, "resume"),
        ({"active": False}, "resume"),
        ({"latched": True, "acknowledged": ANSWER}, "begin"),
        ({"latched": True, "acknowledged": ANSWER, "confirmed": ANSWER}, "begin"),
        ({"shelved": "h"}, "begin"),
    ],
    ids=["latched", "ended", "answered", "confirmed", "shelved"],
)
def test_recurrence_begins_a_new_climb_only_when_the_climb_had_ended(before: dict, order: str) -> None:
    assert order_for(alarm_with(**before), alarm_with(), ["raised_again"]) == order


def test_latch_that_holds_an_ended_condition_changes_nothing() -> None:
    assert order_for(alarm_with(), alarm_with(latched=True), ["latched"]) == "keep"


@given(ladders(), st.lists(st.integers(0, 50), max_size=12))
def test_an_end_only_stretches_and_a_return_only_shortens_what_is_left(
    made: Ladder, pauses: list[int]
) -> None:
    progress, now = begin(made, open_alarm(), T0), T0
    for number, pause in enumerate(pauses):
        now += pause * SECOND
        assert progress is not None
        progress = next_step(made, open_alarm(), progress, now).progress
        assert progress is not None
        before, returns = progress, number % 2 == 1
        progress = (quickened if returns else slowed)(made, before, now)
        assert progress.position == before.position
        assert now < progress.due_at <= now + largest_gap_ns(made)
        assert progress.due_at <= before.due_at if returns else progress.due_at >= before.due_at


@given(ladders(), st.integers(0, 100))
def test_end_and_return_at_one_moment_leave_the_climb_as_it_was(made: Ladder, after_s: int) -> None:
    progress = begin(made, open_alarm(), T0)
    assert progress is not None
    now = T0 + after_s * SECOND
    progress = next_step(made, open_alarm(), progress, now).progress
    assert progress is not None
    assert quickened(made, slowed(made, progress, now), now) == progress


@pytest.mark.parametrize("period_s", [8, 23, 45, 90])
async def test_latched_alarm_that_flaps_climbs_as_if_it_had_stayed(
    period_s: int, url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, THREE_STEPS) as t:
        await t.at(0, raised)
        for second in range(period_s, 900, period_s):
            await t.at(second, latched)
            await t.at(second + period_s / 2, raised)
        await t.at(900)
        await t.want(*ONCE)
        lines = [line.kind for line in await t.journal()]
        assert lines.count("raised_again") == lines.count("latched") > 8


async def test_latched_alarm_that_flaps_is_repeated_no_more_than_its_step_says(
    url: str, tmp_path: Path
) -> None:
    rungs = ladder(step(0, "zhang", repeat_every_s=20, repeat_times=2), step(60, "wang"))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        for second in range(5, 300, 5):
            await t.at(second, latched, raised)
        await t.want(
            message(0, "zhang"),
            message(20, "zhang", kind="reminder"),
            message(40, "zhang", kind="reminder"),
            message(60, "wang"),
        )


async def test_call_up_of_a_flapping_alarm_comes_at_its_minute(url: str, tmp_path: Path) -> None:
    rungs = ladder(step(0, "zhang"), step(60, "li", call_up=True, channels=("sms",)))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        for second in range(9, 63, 9):
            await t.at(second, latched, raised)
        assert await t.call_ups() == []
        await t.at(60)
        assert [one.receiver for one in await t.call_ups()] == ["li"]


async def test_recurrence_after_an_acknowledgement_begins_a_new_climb(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, THREE_STEPS) as t:
        await t.at(0, raised)
        await t.at(20, latched)
        await t.at(30, acknowledged)
        await t.at(100, raised)
        await t.at(110, latched, raised)
        await t.at(170)
        await t.want(
            message(0, "zhang"),
            message(100, "zhang"),
            message(160, "li"),
            message(160, "li", "dingtalk"),
        )
        assert [line.actor for line in await t.journal() if line.kind == "acknowledged"] == ["operator:陈"]


async def test_an_alarm_at_its_top_stays_there_when_the_condition_recurs(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, ladder(step(0, "zhang"))) as t:
        await t.at(0, raised)
        await t.at(700, latched, raised)
        await t.at(1300)
        await t.want(message(0, "zhang"), message(600, "chief"), message(1200, "chief", kind="reminder"))
        climb = await t.climb()
        assert climb is not None
        assert climb.progress.exhausted_at is not None


async def test_danger_that_is_back_is_waited_for_no_longer_than_what_is_left(
    url: str, tmp_path: Path
) -> None:
    """Of 60 s there were 30 left at the end, stretched to 90; 30 of those passed, so 20 are left."""
    rungs = ladder(step(0, "zhang"), step(60, "wang"), returned_factor=3.0)
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(30, returned)
        await t.at(60, raised)
        await t.at(500)
        await t.want(message(0, "zhang"), message(80, "wang"))


async def test_flapping_goes_on_where_it_was_after_a_restart(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, THREE_STEPS) as t:
        await t.at(0, raised)
        await t.at(40, latched)
        number, now = t.sequence, t.now
    async with timeline(url, tmp_path, THREE_STEPS) as t:
        t.sequence, t.now = number, now
        await t.at(50, raised)
        await t.at(60)
        await t.want(message(0, "zhang"), message(60, "li"), message(60, "li", "dingtalk"))
