"""Call-up: timelines of people who answer, hang up, press keys, or sleep."""

from pathlib import Path

import msgspec
import pytest

from alarm_rules.model import LadderTop
from api.auth.principal import Principal
from api.bilingual import in_language
from api.call_up.call_ups import CallUpRefused
from api.call_up.desk import UnknownCallUp, Wish, WishInvalid
from api.call_up.model import CallReport
from api.call_up.sandbox import Behaviour, ScriptInvalid, read_script
from api.store.receivers import Receiver, keep_receiver
from tests.escalation.timeline import (
    SECOND,
    T0,
    Timeline,
    acknowledged,
    ladder,
    message,
    raised,
    step,
    timeline,
)

HEARD = Behaviour(outcome="answered", after_s=22, listened_s=21)
HUNG_UP = Behaviour(outcome="hung_up", after_s=8, listened_s=5)
TOOK_BUT_LEFT = Behaviour(outcome="answered", after_s=8, listened_s=5)
BUSY = Behaviour(outcome="busy", after_s=1)
SLEEPS = Behaviour(outcome="no_answer", after_s=40)
PRESSES_1 = Behaviour(outcome="answered", after_s=6, listened_s=4, pressed="1")
PRESSES_2 = Behaviour(outcome="answered", after_s=6, listened_s=4, pressed="2")
PRESSES_5 = Behaviour(outcome="answered", after_s=6, listened_s=4, pressed="5")
NEVER_REPORTED = Behaviour(outcome="no_answer", after_s=10_000)

CALLING = ladder(
    step(0, "zhang", call_up=True),
    step(400, "wang"),
    step(900, "li"),
    top=LadderTop(to=("chief",), every_s=5000),
)
DUTY = Principal("值班员", frozenset({"bureau_duty_officer"}))


async def calls(t: Timeline) -> list[tuple[float, str]]:
    return [((call.called_at - T0) / SECOND, call.outcome) for call in await t.calls()]


async def states(t: Timeline) -> list[tuple[str, str]]:
    return [(one.receiver, one.state) for one in await t.call_ups()]


@pytest.mark.parametrize("first", [HUNG_UP, TOOK_BUT_LEFT, BUSY, SLEEPS])
async def test_who_does_not_hear_it_out_is_called_again_in_the_next_slot(
    first: Behaviour, url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [first, HEARD]}) as t:
        await t.at(0, raised)
        await t.at(130)
        assert await calls(t) == [(0, first.outcome), (100, "answered")]
        (one,) = await t.call_ups()
        assert (one.state, one.answer, one.answered_by) == ("answered", "heard", "phone")


async def test_three_calls_begin_within_five_minutes_and_then_he_was_not_woken(
    database_url: str, tmp_path: Path
) -> None:
    async with timeline(database_url, tmp_path, CALLING, script={"zhang": [SLEEPS]}) as t:
        await t.at(0, raised)
        await t.at(399)
        assert await calls(t) == [(0, "no_answer"), (100, "no_answer"), (200, "no_answer")]
        assert await states(t) == [("zhang", "not_woken")]
        await t.want(message(0, "zhang"), message(240, "wang", kind="not_woken"))
        assert t.metric("call_up_not_woken") == 1
        assert [line.kind for line in await t.journal()].count("not_woken") == 1
        assert t.news[-1].topic == "call-ups"


async def test_a_call_without_any_report_counts_as_not_answered(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [NEVER_REPORTED]}) as t:
        await t.at(0, raised)
        await t.at(399)
        assert await calls(t) == [(0, "no_report"), (100, "no_report"), (200, "no_report")]
        assert await states(t) == [("zhang", "not_woken")]


async def test_key_1_acknowledges_the_alarm_in_his_name(database_url: str, tmp_path: Path) -> None:
    async with timeline(database_url, tmp_path, CALLING, script={"zhang": [PRESSES_1]}) as t:
        await t.at(0, raised)
        await t.at(5000)
        alarm = await t.alarm()
        assert alarm.facts.acknowledged is not None
        assert alarm.facts.acknowledged.by == "zhang"
        await t.want(message(0, "zhang"))
        (one,) = await t.call_ups()
        assert (one.state, one.answer, one.answered_by) == ("answered", "acknowledged", "keypad")


