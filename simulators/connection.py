"""One MQTT connection whose acknowledgements can be believed.

aiomqtt 2.x carries the connection, TLS, will and sending. Two things it keeps to itself, and both would
make a publisher lose messages silently, so they are taken from its callbacks here:

* the reason code of a PUBACK: an MQTT 5 server that refuses a message still "acknowledges" it;
* the Receive Maximum of the CONNACK: more messages in flight than that end the connection.

Its `publish` also never notices that the connection is gone: `Connection.lost` does.
"""

import logging
import math
import socket
from collections.abc import Callable
from typing import Any, cast

import aiomqtt
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulators.errors import PublishRefused
from simulators.target import Target
from simulators.wire import OFFLINE, Message

LOST = (aiomqtt.MqttError,)
"""What sending and `lost` raise when the connection is gone; trying again later is right."""

AT_LEAST_ONCE = 1
FINAL_REASONS = {
    0x84: "the server does not speak this MQTT version: try the other one",
    0x85: "the server does not accept this client id: give another client_id",
    0x86: "user name or password is wrong: give those of the device, {enterprise}/{gateway} and its key",
    0x87: "this account may not do that: a device may publish only as its own enterprise and gateway",
    0x8A: "the server has banned this client",
    0x8E: "another client with the same id has taken over: stop it, or give another client_id",
    0x90: "the server does not accept the topic",
    0x95: "the server does not accept messages of this size",
    0x99: "the server does not accept the payload",
}
"""MQTT 5 reason codes (the MQTT 3.1.1 ones are mapped to them) that no repetition can change."""


class Connection(aiomqtt.Client):
    """Use with `async with`; at its end it says goodbye, so the last will is not sent."""

    def __init__(self, target: Target, client_id: str, will_topic: str, wake: Callable[[], None]) -> None:
        """`wake` is called in the event loop when `raise_if_refused` has something to raise."""
        super().__init__(
            target.host,
            target.port,
            username=target.username,
            password=target.password,
            identifier=client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if target.mqtt5 else aiomqtt.ProtocolVersion.V311,
            will=aiomqtt.Will(will_topic, OFFLINE, qos=AT_LEAST_ONCE),
            clean_session=None if target.mqtt5 else True,
            keepalive=target.keep_alive_s,
            timeout=target.answer_timeout_s,
            max_inflight_messages=target.in_flight,
            tls_context=target.tls_context(),
            logger=_quiet(),
        )
        self.pending_calls_threshold = target.in_flight
        self.window = target.in_flight
        """Messages that may be in flight; the server's Receive Maximum lowers it."""
        self._wake = wake
        self._refusal: ReasonCode | None = None

    async def send(self, message: Message) -> None:
        """Return when the server has acknowledged. Calls are sent in the order in which they were made."""
        await self.publish(
            message.topic, message.payload, qos=AT_LEAST_ONCE, retain=message.retain, timeout=math.inf
        )

    def cut(self) -> None:
        """Drop the line without a goodbye, as a broken cable does: the last will is sent, `lost` returns."""
        line = self._client.socket()
        if line is not None:
            cast(socket.socket, line).shutdown(socket.SHUT_RDWR)

    async def lost(self) -> None:
        """Wait for the end of the connection and raise what ended it (one of LOST)."""
        async for _ in self.messages:
            continue

    def raise_if_refused(self) -> None:
        """PublishRefused for good, or one of LOST when the server may think better of it."""
        if self._refusal is None:
            return
        raise_if_final(self._refusal, "message")
        raise aiomqtt.MqttCodeError(self._refusal, f"message refused: {self._refusal}")

    def _on_connect(
        self,
        client: Any,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.window = min(self.window, getattr(properties, "ReceiveMaximum", self.window))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure:
            # Not passed on: the call in `send` must not take a refusal for an acknowledgement.
            self._refusal = reason_code
            self._wake()
            return
        super()._on_publish(client, userdata, mid, reason_code, properties)


def raise_if_final(error: aiomqtt.MqttError | ReasonCode, what: str = "connection") -> None:
    """PublishRefused when only a person can mend it; nothing otherwise."""
    reason = error.rc if isinstance(error, aiomqtt.MqttCodeError) else error
    code = getattr(reason, "value", None)
    if code in FINAL_REASONS:
        raise PublishRefused(f"{what} refused ({reason}): {FINAL_REASONS[code]}")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise PublishRefused(f"{error}: give the authority that signed the server's certificate as ca_file")


def _quiet() -> logging.Logger:
    """paho's own log; the publisher reports what matters itself."""
    logger = logging.getLogger("simulators.mqtt")
    logger.setLevel(logging.CRITICAL)
    return logger
