"""Figures of the notifiers."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCIES_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600)


class NotifyMetrics:
    """Names begin with `hazardwatch_api_notifications_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, doc: str) -> Counter:
            return Counter(f"hazardwatch_api_notifications_{name}", doc, ["channel"], registry=registry)

        def gauge(name: str, doc: str) -> Gauge:
            return Gauge(f"hazardwatch_api_notifications_{name}", doc, registry=registry)

        self.sent = counter("sent", "Messages that a provider has taken")
        self.failed = counter("failed", "Attempts that failed, whether tried again or not")
        self.retried = counter("retried", "Messages put back for another attempt")
        self.digested = counter("digested", "Messages sent as part of a digest or a bundle")
        self.cancelled = counter("cancelled", "Messages withdrawn before they were sent")
        self.dead = counter("dead", "Messages that were given up: dead letters")
        self.lost_leases = counter(
            "lost_leases", "Messages that another worker took while this one was sending: sent twice"
        )
        self.turns_failed = Counter(
            "hazardwatch_api_notifications_turns_failed",
            "Turns of the outbox that failed by a mistake in the program; they are tried again",
            registry=registry,
        )
        self.calls_ended = Counter(
            "hazardwatch_api_notifications_calls_ended",
            "Calls whose outcome is known",
            ["answered"],
            registry=registry,
        )
        self.oldest_waiting = gauge(
            "oldest_waiting_seconds", "Age of the oldest message that still waits; 0 without one"
        )
        self.unverified = gauge("unverified_targets", "Enabled targets that no test message ever reached")
        self.under_way = gauge("under_way", "Calls of providers under way")
        self.latency = Histogram(
            "hazardwatch_api_notifications_latency_seconds",
            "From the commit that caused a message until a provider took it",
            ["channel"],
            buckets=LATENCIES_S,
            registry=registry,
        )
