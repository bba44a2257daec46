"""A flood of alarms is laddered without loss, and without asking the store alarm by alarm."""

from pathlib import Path

from sqlalchemy import event, func, select

from api.store.ladders import prove
from api.store.tables.escalation import climb, told
from api.store.tables.notify import outbox
from api.store.tables.timers import timer
from tests.api.plant import T0, change, delivery
from tests.escalation.timeline import ladder, step, timeline

ALARMS = 1000
RUNGS = ladder(step(0, "zhang", "li"), step(60, "wang"))


def flood(first: int, alarms: int):
    changes = [
        change(number, onset=T0 + number, rule=f"acme/TK101.LT01/{number}", point="acme/TK101.LT01")
        for number in range(first, first + alarms)
    ]
    return delivery(*changes)


async def test_a_thousand_alarms_in_one_delivery_are_all_laddered_in_a_handful_of_statements(
    database_url: str, tmp_path: Path
) -> None:
    async with timeline(database_url, tmp_path, RUNGS) as t:
        await t.service.take(flood(1, 10))  # whatever is prepared once
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_more) -> None:
            statements.append(statement)

        event.listen(t.database._writer, "before_cursor_execute", note)
        await t.service.take(flood(11, ALARMS))
        counts = await t.reader.run(
            lambda c: (
                [
                    c.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in (climb, told, outbox)
                ]
                + [c.execute(select(func.count()).where(timer.c.kind == "ladder")).scalar_one()]
            )
        )
        total = ALARMS + 10
        assert counts == [total, 2 * total, 3 * total, total]
        assert len(statements) < 40
        proof = await t.reader.run(lambda c: prove(c, t.now, 0))
        assert (proof.living, proof.holes) == (total, 0)
