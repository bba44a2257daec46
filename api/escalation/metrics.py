"""Figures of escalation for Prometheus."""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge


class Count(NamedTuple):
    """Something that happened, by the name of its counter and its label."""

    name: str
    label: str = ""


class EscalationMetrics:
    """Names begin with `hazardwatch_api_escalation_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, doc: str, *labels: str) -> Counter:
            return Counter(f"hazardwatch_api_escalation_{name}", doc, labels, registry=registry)

        def gauge(name: str, doc: str, *labels: str) -> Gauge:
            return Gauge(f"hazardwatch_api_escalation_{name}", doc, labels, registry=registry)

        self.begun = counter("begun", "Ladders begun", "ladder")
        self.ended = counter("ended", "Ladders that ended, by why", "why")
        self.calls = counter("calls", "Steps and repeats of ladders that were made", "ladder")
        self.nobody = counter("nobody_reached", "Steps of ladders that led to nobody", "ladder")
        self.no_way = counter("no_way", "Receivers told of who have no way that the step allows", "ladder")
        self.late = counter("late", "Steps made more than ten seconds after they were due")
        self.exhausted = counter("exhausted", "Ladders that came to their end without an answer", "ladder")
        self.exhausted_now = gauge(
            "exhausted_alarms", "Open alarms whose ladder came to its end, at the last proof"
        )
        self.holes = counter("holes", "Open alarms that the auditor found without a living step or an owner")
        self.open = gauge("audited_alarms", "Open alarms that must be escalated or owned, at the last proof")
        self.dead_tops = gauge(
            "dead_tops", "Ladders by enterprise whose top contact leads to nobody, at the last proof"
        )
        self.weak_steps = gauge(
            "weak_steps", "Steps of ladders, by enterprise, that would tell nobody now or soon", "cause"
        )
        self.proved_at = gauge("proved_at_seconds", "When the auditor looked last, seconds since 1970")
        self.clock_jumps = counter("clock_jumps", "Jumps of the wall clock that were noticed", "direction")

    def add(self, counts: Mapping[Count, int]) -> None:
        """Count what a transaction has done, once it is stored."""
        for (name, label), times in counts.items():
            counter: Counter = getattr(self, name)
            (counter.labels(label) if label else counter).inc(times)
