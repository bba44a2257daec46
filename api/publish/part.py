"""The publishing part put together: platforms with their lanes, and the follower that feeds them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import httpx
from prometheus_client import CollectorRegistry

from alarm_rules.condition import PointValue
from alarm_rules.model import Rule
from api.publish.items import load_event_codes
from api.publish.metrics import PublishMetrics
from api.publish.platforms import load_platforms
from api.publish.posting import Poster
from api.publish.settings import PublishSettings
from api.publish.upstream import Lane, Report, UpstreamEvents, Values, lanes_running
from api.store.writer import Clock, Reader, Writer
from api.tls import trusted_roots


class PublishPart:
    """What the application and the routes need of it."""

    def __init__(
        self,
        settings: PublishSettings,
        rules: dict[str, Rule],
        zone: ZoneInfo,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        registry: CollectorRegistry,
        report: Report,
    ) -> None:
        """Raises PlatformsRefused for a platforms file that is not right."""
        self.metrics = PublishMetrics(registry)
        self.settings = settings
        self.platforms = load_platforms(settings.upstream_file) if settings.upstream_file else ()
        self.follower = UpstreamEvents(self.platforms, rules, load_event_codes(), zone, self.metrics)
        self._client = httpx.AsyncClient(
            timeout=settings.upstream_timeout_s,
            verify=trusted_roots(),
            trust_env=False,
            follow_redirects=False,
        )
        self.lanes: dict[str, Lane] = {
            platform.id: Lane(
                platform,
                Poster(self._client),
                writer,
                reader,
                clock,
                self.metrics,
                report,
                late_s=settings.upstream_late_s,
                zone=zone,
            )
            for platform in self.platforms
        }

    @asynccontextmanager
    async def running(self, values: Values) -> AsyncIterator[None]:
        """Forward until the block ends."""
        async with self._client, lanes_running(list(self.lanes.values()), values):
            yield


def by_enterprise(rows: Sequence[PointValue]) -> list[tuple[str, Sequence[PointValue]]]:
    """Point ids begin with their enterprise."""
    groups: dict[str, list[PointValue]] = {}
    for row in rows:
        groups.setdefault(row.point.partition("/")[0], []).append(row)
    return list(groups.items())
