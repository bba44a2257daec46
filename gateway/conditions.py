"""Follower of the journal: condition changes to the alert service, in order, until it took them.

At least once: the service recognises a repetition by (gateway, journal, sequence). Newest values go the
same way, but only the newest matter and nothing waits for them.
"""

import asyncio
import contextlib
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


FAILURES = (httpx.HTTPError, _Refused, OSError, ValueError, msgspec.MsgspecError)
"""What may go wrong with a delivery and is tried again: the line, the answer, the token file."""


class AlertService:
    """The alert service as the gateway sees it."""

    def __init__(self, url: str, token_file: Path, timeout_s: float = 5.0) -> None:
        self._token_file = token_file
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_s, trust_env=False)

    async def deliver(self, path: str, body: msgspec.Struct) -> bytes:
        """POST a message; raises one of FAILURES, or _Gap."""
        token = self._token_file.read_text().strip()
        answer = await self._client.post(
            path,
            content=msgspec.json.encode(body),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept-Language": "en",  # a refusal is written into the log
            },
        )
        if answer.status_code == httpx.codes.CONFLICT:
            with contextlib.suppress(msgspec.MsgspecError):
                raise _Gap(msgspec.json.decode(answer.content, type=_Problem).expected)
        if not answer.is_success:
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

    def __init__(self, expected: int) -> None:
        super().__init__(f"the service expects change {expected}")
        self.expected = expected


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
        self._pipeline = pipeline
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
            except FAILURES as error:
                failures += 1
                self._failed(error)
                await asyncio.sleep(wait_after(failures))

    async def _deliver(self, reached: int) -> None:
        changes = await asyncio.to_thread(self._reader.changes_after, reached, CHANGES_AT_ONCE)
        if not changes or changes[0].sequence != reached + 1:
            await self._begin_anew(reached)
            return
        delivery = ConditionDelivery(gateway=self._name, journal=self._journal.journal_id, changes=changes)
        try:
            answer = await self._service.deliver("/intake/conditions", delivery)
        except _Gap as gap:
            self._go_back(gap.expected, reached)
            return
        through = msgspec.json.decode(answer, type=_Accepted).accepted_through
        if through > changes[-1].sequence:
            await self._go_past(reached, through)
            return
        self._journal.move_cursor(CURSOR, through)
        self._metrics.delivered.inc(max(0, through - reached))
        if through < changes[-1].sequence:
            raise _Refused(f"of changes {reached + 1} to {changes[-1].sequence} taken through {through}")

    def _go_back(self, expected: int, reached: int) -> None:
        """The service misses changes that we delivered once: its store was lost or set back."""
        if not 0 < expected <= reached:
            raise _Refused(f"it expects change {expected} after it was given {reached + 1}")
        log.warning("alert service asks for earlier changes", expected=expected, reached=reached)
        self._metrics.delivery_failures.labels("gap").inc()
        self._journal.rewind_cursor(CURSOR, expected - 1)

    async def _go_past(self, reached: int, through: int) -> None:
        """The service has changes under numbers that we gave anew: the journal was set back to an older
        copy. What was not delivered gets numbers behind those, or it would be taken for a repetition."""
        log.warning("alert service is ahead of the journal", reached=reached, service_reached=through)
        self._metrics.delivery_failures.labels("journal_set_back").inc()
        await self._pipeline.between_batches(
            lambda: self._journal.renumber_changes(CURSOR, reached, through + 1)
        )

    async def _begin_anew(self, reached: int) -> None:
        """The service asks for changes that the journal keeps no more: deliver what it keeps as the
        changes of a new journal, which the service begins to count anew."""
        log.warning("alert service asks for changes that are kept no more", after=reached)
        self._metrics.delivery_failures.labels("forgotten").inc()
        await self._pipeline.between_batches(
            lambda: self._journal.renumber_changes(CURSOR, reached, 1, as_new=True)
        )

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
        self.failing = ""
        """Why the service did not take the newest delivery; empty when it did."""
        self.taken = False
        """The service has taken a delivery of this run of the gateway."""

    async def run(self) -> None:
        """Deliver for ever; ends only by cancellation."""
        failures, since_complete = 0, COMPLETE_EVERY
        while True:
            await asyncio.sleep(VALUES_EVERY_S if not failures else wait_after(failures))
            complete = since_complete >= COMPLETE_EVERY and len(self._sent) <= VALUES_AT_ONCE
            try:
                await self._deliver(complete)
                failures, since_complete = 0, 0 if complete else since_complete + 1
                self.failing, self.taken = "", True
            except (*FAILURES, _Gap) as error:
                failures, since_complete = failures + 1, COMPLETE_EVERY
                self._sent[:] = np.iinfo(np.int64).min
                self._metrics.delivery_failures.labels("values").inc()
                self.failing = f"{type(error).__name__}: {error}"

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
