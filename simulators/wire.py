"""The native wire form of samples: `{"t": ms, "v": {tag: value}, "q": {tag: quality}}`, and its topics."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from detectors.quality import Quality, quality_name
from simulators.plant import MILLISECOND_NS, PlantSamples

MOST_POINTS_A_MESSAGE = 500
OFFLINE = b'{"online":false}'
"""Payload of the last will."""

_ENCODER = msgspec.json.Encoder()


class Message(msgspec.Struct, frozen=True):
    """One MQTT message to be sent, and how many samples are in it."""

    topic: str
    payload: bytes
    samples: int
    retain: bool = False
    """The broker is to keep it for whoever subscribes later."""


def data_topic(enterprise: str, gateway: str) -> str:
    return f"hazardwatch/v1/{enterprise}/{gateway}/data"


def state_topic(enterprise: str, gateway: str) -> str:
    """Where the last will goes."""
    return f"hazardwatch/v1/{enterprise}/{gateway}/state"


def encode(
    samples: PlantSamples, topic: str, *, retain: bool = False, with_time: bool = True
) -> Iterator[Message]:
    """The samples of one moment, in messages of at most 500 points.

    GOOD is left out of `q`; a value that did not come is null. Without time (`t` left out) the receiver has
    to take its own.
    """
    for body in _bodies(samples, with_time=with_time):
        yield Message(topic, _ENCODER.encode(body), len(body["v"]), retain)


def encode_stored(moments: Iterable[PlantSamples], topic: str) -> Message:
    """Several moments in one message, as a device sends what it has stored; the caller bounds its size."""
    bodies = [body for samples in moments for body in _bodies(samples, with_time=True)]
    return Message(topic, _ENCODER.encode(bodies), sum(len(body["v"]) for body in bodies))


def _bodies(samples: PlantSamples, *, with_time: bool) -> Iterator[dict[str, Any]]:
    """The samples of one moment as the wire has them, at most 500 points in each."""
    for start in range(0, len(samples.tags), MOST_POINTS_A_MESSAGE):
        part = slice(start, start + MOST_POINTS_A_MESSAGE)
        tags, values, codes = samples.tags[part], samples.value[part].tolist(), samples.quality[part].tolist()
        body: dict[str, Any] = {
            **({"t": int(samples.source_time[start]) // MILLISECOND_NS} if with_time else {}),
            "v": {tag: None if math.isnan(value) else value for tag, value in zip(tags, values, strict=True)},
        }
        doubtful = {
            tag: quality_name(code) for tag, code in zip(tags, codes, strict=True) if code != Quality.GOOD
        }
        if doubtful:
            body["q"] = doubtful
        yield body
