"""Duty checks: sent by themselves, answered in time, late or not at all, and what that comes to."""

import pytest

from api.auth.principal import EVERYTHING
from api.desks.duty_plan import outcome
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.store.duty_checks import CheckQuery, page_of_checks, tally_checks
from tests.desks.office import OFFICER, OPERATOR, OTHER_OFFICER, Office
from tests.desks.times import DAY, HOUR, MINUTE, T0


async def checks(office: Office, scope=OFFICER.scope, **more):
    return await office.reader.run(
        lambda c: page_of_checks(c, CheckQuery(scope, office.now, **more), None, 500)
    )


async def test_control_room_is_asked_and_answers(either: Office) -> None:
    office = either
    (check,) = await office.desks.duty_checks.send(OFFICER, ["acme"], "例行", None)
    assert [receiver for receiver, _ in await office.sent("duty_check")] == ["room"]
    await office.wait(4 * MINUTE)
    answered = await office.desks.duty_checks.answer(OPERATOR, check.id)
    assert (answered.answered_by, outcome(answered, office.now)) == ("张伟", "answered")
    await office.wait(HOUR)
    assert len(await office.sent("duty_check")) == 1  # nobody is told of a missed one
    (tally,) = await office.reader.run(lambda c: tally_checks(c, CheckQuery(OFFICER.scope, office.now)))
    assert (tally.enterprise, tally.checks, tally.answered) == ("acme", 1, 1)
    assert tally.mean_answer_s == pytest.approx(240.0)


async def test_unanswered_check_is_told_to_the_bureau_once(office: Office) -> None:
    (check,) = await office.desks.duty_checks.send(OFFICER, ["acme"], "", None)
    await office.wait(5 * MINUTE)
    assert [row.id for row in await checks(office, outcome="unanswered")] == [check.id]
    told = [receiver for receiver, title in await office.sent("duty_check") if "未应答" in title]
    assert sorted(told) == ["binhai", "room"]
    late = await office.desks.duty_checks.answer(OPERATOR, check.id)
    assert outcome(late, office.now) == "late"
    with pytest.raises(StepRefused, match="张伟"):
        await office.desks.duty_checks.answer(OPERATOR, check.id)


async def test_every_control_room_is_asked_by_day_and_by_night(office: Office) -> None:
    await office.until(T0 + 4 * DAY)
    for enterprise in ("acme", "beta", "gamma"):
        query = CheckQuery(EVERYTHING, office.now, enterprise=enterprise)
        sent = await office.reader.run(lambda c, query=query: page_of_checks(c, query, None, 100))
        assert 7 <= len(sent) <= 9
        assert {row.sent_by for row in sent} == {"schedule"}
    ranking = await office.reader.run(lambda c: tally_checks(c, CheckQuery(EVERYTHING, office.now)))
    assert [row.answered for row in ranking] == [0, 0, 0]


async def test_restart_neither_repeats_nor_forgets_a_check(office: Office) -> None:
    await office.until(T0 + DAY)
    before = len(await checks(office))
    await office.start()
    await office.start()
    assert len(await checks(office)) == before
    await office.until(T0 + 2 * DAY)
    assert len(await checks(office)) > before


async def test_check_that_came_due_while_nobody_ran_is_left_out_and_counted(office: Office) -> None:
    office.now += 3 * DAY
    await office.start()
    assert await checks(office) == []
    await office.reader.run(lambda _connection: None)
    assert office.metric("hazardwatch_api_duty_checks_total", what="left_out") == 3
    await office.until(office.now + DAY)
    assert await checks(office)


async def test_several_are_asked_together_or_none(office: Office) -> None:
    assert len(await office.desks.duty_checks.send(OFFICER, ["acme", "beta", "acme"], "", 180)) == 2
    with pytest.raises(NotOnDesk):
        await office.desks.duty_checks.send(OFFICER, ["acme", "gamma"], "", None)
    with pytest.raises(WrongEntry):
        await office.desks.duty_checks.send(OFFICER, ["acme"], "", 5)
    with pytest.raises(WrongEntry):
        await office.desks.duty_checks.send(OFFICER, [], "", None)
    assert len(await checks(office)) == 2


async def test_check_of_another_region_is_not_there(office: Office) -> None:
    (check,) = await office.desks.duty_checks.send(OFFICER, ["acme"], "", None)
    assert await checks(office, OTHER_OFFICER.scope) == []
    with pytest.raises(NotOnDesk):
        await office.desks.duty_checks.answer(OTHER_OFFICER, check.id)
