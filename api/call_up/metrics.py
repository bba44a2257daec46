"""Figures of call-up for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ANSWERED_S = (5, 10, 20, 30, 60, 120, 180, 300, 600)


class CallUpMetrics:
    """Names begin with `hazardwatch_api_call_up`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, doc: str, *labels: str) -> Counter:
            return Counter(f"hazardwatch_api_call_up_{name}", doc, labels, registry=registry)

        self.begun = counter("begun", "People that were called up")
        self.joined = counter("joined", "Alarms added to a call-up of the same person that was under way")
        self.calls = counter("calls", "Calls that ended, by outcome", "outcome")
        self.ended = counter("ended", "Call-ups that ended, by how", "state")
        self.reports_refused = counter("reports_refused", "Reports of calls that were refused", "reason")
        self.reports_late = counter("reports_late", "Reports of calls that were over already")
        self.not_woken_now = Gauge(
            "hazardwatch_api_call_up_not_woken",
            "People who were not woken and whom nobody has taken over yet",
            registry=registry,
        )
        self.answered_after = Histogram(
            "hazardwatch_api_call_up_answered_after_seconds",
            "From the beginning of a call-up until its answer",
            buckets=ANSWERED_S,
            registry=registry,
        )
