"""Every figure the gateway keeps of itself, in one place, for `/metrics`.

Counters are raised once a batch or once an event, never once a sample.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry a gateway, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"hazardwatch_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"hazardwatch_{name}", text, labels, registry=registry)

        self.samples = counter("samples", "Samples committed to the journal")
        self.samples_late = counter(
            "samples_late", "Samples not newer than their point's newest: kept, not judged"
        )
        self.samples_future = counter(
            "samples_future", "Samples from the future, judged at their received time"
        )
        self.judgements = counter("judgements", "Pairs of sample and rule judged")
        self.batches = counter("batches", "Batches committed to the journal")
        self.changes = counter("condition_changes", "Condition changes committed to the journal", "cause")
        self.quarantined = counter("quarantined", "Messages or parts of messages put into quarantine")
        self.quarantine_dropped = counter(
            "quarantine_dropped", "Oldest quarantine rows given up for newer ones"
        )
        self.unknown_tags = gauge("unknown_tags", "Tags that devices publish and the register lacks")
        self.unknown_values = counter("unknown_values", "Values of tags that the register lacks")
        self.unknown_dropped = counter(
            "unknown_tags_dropped", "Unknown tags that were left out or given up for newer ones"
        )
        self.resets_refused = counter(
            "resets_refused", "Latched conditions not reset because they still hold"
        )
        self.commit_seconds = Histogram(
            "hazardwatch_commit_seconds",
            "Time to judge a batch and commit it",
            buckets=_SECONDS,
            registry=registry,
        )
        self.journal_position = gauge("journal_position", "Position of the newest batch")
        self.journal_bytes = gauge("journal_bytes", "Bytes of the journal in use")
        self.journal_lost = counter(
            "journal_samples_released", "Samples given up for the disk budget before history"
        )
        self.waiting_bytes = gauge("waiting_bytes", "Bytes received and not yet committed")
        self.pauses = counter("pauses", "Times that reading was stopped because the journal lagged")
        self.clock_ahead = gauge(
            "clock_ahead_seconds", "How far the gateway's time runs ahead of the wall clock"
        )

        self.probes = counter("probes", "Synthetic alarms sent on their way")
        self.name = gauge("gateway", "1, with the name of this gateway", "name")

        self.connections = gauge("mqtt_connections", "Open connections of devices")
        self.connects = counter("mqtt_connects", "Accepted CONNECT packets", "version")
        self.refused_connects = counter("mqtt_connects_refused", "CONNECT packets refused", "reason")
        self.messages = counter("mqtt_messages", "PUBLISH packets received")
        self.careful = counter(
            "mqtt_messages_read_carefully", "PUBLISH packets that the fast lane left to the codec"
        )
        self.malformed = counter(
            "mqtt_malformed", "Connections ended for a packet against the standard", "reason"
        )
        self.closed = counter("mqtt_closed", "Connections ended", "reason")
        self.subscribes = counter("mqtt_subscribes_refused", "SUBSCRIBE packets refused")

        self.subscriber_messages = counter("subscriber_messages", "Messages received from the broker")
        self.subscriber_connects = counter("subscriber_connects", "Connections made to the broker")
        self.subscriber_gaps = counter("subscriber_gaps", "Times the broker had forgotten our session")
        self.subscriber_unacknowledged = counter(
            "subscriber_unacknowledged",
            "Messages committed whose connection was gone: the broker sends them again",
        )

        self.delivered = counter("changes_delivered", "Condition changes that the alert service took")
        self.delivery_failures = counter(
            "delivery_failures", "Failed deliveries to the alert service", "what"
        )
        self.undelivered = gauge(
            "changes_undelivered", "Condition changes that the alert service has not taken yet"
        )
        self.history_position = gauge("history_position", "Journal position that history has reached")
        self.history_failures = counter(
            "history_failures", "Failed writes to history, each tried again", "reason"
        )
        self.history_rejected = counter("history_rejected", "Samples that history refused, now in quarantine")
        self.history_written = counter("history_written", "Samples written to history")
