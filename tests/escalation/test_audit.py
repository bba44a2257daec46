"""The auditor: whatever took a step away, it is found within a minute and mended."""

from pathlib import Path

from sqlalchemy import delete, update

from api.escalation.auditor import KIND
from api.store.ladders import proofs
from api.store.tables.escalation import climb
from api.store.tables.timers import timer
from tests.escalation.timeline import Timeline, acknowledged, ladder, message, raised, step, timeline

HOLE = "service/system/escalation_hole"


async def latest(t: Timeline):
    return (await t.reader.run(lambda c: proofs(c, 1)))[0]


async def lose_timer(t: Timeline) -> None:
    await t.run(lambda tx: tx.connection.execute(delete(timer).where(timer.c.kind == "ladder")))


async def test_every_open_alarm_has_a_living_step(database_url: str, tmp_path: Path) -> None:
    async with timeline(database_url, tmp_path) as t:
        await t.at(0, raised)
        await t.at(1)
        await t.audit()
        proof = await latest(t)
        assert (proof.open_alarms, proof.owed, proof.living, proof.owned, proof.holes) == (1, 1, 1, 0, 0)
        assert await t.alarms(HOLE) == []


async def test_a_lost_step_is_found_mended_and_reported(database_url: str, tmp_path: Path) -> None:
    async with timeline(database_url, tmp_path) as t:
        await t.at(0, raised)
        await lose_timer(t)
        await t.at(10)
        await t.audit()
        proof = await latest(t)
        assert (proof.holes, proof.repaired) == (1, 1)
        assert len(await t.alarms(HOLE)) == 1
        await t.at(70)
        await t.want(
            message(0, "zhang"), message(10, "zhang"), message(70, "li"), message(70, "li", "dingtalk")
        )
        await t.audit()
        assert (await latest(t)).holes == 0
        assert not (await t.alarm(HOLE)).facts.active
        assert t.metric("escalation_holes_total") == 1


async def test_a_step_that_is_far_beyond_the_ladder_is_a_hole(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        far = t.now + 10**13
        await t.run(
            lambda tx: tx.connection.execute(update(timer).where(timer.c.kind == "ladder").values(due_at=far))
        )
        await t.audit()
        assert (await latest(t)).holes == 1


async def test_a_step_that_is_long_overdue_is_a_hole(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        t.now += 600 * 10**9
        await t.audit()
        assert (await latest(t)).holes == 1


async def test_an_alarm_with_a_named_owner_needs_no_step(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised, acknowledged)
        await t.audit()
        proof = await latest(t)
        assert (proof.owed, proof.living, proof.owned, proof.holes) == (1, 0, 1, 0)


async def test_a_lost_climb_and_its_timer_are_both_made_again(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await lose_timer(t)
        await t.run(lambda tx: tx.connection.execute(delete(climb)))
        await t.audit()
        assert (await latest(t)).repaired == 1
        assert await t.climb() is not None


async def test_the_auditor_comes_every_minute_by_itself(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, ladder(step(0, "zhang"))) as t:
        await t.run(t.part.auditor.begin)
        await t.at(0, raised)
        await t.at(301)
        found = await t.reader.run(lambda c: proofs(c, 100))
        assert len(found) == 5
        assert {proof.holes for proof in found} == {0}
        assert t.metric("escalation_proved_at_seconds") > 0
    async with timeline(url, tmp_path, ladder(step(0, "zhang"))) as t:
        t.now += 10**13
        await t.run(t.part.auditor.begin)
        await t.worker.fire_due()
        assert len(await t.reader.run(lambda c: proofs(c, 100))) == 6
        assert KIND == "escalation_audit"
