"""Figures of the rotas."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class RotaMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.with_holes = Gauge(
            "hazardwatch_api_rotas_with_holes",
            "Rotas with nobody on call at some time of the next 14 days, at the last daily look",
            registry=registry,
        )
        self.events_refused = Counter(
            "hazardwatch_api_rota_events_refused",
            "Events of imported calendars that could not be used",
            registry=registry,
        )
        self.feeds_refused = Counter(
            "hazardwatch_api_rota_feeds_refused",
            "Requests for a calendar with an unknown or revoked secret",
            registry=registry,
        )
