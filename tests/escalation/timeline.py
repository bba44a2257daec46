"""A service with a clock that is moved by hand: alarms, people, ladders, timers, messages.

Times are seconds since the beginning. `at` lets everything happen that is due on the way there, in order.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from alarm_rules.model import Ladder, LadderMatch, LadderStep, LadderTop, Site
from alarm_rules.pack_files import load_system_rules
from api.alarms.model import Alarm, Entry
from api.auth.principal import EVERYTHING, Principal
from api.call_up.model import Attempt, CallUp
from api.call_up.sandbox import Behaviour, SandboxCaller
from api.catalogue import Catalogue
from api.escalation.clock_watch import SteadyClock
from api.escalation.part import EscalationPart, open_escalation_part
from api.escalation.settings import EscalationSettings
from api.live import News
from api.metrics import Metrics
from api.service import AlarmService
from api.store.alarms import AlarmQuery, alarm_by_id, entries_of, page_of_alarms
from api.store.call_ups import attempts_of, page_of_call_ups
from api.store.database import Database
from api.store.ladders import Climb, Told, climbs_of, told_of
from api.store.receivers import Receiver, SealedTarget, keep_receiver, keep_target
from api.store.tables.notify import outbox
from api.store.timers import next_due
from api.store.writer import Reader, Transaction, Writer
from api.timers import TimerMetrics, TimerWorker
from tests.api.plant import SITE, T0, change, delivery

SECOND = 1_000_000_000
ALARM = msgspec.structs.replace(change(1)).rule
PEOPLE = {
    "zhang": ("sms", "voice"),
    "li": ("sms", "dingtalk", "voice"),
    "wang": ("sms", "voice"),
    "chief": ("sms", "voice"),
}


def step(after_s: float, *to: str, **more) -> LadderStep:
    return LadderStep(after_s=after_s, to=to, **more)


def ladder(*steps: LadderStep, acked: Sequence[LadderStep] = (), **more) -> Ladder:
    """A ladder for everything, whose top is the chief every ten minutes."""
    fields = {"id": "test", "match": LadderMatch(), "top": LadderTop(to=("chief",), every_s=600)}
    return Ladder(steps=steps, acked_steps=tuple(acked), **(fields | more))


THREE_STEPS = ladder(step(0, "zhang"), step(60, "li"), step(180, "wang"))


class Timeline:
    """Make it with `timeline`."""

    def __init__(
        self, database: Database, site: Site, folder: Path, script: dict[str, Sequence[Behaviour]]
    ) -> None:
        self.database = database
        self.now = T0
        self.steady = 0
        self.boot = "boot-1"
        self.news: list[News] = []
        registry = CollectorRegistry()
        self.registry = registry
        catalogue = Catalogue(site, load_system_rules().values())
        self.writer, self.reader = Writer(database, lambda: self.now), Reader(database)
        self.service = AlarmService(self.writer, self.reader, catalogue, Metrics(), lambda alarms: None)
        self.caller = SandboxCaller(script)
        self.part: EscalationPart = open_escalation_part(
            EscalationSettings(),
            folder,
            ZoneInfo("Asia/Shanghai"),
            catalogue,
            self.service,
            self.news.append,
            self.writer,
            self.reader,
            lambda: self.now,
            registry,
            caller=self.caller,
            steady=SteadyClock(lambda: self.steady, self.boot),
        )
        self.service.followers.append(self.part.escalation)
        self.worker = TimerWorker(
            self.writer,
            self.reader,
            lambda: self.now,
            TimerMetrics(registry),
            self.part.handlers,
            self.service.report,
            self.part.together,
        )
        self.sequence = 0

    def close(self) -> None:
        self.reader.close()
        self.writer.close()

    async def at(self, seconds: float, *acts: Callable[["Timeline"], object]) -> None:
        """Let the time pass until then, step by step, and then do this."""
        target = T0 + int(seconds * SECOND)
        while (due := await self.reader.run(next_due)) is not None and due <= target:
            self._move(max(self.now, due))
            await self.worker.fire_due()
        self._move(target)
        for act in acts:
            result = act(self)
            if hasattr(result, "__await__"):
                await result
        await self.worker.fire_due()

    def _move(self, to: int) -> None:
        self.steady += to - self.now
        self.now = to

    def set_clock(self, by_s: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.now += int(by_s * SECOND)

    async def look_at_clock(self):
        return await self.writer.run(self.part.clock_watch.look)

    async def audit(self) -> None:
        """Let the auditor look now."""
        await self.writer.run(lambda tx: self.part.auditor.fire(tx, None))

    async def run(self, job: Callable[[Transaction], object]) -> object:
        return await self.writer.run(job)

    def next_number(self) -> int:
        self.sequence += 1
        return self.sequence

    async def take(self, **more) -> None:
        await self.service.take(delivery(change(self.next_number(), **more)))

    async def alarms(self, rule: str = ALARM) -> list[Alarm]:
        found = await self.reader.run(lambda c: page_of_alarms(c, AlarmQuery(), None, 10_000))
        return [alarm for alarm in found if alarm.rule == rule]

    async def alarm(self, rule: str = ALARM) -> Alarm:
        """The newest of this rule."""
        return (await self.alarms(rule))[0]

    async def climb(self) -> Climb | None:
        alarm = await self.alarm()
        return (await self.reader.run(lambda c: climbs_of(c, [alarm.id]))).get(alarm.id)

    async def told(self) -> list[Told]:
        alarm = await self.alarm()
        return await self.reader.run(lambda c: told_of(c, alarm.id))

    async def journal(self) -> list[Entry]:
        alarm = await self.alarm()
        return await self.reader.run(lambda c: entries_of(c, alarm.id))

    async def stored(self, alarm_id: str) -> Alarm | None:
        return await self.reader.run(lambda c: alarm_by_id(c, alarm_id))

    async def call_ups(self) -> list[CallUp]:
        found = await self.reader.run(lambda c: page_of_call_ups(c, EVERYTHING, (), None, None, 1000))
        return found[::-1]

    async def calls(self) -> list[Attempt]:
        ids = [one.id for one in await self.call_ups()]
        return await self.reader.run(lambda c: attempts_of(c, ids))

    async def sent(self) -> list[tuple[float, str, str, str]]:
        """(second, kind, receiver, channel) of every message about the alarms of the plant, in order."""
        o = outbox.c
        query = select(o.created_at, o.kind, o.receiver, o.channel, o.alarm_id).order_by(o.number)
        about = {alarm.id for alarm in await self.alarms()}
        rows = await self.reader.run(lambda c: c.execute(query).all())
        return [
            ((row.created_at - T0) / SECOND, row.kind, row.receiver, row.channel)
            for row in rows
            if row.alarm_id in about or row.alarm_id is None
        ]

    async def want(self, *expected: tuple[float, str, str, str]) -> None:
        """Exactly these messages so far."""
        assert await self.sent() == list(expected)

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"hazardwatch_api_{name}", labels) or 0.0


def message(at: float, to: str, channel: str = "sms", kind: str = "alarm") -> tuple[float, str, str, str]:
    return at, kind, to, channel


def raised(t: Timeline):
    return t.take()


def raised_again(t: Timeline):
    return t.take()


def returned(t: Timeline):
    return t.take(active=False, after_s=(t.now - T0) / SECOND)


async def acknowledged(t: Timeline) -> None:
    alarm = await t.alarm()
    by = Principal("陈", frozenset({"operator"}))
    await t.service.acknowledge(alarm.id, by, "")


def people_in(connection, people: dict[str, Sequence[str]] = PEOPLE) -> None:
    """Receivers with these channels; nothing is ever really sent."""
    for name, channels in people.items():
        keep_receiver(connection, Receiver(id=name, name=name, login=name))
        for number, channel in enumerate(channels, 1):
            keep_target(
                connection,
                SealedTarget(
                    receiver=name,
                    number=number,
                    channel=channel,
                    sealed_address="-",
                    lane=f"{name}/{channel}",
                ),
            )


@asynccontextmanager
async def timeline(
    url: str,
    folder: Path,
    *ladders: Ladder,
    script: dict[str, Sequence[Behaviour]] | None = None,
    people: dict[str, Sequence[str]] = PEOPLE,
    sole: bool = True,
    site: Site = SITE,
) -> AsyncIterator[Timeline]:
    """Open a service on this database; the same one again continues it."""
    database = Database.open(url, sole=sole)
    try:
        with database.write() as connection:
            people_in(connection, people)
        site = msgspec.structs.replace(site, ladders=ladders or (THREE_STEPS,))
        opened = Timeline(database, site, folder, script or {})
        try:
            yield opened
        finally:
            opened.close()
    finally:
        database.close()
