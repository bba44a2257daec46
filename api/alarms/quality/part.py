"""Alarm quality as a part of the service: its recorder, its timer, and the questions that routes ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from api.alarms.quality.first_out import Burst, bursts
from api.alarms.quality.performance import Observed, Performance, performance
from api.alarms.quality.recorder import FLOOD_END, QualityMetrics, Recorder
from api.alarms.quality.targets import Targets, load_targets
from api.alarms.settings import AlarmSettings
from api.auth.principal import EVERYTHING, Scope
from api.service import AlarmService
from api.store.annunciations import floods_between, read_episodes, read_told, told_rows
from api.store.writer import Reader
from api.timers import Handler

MOST_FLOODS = 10_000
MOST_ROWS = 20_000
"""Annunciations that are looked through for bursts at a time, the newest."""


@dataclass(frozen=True)
class QualityPart:
    """What routes and other parts find."""

    targets: Targets
    reader: Reader
    handlers: Mapping[str, Handler]

    async def performance(self, enterprises: Iterable[str], start: int, end: int) -> list[Performance]:
        """The figures of these desks in [start, end), ns UTC; one desk after the other."""
        found = []
        for each in enterprises:
            job = partial(measure, enterprise=each, start=start, end=end, targets=self.targets)
            found.append(await self.reader.run(job))
        return found

    async def bursts(
        self,
        scope: Scope,
        enterprise: str | None,
        installation: str | None,
        start: int,
        end: int,
        window_ns: int,
    ) -> tuple[list[Burst], bool]:
        """The bursts of installations in [start, end), and whether there was too much to look through."""
        rows = await self.reader.run(
            lambda connection: told_rows(
                connection, scope, enterprise, installation, start, end, MOST_ROWS + 1
            )
        )
        return bursts(rows[:MOST_ROWS], window_ns), len(rows) > MOST_ROWS


def measure(connection: Connection, enterprise: str, start: int, end: int, targets: Targets) -> Performance:
    """The figures of one desk."""
    floods = floods_between(connection, EVERYTHING, enterprise, start, end, MOST_FLOODS)
    seen = Observed(
        told=read_told(connection, enterprise, start, end),
        episodes=read_episodes(connection, enterprise, start, end),
        floods=[flood for _, flood in floods],
    )
    return performance(enterprise, start, end, seen, targets)


def open_quality_part(
    settings: AlarmSettings, reader: Reader, service: AlarmService, registry: CollectorRegistry
) -> QualityPart:
    """Compose it and let it follow the alarms. ValueError if the file of targets is wrong."""
    recorder = Recorder(QualityMetrics(registry))
    service.followers.append(recorder)
    return QualityPart(load_targets(settings.performance_targets), reader, {FLOOD_END: recorder.on_flood_end})
