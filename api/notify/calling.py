"""Watches calls until it is known what became of them: by reports of the provider, or by asking it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import structlog

from api.bilingual import both
from api.notify.errors import NotifyFailed
from api.notify.metrics import NotifyMetrics
from api.notify.port import Clock
from api.notify.settings import NotifySettings
from api.notify.voice import CallOutcome, VoiceNotifier
from api.store.calls import VoiceCall, ask_later, call_of, calls_to_ask, end_call
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.writer import Reader, Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

SECOND_NS = 1_000_000_000
LOOK_EVERY_S = 5.0
ASK_AGAIN_S = 30.0
AT_ONCE = 50

CallFollower = Callable[[Transaction, VoiceCall], None]
"""Told of each call whose outcome became known, inside the transaction that stores it."""


class CallWatch:
    """Ends calls. Followers are added while the service is composed."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        notifier: VoiceNotifier | None,
        settings: NotifySettings,
        metrics: NotifyMetrics,
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._notifier = notifier
        self._wait_ns = int(settings.notify_voice_wait_s * SECOND_NS)
        self._metrics = metrics
        self._clock = clock
        self.followers: list[CallFollower] = []

    async def report(self, content: bytes) -> int:
        """Take a report that the provider posted; how many calls it ended. ValueError if it is no report.

        Calls that are not ours, and such as were ended before, change nothing: a report may come twice.
        """
        if self._notifier is None:
            raise ValueError(both("没有设置语音渠道", "no voice channel is set up"))
        outcomes = self._notifier.read_report(content)
        return await self._writer.run(lambda tx: self._end_all(tx, outcomes))

    async def ask(self) -> int:
        """Ask for calls whose time has come; how many were ended."""
        now = self._clock()
        calls = await self._reader.run(lambda connection: calls_to_ask(connection, now, AT_ONCE))
        ended = 0
        for call in calls:
            outcome = await self._asked(call)
            ended += await self._writer.run(partial(self._heard, call=call, outcome=outcome))
        return ended

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask again and again until the block ends."""
        async with working(self._look(), "calls"):
            yield

    def end_in(self, tx: Transaction, outcome: CallOutcome) -> bool:
        """Store an outcome and tell the followers; False if it was known, or is no call of ours."""
        call = call_of(tx.connection, outcome.reference)
        if call is None:
            return False
        ended = msgspec.structs.replace(
            call,
            is_open=False,
            answered=outcome.answered,
            listened_s=outcome.listened_s,
            keypad=outcome.keypad,
            ended_at=tx.now,
            words=outcome.words,
        )
        if not end_call(tx.connection, ended):
            return False
        for follower in self.followers:
            follower(tx, ended)
        tx.then(lambda: self._metrics.calls_ended.labels("yes" if outcome.answered else "no").inc())
        return True

    async def _look(self) -> None:
        while True:
            try:
                await self.ask()
            except (StoreUnavailable, StoreConflict) as error:
                log.warning("calls cannot be read or written; trying again", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _asked(self, call: VoiceCall) -> CallOutcome | None:
        if self._notifier is None:
            return None
        try:
            return await self._notifier.outcome(call.reference, call.started_at)
        except NotifyFailed as error:
            log.warning("the outcome of a call cannot be asked for", error=error.words)
            return None

    def _heard(self, tx: Transaction, call: VoiceCall, outcome: CallOutcome | None) -> bool:
        if outcome is None and tx.now - call.started_at >= self._wait_ns:
            words = both("没有回执", "no outcome was told")
            outcome = CallOutcome(reference=call.reference, answered=False, words=words)
        if outcome is None:
            ask_later(tx.connection, call.reference, tx.now + int(ASK_AGAIN_S * SECOND_NS))
            return False
        return self.end_in(tx, outcome)

    def _end_all(self, tx: Transaction, outcomes: Sequence[CallOutcome]) -> int:
        return sum(self.end_in(tx, outcome) for outcome in outcomes)
