"""Figures of self-watch for Prometheus."""

import math

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from api.watch.judge import Standing

PROBE_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class WatchMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._value = Gauge(
            "hazardwatch_api_watch_value", "Value of a check", ["check", "about"], registry=registry
        )
        self._limit = Gauge(
            "hazardwatch_api_watch_limit", "Limit of a check", ["check", "about"], registry=registry
        )
        self._bad = Gauge(
            "hazardwatch_api_watch_bad", "1 while a check is bad", ["check", "about"], registry=registry
        )
        self.looks = Counter("hazardwatch_api_watch_looks", "Times the service looked", registry=registry)
        self.failures = Counter(
            "hazardwatch_api_watch_failures",
            "Things that could not be looked at or told",
            ["what"],
            registry=registry,
        )
        self.probes = Counter(
            "hazardwatch_api_probes", "Synthetic alarms that arrived", ["gateway"], registry=registry
        )
        self.probe_seconds = Histogram(
            "hazardwatch_api_probe_seconds",
            "From the trip of a synthetic alarm in the gateway to its notification in the sandbox",
            ["gateway"],
            buckets=PROBE_S,
            registry=registry,
        )
        self.pings = Counter(
            "hazardwatch_api_pings",
            "Calls of the address outside: sent, failed, or withheld because a critical check is bad",
            ["outcome"],
            registry=registry,
        )

    def show(self, standing: Standing) -> None:
        """Take over a check."""
        labels = (standing.kind, standing.about)
        self._value.labels(*labels).set(math.nan if standing.value is None else standing.value)
        self._limit.labels(*labels).set(standing.limit)
        self._bad.labels(*labels).set(standing.bad)

    def forget(self, standing: Standing) -> None:
        """A check that is no longer made."""
        for gauge in (self._value, self._limit, self._bad):
            gauge.remove(standing.kind, standing.about)
