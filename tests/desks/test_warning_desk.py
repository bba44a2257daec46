"""Warnings from the alarm to the closing: who is told, who may do what, and what happens when nobody does."""

import pytest

from api.auth.permissions import PERMISSIONS
from api.bilingual import both
from api.desks.colours import WarningLevel
from api.desks.errors import NotOnDesk, StepRefused
from api.desks.warning_loop import state_name
from api.store.warnings import WarningQuery, count_warnings, steps_of
from tests.desks.office import (
    OFFICER,
    OPERATOR,
    OTHER_OFFICER,
    SUPERVISOR,
    Office,
    open_office,
    with_audiences,
)
from tests.desks.times import HOUR, MINUTE, T0, S

NONE, BLUE, YELLOW, ORANGE, RED = WarningLevel


async def step(office: Office, name: str, by=OFFICER, text: str = "已核对") -> str:
    warning = await office.desks.warnings.take(name, by, (await office.warning()).id, text)
    return state_name(warning)


async def kinds(office: Office) -> list[str]:
    warning = await office.warning()
    return [line.kind for line in await office.reader.run(lambda c: steps_of(c, warning.id))]


async def test_whole_loop_of_a_warning(either: Office) -> None:
    office = either
    await office.alarm("acme/LT0/HH")
    told = both("【黄色预警】示例化工 储罐区", "[yellow warning] 示例化工 储罐区")
    assert [title for _, title in await office.sent("warning")] == [told] * 2
    assert {receiver for receiver, _ in await office.sent("warning")} == {"room", "binhai"}
    assert await step(office, "sign") == "signed"
    assert await step(office, "ask") == "asked"
    assert await step(office, "answer", SUPERVISOR, "液位计卡涩，已切换备用") == "answered"
    assert await step(office, "return", text="请附照片") == "asked"
    assert await step(office, "answer", SUPERVISOR, "照片已上传") == "answered"
    assert await step(office, "verify") == "verified"
    with pytest.raises(StepRefused, match="still yellow"):
        await step(office, "close")
    await office.alarm("acme/LT0/HH", active=False)
    await office.wait(5 * MINUTE)
    assert await step(office, "close") == "closed"
    assert await kinds(office) == [
        *("begun", "signed", "asked", "answered", "returned", "answered", "verified", "fell", "closed")
    ]
    assert await office.audited("warning.close") == 1


async def test_blue_is_told_to_the_enterprise_only_and_is_no_warning(office: Office) -> None:
    await office.alarm("acme/LT0/H")
    assert await office.sent("warning") == [
        ("room", both("【蓝色预警】示例化工 储罐区", "[blue warning] 示例化工 储罐区"))
    ]
    assert await office.warnings() == []


async def test_unsigned_warning_climbs_until_the_top_and_stays_there(office: Office) -> None:
    await office.alarm("acme/LT0/L")
    await office.desks.levels.set_by_hand(
        OFFICER, ("acme", "tank-farm"), YELLOW, "冒烟", T0 + 20 * HOUR, lower=False
    )
    sign_until = T0 + round(office.desks.policy.warnings.deadline_s.sign.yellow * S)
    await office.until(sign_until - 1)
    assert (await office.warning()).overdue == 0
    await office.until(sign_until)
    assert ((await office.warning()).overdue, (await office.warning()).reached) == (1, "city")
    await office.until(sign_until + 3 * HOUR)
    warning = await office.warning()
    assert (warning.overdue, warning.reached, warning.late) == (4, "province", ("sign",))
    told = [receiver for receiver, title in await office.sent("warning") if "超时" in title]
    assert told.count("room") == told.count("binhai") == told.count("city") == 4
    assert told.count("province") == 3
    assert await office.audited("warning.overdue") == 4


async def test_rise_to_red_needs_a_new_signature_and_reaches_the_province(office: Office) -> None:
    await office.alarm("acme/GT0/HH")
    await step(office, "sign")
    assert {receiver for receiver, _ in await office.sent("warning")} == {"room", "binhai", "city"}
    await office.until(T0 + 10 * MINUTE)
    warning = await office.warning()
    assert (warning.level, state_name(warning)) == (RED, "unsigned")
    assert warning.due_at == T0 + 10 * MINUTE + round(office.desks.policy.warnings.deadline_s.sign.red * S)
    assert "province" in {receiver for receiver, _ in await office.sent("warning")}


async def test_second_rise_goes_on_with_the_same_warning(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    await step(office, "sign")
    await office.alarm("acme/LT0/HH", active=False)
    await office.wait(6 * MINUTE)
    await office.alarm("acme/LT1/HH")
    assert len(await office.warnings()) == 1
    assert state_name(await office.warning()) == "unsigned"
    assert "rose_again" in await kinds(office)


async def test_closed_warning_is_followed_by_a_new_one(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    for name, by in (("sign", OFFICER), ("ask", OFFICER), ("answer", SUPERVISOR), ("verify", OFFICER)):
        await step(office, name, by)
    await office.alarm("acme/LT0/HH", active=False)
    await office.wait(5 * MINUTE)
    await step(office, "close")
    await office.alarm("acme/LT1/HH")
    assert len(await office.warnings()) == 2
    assert len(await office.warnings(open_only=True)) == 1


async def test_warning_survives_a_restart_with_its_clocks(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    before = await office.warning()
    office.now += 2 * HOUR  # nobody ran in between
    await office.start()
    after = await office.warning()
    assert after.id == before.id
    assert after.overdue >= 1


async def test_nobody_sees_or_signs_a_warning_of_another_region(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    assert await office.warnings(OTHER_OFFICER.scope) == []
    with pytest.raises(NotOnDesk):
        await step(office, "sign", OTHER_OFFICER)
    assert len(await office.warnings(OFFICER.scope)) == 1


async def test_refused_step_leaves_nothing(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    before = await office.warning()
    with pytest.raises(StepRefused):
        await step(office, "verify")
    assert await office.warning() == before
    assert await kinds(office) == ["begun"]
    assert await office.audited("warning.verify") == 0


async def test_counts_by_state_and_level(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    await office.alarm("beta/PT1/HH")
    counts = await office.reader.run(lambda c: count_warnings(c, WarningQuery(OFFICER.scope)))
    assert counts == [("unsigned", ORANGE, 1), ("unsigned", YELLOW, 1)]


async def test_late_ones_are_found(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    assert await office.warnings(overdue_at=office.now) == []
    await office.wait(HOUR)
    assert len(await office.warnings(overdue_at=office.now)) == 1


async def test_authority_without_people_is_counted(tmp_path) -> None:
    async with open_office(f"sqlite:///{tmp_path / 'x.sqlite'}", with_audiences()) as office:
        await office.alarm("acme/LT0/HH")
        await office.reader.run(lambda _connection: None)
        name = "hazardwatch_api_desk_untold_total"
        assert office.metric(name, kind="warning", authority="district") == 1
        assert office.metric(name, kind="warning", authority="enterprise") == 0  # its duty phone


def test_only_bureaus_hold_the_desks_steps_and_only_control_rooms_answer() -> None:
    for name in ("sign", "ask", "verify", "close"):
        assert not PERMISSIONS[f"warning.{name}"] & {"operator", "enterprise_supervisor"}
    assert not PERMISSIONS["warning.answer"] & {"bureau_duty_officer", "bureau_administrator"}
    assert OPERATOR.may("warning.answer")
    assert not OPERATOR.may("warning.close")
