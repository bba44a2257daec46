"""Looks at the gateways: who delivers, whose clock is off, and what their own figures say."""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from api.values import Feed
from api.watch.judge import Reading
from api.watch.lag import PositionLag, Silence
from api.watch.settings import WatchSettings

SECOND_NS = 1_000_000_000
OFFSETS_KEPT = 12


class GatewayFigures(NamedTuple):
    """What `/metrics` of a gateway says; None where it has no such figure."""

    name: str
    """Empty for an older gateway that does not tell it."""
    waiting_bytes: float | None
    journal_position: float | None
    history_position: float | None
    delivered: float | None
    undelivered: float | None


def read_figures(text: str) -> GatewayFigures:
    """Parse. ValueError for something else than figures."""
    values: dict[str, float] = {}
    name = ""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values[sample.name] = sample.value
            if sample.name == "hazardwatch_gateway":
                name = sample.labels.get("name", "")
    return GatewayFigures(
        name=name,
        waiting_bytes=values.get("hazardwatch_waiting_bytes"),
        journal_position=values.get("hazardwatch_journal_position"),
        history_position=values.get("hazardwatch_history_position"),
        delivered=values.get("hazardwatch_changes_delivered_total"),
        undelivered=values.get("hazardwatch_changes_undelivered"),
    )


class GatewayLook:
    """One gateway's figures over its HTTP side, look after look."""

    def __init__(self, settings: WatchSettings, client: httpx.AsyncClient, name: str, now_s: float) -> None:
        """client: its base address is the gateway's; it belongs to whoever made it. name: as alarms call
        it, until the gateway tells its own."""
        self._settings = settings
        self._client = client
        self._name = name
        self._unobserved = Silence(now_s)
        self._history, self._conditions = PositionLag(), PositionLag()
        self.failing = ""
        """Why the last look failed; empty when it did not."""

    async def look(self, now_s: float) -> list[Reading]:
        """Readings of now. now_s: seconds of a clock that only goes forward."""
        figures = await self._ask()
        if figures is not None:
            self._name = figures.name or self._name
        age = self._unobserved.look(now_s if figures else None, now_s)
        readings = [self._reading("gateway_unobserved", age, self._settings.watch_unobserved_s)]
        return readings + self._lags(figures, now_s)

    def _lags(self, figures: GatewayFigures | None, now_s: float) -> list[Reading]:
        settings = self._settings
        waiting = history = conditions = None
        if figures is not None:
            waiting = figures.waiting_bytes
            history = _lag(self._history, figures.journal_position, figures.history_position, now_s)
            total = _sum(figures.delivered, figures.undelivered)
            conditions = _lag(self._conditions, total, figures.delivered, now_s)
        return [
            self._reading("journal_lag", waiting, settings.watch_journal_waiting_bytes),
            self._reading("conditions_lag", conditions, settings.watch_conditions_lag_s),
            self._reading("history_lag", history, settings.watch_history_lag_s),
        ]

    async def _ask(self) -> GatewayFigures | None:
        try:
            answer = await self._client.get("/metrics")
            answer.raise_for_status()
            figures = read_figures(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            self.failing = f"{type(error).__name__}: {error}"
            return None
        self.failing = ""
        return figures

    def _reading(self, kind: str, value: float | None, limit: float) -> Reading:
        return Reading(kind=kind, about=self._name, value=value, limit=limit)


class Feeds:
    """The gateways as their deliveries of values show them."""

    def __init__(self, settings: WatchSettings, now_s: float) -> None:
        self._settings = settings
        self._started_s = now_s
        self._silences: dict[str, Silence] = {}
        self.offsets: dict[str, deque[int]] = {}
        """By gateway: its clock minus ours at the newest looks, ns."""

    def look(self, feeds: Sequence[Feed], known: Iterable[str], now: int, now_s: float) -> list[Reading]:
        """Readings of now.

        known: gateways of earlier days, which have to come too. now: ns UTC, for `feeds` are on it;
        now_s: seconds of a clock that only goes forward, for silence is not a matter of the wall clock.
        """
        arrivals = {feed.gateway: now - int(feed.heard_ago_s * SECOND_NS) for feed in feeds}
        for feed in feeds:
            self.offsets.setdefault(feed.gateway, deque(maxlen=OFFSETS_KEPT)).append(feed.gateway_time - now)
        names = sorted({*arrivals, *known, *self._silences} - set(self._settings.watch_gateways_retired))
        readings = [self._silence(name, arrivals.get(name), now_s) for name in names]
        if not names:
            readings.append(self._silence("", None, now_s))
        return readings + [self._offset(name) for name in names if name in arrivals]

    def _silence(self, gateway: str, arrived: int | None, now_s: float) -> Reading:
        silence = self._silences.setdefault(gateway, Silence(self._started_s)) if gateway else None
        mark = None if arrived is None else round(arrived / SECOND_NS, 2)
        value = silence.look(mark, now_s) if silence else now_s - self._started_s
        limit = self._settings.watch_gateway_silent_s
        return Reading(kind="gateway_silent", about=gateway or "gateway", value=value, limit=limit)

    def _offset(self, gateway: str) -> Reading:
        value = abs(max(self.offsets[gateway])) / SECOND_NS
        return Reading(
            kind="clock_offset", about=gateway, value=value, limit=self._settings.watch_clock_offset_s
        )


def _lag(lag: PositionLag, leader: float | None, follower: float | None, now_s: float) -> float | None:
    if leader is None or follower is None or math.isnan(leader) or math.isnan(follower):
        return None
    return lag.look(leader, follower, now_s)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
