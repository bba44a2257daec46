"""A wall clock that is set, while the service runs and while it does not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.escalation.clock_jump import jump_between
from api.store.ladders import Seen
from tests.escalation.test_call_up_timelines import NEVER_REPORTED
from tests.escalation.timeline import SECOND, ladder, message, raised, step, timeline

JUMPED = "service/system/service_clock_jumped"
MINUTE = 60 * SECOND
times = st.integers(0, 10**18)


def seen(wall: int, steady: int, boot: str = "a") -> Seen:
    return Seen(wall=wall, steady=steady, boot=boot)


@given(times, times, st.integers(0, 10**15), st.integers(-(10**15), 10**15))
def test_a_jump_is_what_the_clock_shows_beyond_the_time_that_passed(wall, steady, passed, by) -> None:
    jump = jump_between(seen(wall, steady), seen(wall + passed + by, steady + passed), 5 * SECOND)
    assert (jump.by_ns if jump else 0) == (by if abs(by) > 5 * SECOND else 0)


def test_nothing_is_known_before_the_first_look() -> None:
    assert jump_between(None, seen(5, 5), 0) is None


@pytest.mark.parametrize(("shown", "expected"), [(-MINUTE, -MINUTE), (MINUTE, None), (0, None)])
def test_after_another_start_of_the_machine_only_back_is_certain(shown: int, expected: int | None) -> None:
    jump = jump_between(seen(10 * MINUTE, 500), seen(10 * MINUTE + shown, 7, "b"), 5 * SECOND)
    assert (jump.by_ns if jump else None) == expected


async def test_a_clock_set_back_makes_nobody_wait_longer(database_url: str, tmp_path: Path) -> None:
    async with timeline(database_url, tmp_path, ladder(step(0, "zhang"), step(60, "wang"))) as t:
        await t.at(0, raised)
        await t.look_at_clock()
        await t.at(20)
        t.set_clock(-3600)
        jump = await t.look_at_clock()
        assert jump is not None
        assert jump.direction == "back"
        await t.at(20 - 3600 + 39)
        await t.want(message(0, "zhang"))
        await t.at(20 - 3600 + 40)
        assert (await t.sent())[-1] == message(-3540, "wang")
        assert len(await t.alarms(JUMPED)) == 1
        assert t.metric("escalation_clock_jumps_total", direction="back") == 1
        await t.audit()
        assert await t.alarms("service/system/escalation_hole") == []


async def test_a_clock_set_back_while_the_service_was_down_is_noticed_at_the_start(
    url: str, tmp_path: Path
) -> None:
    rungs = ladder(step(0, "zhang"), step(60, "wang"))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.look_at_clock()
        steady = t.steady
    async with timeline(url, tmp_path, rungs) as t:
        t.steady = steady + 10 * SECOND
        t.set_clock(10 - 7200)
        await t.look_at_clock()
        assert await t.sent() == [message(0, "zhang")]
        await t.at(-7200 + 60)
        assert (await t.sent())[-1] == message(-7140, "wang")


async def test_a_clock_set_forward_lets_due_steps_come_at_once_and_in_order(url: str, tmp_path: Path) -> None:
    rungs = ladder(step(0, "zhang"), step(60, "wang"), step(120, "chief"))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.look_at_clock()
        t.set_clock(130)
        jump = await t.look_at_clock()
        assert jump is not None
        assert jump.direction == "forward"
        await t.worker.fire_due()
        await t.want(message(0, "zhang"), message(130, "wang"), message(130, "chief"))
        assert len(await t.alarms(JUMPED)) == 1


async def test_time_that_really_passed_is_no_jump(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await t.look_at_clock()
        await t.at(100_000)
        assert await t.look_at_clock() is None
        assert await t.alarms(JUMPED) == []


async def test_a_call_under_way_rings_no_longer_because_the_clock_was_set_back(
    url: str, tmp_path: Path
) -> None:
    rungs = ladder(step(0, "zhang", call_up=True))
    async with timeline(url, tmp_path, rungs, script={"zhang": [NEVER_REPORTED]}) as t:
        await t.at(0, raised)
        await t.look_at_clock()
        await t.at(30)
        t.set_clock(-3600)
        await t.look_at_clock()
        await t.at(30 - 3600 + 240)
        assert [call.outcome for call in await t.calls()] == ["no_report", "no_report", ""]
        await t.at(30 - 3600 + 265)
        assert [one.state for one in await t.call_ups()] == ["not_woken"]
