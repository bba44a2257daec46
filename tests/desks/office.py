"""Two bureaus and three enterprises with their alarm service, for timelines: the clock is moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from alarm_rules.condition import ConditionChange, ConditionDelivery
from alarm_rules.model import Enterprise, Installation, Point, Priority, Rule, Site, Unit
from alarm_rules.pack_files import load_system_rules
from api.alarms.lifecycle import episode_of
from api.auth.principal import EVERYTHING, Principal, Scope
from api.catalogue import Catalogue
from api.desks.audience import Audience
from api.desks.colours import WarningLevel
from api.desks.composing import Desks, make_desks
from api.desks.news import DeskDelta
from api.desks.policy import DeskPolicy, load_policy
from api.desks.register import Place
from api.desks.warning_loop import WarningEpisode
from api.metrics import Metrics
from api.service import AlarmService
from api.store.database import Database
from api.store.levels import KeptLevel, kept_level, page_of_changes
from api.store.receivers import Receiver, SealedTarget, keep_receiver, keep_target
from api.store.tables.audit import audit
from api.store.tables.notify import outbox
from api.store.timers import next_due
from api.store.warnings import WarningQuery, page_of_warnings
from api.store.writer import Reader, Writer
from api.timers import TimerMetrics, TimerWorker
from detectors.kinds.instrument_signal import Params as SignalParams
from detectors.kinds.limit import Params
from tests.desks.times import SHANGHAI, T0

ACME: Place = ("acme", "tank-farm")
BETA: Place = ("beta", "ammonia")
GAMMA: Place = ("gamma", "depot")
_PRIORITIES = {"HH": Priority.CRITICAL, "H": Priority.HIGH, "L": Priority.MEDIUM}


def _point(place: Place, tag: str, quantity: str = "level", gateway: str = "gw1") -> Point:
    return Point(
        id=f"{place[0]}/{tag}",
        enterprise=place[0],
        installation=place[1],
        unit="U1",
        tag=tag,
        quantity=quantity,  # type: ignore[arg-type]
        engineering_unit="%",
        range_low=0,
        range_high=100,
        gateway=gateway,
    )


def _rules(point: Point) -> list[Rule]:
    rules = [
        Rule(
            id=f"{point.id}/{side}",
            point=point.id,
            name=f"{point.tag} {side}",
            detector="limit",
            params=Params(side=side, setpoint=50.0),  # type: ignore[arg-type]
            priority=priority,
        )
        for side, priority in _PRIORITIES.items()
    ]
    lost = {"point": point.id, "detector": "instrument_signal", "alarm_class": "instrument"}
    signal = SignalParams(states=("failure",))
    rules.append(Rule(id=f"{point.id}/FAILURE", params=signal, priority=Priority.MEDIUM, **lost))
    over = SignalParams(states=("over_range",))
    rules.append(Rule(id=f"{point.id}/OVER", params=over, priority=Priority.CRITICAL, **lost))
    return rules


def _site() -> Site:
    points = [_point(ACME, f"LT{n}") for n in range(8)]
    points += [_point(ACME, f"GT{n}", "combustible_gas") for n in range(2)]
    points += [_point(BETA, "PT1", "pressure"), _point(GAMMA, "LT1")]
    unit = Unit(id="U1", kind="tank")
    return Site(
        enterprises=(
            Enterprise(
                id="acme",
                name="示例化工",
                district="滨海",
                city="示例市",
                installations=(Installation(id="tank-farm", name="储罐区", hazard_class=3, units=(unit,)),),
            ),
            Enterprise(
                id="beta",
                name="示例氨业",
                district="滨海",
                city="示例市",
                installations=(Installation(id="ammonia", name="氨站", hazard_class=1, units=(unit,)),),
            ),
            Enterprise(
                id="gamma",
                name="示例仓储",
                district="山前",
                city="示例市",
                installations=(Installation(id="depot", name="仓库", units=(unit,)),),
            ),
        ),
        points=tuple(points),
        rules=tuple(rule for point in points for rule in _rules(point)),
    )


SITE = _site()


def person(name: str, role: str, *enterprises: str) -> Principal:
    """Without enterprises: everybody's."""
    scope = Scope(frozenset(enterprises)) if enterprises else EVERYTHING
    return Principal(name=name, roles=frozenset({role}), scope=scope)


OPERATOR = person("张伟", "operator", "acme")
OPERATOR_2 = person("李娜", "operator", "acme")
SUPERVISOR = person("赵敏", "enterprise_supervisor", "acme")
OFFICER = person("王芳", "bureau_duty_officer", "acme", "beta")
ADMINISTRATOR = person("刘洋", "bureau_administrator", "acme", "beta")
OTHER_OFFICER = person("陈静", "bureau_duty_officer", "gamma")
CITY_OFFICER = person("周杰", "bureau_duty_officer", "acme", "beta", "gamma")


