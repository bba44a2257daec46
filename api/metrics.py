"""Figures of the alert service for Prometheus, in a registry of their own for each application."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LATENCIES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class Metrics:
    """One attribute a figure. Names begin with `hazardwatch_api_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.changes_accepted = self._counter("changes_accepted", "Condition changes stored")
        self.changes_duplicate = self._counter(
            "changes_duplicate", "Condition changes that were known already"
        )
        self.deliveries_refused = self._counter("deliveries_refused", "Deliveries refused", "reason")
        self.journals_replaced = self._counter("journals_replaced", "Gateways that came with another journal")
        self.values_accepted = self._counter("values_accepted", "Latest values taken")
        self.values_unknown = self._counter(
            "values_unknown", "Latest values left out because the register here does not have their point"
        )
        self.alarm_entries = self._counter("alarm_entries", "Lines written to the alarm journal", "kind")
        self.answers_failed = self._counter(
            "answers_failed", "Requests that the service could not answer (status 5xx)", "kind"
        )
        self.keys_refused = self._counter("keys_refused", "Requests refused for want of a valid key", "guard")
        self.live_clients = self._gauge("live_clients", "Screens connected to the live stream")
        self.live_overflows = self._counter(
            "live_overflows", "Slow screens whose waiting messages were replaced by a new snapshot"
        )
        self.live_snapshots = self._counter("live_snapshots", "Snapshots sent to screens")
        self.live_refused = self._counter("live_refused", "Screens refused because too many are connected")
        self.open_alarms = self._gauge("open_alarms", "Alarms that are active or unanswered")
        self.stored_after = Histogram(
            "hazardwatch_api_stored_after_seconds",
            "From the gateway's received time of a change until it is stored here",
            buckets=LATENCIES_S,
            registry=self.registry,
        )

    def exposition(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)

    def _counter(self, name: str, doc: str, *labels: str) -> Counter:
        return Counter(f"hazardwatch_api_{name}", doc, labels, registry=self.registry)

    def _gauge(self, name: str, doc: str) -> Gauge:
        return Gauge(f"hazardwatch_api_{name}", doc, registry=self.registry)
