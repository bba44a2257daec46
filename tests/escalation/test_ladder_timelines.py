"""Who is told when: timelines of single alarms."""

from pathlib import Path

from sqlalchemy import select

from api.bilingual import SEPARATOR
from api.store.tables.notify import outbox
from tests.escalation.timeline import (
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


async def test_a_new_alarm_climbs_step_by_step_until_the_top(database_url: str, tmp_path: Path) -> None:
    async with timeline(database_url, tmp_path, THREE_STEPS) as t:
        await t.at(0, raised)
        await t.want(message(0, "zhang"))
        await t.at(59)
        await t.want(message(0, "zhang"))
        await t.at(1000)
        await t.want(
            message(0, "zhang"),
            message(60, "li"),
            message(60, "li", "dingtalk"),
            message(180, "wang"),
            message(780, "chief"),
        )


async def test_acknowledgement_stops_the_ladder_and_withdraws_what_is_not_sent(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await t.at(30, acknowledged)
        await t.at(5000)
        await t.want(message(0, "zhang"))
        climb = await t.climb()
        assert climb is not None
        assert climb.ended_by == "operator:陈"
        assert await states_of_messages(t) == ["cancelled"]


async def test_each_language_of_a_message_names_its_step_once(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        [body] = await t.reader.run(lambda c: c.execute(select(outbox.c.body)).scalars().all())
        chinese, english = body.split(SEPARATOR)
        assert chinese.splitlines()[-1].startswith("升级：")
        assert english.splitlines()[-1].startswith("Escalation: ")


async def states_of_messages(t: Timeline) -> list[str]:
    return list(await t.reader.run(lambda c: c.execute(select(outbox.c.state)).scalars().all()))


async def test_a_repeat_tells_the_same_people_again_as_a_reminder(url: str, tmp_path: Path) -> None:
    rungs = ladder(step(0, "zhang", repeat_every_s=20, repeat_times=2), step(30, "wang"))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(100)
        await t.want(
            message(0, "zhang"),
            message(20, "zhang", kind="reminder"),
            message(30, "wang"),
            message(40, "zhang", kind="reminder"),
        )


async def test_the_end_of_the_ladder_is_marked_and_goes_on_with_the_top(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, ladder(step(0, "zhang"))) as t:
        await t.at(0, raised)
        await t.at(599)
        climb = await t.climb()
        assert climb is not None
        assert climb.progress.exhausted_at is None
        await t.at(1900)
        chief = [
            message(at, "chief", kind=kind)
            for at, kind in ((600, "alarm"), (1200, "reminder"), (1800, "reminder"))
        ]
        await t.want(message(0, "zhang"), *chief)
        climb = await t.climb()
        assert climb is not None
        assert climb.progress.exhausted_at is not None
        assert [line.kind for line in await t.journal()].count("ladder_exhausted") == 1
        assert t.metric("escalation_exhausted_total", ladder="test") == 1


async def test_an_acknowledged_alarm_that_stays_active_climbs_its_own_steps_and_ends(
    url: str, tmp_path: Path
) -> None:
    rungs = ladder(step(0, "zhang"), step(600, "li"), acked=[step(120, "wang"), step(240, "chief")])
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(10, acknowledged)
        await t.at(5000)
        await t.want(
            message(0, "zhang"),
            message(130, "wang", kind="reminder"),
            message(250, "chief", kind="reminder"),
        )


async def test_return_to_normal_after_the_acknowledgement_ends_everything(url: str, tmp_path: Path) -> None:
    rungs = ladder(step(0, "zhang"), acked=[step(120, "wang")])
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(10, acknowledged)
        await t.at(20, returned)
        await t.at(5000)
        await t.want(message(0, "zhang"))


async def test_an_unanswered_return_to_normal_slows_what_is_left(url: str, tmp_path: Path) -> None:
    rungs = ladder(
        step(0, "zhang"), step(60, "wang"), step(120, "li", channels=("sms",)), returned_factor=3.0
    )
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(30, returned)
        await t.at(500)
        await t.want(message(0, "zhang"), message(120, "wang"), message(300, "li"))


async def test_an_alarm_raised_again_unanswered_goes_on_where_it_was(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await t.at(70, returned)
        await t.at(80, raised)
        await t.at(180)
        await t.want(
            message(0, "zhang"), message(60, "li"), message(60, "li", "dingtalk"), message(180, "wang")
        )


async def test_who_was_told_stays_with_the_alarm(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await t.at(60)
        assert [(row.receiver, row.channels, row.step) for row in await t.told()] == [
            ("zhang", "sms", 0),
            ("li", "sms,dingtalk", 1),
        ]
        lines = [line.text for line in await t.journal() if line.kind == "told"]
        assert len(lines) == 2
        assert "：li 短信、钉钉 ‖ " in lines[1]


async def test_a_step_that_leads_to_nobody_is_counted_and_the_next_one_keeps_its_time(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, ladder(step(0, "ghost", "rota:none"), step(60, "zhang"))) as t:
        await t.at(0, raised)
        await t.at(60)
        await t.want(message(60, "zhang"))
        assert t.metric("escalation_nobody_reached_total", ladder="test") == 1
        first, *_ = await t.told()
        assert (first.receiver, first.via) == ("", "ghost, rota:none")


async def test_a_top_that_leads_to_nobody_is_a_system_alarm(url: str, tmp_path: Path) -> None:
    from alarm_rules.model import LadderTop

    rungs = ladder(step(0, "zhang"), top=LadderTop(to=("ghost",), every_s=60))
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
        await t.at(61)
        assert len(await t.alarms("service/system/escalation_unreachable")) == 1


async def test_steps_that_became_due_while_nobody_ran_come_at_once_and_in_order(
    url: str, tmp_path: Path
) -> None:
    rungs = ladder(
        step(0, "zhang", repeat_every_s=20, repeat_times=5),
        step(60, "li", channels=("sms",)),
        step(180, "wang"),
    )
    async with timeline(url, tmp_path, rungs) as t:
        await t.at(0, raised)
    async with timeline(url, tmp_path, rungs) as t:
        t.now += 600 * 1_000_000_000
        await t.worker.fire_due()
        await t.want(
            message(0, "zhang"),
            message(600, "zhang", kind="reminder"),
            message(600, "li"),
            message(600, "wang"),
        )
