"""The newest value of every point, in memory. Lost at a restart and healed by the next delivery.

Used from the event loop alone.
"""

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from alarm_rules.condition import PointValue, ValueDelivery
from detectors.quality import Quality, quality_name

SECOND_NS = 1_000_000_000
NEVER_HEARD = quality_name(Quality.BAD_WAITING_FOR_INITIAL_DATA)


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """How a gateway's stream of values is doing."""

    gateway: str
    gateway_time: int
    """The gateway's clock now, ns UTC, reckoned from its last delivery: ages are counted against it."""
    heard_ago_s: float
    """Seconds since its last delivery of values arrived here."""
    silent: bool
    """No delivery for longer than `feed_silent_after_s`: what the screens show is old."""


class GatewayValues(msgspec.Struct, frozen=True, kw_only=True):
    """Values of one gateway; ages count on that gateway's clock."""

    gateway: str
    rows: list[PointValue]


class _Arrival(NamedTuple):
    sent_time: int
    arrived: int


class Taken(NamedTuple):
    """What became of a delivery of values."""

    accepted: int
    unknown: int


class LatestValues:
    """One row a point of the register; other points are counted and left out, so the table is bounded."""

    def __init__(self, known: Collection[str], silent_after_s: float) -> None:
        self._known = known
        self._silent_after_s = silent_after_s
        self._rows: dict[str, PointValue] = {}
        self._gateway_of: dict[str, str] = {}
        self._enterprises_of: dict[str, set[str]] = {}
        self._changed: set[str] = set()
        self._arrivals: dict[str, _Arrival] = {}

    def take(self, delivery: ValueDelivery, now: int) -> Taken:
        """Keep a delivery; points whose value is new are remembered for `changes`."""
        self._arrivals[delivery.gateway] = _Arrival(delivery.sent_time, now)
        unknown = 0
        for row in delivery.values:
            if row.point not in self._known:
                unknown += 1
            elif self._rows.get(row.point) != row:
                self._rows[row.point] = row
                self._gateway_of[row.point] = delivery.gateway
                of_gateway = self._enterprises_of.setdefault(delivery.gateway, set())
                of_gateway.add(row.point.partition("/")[0])
                self._changed.add(row.point)
        return Taken(len(delivery.values) - unknown, unknown)

    def changes(self) -> list[GatewayValues]:
        """What is new since the last call."""
        changed, self._changed = self._changed, set()
        return self._grouped(changed)

    def all(self) -> list[GatewayValues]:
        """Every point that has been heard of since the start."""
        return self._grouped(self._rows)

    def among(self, points: Collection[str]) -> list[GatewayValues]:
        """Those of these points that have been heard of."""
        return self._grouped([point for point in points if point in self._rows])

    def newest(self) -> list[PointValue]:
        """The newest value of every point that has been heard of."""
        return list(self._rows.values())

    def of(self, point: str) -> PointValue:
        """Newest value of a point; one that was never heard of has none, and a quality that says so."""
        return self._rows.get(point) or PointValue(point, 0, None, NEVER_HEARD)

    def age_s(self, point: str, now: int) -> float | None:
        """Seconds since the source time on the clock of the point's gateway; None if never heard of."""
        row = self._rows.get(point)
        if row is None:
            return None
        return (self._gateway_time(self._gateway_of[point], now) - row.source_time) / SECOND_NS

    def feeds(self, now: int) -> list[Feed]:
        """One line for each gateway that has ever sent values to this process."""
        return [self._feed(gateway, now) for gateway in self._arrivals]

    def enterprises_of(self, gateway: str) -> frozenset[str]:
        """Whose points this gateway has sent since the start."""
        return frozenset(self._enterprises_of.get(gateway, ()))

    def _feed(self, gateway: str, now: int) -> Feed:
        heard_ago_s = (now - self._arrivals[gateway].arrived) / SECOND_NS
        return Feed(
            gateway=gateway,
            gateway_time=self._gateway_time(gateway, now),
            heard_ago_s=heard_ago_s,
            silent=heard_ago_s > self._silent_after_s,
        )

    def _gateway_time(self, gateway: str, now: int) -> int:
        arrival = self._arrivals[gateway]
        return arrival.sent_time + (now - arrival.arrived)

    def _grouped(self, points: Collection[str]) -> list[GatewayValues]:
        groups: dict[str, list[PointValue]] = {}
        for point in points:
            groups.setdefault(self._gateway_of[point], []).append(self._rows[point])
        return [GatewayValues(gateway=gateway, rows=rows) for gateway, rows in groups.items()]
