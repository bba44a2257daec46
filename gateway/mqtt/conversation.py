"""What a device that was let in says: PUBLISH in bulk, the few other packets one by one.

One compiled pass has framed the chunk, another reads native JSON into columns, and only what is left
over is touched in Python. PUBACK and PUBREC go out when the pipeline says that the chunk is on disk.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from detectors.contract import Samples
from gateway.codecs import json_kernel
from gateway.messages import Reading
from gateway.mqtt import answers, packets, wire
from gateway.mqtt.devices import Device
from gateway.mqtt.sessions import Session
from gateway.samples import NO_SAMPLES, Arrival, concatenate

if TYPE_CHECKING:
    from gateway.mqtt.connection import Connection
    from gateway.mqtt.listener import Listener

_QOS_2 = (wire.PUBLISH << 3) | 2
_WITHOUT_DUP = 0b1111011


def below(topic: str, device: Device) -> bool:
    """May the device publish there?"""
    return topic.startswith(f"{device.topic}/")


def _rows(samples: Samples, start: int, end: int) -> Samples:
    return Samples(
        samples.point[start:end],
        samples.source_time[start:end],
        samples.value[start:end],
        samples.quality[start:end],
    )


def _in_order(found: Samples, before: wire.Frames, readings: Sequence[Reading]) -> Samples:
    """Samples of the fast lane and of the careful codec as their messages came: a point's samples must not
    overtake one another, for the one overtaken would be late and never judged."""
    parts: list[Samples] = []
    start = 0
    for end, reading in zip(before, readings, strict=True):
        if end > start:
            parts.append(_rows(found, start, end))
            start = end
        if len(reading.samples.point):
            parts.append(reading.samples)
    parts.append(_rows(found, start, len(found.point)))
    return concatenate(parts)


class Conversation:
    """One accepted connection's packets."""

    def __init__(
        self,
        listener: "Listener",
        connection: "Connection",
        device: Device,
        connect: packets.Connect,
        client_id: str,
        session: Session,
    ) -> None:
        self.device = device
        self.connect = connect
        self.client_id = client_id
        self.session_expiry_s = connect.session_expiry_s
        self.data_topic = np.frombuffer(f"{device.topic}/{listener.bulk_format}".encode(), np.uint8)
        self.alias_routes = np.full(listener.limits.topic_aliases + 1, -1, np.int8)
        self._listener = listener
        self._connection = connection
        self._session = session
        self._tags = listener.messages.tags(device.enterprise, device.gateway)
        self._aliases: dict[int, str] = {}
        self._in_flight = 0

    @property
    def overdrawn(self) -> bool:
        """More messages wait for their acknowledgement than one device may have on the way."""
        return self._in_flight > self._listener.limits.in_flight

    def take(self, buffer: bytes, frames: wire.Frames, plain: bool) -> None:
        """The packets of one chunk in their order, each run of PUBLISH packets together.

        plain: nothing but PUBLISH at QoS 0 and 1.
        """
        if plain:
            self._publish(buffer, frames, at_most_qos_1=True)
            return
        kinds = frames[:, wire.HEADER] >> 4
        start = 0
        for at in [*np.flatnonzero(kinds != wire.PUBLISH), len(frames)]:
            if at > start:
                self._publish(buffer, frames[start:at], at_most_qos_1=False)
            if at < len(frames):
                self._control(int(kinds[at]), buffer[frames[at, wire.BODY] : frames[at, wire.END]])
                if kinds[at] == wire.DISCONNECT:
                    return
            start = at + 1

    def _mark_repeated(self, frames: wire.Frames) -> None:
        """QoS 2: a packet identifier that still waits for its PUBREL is the same message again."""
        for frame in frames:
            if (int(frame[wire.HEADER]) >> 1) & _WITHOUT_DUP == _QOS_2:
                identifier = int(frame[wire.PACKET_ID])
                if identifier in self._session.unreleased:
                    frame[wire.ROUTE] = wire.REPEATED
                self._session.unreleased.add(identifier)

    # --- other packets --------------------------------------------------------------------------

    def _control(self, kind: int, body: bytes) -> None:
        version = self.connect.version
        if kind == wire.PINGREQ:
            packets.read_ping(body)
            self._connection.send(answers.PINGRESP)
        elif kind == wire.PUBREL:
            self._release(packets.read_pubrel(body, version))
        elif kind == wire.SUBSCRIBE:
            self._listener.metrics.subscribes.inc()
            self._connection.send(answers.suback_refusal(version, *packets.read_subscribe(body, version)))
        elif kind == wire.UNSUBSCRIBE:
            self._connection.send(answers.unsuback(version, *packets.read_unsubscribe(body, version)))
        elif kind == wire.DISCONNECT:
            self._disconnect(packets.read_disconnect(body, version))
        else:
            raise packets.PacketRefused(f"packet type {kind} is not expected here", packets.PROTOCOL_ERROR)

    def _disconnect(self, farewell: packets.Disconnect) -> None:
        if farewell.session_expiry_s is not None:
            if farewell.session_expiry_s and not self.connect.session_expiry_s:
                raise packets.PacketRefused(
                    "DISCONNECT with a session expiry after CONNECT without one", packets.PROTOCOL_ERROR
                )
            self.session_expiry_s = farewell.session_expiry_s
        self._connection.end(farewell.code)

    def _release(self, identifier: int) -> None:
        known = identifier in self._session.unreleased
        self._session.unreleased.discard(identifier)
        code = packets.SUCCESS if known else packets.PACKET_ID_NOT_FOUND
        self._connection.send(answers.pubcomp(self.connect.version, identifier, code))

    # --- PUBLISH --------------------------------------------------------------------------------

    def _publish(self, buffer: bytes, frames: wire.Frames, *, at_most_qos_1: bool) -> None:
        """Decode a run of PUBLISH packets and hand them to the pipeline."""
        listener = self._listener
        acks = listener.acknowledgements
        acknowledgement = acks[: wire.acknowledgements(frames, len(frames), acks)].tobytes()
        messages = len(acknowledgement) // wire.ACK_SIZE
        self._account(len(frames), messages)  # may refuse: nothing may be remembered of the run before
        if not at_most_qos_1:
            self._mark_repeated(frames)
        found, left = self._read_in_bulk(buffer, frames)
        readings: list[Reading] = []
        if len(left):
            readings, acknowledgement = self._read_carefully(buffer, frames, left, acknowledgement)
            found = _in_order(found, left[:, 1], readings)
        listener.submit(
            Arrival(
                found,
                [row for reading in readings for row in reading.quarantined],
                [event for reading in readings for event in reading.events],
                self._acknowledger(acknowledgement, messages),
                int(frames[-1, wire.END] - frames[0, wire.BODY]),
            )
        )
        if self.overdrawn:
            self._connection.hold()

    def _read_in_bulk(self, buffer: bytes, frames: wire.Frames) -> tuple[Samples, wire.Frames]:
        """(samples of the fast lane; the frames it left over, each with how many samples came before it)."""
        out, slow = self._listener.scratch(len(buffer))
        samples, left, self._tags.serial[0] = json_kernel.decode(
            np.frombuffer(buffer, np.uint8),
            frames,
            len(frames),
            len(self.data_topic),
            self._listener.messages.max_payload,
            self._tags.table,
            int(self._tags.serial[0]),
            out,
            slow,
        )
        if not samples:
            return NO_SAMPLES, slow[:left]
        found = Samples(
            out.point[:samples].copy(),
            out.source_time[:samples].copy(),
            out.value[:samples].copy(),
            np.zeros(samples, np.uint8),
        )
        return found, slow[:left]

    def _account(self, published: int, to_acknowledge: int) -> None:
        self._listener.metrics.messages.inc(published)
        self._listener.messages.heard.note(self.device.name, published)
        self._in_flight += to_acknowledge
        limit = self._listener.limits.receive_maximum
        if self.connect.version == packets.V5 and self._in_flight > limit:
            raise packets.PacketRefused(
                f"more than {limit} messages unacknowledged: Receive Maximum",
                packets.RECEIVE_MAXIMUM_EXCEEDED,
            )

    def _acknowledger(self, acknowledgement: bytes, messages: int) -> Callable[[], None]:
        def committed() -> None:
            was_overdrawn = self.overdrawn
            self._in_flight -= messages
            if acknowledgement:
                self._connection.send(acknowledgement)
            if was_overdrawn:
                self._connection.hold()

        return committed

    def _read_carefully(
        self, buffer: bytes, frames: wire.Frames, left: wire.Frames, acknowledgement: bytes
    ) -> tuple[list[Reading], bytes]:
        """Read what the fast lane left over; the acknowledgement then says what was refused."""
        self._listener.metrics.careful.inc(len(left))
        readings: list[Reading] = []
        refused: set[int] = set()
        enterprise, gateway = self.device.enterprise, self.device.gateway
        for index in left[:, 0]:
            frame = frames[index]
            if frame[wire.ROUTE] == wire.REPEATED:
                self._remember_alias(buffer, frame)
                readings.append(Reading())
                continue
            topic = self._topic(buffer, frame)
            payload = buffer[frame[wire.PAYLOAD] : frame[wire.END]]
            readings.append(self._listener.messages.read(enterprise, gateway, topic, payload))
            if not below(topic, self.device):
                refused.add(int(index))
        if refused and self.connect.version == packets.V5:
            acknowledgement = self._with_refusals(frames, refused)
        return readings, acknowledgement

    def _with_refusals(self, frames: wire.Frames, refused: set[int]) -> bytes:
        answer = b""
        for index, frame in enumerate(frames):
            qos, identifier = (int(frame[wire.HEADER]) >> 1) & 3, int(frame[wire.PACKET_ID])
            if qos == 2 and index in refused:
                self._session.unreleased.discard(identifier)
            if qos:
                code = packets.NOT_AUTHORIZED if index in refused else packets.SUCCESS
                answer += answers.publish_answer(qos, identifier, code)
        return answer

    def _remember_alias(self, buffer: bytes, frame: wire.Frames) -> str:
        """The topic that a PUBLISH spells out, empty if none; its alias stands for it from now on."""
        # The packet reader has seen that it is UTF-8.
        topic = buffer[frame[wire.TOPIC] : frame[wire.TOPIC_END]].decode()
        if topic and frame[wire.ALIAS]:
            self._aliases[int(frame[wire.ALIAS])] = topic
        return topic

    def _topic(self, buffer: bytes, frame: wire.Frames) -> str:
        """Topic of a PUBLISH, through its alias if it has no other."""
        if topic := self._remember_alias(buffer, frame):
            return topic
        if frame[wire.ROUTE] == wire.DATA:
            return self.data_topic.tobytes().decode()
        return self._aliases[int(frame[wire.ALIAS])]
