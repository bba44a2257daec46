"""Figures of the daily reports, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class ReportMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.made = Counter(
            "hazardwatch_api_reports_made", "Daily reports made", ["format"], registry=registry
        )
        self.failed = Counter(
            "hazardwatch_api_reports_failed",
            "Daily reports that could not be made",
            ["why"],
            registry=registry,
        )
        self.seconds = Histogram(
            "hazardwatch_api_report_seconds",
            "Time to make a daily report",
            buckets=SECONDS,
            registry=registry,
        )
        self.kept = Gauge(
            "hazardwatch_api_reports_kept", "Daily reports in the data folder", registry=registry
        )
        self.expired = Counter(
            "hazardwatch_api_reports_expired",
            "Daily reports deleted because they were older than they are kept",
            registry=registry,
        )
