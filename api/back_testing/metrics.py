"""Figures of back-tests."""

from prometheus_client import CollectorRegistry, Counter


class BackTestMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ended = Counter(
            "hazardwatch_api_back_tests",
            "Back-tests that were asked for on a page, by how they ended",
            ["outcome"],
            registry=registry,
        )
