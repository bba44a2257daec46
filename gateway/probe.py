"""The synthetic alarm: trips every few minutes, and must come out at the other end as a notification.

It goes the whole way of a condition: journal, delivery, alert service, outbox, sandbox. It is over at once,
nobody has to answer it, and the alert service measures how long it took (`GET /watch`).
"""

import asyncio
from collections.abc import Sequence

from alarm_rules.wording import Both
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.samples import Event

PROBE = "probe"


class Prober:
    """Trips again and again; the first time after one interval."""

    def __init__(
        self, pipeline: Pipeline, enterprises: Sequence[str], about: str, every_s: float, metrics: Metrics
    ) -> None:
        """about: name of the gateway. every_s: seconds between two probes."""
        enterprise = next(iter(enterprises), "")
        self._rule, self._point = f"{enterprise}/system/{PROBE}", f"{enterprise}/{about}"
        self._pipeline = pipeline
        self._every_s = every_s
        self._metrics = metrics

    async def run(self) -> None:
        """For ever; ends only by cancellation."""
        while True:
            await asyncio.sleep(self._every_s)
            self.trip()

    def trip(self) -> None:
        """Begin and end the condition; its text says how often it comes."""
        text = Both(f"每 {self._every_s:g} 秒一次", f"every {self._every_s:g} s").stored
        self._pipeline.report(
            Event(self._rule, self._point, True, text), Event(self._rule, self._point, False, text)
        )
        self._metrics.probes.inc()
