"""Figures of the figures, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class FigureMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "hazardwatch_api_figures_seconds",
            "Time to read and compute the figures of one request",
            ["what"],
            buckets=SECONDS,
            registry=registry,
        )
        self.hours_counted = Counter(
            "hazardwatch_api_sample_hours_counted", "Hours whose samples were counted", registry=registry
        )
        self.count_failures = Counter(
            "hazardwatch_api_sample_count_failures",
            "Failed attempts to have the gateway count the samples of an hour; each is tried again",
            ["reason"],
            registry=registry,
        )
        self.hours_missing = Gauge(
            "hazardwatch_api_sample_hours_missing",
            "Hours of the last days whose samples are not counted yet",
            registry=registry,
        )
        self.unknown_points = Counter(
            "hazardwatch_api_sample_counts_unknown",
            "Counts of the gateway left out because the register here does not have their point",
            registry=registry,
        )
