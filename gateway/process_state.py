"""What a running gateway shows and lets do from outside, as its HTTP side needs it."""

import asyncio
from collections.abc import Callable
from typing import Any

from alarm_rules.reset import ResetAnswer
from alarm_rules.wording import Both
from gateway.clock import Clock
from gateway.journal import Journal
from gateway.journal_format import QuarantineRow
from gateway.messages import Messages, device_of
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.samples import Arrival

ANSWER_S = 3.0
"""How long a reset waits for its batch. A batch takes milliseconds; more is a disk that hangs."""


class ProcessState:
    """Questions and actions over the parts of one gateway process."""

    def __init__(
        self, pipeline: Pipeline, journal: Journal, messages: Messages, metrics: Metrics, clock: Clock
    ) -> None:
        self.metrics = metrics
        self._pipeline = pipeline
        self._journal = journal
        self._messages = messages
        self._clock = clock
        self._checks: dict[str, Callable[[], str]] = {}

    def check(self, name: str, reason: Callable[[], str]) -> None:
        """Register a part's own report: why it does not work now, or an empty text."""
        self._checks[name] = reason

    def troubles(self) -> dict[str, str]:
        """Part -> why it does not work; empty when all is well."""
        found = {name: reason() for name, reason in self._checks.items()}
        return {name: reason for name, reason in found.items() if reason}

    async def reset(self, rules: list[str]) -> ResetAnswer | None:
        """Ask the pipeline; None when it has not decided within ANSWER_S: it will all the same."""
        decided: asyncio.Future[ResetAnswer] = asyncio.get_running_loop().create_future()

        def answered(answer: ResetAnswer) -> None:
            if not decided.done():  # whoever asked may be gone
                decided.set_result(answer)

        self._pipeline.reset(rules, answered)
        try:
            async with asyncio.timeout(ANSWER_S):
                return await decided
        except TimeoutError:
            return None

    async def retry(self, row: QuarantineRow) -> dict[str, Any]:
        """Read a quarantined message again with the register of now.

        What can be used now is judged and kept; the row counts as retried when nothing was refused.
        Taking a part a second time is harmless: it is a duplicate.
        """
        device = device_of(row.topic)
        if device is None:
            reason = Both(f"主题 {row.topic!r} 不属于任何设备", f"topic {row.topic!r} belongs to no device")
            return {"id": row.id, "samples": 0, "reason": reason.stored}
        reading = self._messages.read(*device, row.topic, row.payload)
        done = asyncio.Event()
        self._pipeline.submit(Arrival(reading.samples, events=reading.events, committed=done.set))
        await done.wait()
        if not reading.quarantined:
            await asyncio.to_thread(self._journal.mark_retried, row.id, self._clock.now())
        left = reading.quarantined[0].reason if reading.quarantined else ""
        return {"id": row.id, "samples": len(reading.samples.point), "reason": left}
