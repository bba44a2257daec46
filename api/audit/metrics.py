"""Figures of the audit chain for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class AuditMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.signed = Counter(
            "hazardwatch_api_audit_checkpoints_signed", "Checkpoints of the audit signed", registry=registry
        )
        self.sent = Counter(
            "hazardwatch_api_audit_checkpoints_sent",
            "Checkpoints that left the service",
            ["way"],
            registry=registry,
        )
        self.failures = Counter(
            "hazardwatch_api_audit_checkpoint_failures",
            "Checkpoints that could not be filed or sent, each tried again",
            ["way"],
            registry=registry,
        )
        self.unsent_age = Gauge(
            "hazardwatch_api_audit_checkpoint_unsent_seconds",
            "Age of the oldest checkpoint that the address outside has not taken",
            registry=registry,
        )
        self.good_through = Gauge(
            "hazardwatch_api_audit_good_through",
            "Row of the audit through which the service has found it good",
            registry=registry,
        )
        self.broken = Gauge(
            "hazardwatch_api_audit_broken", "1 if the service has found its audit changed", registry=registry
        )
