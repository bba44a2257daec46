"""Figures of what leaves the house."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class PublishMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sent = Counter(
            "hazardwatch_api_upstream_sent",
            "Items that a platform has accepted",
            ["platform", "kind"],
            registry=registry,
        )
        self.failed = Counter(
            "hazardwatch_api_upstream_failed",
            "Posts to a platform that failed and are repeated",
            ["platform"],
            registry=registry,
        )
        self.refused = Counter(
            "hazardwatch_api_upstream_refused",
            "Parcels that a platform would not have; they are kept aside with its words",
            ["platform"],
            registry=registry,
        )
        self.left_out = Counter(
            "hazardwatch_api_upstream_left_out",
            "Values and alarms that are not for a platform: it does not know the point, the value is bad, "
            "or it has no code for such an alarm",
            ["platform", "reason"],
            registry=registry,
        )
        self.dropped = Counter(
            "hazardwatch_api_upstream_dropped",
            "Parcels of values dropped because they had waited too long",
            ["platform"],
            registry=registry,
        )
        self.waiting = Gauge(
            "hazardwatch_api_upstream_waiting",
            "Parcels that wait for a platform",
            ["platform"],
            registry=registry,
        )
        self.published = Counter(
            "hazardwatch_api_warnings_published",
            "Warnings published as CAP messages",
            ["message_type"],
            registry=registry,
        )
