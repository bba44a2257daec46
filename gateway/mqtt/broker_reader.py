"""Messages from a broker to samples: whose they are, what they hold, and what of it cannot be trusted."""

from collections.abc import Sequence

from paho.mqtt.client import MQTTMessage

from alarm_rules.wording import Both
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
            return _refused("", payload, _NO_UTF8)
        device = device_of(topic)
        if device is None:
            return _refused(topic, payload, _OTHER_SHAPE)
        if device[0] not in self._enterprises:
            return _refused(topic, payload, _unknown_enterprise(device[0]))
        self._messages.heard.note("/".join(device), 1)
        reading = self._messages.read(*device, topic, payload)
        return _aged(reading, topic, payload) if message.retain else reading


_NO_UTF8 = Both("主题不是 UTF-8：请改正发布端", "topic is not UTF-8: mend the publisher")
_SHAPE = f"{TOPIC_ROOT}/{{enterprise}}/{{gateway}}/{{format}}"
_OTHER_SHAPE = Both(
    f"主题不是 {_SHAPE}：请改正发布端或订阅的过滤器",
    f"topic is not {_SHAPE}: mend the publisher or the filters",
)
_UNKNOWN_AGE = Both(
    "保留的报文没有 t，不知是何时的数据：请给出 t，或不带保留标志发布",
    "retained message without t, so of unknown age: give t, or publish without the retain flag",
)


def _unknown_enterprise(enterprise: str) -> Both:
    return Both(
        f"台账中没有企业 {enterprise!r}：请登记，或改正主题",
        f"enterprise {enterprise!r} is not in the register: add it, or mend the topic",
    )


def _refused(topic: str, payload: bytes, reason: Both) -> Reading:
    return Reading(quarantined=(Quarantined(topic, "", payload, reason.stored),))


def _aged(reading: Reading, topic: str, payload: bytes) -> Reading:
    """A retained message: nobody knows how old its samples without time are, so they are not used."""
    known = reading.samples.source_time != MISSING_TIME
    if known.all():
        return reading
    device = "/".join(topic.split("/")[2:4])
    return Reading(
        Samples(*(column[known] for column in reading.samples)),
        (*reading.quarantined, Quarantined(topic, device, payload, _UNKNOWN_AGE.stored)),
        reading.events,
    )
