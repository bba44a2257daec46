"""The call-up board: who was called for which alarm, and who still has to be seen to."""

from pathlib import Path

from alarm_rules.model import LadderTop, Priority
from api.auth.principal import EVERYTHING, Principal, Scope
from api.call_up.board import Matter
from api.call_up.desk import Wish
from api.call_up.sandbox import Behaviour
from tests.escalation.timeline import ALARM, SECOND, T0, Timeline, ladder, raised, step, timeline

SLEEPS = Behaviour(outcome="no_answer", after_s=40)
HEARD = Behaviour(outcome="answered", after_s=22, listened_s=21)
DUTY = Principal("值班员", frozenset({"bureau_duty_officer"}))
LOWER = "acme/TK101.LT01/H"
TOP = LadderTop(to=("chief",), every_s=5000)
BOTH_AT_ONCE = ladder(step(0, "zhang", "li", call_up=True), step(900, "wang"), top=TOP)
SECOND_ONE = ladder(step(0, "zhang", call_up=True), step(900, "wang"), top=TOP)


async def board(t: Timeline, scope: Scope = EVERYTHING) -> list[Matter]:
    return (await t.part.desk.board(scope)).matters


def people(matter: Matter) -> list[tuple[str, str]]:
    return [(one.receiver, one.state) for one in matter.call_ups]


async def test_who_is_not_woken_stands_before_who_answered_the_same_alarm(url: str, tmp_path: Path) -> None:
    script = {"zhang": [HEARD], "li": [SLEEPS] * 3}
    async with timeline(url, tmp_path, BOTH_AT_ONCE, script=script) as t:
        await t.at(0, raised)
        await t.at(100)
        assert [people(one) for one in await board(t)] == [[("li", "calling"), ("zhang", "answered")]]
        await t.at(390)
        (matter,) = await board(t)
        assert people(matter) == [("li", "not_woken"), ("zhang", "answered")]
        assert [alarm.id for alarm in matter.alarms] == [(await t.alarm()).id]
        assert await board(t, Scope(frozenset({"other"}))) == []


async def test_alarms_with_the_same_people_are_one_matter_until_everybody_is_seen_to(
    url: str, tmp_path: Path
) -> None:
    script = {"zhang": [SLEEPS] * 3, "li": [HEARD]}
    async with timeline(url, tmp_path, BOTH_AT_ONCE, script=script) as t:
        await t.at(0, raised)
        await t.at(1, lambda t: t.take(rule=LOWER, onset=T0 - SECOND))
        await t.at(390)
        (matter,) = await board(t)
        assert [alarm.rule for alarm in matter.alarms] == [
            ALARM,
            LOWER,
        ]  # the more urgent first
        assert people(matter) == [("zhang", "not_woken"), ("li", "answered")]
        await t.part.desk.take_over(matter.call_ups[0].id, DUTY, "派车前往")
        assert await board(t) == []


async def test_the_most_urgent_stands_first_and_a_call_by_hand_needs_no_alarm(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, SECOND_ONE, script={}) as t:
        await t.part.desk.start(DUTY, Wish(receivers=["wang", "li"], text="请到岗", enterprise="acme"))
        await t.at(5, raised)
        first, second = await board(t)
        assert (people(first), first.priority) == ([("zhang", "calling")], Priority.CRITICAL)
        assert (people(second), second.alarms) == ([("li", "calling"), ("wang", "calling")], [])