class Office:
    """The running parts, and what a test asks of them."""

    def __init__(self, database: Database, policy: DeskPolicy) -> None:
        self.now = T0
        self.writer = Writer(database, lambda: self.now)
        self.reader = Reader(database)
        self.registry = CollectorRegistry()
        catalogue = Catalogue(SITE, load_system_rules().values())
        self.service = AlarmService(self.writer, self.reader, catalogue, Metrics(), lambda _alarms: None)
        self.desks: Desks = make_desks(self.writer, SITE, policy, b"\x07" * 32, SHANGHAI, self.registry)
        self.service.followers.append(self.desks.levels)
        self.deltas: list[DeskDelta] = []
        self.desks.on_change(self.deltas.extend)
        metrics = TimerMetrics(self.registry)
        self.timers = TimerWorker(
            self.writer,
            self.reader,
            lambda: self.now,
            metrics,
            self.desks.handlers(),
            self.service.report,
        )
        self._sequence = 0
        self._onsets: dict[str, int] = {}

    async def start(self) -> None:
        await self.writer.run(self.desks.prepare)
        await self.timers.fire_due()

    async def until(self, moment: int) -> None:
        """Move the clock there, stopping at every timer on the way as a running service would."""
        while (due := await self.reader.run(next_due)) is not None and due <= moment:
            self.now = max(self.now, due)
            await self.timers.fire_due()
        self.now = moment

    async def wait(self, span: int) -> None:
        await self.until(self.now + span)

    async def alarm(self, rule: str, active: bool = True, onset: int | None = None, point: str = "") -> str:
        """A rule (`acme/LT0/HH`) begins or ends now; gives the alarm's id."""
        self._sequence += 1
        point = point or rule.rpartition("/")[0]
        change = ConditionChange(
            sequence=self._sequence,
            rule=rule,
            point=point,
            active=active,
            onset=self._onsets.setdefault(rule, self.now if onset is None else onset),
            source_time=self.now,
            received_time=self.now,
        )
        if not active:
            del self._onsets[rule]
        await self.service.take(ConditionDelivery(gateway="gw", journal="j", changes=[change]))
        return episode_of(change).alarm_id

    async def kept(self, place: Place = ACME) -> KeptLevel:
        found = await self.reader.run(lambda c: kept_level(c, place, EVERYTHING))
        assert found is not None
        return found

    async def level(self, place: Place = ACME) -> WarningLevel:
        return (await self.kept(place)).level

    async def history(self, place: Place = ACME) -> list[tuple[str, str, str]]:
        """Level before, level, cause: oldest first."""
        lines = await self.reader.run(lambda c: page_of_changes(c, place, EVERYTHING, None, 100))
        return [(line.level_before.word, line.level.word, line.cause) for line in reversed(lines)]

    async def warnings(self, scope: Scope = EVERYTHING, **more: Any) -> list[WarningEpisode]:
        return await self.reader.run(lambda c: page_of_warnings(c, WarningQuery(scope, **more), None, 100))

    async def warning(self) -> WarningEpisode:
        (found,) = await self.warnings()
        return found

    async def sent(self, kind: str) -> list[tuple[str, str]]:
        """Receiver and title of what stands in the outbox, oldest first."""
        query = select(outbox.c.receiver, outbox.c.title).where(outbox.c.kind == kind)
        rows = await self.reader.run(lambda c: c.execute(query.order_by(outbox.c.number)).all())
        return [(row[0], row[1]) for row in rows]

    async def audited(self, action: str) -> int:
        query = select(audit.c.number).where(audit.c.action == action)
        return len(await self.reader.run(lambda c: c.execute(query).all()))

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def with_audiences(*audiences: dict[str, Any]) -> DeskPolicy:
    """The shipped policy, with people to be told."""
    return msgspec.structs.replace(load_policy(), audiences=tuple(Audience(**fields) for fields in audiences))


POLICY = with_audiences(
    {"authority": "district", "of": "滨海", "receivers": ("binhai",)},
    {"authority": "district", "receivers": ("district",)},
    {"authority": "city", "receivers": ("city",)},
    {"authority": "province", "receivers": ("province",)},
)
RECEIVERS = {"room": "acme", "beta-room": "beta", "binhai": "", "district": "", "city": "", "province": ""}


def _add_people(connection: Any) -> None:
    for name, enterprise in RECEIVERS.items():
        kind = "duty_phone" if enterprise else "person"
        keep_receiver(connection, Receiver(id=name, enterprise=enterprise, kind=kind, name=name))  # type: ignore[arg-type]
        target = SealedTarget(receiver=name, number=1, channel="sandbox", sealed_address="x", lane=name)
        keep_target(connection, target)


@asynccontextmanager
async def open_office(url: str, policy: DeskPolicy = POLICY) -> AsyncIterator[Office]:
    database = Database.open(url)
    office = Office(database, policy)
    try:
        await office.writer.run(lambda tx: _add_people(tx.connection))
        await office.start()
        yield office
    finally:
        office.reader.close()
        office.writer.close()
        database.close()
