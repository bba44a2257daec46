"""One connection to a broker: a paho client of its own, driven by the event loop.

A paho client that reconnects by itself would send acknowledgements of the old connection on the new
one, where the same packet identifiers mean other messages. Here a connection that ended is ended for
good; the next one is another object, so an old message cannot be acknowledged on it.

paho's network loop runs in the event loop, not in a thread: there is nothing to lock, a chunk of the
socket becomes one hand-over, and on two cores it read twice as many messages/s (15,000 in MQTT 5,
20,000 in 3.1.1, against 8,000 and 10,000), because a thread fights for the interpreter with the loop.
"""

import asyncio
import contextlib
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from paho.mqtt import MQTTException
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.mqtt.broker_settings import BrokerUnavailable, SubscriberSettings

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

T = TypeVar("T")

AT_LEAST_ONCE = 1
PACKETS_AT_ONCE = 100
"""Read in one go, some 4 ms of the event loop; then others have their turn."""
HOUSEKEEPING_S = 1.0

REMEDIES = {
    "Bad user name or password": "mend user_name and password",
    "Not authorized": "give this account the right to connect and to subscribe",
    "Client identifier not valid": "give another client_id",
    "Unsupported protocol version": "set version to 4 (MQTT 3.1.1) or 5",
    "Session taken over": "another client has the same client_id: stop it, or give another one",
}
"""Reason names of MQTT 5 (paho maps those of 3.1.1 to them) that only a person can mend."""


class Acknowledgement(NamedTuple):
    """What the broker waits for, of one message."""

    mid: int
    qos: int


