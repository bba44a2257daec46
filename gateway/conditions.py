"""Follower of the journal: condition changes to the alert service, in order, until it took them.

At least once: the service recognises a repetition by (gateway, journal, sequence). Newest values go the
same way, but only the newest matter and nothing waits for them.
"""

import asyncio
import random
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import numpy as np
import numpy.typing as npt
import structlog

from alarm_rules.condition import ConditionDelivery, PointValue, ValueDelivery
from detectors.quality import quality_name
from gateway.clock import Clock
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline

log = structlog.get_logger()

CURSOR = "conditions"
CHANGES_AT_ONCE = 1_000
VALUES_AT_ONCE = 5_000
VALUES_EVERY_S = 0.5
COMPLETE_EVERY = 60
"""Deliveries between complete ones, which heal whatever was lost in between."""
LONGEST_WAIT_S = 10.0


class _Refused(Exception):
    """The service answered, but did not take it."""


class AlertService:
    """The alert service as the gateway sees it."""

    def __init__(self, url: str, token_file: Path, timeout_s: float = 5.0) -> None:
        self._token_file = token_file
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_s, trust_env=False)

    async def deliver(self, path: str, body: msgspec.Struct) -> bytes:
        """POST a message; raises httpx.HTTPError or _Refused."""
        token = self._token_file.read_text().strip()
        answer = await self._client.post(
            path,
            content=msgspec.json.encode(body),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        if answer.status_code == httpx.codes.CONFLICT:
            raise _Gap(answer.content)
        if answer.is_error:
            raise _Refused(f"{answer.status_code} {answer.text[:300]}")
        return answer.content

    async def close(self) -> None:
        await self._client.aclose()


class _Problem(msgspec.Struct):
    expected: int


class _Accepted(msgspec.Struct):
    accepted_through: int


class _Gap(Exception):
    """The service misses earlier changes and says which it expects."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body[:300].decode(errors="replace"))
        self.expected = msgspec.json.decode(body, type=_Problem).expected


def wait_after(failures: int) -> float:
    """Seconds to the next attempt after so many failures in a row: doubling, with jitter."""
    return random.uniform(0.5, 1.0) * min(LONGEST_WAIT_S, 0.1 * 2.0 ** min(failures, 10))


class ConditionForwarder:
    """Delivers condition changes."""

    def __init__(
        self, name: str, service: AlertService, journal: Journal, pipeline: Pipeline, metrics: Metrics
    ) -> None:
        self._name = name
        self._service = service
        self._journal = journal
        self._reader = JournalReader(journal.path)
        self._metrics = metrics
        self._wake = asyncio.Event()
        self.failing = ""
        """Why the service did not take the newest delivery; empty when it did."""
        pipeline.on_commit(self._committed)

    def _committed(self, changes: int) -> None:
        if changes:
            self._wake.set()

    async def run(self) -> None:
        """Deliver for ever; ends only by cancellation."""
        failures = 0
        while True:
            reached = self._journal.cursor(CURSOR)
            self._metrics.undelivered.set(self._journal.sequence - reached)
            if reached >= self._journal.sequence:
                await self._wake.wait()
                self._wake.clear()
                continue
            try:
                await self._deliver(reached)
                failures, self.failing = 0, ""
            except (httpx.HTTPError, _Refused, OSError, msgspec.MsgspecError) as error:
                failures += 1
                self._failed(error)
                await asyncio.sleep(wait_after(failures))

    async def _deliver(self, reached: int) -> None:
        changes = await asyncio.to_thread(self._reader.changes_after, reached, CHANGES_AT_ONCE)
        if not changes:
            return
        delivery = ConditionDelivery(gateway=self._name, journal=self._journal.journal_id, changes=changes)
        try:
            answer = await self._service.deliver("/intake/conditions", delivery)
        except _Gap as gap:
            log.warning(
                "alert service asks for earlier changes", expected=gap.expected, sent=changes[0].sequence
            )
            self._metrics.delivery_failures.labels("gap").inc()
            self._journal.rewind_cursor(CURSOR, gap.expected - 1)
            return
        through = msgspec.json.decode(answer, type=_Accepted).accepted_through
        self._journal.move_cursor(CURSOR, through)
        self._metrics.delivered.inc(max(0, through - reached))

    def _failed(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if not self.failing:
            log.warning("alert service does not take condition changes, trying again", reason=reason)
        self.failing = reason
        self._metrics.delivery_failures.labels("conditions").inc()

    def close(self) -> None:
        self._reader.close()


class _Values(NamedTuple):
    rows: npt.NDArray[np.int64]
    source_time: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]


class ValueForwarder:
    """Delivers newest values, the longest unsent first when there are too many."""

    def __init__(
        self,
        name: str,
        service: AlertService,
        journal: Journal,
        pipeline: Pipeline,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._name = name
        self._service = service
        self._journal = journal
        self._pipeline = pipeline
        self._metrics = metrics
        self._clock = clock
        size = len(pipeline.engine.names)
        self._sent = np.full(size, np.iinfo(np.int64).min, np.int64)
        self._turn = np.zeros(size, np.int64)
        self._round = 0

    async def run(self) -> None:
        """Deliver for ever; ends only by cancellation."""
        failures, since_complete = 0, COMPLETE_EVERY
        while True:
            await asyncio.sleep(VALUES_EVERY_S if not failures else wait_after(failures))
            complete = since_complete >= COMPLETE_EVERY and len(self._sent) <= VALUES_AT_ONCE
            try:
                await self._deliver(complete)
                failures, since_complete = 0, 0 if complete else since_complete + 1
            except (httpx.HTTPError, _Refused, _Gap, OSError) as error:
                failures, since_complete = failures + 1, COMPLETE_EVERY
                self._sent[:] = np.iinfo(np.int64).min
                self._metrics.delivery_failures.labels("values").inc()
                log.debug("values not delivered", reason=str(error))

    async def _deliver(self, complete: bool) -> None:
        chosen = await self._pipeline.between_batches(lambda: self._choose(complete))
        delivery = ValueDelivery(
            gateway=self._name,
            journal=self._journal.journal_id,
            sent_time=self._clock.now(),
            complete=complete,
            values=[self._value(chosen, i) for i in range(len(chosen.rows))],
        )
        await self._service.deliver("/intake/values", delivery)

    def _choose(self, complete: bool) -> _Values:
        """Rows to send with their columns; runs where the engine stands still."""
        latest = self._pipeline.engine.latest
        heard = latest.received_time > np.iinfo(np.int64).min
        rows = np.flatnonzero(heard if complete else heard & (latest.source_time != self._sent))
        if len(rows) > VALUES_AT_ONCE:
            rows = rows[np.argpartition(self._turn[rows], VALUES_AT_ONCE)[:VALUES_AT_ONCE]]
        self._round += 1
        self._turn[rows] = self._round
        self._sent[rows] = latest.source_time[rows]
        return _Values(rows, latest.source_time[rows], latest.value[rows], latest.quality[rows])

    def _value(self, chosen: _Values, i: int) -> PointValue:
        value = float(chosen.value[i])
        return PointValue(
            self._pipeline.engine.names[chosen.rows[i]],
            int(chosen.source_time[i]),
            value if np.isfinite(value) else None,
            quality_name(int(chosen.quality[i])),
        )
