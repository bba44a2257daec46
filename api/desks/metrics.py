"""Figures of the desks for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class DeskMetrics:
    """One attribute a figure."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.level_changes = Counter(
            "hazardwatch_api_level_changes",
            "Changes of the warning level of an installation",
            ["level", "cause"],
            registry=registry,
        )
        self.levels_put_off = Counter(
            "hazardwatch_api_levels_put_off",
            "Derivations put off for some seconds, of installations with a flood of active alarms",
            registry=registry,
        )
        self.level_look = Histogram(
            "hazardwatch_api_level_installations",
            "Installations whose level was derived in one transaction",
            buckets=(1, 2, 5, 10, 50, 200, 1000),
            registry=registry,
        )
        self.warning_steps = Counter(
            "hazardwatch_api_warning_steps", "Steps of warnings", ["kind"], registry=registry
        )
        self.supervision_steps = Counter(
            "hazardwatch_api_supervision_steps", "Steps of supervision orders", ["kind"], registry=registry
        )
        self.duty_checks = Counter(
            "hazardwatch_api_duty_checks",
            "Duty checks: sent, answered, late, unanswered; left_out: their moment passed while the service "
            "was down",
            ["what"],
            registry=registry,
        )
        self.commitments = Counter(
            "hazardwatch_api_commitments",
            "Daily commitments: recorded, corrected, and missing at the deadline",
            ["what"],
            registry=registry,
        )
        self.untold = Counter(
            "hazardwatch_api_desk_untold",
            "News of the desks for an authority that has nobody to be told; they stand on the screen only",
            ["kind", "authority"],
            registry=registry,
        )