class BrokerConnection:
    """Opened once, used until it ends. All methods belong to the event loop."""

    def __init__(
        self,
        settings: SubscriberSettings,
        context: ssl.SSLContext | None,
        on_messages: "Callable[[BrokerConnection, Sequence[paho.MQTTMessage]], None]",
    ) -> None:
        """on_messages: called with each chunk, in order of arrival."""
        self._settings = settings
        self._on_messages = on_messages
        self._loop = asyncio.get_running_loop()
        self._chunk: list[paho.MQTTMessage] = []
        self._answer: asyncio.Future[bool] = self._loop.create_future()
        self._granted: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._held = False
        self._attached = False
        self._housekeeping: asyncio.TimerHandle | None = None
        self.asked = False
        """CONNECT was sent."""
        self.answered = False
        """CONNACK came, whatever it said."""
        self.ended: asyncio.Future[str] = self._loop.create_future()
        """The reason, once the connection has ended."""
        self._client = self._make_client(context)

    def _make_client(self, context: ssl.SSLContext | None) -> paho.Client:
        settings = self._settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            settings.client_id,
            clean_session=None if settings.version == 5 else False,
            protocol=MQTTProtocolVersion(settings.version),
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = settings.answer_timeout_s
        if settings.user_name is not None:
            client.username_pw_set(settings.user_name, settings.password)
        if context is not None:
            client.tls_set_context(context)
        client.on_message = lambda _client, _user, message: self._chunk.append(message)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        return client

    # --- opening ------------------------------------------------------------------------------

    async def open(self) -> bool:
        """Connect; True when the broker still has our session. Raises BrokerUnavailable."""
        self.asked = True
        try:
            await self._connect()
        except (OSError, ValueError) as error:
            self.asked = False
            raise BrokerUnavailable(f"{self._settings.address}: {error}: is the broker running?") from error
        self._attach()
        return await self.unless_ended(self._answer, "CONNECT", self._settings.answer_timeout_s)

    async def _connect(self) -> None:
        """Name look-up, TCP and TLS handshake block: they have a thread, which ends with them."""
        done: asyncio.Future[None] = self._loop.create_future()

        def finish(error: Exception | None) -> None:
            if done.cancelled():
                self._drop_socket()
            elif error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def connect() -> None:
            failure: Exception | None = None
            try:
                self._client.connect(**self._connect_arguments())
            except (OSError, ValueError) as error:
                failure = error
            with contextlib.suppress(RuntimeError):  # the event loop has ended meanwhile
                self._loop.call_soon_threadsafe(finish, failure)

        threading.Thread(target=connect, name=f"connect to {self._settings.address}", daemon=True).start()
        await done

    def _connect_arguments(self) -> dict[str, Any]:
        settings = self._settings
        arguments: dict[str, Any] = {
            "host": settings.host,
            "port": settings.port,
            "keepalive": settings.keepalive_s,
        }
        if settings.version == 5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
            properties.SessionExpiryInterval = settings.session_expiry_s
            properties.ReceiveMaximum = settings.receive_maximum
            properties.MaximumPacketSize = settings.packet_bytes
            arguments |= {"clean_start": False, "properties": properties}
        return arguments

    def _attach(self) -> None:
        """From now on the event loop reads and writes the socket."""
        client = self._client
        client.on_socket_close = self._stop_reading
        client.on_socket_register_write = self._start_writing
        client.on_socket_unregister_write = self._stop_writing
        sock = client.socket()
        if sock is None:  # the broker closed between TCP and now
            self._end("connection lost before CONNACK")
            return
        self._attached = True
        if not self._held:
            self._loop.add_reader(sock, self._read)
        if client.want_write():
            self._loop.add_writer(sock, client.loop_write)
        self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    async def subscribe(self, topics: Sequence[str], state_topics: Sequence[str] = ()) -> list[str]:
        """Subscribe at QoS 1, which caps QoS 2 too; returns a complaint for each filter not granted.

        `topics` bring no retained messages (MQTT 5), because nobody knows how old those are;
        `state_topics` bring theirs when the session is new. Raises BrokerUnavailable.
        """
        filters = [*topics, *state_topics]
        _, mid = self._client.subscribe(self._options(topics, state_topics))
        if mid is None:
            raise BrokerUnavailable(f"{self._settings.address}: not connected")
        answer = self._granted[mid] = self._loop.create_future()
        codes = await self.unless_ended(answer, "SUBSCRIBE", self._settings.answer_timeout_s)
        return [
            f"{topic}: {code if code.is_failure else 'granted without acknowledgement (QoS 0)'}"
            for topic, code in zip(filters, codes, strict=True)
            if code.value != AT_LEAST_ONCE
        ]

    def _options(
        self, topics: Sequence[str], state_topics: Sequence[str]
    ) -> list[tuple[str, int]] | list[tuple[str, SubscribeOptions]]:
        if self._settings.version != 5:
            return [(topic, AT_LEAST_ONCE) for topic in (*topics, *state_topics)]
        fresh_only = SubscribeOptions(AT_LEAST_ONCE, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        with_retained = SubscribeOptions(
            AT_LEAST_ONCE, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
        )
        return [(t, fresh_only) for t in topics] + [(t, with_retained) for t in state_topics]

    async def unless_ended(self, answer: Awaitable[T], what: str = "", timeout_s: float | None = None) -> T:
        """What is waited for, or BrokerUnavailable: the connection has ended, or too much time has."""
        waiting = asyncio.ensure_future(answer)
        try:
            await asyncio.wait((waiting, self.ended), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
        finally:
            waiting.cancel()
        if self.ended.done():
            raise BrokerUnavailable(f"{self._settings.address}: {self.ended.result()}")
        raise BrokerUnavailable(f"{self._settings.address}: no answer to {what} within {timeout_s:g} s")

    # --- in use -------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return self.answered and not self.ended.done()

    def acknowledge(self, acknowledgements: Sequence[Acknowledgement]) -> bool:
        """Answer the broker; False when this connection has ended, so that it will send them again."""
        if not self.alive:
            return False
        for mid, qos in acknowledgements:
            self._client.ack(mid, qos)
        return True

    def hold(self, held: bool) -> None:
        """Stop or go on reading the socket; what the broker sends then waits with the broker."""
        if held == self._held:
            return
        self._held = held
        sock = self._client.socket()
        if sock is None or not self._attached:
            return
        if held:
            self._loop.remove_reader(sock)
        else:
            self._loop.add_reader(sock, self._read)
            self._loop.call_soon(self._read)  # TLS may hold bytes that the socket no longer shows

    def _read(self) -> None:
        """Everything that has come, up to a chunk, and hand it over."""
        for _ in range(PACKETS_AT_ONCE):
            before = len(self._chunk)
            if self._held or not self._read_packet():
                break
            if len(self._chunk) == before and not self._decrypted():
                break
        if self._chunk:
            chunk, self._chunk = self._chunk, []
            try:
                self._on_messages(self, chunk)
            except Exception:
                # A defect of ours: the broker must send the chunk again, and the outage must be seen.
                self.close()
                raise
        if self._decrypted() and not self._held:
            self._loop.call_soon(self._read)

    def _read_packet(self) -> bool:
        """One packet or a part of one; False when the connection has ended."""
        try:
            return self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
        except (ValueError, LookupError, TypeError, struct.error, MQTTException) as error:
            self._end(f"the broker sent a packet that cannot be read: {error}")
            self._drop_socket()
            return False

    def _decrypted(self) -> int:
        """Bytes that TLS has read from the socket and not yet given to us: no event tells of them."""
        sock = self._client.socket()
        return sock.pending() if isinstance(sock, ssl.SSLSocket) else 0

    def _keep_house(self) -> None:
        self._client.loop_misc()
        if not self.ended.done():
            self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    # --- the end ------------------------------------------------------------------------------

    async def disconnect(self, within_s: float) -> None:
        """Say goodbye after the acknowledgements that wait. The session stays with the broker: the
        packet names no new expiry, and 3.1.1 sessions are not clean."""
        if not self.alive:
            return
        self._client.disconnect()
        await asyncio.wait({self.ended}, timeout=within_s)
        self.close()

    def close(self) -> None:
        """Away with it, without a word to the broker; harmless when it has ended."""
        self._end("closed")
        self._drop_socket()

    def _drop_socket(self) -> None:
        sock = self._client.socket()
        if sock is not None and sock.fileno() >= 0:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            sock.close()

    def _end(self, reason: str) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        if not self.ended.done():
            self.ended.set_result(reason)

    # --- called by paho -----------------------------------------------------------------------

    def _stop_reading(self, _client: paho.Client, _user: Any, sock: "SocketLike") -> None:
        self._loop.remove_reader(sock)

    def _start_writing(self, client: paho.Client, _user: Any, sock: "SocketLike") -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _stop_writing(self, _client: paho.Client, _user: Any, sock: "SocketLike") -> None:
        self._loop.remove_writer(sock)

    def _on_connect(
        self, _client: paho.Client, _user: Any, flags: Any, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self.answered = True
        if code.is_failure:
            self._end(f"connection refused: {_with_remedy(code)}")
        elif not self._answer.done():
            self._answer.set_result(bool(flags.session_present))

    def _on_subscribe(
        self, _client: paho.Client, _user: Any, mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        answer = self._granted.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(codes)

    def _on_disconnect(
        self, _client: paho.Client, _user: Any, flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._end(f"the broker ended the connection: {_with_remedy(code)}")
        elif code.is_failure:
            self._end(f"connection lost ({code}): is the broker running, and is client_id used only once?")
        else:
            self._end("disconnected")


def _with_remedy(code: ReasonCode) -> str:
    name = str(code)
    return f"{name}: {REMEDIES[name]}" if name in REMEDIES else name
