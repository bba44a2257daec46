"""Messages from a broker to samples: whose they are, what they hold, and what of it cannot be trusted."""

from collections.abc import Sequence

from paho.mqtt.client import MQTTMessage

from detectors.contract import Samples
from gateway.codecs.contract import MISSING_TIME
from gateway.messages import Messages, Reading, device_of
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.samples import Quarantined, concatenate


class BrokerReader:
    """Reads every message with the codec's full care; a broker's client is the slower part."""

    def __init__(self, messages: Messages, enterprises: Sequence[str]) -> None:
        self._messages = messages
        self._enterprises = frozenset(enterprises)

    def read(self, chunk: Sequence[MQTTMessage]) -> Reading:
        """What a chunk holds, in order of arrival. Never raises for what a message holds."""
        readings = [self._read(message) for message in chunk]
        return Reading(
            concatenate([reading.samples for reading in readings if len(reading.samples.point)]),
            tuple(row for reading in readings for row in reading.quarantined),
            tuple(event for reading in readings for event in reading.events),
        )

    def _read(self, message: MQTTMessage) -> Reading:
        """The topic says whose a message is: the broker's access rules decide who may publish there."""
        payload = bytes(message.payload)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return _refused("", payload, "topic is not UTF-8: mend the publisher")
        device = device_of(topic)
        if device is None:
            shape = f"{TOPIC_ROOT}/{{enterprise}}/{{gateway}}/{{format}}"
            return _refused(topic, payload, f"topic is not {shape}: mend the publisher or the filters")
        if device[0] not in self._enterprises:
            reason = f"enterprise {device[0]!r} is not in the register: add it, or mend the topic"
            return _refused(topic, payload, reason)
        self._messages.heard.note("/".join(device), 1)
        reading = self._messages.read(*device, topic, payload)
        return _aged(reading, topic, payload) if message.retain else reading


def _refused(topic: str, payload: bytes, reason: str) -> Reading:
    return Reading(quarantined=(Quarantined(topic, "", payload, reason),))


def _aged(reading: Reading, topic: str, payload: bytes) -> Reading:
    """A retained message: nobody knows how old its samples without time are, so they are not used."""
    known = reading.samples.source_time != MISSING_TIME
    if known.all():
        return reading
    reason = "retained message without t, so of unknown age: give t, or publish without the retain flag"
    device = "/".join(topic.split("/")[2:4])
    return Reading(
        Samples(*(column[known] for column in reading.samples)),
        (*reading.quarantined, Quarantined(topic, device, payload, reason)),
        reading.events,
    )