async def test_key_2_calls_the_next_person_at_once(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [PRESSES_2]}) as t:
        await t.at(0, raised)
        await t.at(8)
        assert await states(t) == [("zhang", "cannot_come")]
        await t.want(message(0, "zhang"), message(6, "wang"))


async def test_any_other_key_is_an_answer_and_the_ladder_goes_on(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [PRESSES_5]}) as t:
        await t.at(0, raised)
        await t.at(401)
        assert await states(t) == [("zhang", "answered")]
        assert (await t.sent())[-1] == message(400, "wang")


async def test_acknowledgement_of_the_alarm_ends_the_call_up(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [SLEEPS]}) as t:
        await t.at(0, raised)
        await t.at(50, acknowledged)
        await t.at(1000)
        assert await calls(t) == [(0, "no_answer")]
        (one,) = await t.call_ups()
        assert (one.state, one.answered_by) == ("stopped", "operator:陈")


async def test_a_person_has_one_phone_and_the_second_alarm_joins_his_call(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [SLEEPS, HEARD]}) as t:
        await t.at(0, raised)
        await t.at(10, lambda t: t.take(rule="acme/TK101.LT01/H", onset=T0 + 5))
        await t.at(20)
        assert len(await t.call_ups()) == 1
        assert t.metric("call_up_joined_total") == 1
        await t.at(50, acknowledged)
        (one,) = await t.call_ups()
        assert one.state == "calling"
        assert one.alarm_id == (await t.alarm("acme/TK101.LT01/H")).id
        await t.at(130)
        assert await states(t) == [("zhang", "answered")]


async def test_a_call_up_goes_on_after_a_restart(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [SLEEPS]}) as t:
        await t.at(0, raised)
        await t.at(5)
    async with timeline(url, tmp_path, CALLING, script={"zhang": [HEARD]}) as t:
        t.now = T0 + 95 * SECOND
        await t.at(130)
        assert await calls(t) == [(0, "no_report"), (100, "answered")]


async def test_a_late_report_still_wakes_who_was_given_up(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [NEVER_REPORTED]}) as t:
        await t.at(0, raised)
        await t.at(350)
        assert await states(t) == [("zhang", "not_woken")]
        call = (await t.calls())[-1].call_id
        report = CallReport(call_id=call, outcome="answered", listened_s=25)
        await t.part.desk.report(report)
        assert await states(t) == [("zhang", "answered")]
        assert t.metric("call_up_not_woken") == 0
        await t.part.desk.report(report)
        assert t.metric("call_up_reports_late_total") == 1
        with pytest.raises(UnknownCallUp):
            await t.part.desk.report(msgspec.structs.replace(report, call_id="other"))


async def test_a_duty_officer_calls_many_at_once_and_they_are_told_otherwise_too(
    url: str, tmp_path: Path
) -> None:
    script = {"zhang": [HEARD], "li": [PRESSES_2], "wang": [SLEEPS]}
    async with timeline(url, tmp_path, CALLING, script=script) as t:
        wish = Wish(receivers=["zhang", "li", "wang"], text="暴雨红色预警，请到岗", superiors=["chief"])
        started = await t.part.desk.start(DUTY, wish)
        assert list(started) == ["zhang", "li", "wang"]
        await t.at(390)
        assert sorted(await states(t)) == [
            ("chief", "not_woken"),
            ("li", "cannot_come"),
            ("wang", "not_woken"),
            ("zhang", "answered"),
        ]
        sent = await t.sent()
        assert message(0, "li", "dingtalk", kind="call_up") in sent
        assert message(240, "chief", kind="not_woken") in sent


