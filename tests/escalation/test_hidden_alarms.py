"""Shelved, suppressed and out-of-service alarms are not escalated; they are again when they come back."""

from pathlib import Path

import msgspec
import pytest

from api.alarms.holding import Hold, hold_alarm, release_alarm
from api.alarms.lifecycle import is_open
from api.alarms.work import Work
from api.store.ladders import prove
from tests.escalation.timeline import Timeline, message, raised, timeline


async def _apply(t: Timeline, decide) -> None:
    alarm = await t.alarm()
    step = decide(alarm)
    work = Work()
    work.add(alarm, step.alarm, step.entry)
    await t.run(lambda tx: t.service.apply(tx, work))


def held(kind: str):
    async def act(t: Timeline) -> None:
        alarm = await t.alarm()
        hold = Hold(
            id="h", kind=kind, point=alarm.point, rule=alarm.rule, enterprise="acme", by="陈",
            time=t.now, reason="检修", until=t.now + 10**13,
        )  # fmt: skip
        await _apply(t, lambda alarm: hold_alarm(alarm, hold, t.now))

    return act


def released(kind: str):
    async def act(t: Timeline) -> None:
        await _apply(t, lambda alarm: release_alarm(alarm, kind, "operator:陈", "", t.now, anew=True))

    return act


@pytest.mark.parametrize("kind", ["shelved", "out_of_service"])
async def test_a_held_alarm_rests_and_begins_anew_when_it_comes_back(
    kind: str, url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        await t.at(30, held(kind))
        await t.at(1000)
        await t.want(message(0, "zhang"))
        climb = await t.climb()
        assert climb is not None
        assert climb.ended_by.startswith("hidden:")
        proof = await t.reader.run(lambda c: prove(c, t.now, 0))
        assert (proof.owed, proof.holes) == (0, 0)
        await t.at(1000, released(kind))
        await t.at(1059)
        await t.want(message(0, "zhang"), message(1000, "zhang"))


async def test_an_alarm_that_is_suppressed_by_design_rests(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path) as t:
        await t.at(0, raised)
        alarm = await t.alarm()
        facts = msgspec.structs.replace(alarm.facts, suppressed_by=("acme/other",))
        entry = (await t.journal())[0]
        hidden = msgspec.structs.replace(alarm, facts=facts, version=alarm.version + 1)
        work = Work()
        work.add(alarm, hidden, msgspec.structs.replace(entry, kind="suppressed"))
        await t.run(lambda tx: t.service.apply(tx, work))
        assert is_open(hidden.facts)
        await t.at(1000)
        await t.want(message(0, "zhang"))
        proof = await t.reader.run(lambda c: prove(c, t.now, 0))
        assert (proof.open_alarms, proof.owed, proof.holes) == (1, 0, 0)
