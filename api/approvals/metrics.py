"""Figures of changes by two persons."""

from prometheus_client import CollectorRegistry, Counter


class ApprovalMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.proposed = Counter("hazardwatch_api_proposals", "Changes proposed", ["kind"], registry=registry)
        self.decided = Counter(
            "hazardwatch_api_proposals_decided",
            "Proposals that were applied, rejected, withdrawn, expired or stale",
            ["kind", "state"],
            registry=registry,
        )
