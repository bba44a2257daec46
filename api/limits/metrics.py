"""Figures of changes of limits."""

from prometheus_client import CollectorRegistry, Counter


class LimitMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.changes = Counter(
            "hazardwatch_api_limit_changes",
            "Changes of limits that were proposed, approved, or applied to the site's files",
            ["step"],
            registry=registry,
        )
