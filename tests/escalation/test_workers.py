"""Two workers on one database: each step once, none lost. Threads on SQLite, two services on PostgreSQL."""

import asyncio
from pathlib import Path

from tests.escalation.timeline import SECOND, ladder, step, timeline

RUNGS = ladder(step(0, "zhang"), step(60, "wang"), step(120, "chief"))
ALARMS = 40


async def test_two_workers_never_make_a_step_twice_or_lose_one(database_url: str, tmp_path: Path) -> None:
    async with (
        timeline(database_url, tmp_path, RUNGS, sole=False) as one,
        timeline(database_url, tmp_path, RUNGS, sole=False) as two,
    ):
        for number in range(ALARMS):
            await one.take(onset=one.now + number)
        for after_s in (60, 120):
            one.now = two.now = one.now + after_s * SECOND
            handled = await asyncio.gather(*(service.worker.fire_due() for service in (one, two, one, two)))
            assert sum(handled) == ALARMS
        sent = await one.sent()
        assert len(sent) == 3 * ALARMS
        counts = {name: sum(row[2] == name for row in sent) for name in ("zhang", "wang", "chief")}
        assert counts == {"zhang": ALARMS, "wang": ALARMS, "chief": ALARMS}
        fired = one.metric("timers_fired_total", kind="ladder") + two.metric(
            "timers_fired_total", kind="ladder"
        )
        assert fired == 2 * ALARMS


async def test_an_acknowledgement_and_a_due_step_at_once_leave_one_truth(
    database_url: str, tmp_path: Path
) -> None:
    """Whoever comes first: a step that was made stays told, and nothing is told after the answer."""
    from tests.escalation.timeline import acknowledged

    async with (
        timeline(database_url, tmp_path, RUNGS, sole=False) as one,
        timeline(database_url, tmp_path, RUNGS, sole=False) as two,
    ):
        await one.take()
        one.now = two.now = one.now + 60 * SECOND
        await asyncio.gather(acknowledged(one), two.worker.fire_due())
        climb = await one.climb()
        assert climb is not None
        assert climb.ended_at is not None
        before = await one.sent()
        assert len(before) in (1, 2)
        one.now = two.now = one.now + 3600 * SECOND
        await asyncio.gather(one.worker.fire_due(), two.worker.fire_due())
        assert await one.sent() == before
