"""Levels that follow the alarms: timelines on SQLite and PostgreSQL."""

import pytest

from api.desks.colours import WarningLevel
from api.desks.errors import NotOnDesk, StepRefused
from tests.desks.office import (
    ACME,
    ADMINISTRATOR,
    BETA,
    GAMMA,
    OFFICER,
    OPERATOR,
    OTHER_OFFICER,
    Office,
)
from tests.desks.times import HOUR, MINUTE, T0

NONE, BLUE, YELLOW, ORANGE, RED = WarningLevel


async def test_every_installation_of_the_register_has_a_level(office: Office) -> None:
    for place in (ACME, BETA, GAMMA):
        kept = await office.kept(place)
        assert (kept.level, kept.since) == (NONE, T0)
    assert await office.history() == []


async def test_alarm_raises_the_level_and_the_journal_says_why(either: Office) -> None:
    office = either
    alarm = await office.alarm("acme/LT0/HH")
    kept = await office.kept()
    assert kept.level is YELLOW  # class 3
    assert kept.grounds[0].rule == "critical"
    assert kept.grounds[0].alarms == (alarm,)
    assert await office.history() == [("none", "yellow", "derived")]
    assert await office.level(BETA) is NONE


async def test_level_rises_by_time_without_any_message(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    await office.until(T0 + 5 * MINUTE - 1)
    assert await office.level() is YELLOW
    await office.until(T0 + 5 * MINUTE)
    assert await office.level() is ORANGE  # unanswered for 5 min
    assert await office.history() == [("none", "yellow", "derived"), ("yellow", "orange", "derived")]


async def test_answered_alarm_rises_later(office: Office) -> None:
    alarm = await office.alarm("acme/LT0/HH")
    await office.service.acknowledge(alarm, OPERATOR, "")
    await office.until(T0 + 10 * MINUTE - 1)
    assert await office.level() is YELLOW
    await office.until(T0 + 10 * MINUTE)
    assert await office.level() is ORANGE


async def test_level_falls_after_the_hold_and_does_not_flap(either: Office) -> None:
    office = either
    for number in range(4):
        await office.until(T0 + number * MINUTE)
        await office.alarm("acme/LT0/H", active=number % 2 == 0)
    assert await office.level() is BLUE
    await office.until(T0 + 3 * MINUTE + 5 * MINUTE)
    assert await office.level() is NONE
    assert await office.history() == [("none", "blue", "derived"), ("blue", "none", "held")]


async def test_second_level_gas_is_orange_at_once_and_red_by_two(office: Office) -> None:
    await office.alarm("acme/GT0/HH")
    assert await office.level() is ORANGE
    await office.alarm("acme/GT0/OVER")  # the same detector beyond its range confirms nothing
    assert await office.level() is ORANGE
    await office.alarm("acme/GT1/OVER")  # another one does
    assert await office.level() is RED


async def test_lost_points_and_a_silent_gateway_count(office: Office) -> None:
    await office.alarm("acme/LT0/FAILURE")
    await office.until(T0 + 10 * MINUTE)
    assert await office.level() is BLUE  # 1 of 10 points
    await office.alarm("acme/system/device_offline", point="acme/gw1")
    await office.until(T0 + 40 * MINUTE)
    assert await office.level() is YELLOW
    assert await office.level(BETA) is NONE


async def test_silent_gateway_process_concerns_every_installation(office: Office) -> None:
    await office.writer.run(lambda tx: office.service.report(tx, "gateway_silent", "gw", True, "silent"))
    await office.until(T0 + 5 * MINUTE)
    assert await office.level(BETA) is YELLOW  # class 1
    assert await office.level(GAMMA) is BLUE


async def test_restart_looks_at_everything_again(office: Office) -> None:
    follower = office.service.followers.pop()
    await office.alarm("acme/LT0/HH")
    assert await office.level() is NONE  # nobody followed
    office.service.followers.append(follower)
    await office.start()
    assert await office.level() is YELLOW


async def test_level_raised_by_hand_ends_at_its_time(office: Office) -> None:
    kept = await office.desks.levels.set_by_hand(OFFICER, ACME, ORANGE, "现场冒烟", T0 + HOUR, lower=False)
    assert kept.level is ORANGE
    await office.until(T0 + HOUR - 1)
    assert await office.level() is ORANGE
    await office.until(T0 + HOUR)
    assert await office.level() is NONE
    assert await office.history() == [
        ("none", "orange", "adjusted"),
        ("orange", "none", "adjustment_ended"),
    ]
    assert await office.audited("level.adjust") == 1


async def test_level_cannot_be_lowered_through_the_raising_door(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    with pytest.raises(StepRefused, match="only raise"):
        await office.desks.levels.set_by_hand(OFFICER, ACME, BLUE, "误报", T0 + HOUR, lower=False)
    with pytest.raises(StepRefused, match="only lower"):
        await office.desks.levels.set_by_hand(ADMINISTRATOR, ACME, RED, "误报", T0 + HOUR, lower=True)
    assert await office.audited("level.adjust") == 0


async def test_level_lowered_by_hand_gives_way_to_a_new_alarm(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    lowered = await office.desks.levels.set_by_hand(
        ADMINISTRATOR, ACME, BLUE, "检定中", T0 + HOUR, lower=True
    )
    assert lowered.level is BLUE
    office.now += MINUTE
    await office.alarm("acme/LT1/HH")
    assert await office.level() is YELLOW


async def test_second_level_gas_is_not_lowered_by_hand(office: Office) -> None:
    await office.alarm("acme/GT0/HH")
    with pytest.raises(StepRefused, match="气体二级"):
        await office.desks.levels.set_by_hand(ADMINISTRATOR, ACME, BLUE, "误报", T0 + HOUR, lower=True)


async def test_adjustment_is_withdrawn(office: Office) -> None:
    await office.desks.levels.set_by_hand(OFFICER, ACME, RED, "演练", T0 + HOUR, lower=False)
    assert (await office.desks.levels.withdraw_adjustment(OFFICER, ACME)).level is NONE


@pytest.mark.parametrize("place", [ACME, ("acme", "nowhere")])
async def test_installation_out_of_sight_is_not_there(office: Office, place: tuple[str, str]) -> None:
    with pytest.raises(NotOnDesk):
        await office.desks.levels.set_by_hand(OTHER_OFFICER, place, RED, "x", T0 + HOUR, lower=False)


async def test_screens_are_told_after_the_commit(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    await office.reader.run(lambda _connection: None)
    told = [(delta.kind, delta.level, delta.state) for delta in office.deltas]
    assert ("level", "yellow", "") in told
    assert ("warning", "yellow", "unsigned") in told
