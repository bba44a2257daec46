"""Shift logs: entries that stay, matters that are carried over, and hand-overs with two signatures."""

import pytest

from api.auth.principal import EVERYTHING
from api.bilingual import in_language
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.store.shifts import open_matters, page_of_entries, page_of_shifts
from tests.desks.office import CITY_OFFICER, OFFICER, OPERATOR, OPERATOR_2, OTHER_OFFICER, Office, person
from tests.desks.times import HOUR

ROOM, DISTRICT = "enterprise:acme", "district:滨海"


async def entries(office: Office, desk_id: str = ROOM):
    desk = office.desks.register.desk(desk_id)
    rows = await office.reader.run(lambda c: page_of_entries(c, desk, None, 100))
    return list(reversed(rows))


async def matters(office: Office) -> list[int]:
    desk = office.desks.register.desk(ROOM)
    return [row.number for row in await office.reader.run(lambda c: open_matters(c, desk))]


async def test_shift_is_handed_over_with_its_open_matters(either: Office) -> None:
    office = either
    shifts = office.desks.shifts
    await shifts.take(OPERATOR, ROOM)
    await shifts.write(OPERATOR, ROOM, "note", "巡检正常")
    matter = await shifts.write(OPERATOR, ROOM, "matter", "TK101 液位计待检修", critical=True)
    await office.wait(8 * HOUR)
    await shifts.offer(OPERATOR, ROOM, "李娜")
    with pytest.raises(StepRefused, match=str(matter.number)):
        await shifts.take(OPERATOR_2, ROOM)
    assert await shifts.read(OPERATOR_2, ROOM, [matter.number]) == []
    taken = await shifts.take(OPERATOR_2, ROOM)
    assert taken.on_duty == "李娜"
    assert await matters(office) == [matter.number]  # carried over
    await shifts.write(OPERATOR_2, ROOM, "settled", "已修复", about=matter.number)
    assert await matters(office) == []
    desk = office.desks.register.desk(ROOM)
    new, old = await office.reader.run(lambda c: page_of_shifts(c, desk, None, 10))
    assert (old.taken_by, old.ended_at, new.ended_at) == ("李娜", new.begun_at, None)


async def test_summary_names_alarms_warnings_and_matters(office: Office) -> None:
    shifts = office.desks.shifts
    await shifts.take(OPERATOR, ROOM)
    await office.alarm("acme/LT0/HH")
    await shifts.write(OPERATOR, ROOM, "matter", "待检修")
    await office.desks.duty_checks.send(OFFICER, ["acme"], "", None)
    await office.wait(HOUR)
    await shifts.offer(OPERATOR, ROOM, "李娜")
    summary = [entry for entry in await entries(office) if entry.kind == "summary"][-1].text
    assert "紧急 1" in summary
    assert "critical 1" in in_language(summary, "en")
    assert "橙色 1" in summary
    assert "unanswered 1" in summary
    assert "待检修" in summary


async def test_entry_is_corrected_by_another_and_never_changed(office: Office) -> None:
    shifts = office.desks.shifts
    await shifts.take(OPERATOR, ROOM)
    wrong = await shifts.write(OPERATOR, ROOM, "note", "压力 0.8")
    right = await shifts.write(OPERATOR, ROOM, "correction", "压力 0.6", about=wrong.number)
    found = {entry.number: entry for entry in await entries(office)}
    assert found[wrong.number].text == "压力 0.8"
    assert found[right.number].about == wrong.number
    with pytest.raises(WrongEntry):
        await shifts.write(OPERATOR, ROOM, "correction", "x", about=99999)


async def test_orange_warning_must_be_read_before_taking_over(office: Office) -> None:
    shifts = office.desks.shifts
    await shifts.take(OPERATOR, ROOM)
    await office.alarm("acme/GT0/HH")
    await shifts.offer(OPERATOR, ROOM, "李娜")
    with pytest.raises(StepRefused, match="unread"):
        await shifts.take(OPERATOR_2, ROOM)
    critical = [entry.number for entry in await entries(office) if entry.critical]
    assert await shifts.read(OPERATOR_2, ROOM, critical) == []
    await shifts.take(OPERATOR_2, ROOM)


async def test_warning_stands_in_the_logs_of_the_bureau_too(office: Office) -> None:
    await office.alarm("acme/GT0/HH")
    for desk in (ROOM, DISTRICT, "city:示例市"):
        assert any("橙色预警" in entry.text for entry in await entries(office, desk)), desk
    assert await entries(office, "district:山前") == []


async def test_desk_without_anybody_on_duty_takes_no_entries(office: Office) -> None:
    with pytest.raises(StepRefused, match="Nobody is on duty"):
        await office.desks.shifts.write(OPERATOR, ROOM, "note", "x")
    with pytest.raises(StepRefused, match="Nobody is on duty"):
        await office.desks.shifts.offer(OPERATOR, ROOM, "李娜")


async def test_matter_is_settled_once(office: Office) -> None:
    shifts = office.desks.shifts
    await shifts.take(OPERATOR, ROOM)
    matter = await shifts.write(OPERATOR, ROOM, "matter", "x")
    await shifts.write(OPERATOR, ROOM, "settled", "y", about=matter.number)
    with pytest.raises(StepRefused, match="settled already"):
        await shifts.write(OPERATOR, ROOM, "settled", "z", about=matter.number)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (OPERATOR, {ROOM}),
        (OFFICER, {ROOM, "enterprise:beta", DISTRICT}),
        (OTHER_OFFICER, {"enterprise:gamma", "district:山前"}),
        (
            CITY_OFFICER,
            {ROOM, "enterprise:beta", "enterprise:gamma", DISTRICT, "district:山前", "city:示例市"},
        ),
        (person("马涛", "operator"), {ROOM, "enterprise:beta", "enterprise:gamma"}),
    ],
)
async def test_desk_is_seen_by_its_own_people_only(office: Office, who, sees: set[str]) -> None:
    assert {desk.id for desk in office.desks.register.desks_of(who)} == sees


async def test_whole_province_is_for_those_who_see_everything(office: Office) -> None:
    boss = person("高峰", "bureau_duty_officer")
    assert "all:" in {desk.id for desk in office.desks.register.desks_of(boss)}
    assert boss.scope == EVERYTHING


@pytest.mark.parametrize(
    "desk", [DISTRICT, "enterprise:beta", "district:", "city:无", "all:x", "nothing", "all:"]
)
async def test_desk_out_of_sight_is_not_there(office: Office, desk: str) -> None:
    with pytest.raises(NotOnDesk):
        await office.desks.shifts.take(OPERATOR, desk)
