"""The ingress for sites that have a broker: its messages, acknowledged when they are on disk.

The session at the broker is persistent, so an outage of the gateway costs nothing: what was not
acknowledged comes again. Acknowledgements go out in order of arrival, after the commit, and only on the
connection that brought the message; a message whose connection is gone comes twice, and the engine
knows the second one by its source time.

Two conditions of `{enterprise}/{name of the broker}` tell of what can be lost or late:
`broker_unreachable` from an outage that lasts until every filter is subscribed again, and
`possible_gap` from the moment a session that should be there is not, until the new one is subscribed.
The latter ends within moments; it is the person who must acknowledge it that makes it stay.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog
from paho.mqtt.client import MQTTMessage

from alarm_rules.wording import Both
from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.mqtt.broker_connection import Acknowledgement, BrokerConnection
from gateway.mqtt.broker_reader import BrokerReader
from gateway.mqtt.broker_settings import (
    BrokerMisconfigured,
    BrokerUnavailable,
    SubscriberSettings,
    tls_context,
)
from gateway.mqtt.session_marker import Marker, MarkerUnusable, read_marker, write_marker
from gateway.pipeline import Pipeline
from gateway.samples import NO_SAMPLES, Arrival, Event, nothing

__all__ = ["BrokerMisconfigured", "Subscriber", "SubscriberSettings", "reconnect_delay_s"]

FIRST_DELAY_S = 0.5
HEARD_S = 60.0
"""How often a standing connection is noted in the marker, and refused filters are tried again."""
STOP_S = 3.0

log = structlog.get_logger()


def reconnect_delay_s(attempt: int, longest_s: float, chance: float) -> float:
    """Pause before a connection attempt: doubling, capped, half of it by chance.

    attempt: failures in a row, from 0. chance: 0 to 1; it spreads the gateways of a city over time when
    their common broker returns.
    """
    return min(longest_s, FIRST_DELAY_S * 2.0 ** min(attempt, 30)) * (0.5 + chance / 2)


class Subscriber:
    """One broker's messages. `start` returns at once; from then on it connects and reconnects for ever."""

    def __init__(
        self, pipeline: Pipeline, messages: Messages, metrics: Metrics, settings: SubscriberSettings
    ) -> None:
        self.settings = settings
        self._pipeline = pipeline
        self._reader = BrokerReader(messages, settings.enterprises)
        self._metrics = metrics
        self._marker: Marker | None = None
        self._connection: BrokerConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._outage: asyncio.TimerHandle | None = None
        self._steady: asyncio.TimerHandle | None = None
        self._reason = "no connection yet"
        self._paused = False
        self._stopping = False
        self._uncommitted = 0
        self._uncommitted_bytes = 0
        self._room = asyncio.Event()
        self._settled = asyncio.Event()
        self._owed: deque[tuple[BrokerConnection, Sequence[Acknowledgement]]] = deque()
        """Committed and not yet acknowledged, oldest first."""
        pipeline.on_pause(self._pause)

    async def start(self) -> None:
        """Raises BrokerMisconfigured or MarkerUnusable; an absent broker is no error."""
        self._context = tls_context(self.settings)
        self._marker = read_marker(self.settings.state_file, self.settings.client_id)
        self._account(0, 0)
        self._await_outage()
        self._task = asyncio.create_task(self._run(), name=f"subscriber {self.settings.address}")

    async def stop(self) -> None:
        """Read no more, acknowledge what is committed within moments, leave. The session stays.

        The pipeline must still be running, or what it holds will be sent again by the broker.
        """
        self._stopping = True
        self._adjust()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S / 2):
                await self._settled.wait()
        self._acknowledge()
        if self._connection is not None:
            await self._connection.disconnect(STOP_S / 4)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=STOP_S / 4)
        self._cancel_outage()

    async def wait(self) -> None:
        """Until `stop`, for the supervision; raises only if a defect ended the subscriber."""
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    # --- connecting ---------------------------------------------------------------------------

    async def _run(self) -> None:
        """Connect, be connected, connect again."""
        failures = 0
        while True:
            await self._room.wait()  # a stalled journal must not gather connection after connection
            started = asyncio.get_running_loop().time()
            try:
                self._reason = await self._be_connected()
            except (BrokerUnavailable, MarkerUnusable) as error:
                self._reason = str(error)
            if self._stopping:
                return
            log.warning("broker connection ended", broker=self.settings.address, reason=self._reason)
            self._await_outage()
            if asyncio.get_running_loop().time() - started > self.settings.reconnect_max_s:
                failures = 0
            delay = reconnect_delay_s(failures, self.settings.reconnect_max_s, random.random())
            failures += 1
            await asyncio.sleep(delay)

    async def _be_connected(self) -> str:
        """One connection from its beginning to its end; returns why it ended."""
        connection = BrokerConnection(self.settings, self._context, self._take)
        self._connection = connection
        self._adjust()
        try:
            present = await self._open(connection)
            self._metrics.subscriber_connects.inc()
            await self._record_gap(connection)
            complaints = await self._subscribe(connection, present)
            log.info("subscribed", broker=self.settings.address, session_present=present, refused=complaints)
            while not (await asyncio.wait({connection.ended}, timeout=HEARD_S))[0]:
                await self._note_heard()
                if complaints:
                    complaints = await self._subscribe(connection, present=False)
            return f"{self.settings.address}: {connection.ended.result()}"
        finally:
            self._connection = None
            connection.close()
            self._unsteady()

    async def _open(self, connection: BrokerConnection) -> bool:
        """Connect and compare the broker's memory with ours; True when it knows our session.

        The marker says meanwhile that an answer is owed: a CONNECT whose answer was lost may have made
        a session, and finding that one later proves nothing.
        """
        marker = self._marker
        if marker is None:
            present = await connection.open()
            self._marker = Marker(self.settings.client_id)
            await self._save(heard_time=time.time_ns())
            return present
        proven = not marker.unanswered and marker.client_id == self.settings.client_id
        await self._save(unanswered=True)
        try:
            present = await connection.open()
        except BrokerUnavailable:
            if proven and (connection.answered or not connection.asked):
                await self._save(unanswered=False)
            raise
        found: dict[str, Any] = {}
        if not (present and proven):
            self._metrics.subscriber_gaps.inc()
            since = marker.heard_time if marker.gap_since is None else marker.gap_since
            found = {"topics": (), "gap_since": since}
        await self._save(
            client_id=self.settings.client_id, unanswered=False, heard_time=time.time_ns(), **found
        )
        return present

    async def _record_gap(self, connection: BrokerConnection) -> None:
        """A gap that was found, now or before a crash, goes to the journal before anything else comes."""
        if self._marker is None or self._marker.gap_since is None:
            return
        since = self._marker.gap_since
        address, session, until = self.settings.address, self.settings.client_id, _utc(time.time_ns())
        text = Both(
            f"消息代理 {address} 已忘记会话 {session}：约 {_utc(since) if since else '未知时间'} "
            f"至 {until} 发送的样本可能缺失",
            f"the broker {address} had forgotten the session {session}: samples sent from about "
            f"{_utc(since) if since else 'an unknown time'} to {until} may be missing",
        ).stored
        log.warning("possible gap", broker=self.settings.address, since=since)
        recorded = asyncio.Event()
        self._report("possible_gap", True, text, recorded.set)
        await connection.unless_ended(recorded.wait())
        await self._save(gap_since=None)

    async def _subscribe(self, connection: BrokerConnection, present: bool) -> list[str]:
        """Every filter; returns what the broker refused, which keeps the broker "unreachable"."""
        settings = self.settings
        wanted = (*settings.topics, *settings.state_topics)
        complaints: list[str] = []
        assert self._marker is not None
        # 3.1.1 sends every retained message again for a repeated SUBSCRIBE, of whatever age.
        if not (settings.version == 4 and present and self._marker.topics == wanted):
            complaints = await connection.subscribe(settings.topics, settings.state_topics)
            await self._save(topics=() if complaints else wanted)
        if complaints:
            self._reason = (
                f"{settings.address}: subscription refused: {'; '.join(complaints)}: mend its access rules"
            )
            self._await_outage()
        else:
            self._report("possible_gap", False)
            self._steady = asyncio.get_running_loop().call_later(settings.steady_s, self._be_steady)
        return complaints

    async def _save(self, **facts: Any) -> None:
        """Change the marker, durably; waiting for the disk must not hold up the event loop."""
        assert self._marker is not None
        self._marker = msgspec.structs.replace(self._marker, **facts)
        await asyncio.to_thread(write_marker, self.settings.state_file, self._marker)

    async def _note_heard(self) -> None:
        """So that a gap, if there ever is one, has a beginning. Not worth a standing connection."""
        try:
            await self._save(heard_time=time.time_ns())
        except MarkerUnusable as error:
            log.warning("session marker not written", error=str(error))

    # --- conditions ---------------------------------------------------------------------------

    def _report(
        self, rule: str, active: bool, text: str = "", committed: Callable[[], None] = nothing
    ) -> None:
        name = self.settings.name
        events = [
            Event(f"{enterprise}/system/{rule}", f"{enterprise}/{name}", active, text)
            for enterprise in self.settings.enterprises
        ]
        self._pipeline.submit(Arrival(NO_SAMPLES, events=events, committed=committed))

    def _await_outage(self) -> None:
        """From now on an outage counts, unless it does already."""
        if self._outage is None and not self._stopping:
            self._outage = asyncio.get_running_loop().call_later(
                self.settings.unreachable_after_s,
                lambda: self._report(
                    "broker_unreachable", True, Both(f"消息代理连不上：“{self._reason}”", self._reason).stored
                ),
            )

    def _be_steady(self) -> None:
        """The connection has lasted: a connection that breaks at once again and again is an outage."""
        self._cancel_outage()
        self._report("broker_unreachable", False)

    def _unsteady(self) -> None:
        if self._steady is not None:
            self._steady.cancel()

    def _cancel_outage(self) -> None:
        if self._outage is not None:
            self._outage.cancel()
            self._outage = None

    # --- messages -----------------------------------------------------------------------------

    def _take(self, connection: BrokerConnection, chunk: Sequence[MQTTMessage]) -> None:
        """A chunk as it came: one arrival, whose commit answers all its messages."""
        size = sum(len(message.payload) for message in chunk)
        owed = [Acknowledgement(message.mid, message.qos) for message in chunk if message.qos]
        reading = self._reader.read(chunk)
        self._metrics.subscriber_messages.inc(len(chunk))
        self._account(len(chunk), size)
        committed = partial(self._committed, connection, owed, len(chunk), size)
        self._pipeline.submit(Arrival(*reading, committed, size))

    def _committed(
        self, connection: BrokerConnection, owed: Sequence[Acknowledgement], messages: int, size: int
    ) -> None:
        self._owed.append((connection, owed))
        if not self._paused:
            self._acknowledge()
        self._account(-messages, -size)

    def _acknowledge(self) -> None:
        while self._owed:
            connection, owed = self._owed.popleft()
            if not connection.acknowledge(owed):
                self._metrics.subscriber_unacknowledged.inc(len(owed))

    # --- push back ----------------------------------------------------------------------------

    def _pause(self, paused: bool) -> None:
        """While the journal lags nothing is acknowledged, so that the broker sends no more."""
        self._paused = paused
        if not paused:
            self._acknowledge()

    def _account(self, messages: int, size: int) -> None:
        """Count what is received and not yet on disk, over all connections, and push back."""
        self._uncommitted += messages
        self._uncommitted_bytes += size
        self._adjust()

    def _adjust(self) -> None:
        """Messages at QoS 0, and brokers of 3.1.1, know no Receive Maximum: then the socket waits."""
        room = (
            self._uncommitted <= self.settings.receive_maximum
            and self._uncommitted_bytes <= self.settings.pending_bytes
        )
        (self._room.set if room else self._room.clear)()
        (self._settled.clear if self._uncommitted else self._settled.set)()
        if self._connection is not None:
            self._connection.hold(self._stopping or not room)


def _utc(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).isoformat()