async def test_who_is_called_by_hand_for_an_alarm_and_cannot_come_is_replaced_twice(
    url: str, tmp_path: Path
) -> None:
    """By the ladder's next step, and by whom the duty officer has named."""
    rungs = ladder(step(0, "zhang"), step(400, "wang"))
    async with timeline(url, tmp_path, rungs, script={"li": [PRESSES_2], "chief": [HEARD]}) as t:
        await t.at(0, raised)
        alarm = await t.alarm()
        await t.part.desk.start(
            DUTY, Wish(receivers=["li"], text="请到岗", alarm_id=alarm.id, superiors=["chief"])
        )
        await t.at(60)
        assert await states(t) == [("li", "cannot_come"), ("chief", "answered")]
        assert message(6, "wang") in await t.sent()


async def test_an_answer_on_the_page_counts_and_only_once(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [SLEEPS]}) as t:
        await t.at(0, raised)
        await t.at(5)
        (one,) = await t.call_ups()
        stranger = Principal("wang", frozenset({"operator"}))
        with pytest.raises(CallUpRefused, match="zhang is called, not wang"):
            await t.part.desk.answer(one.id, stranger, "heard", "")
        himself = Principal("zhang", frozenset({"on_call"}))
        await t.part.desk.answer(one.id, himself, "acknowledged", "在路上")
        (one,) = await t.call_ups()
        assert (one.state, one.answered_by, one.comment) == ("answered", "zhang", "在路上")
        assert (await t.alarm()).facts.acknowledged is not None
        with pytest.raises(CallUpRefused, match="over already"):
            await t.part.desk.answer(one.id, himself, "heard", "")


async def test_the_desk_takes_over_who_was_not_woken(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": [SLEEPS]}) as t:
        await t.at(0, raised)
        await t.at(300)
        (one,) = await t.call_ups()
        await t.part.desk.take_over(one.id, DUTY, "派人上门")
        assert t.metric("call_up_not_woken") == 0
        with pytest.raises(CallUpRefused, match="值班员 has taken over"):
            await t.part.desk.take_over(one.id, DUTY, "")
        found, _ = await t.part.desk.page(DUTY.scope, ["not_woken"], None, None, 10, untaken=True)
        assert found == []


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(receivers=["nobody"], text="x"), "no receiver nobody"),
        (Wish(receivers=["zhang"], text="x", superiors=["role:boss"]), "unknown role"),
        (Wish(receivers=["zhang"], text="x", superiors=["ghost"]), "no receiver ghost"),
    ],
)
async def test_a_wish_that_reaches_nobody_is_refused_before_anybody_is_called(
    wish: Wish, words: str, url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, CALLING) as t:
        with pytest.raises(WishInvalid, match=words):
            await t.part.desk.start(DUTY, wish)
        assert await t.call_ups() == []


def test_a_drill_is_read_from_a_file_and_a_broken_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "drill.yaml"
    file.write_text('zhang: [{outcome: busy}, {outcome: answered, pressed: "1"}]', "utf-8")
    assert [one.pressed for one in read_script(file)["zhang"]] == ["", "1"]
    for broken in ("zhang: [{outcome: sleeps}]", "zhang: [", "- x", "zhang: [{outcom: busy}]"):
        file.write_text(broken, "utf-8")
        with pytest.raises(ScriptInvalid, match=r"drill\.yaml"):
            read_script(file)
    with pytest.raises(ScriptInvalid, match="cannot be read"):
        read_script(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        ([PRESSES_1], "call_up_answered", "待班 张伟：已应答并确认报警 · 电话按键"),
        ([SLEEPS] * 3, "not_woken", "待班 张伟：未叫醒"),
    ],
)
async def test_journal_calls_people_by_their_names_in_the_readers_language(
    script: list[Behaviour], kind: str, said: str, url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, CALLING, script={"zhang": script}) as t:
        zhang = Receiver(id="zhang", name="待班 张伟", name_en="On call, Zhang Wei")
        await t.run(lambda tx: keep_receiver(tx.connection, zhang))
        await t.at(0, raised)
        await t.at(390)
        lines = {line.kind: line.text for line in await t.journal()}
        assert lines["called_up"].startswith("待班 张伟：第 ")
        assert "On call, Zhang Wei SMS call-up" in in_language(lines["told"], "en")
        assert in_language(lines[kind], "zh") == said
        assert "zhang" not in "".join(lines.values())
