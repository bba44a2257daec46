"""From (topic, payload) to samples, refusals and events: one careful way for every ingress.

Topics: `hazardwatch/v1/{enterprise}/{gateway}/{format}` or `.../{format}/{tag}`, where the settings say
which codec reads which format (`data` is native JSON), and `.../state` with `{"online": true|false}`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from alarm_rules.model import Site
from alarm_rules.wording import Both
from detectors.contract import Samples
from gateway.codecs import codecs
from gateway.codecs.contract import Decoded, Refusal
from gateway.codecs.json_kernel import TagTable, make_table
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.samples import NO_SAMPLES, Event, Quarantined, columns

STATE = "state"
MOST_DEVICES = 10_000
"""Devices whose tags are kept at hand; beyond it the oldest table is made anew when it is needed."""


class DeviceState(msgspec.Struct, forbid_unknown_fields=True):
    """Payload of a device's `state` topic; its last will says `online: false`."""

    online: bool


class Heard:
    """When each device last said something, and how many messages were taken of it since the start.

    Told once a chunk, never once a sample. Bounded: through a broker anyone may make up names.
    """

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        """now: ns UTC."""
        self._now = now
        self._of: dict[str, tuple[int, int]] = {}

    def note(self, device: str, messages: int) -> None:
        """The device `{enterprise}/{gateway}` is alive, with so many messages."""
        before = self._of.pop(device, (0, 0))[1]
        if len(self._of) >= MOST_DEVICES:
            del self._of[next(iter(self._of))]
        self._of[device] = self._now(), before + messages

    def of(self, device: str) -> tuple[int, int]:
        """(ns UTC of its last sign of life, messages); zeros if it was never heard."""
        return self._of.get(device, (0, 0))

    def names(self) -> list[str]:
        """Every device that was heard, the one heard last at the end."""
        return list(self._of)


class DeviceTags(NamedTuple):
    """What one device may publish: as a dict for the careful way, as a hash table for the fast lane."""

    rows: Mapping[str, int]
    table: TagTable
    serial: npt.NDArray[np.int64]
    """[1]: objects read with this table so far; it finds tags that come twice in one object."""


class Reading(NamedTuple):
    """What one message brought."""

    samples: Samples = NO_SAMPLES
    quarantined: tuple[Quarantined, ...] = ()
    events: tuple[Event, ...] = ()


def device_of(topic: str) -> tuple[str, str] | None:
    """(enterprise, gateway) that a topic belongs to, or None when it is none of ours."""
    parts = topic.split("/", 5)
    if len(parts) < 5 or f"{parts[0]}/{parts[1]}" != TOPIC_ROOT or not parts[2] or not parts[3]:
        return None
    return parts[2], parts[3]


def offline(enterprise: str, gateway: str, active: bool, text: str = "") -> Event:
    """The condition that a device is not connected."""
    return Event(f"{enterprise}/system/device_offline", f"{enterprise}/{gateway}", active, text)


class Messages:
    """Reads messages after the register of a site."""

    def __init__(
        self, site: Site, number: Mapping[str, int], formats: Mapping[str, str], max_payload: int
    ) -> None:
        """number: point id -> row of the point table. formats: topic level -> codec name.
        max_payload: bytes. Raises ValueError for a codec that does not exist."""
        self.max_payload = max_payload
        known = codecs()
        unknown = sorted(set(formats.values()) - known.keys())
        if unknown:
            raise ValueError(f"codec {unknown[0]!r} is not known: use one of {', '.join(sorted(known))}")
        self._formats = {level: known[name] for level, name in formats.items()}
        self._rows: dict[tuple[str, str], dict[str, int]] = {}
        """(enterprise, gateway) -> tag -> row; gateway "" holds the points that any device may publish."""
        for point in site.points:
            rows = self._rows.setdefault((point.enterprise, point.gateway), {})
            rows[point.tag] = number[point.id]
        self._tags: dict[tuple[str, str], DeviceTags] = {}
        self.heard = Heard()
        self.on_unknown: Callable[[str, str, object], None] = _pass_over
        """(device, tag, value): told of each value whose tag the register does not have for the device."""

    def tags(self, enterprise: str, gateway: str) -> DeviceTags:
        """The points that a device may publish: those of its enterprise that name it, or no device."""
        found = self._tags.get((enterprise, gateway))
        if found is None:
            rows = self._rows.get((enterprise, ""), {}) | self._rows.get((enterprise, gateway), {})
            if len(self._tags) >= MOST_DEVICES:  # through a broker anyone may make up names
                del self._tags[next(iter(self._tags))]
            found = self._tags[enterprise, gateway] = DeviceTags(
                rows, make_table(rows), np.zeros(1, np.int64)
            )
        return found

    def read(self, enterprise: str, gateway: str, topic: str, payload: bytes) -> Reading:
        """Read one message of a device. Never raises: what cannot be used is quarantined with its reason."""
        device = f"{enterprise}/{gateway}"
        root = f"{TOPIC_ROOT}/{device}/"
        if not topic.startswith(root):
            return _refused(topic, device, payload, _not_its_own(root))
        level, _, tag = topic[len(root) :].partition("/")
        if level == STATE and not tag:
            return _read_state(enterprise, gateway, topic, payload)
        codec = self._formats.get(level)
        if codec is None:
            return _refused(topic, device, payload, _unknown_level(level, [*self._formats, STATE]))
        if len(payload) > self.max_payload:
            return _refused(topic, device, payload, _too_long(len(payload), self.max_payload))
        decoded = codec.decode(payload, tag or None, self.tags(enterprise, gateway).rows)
        for refusal in decoded.refusals:
            if refusal.unknown:
                self.on_unknown(device, refusal.tag, refusal.value)
        return _reading(decoded, topic, device, payload)


def _pass_over(_device: str, _tag: str, _value: object) -> None:
    """Nobody asks for unknown tags."""


def _refused(topic: str, device: str, payload: bytes, reason: Both) -> Reading:
    return Reading(quarantined=(Quarantined(topic, device, payload, reason.stored),))


def _not_its_own(root: str) -> Both:
    return Both(
        f"主题不在 {root} 之下：设备只能发布自己的主题",
        f"topic is not below {root}: a device publishes its own",
    )


def _unknown_level(level: str, levels: Iterable[str]) -> Both:
    known = ", ".join(sorted(levels))
    return Both(
        f"主题层级 {level!r} 未知：可用 {known}", f"topic level {level!r} is not known: use one of {known}"
    )


def _too_long(size: int, most: int) -> Both:
    return Both(
        f"报文有 {size} 字节，最多读取 {most} 字节：请分成小批发送",
        f"payload of {size} bytes: at most {most} are read: send smaller batches",
    )


_SAID_OFFLINE = Both("设备告知即将离线", "the device said that it goes offline").stored
_STATE_UNREADABLE = Both(
    '状态报文无法读取：请发送 {"online": true} 或 {"online": false}',
    'state is not readable: send {"online": true} or {"online": false}',
)


def _read_state(enterprise: str, gateway: str, topic: str, payload: bytes) -> Reading:
    try:
        state = msgspec.json.decode(payload, type=DeviceState)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _refused(topic, f"{enterprise}/{gateway}", payload, _STATE_UNREADABLE)
    text = "" if state.online else _SAID_OFFLINE
    return Reading(events=(offline(enterprise, gateway, not state.online, text),))


def _reading(decoded: Decoded, topic: str, device: str, payload: bytes) -> Reading:
    samples = NO_SAMPLES
    if decoded.point:
        samples = columns(decoded.point, decoded.source_time, decoded.value, decoded.quality)
    if not decoded.refusals:
        return Reading(samples)
    tags = tuple(refusal.tag for refusal in decoded.refusals if refusal.tag)
    reason = _first_of(decoded.refusals).stored
    return Reading(samples, (Quarantined(topic, device, payload, reason, tags),))


def _first_of(refusals: Sequence[Refusal]) -> Both:
    """The first reason with its tag, and how many there are besides."""
    first, more = refusals[0], len(refusals) - 1
    reason = first.reason
    if first.tag:
        reason = Both(f"{first.tag}：{reason.chinese}", f"{first.tag}: {reason}")
    return Both(f"{reason.chinese}（另有 {more} 处）", f"{reason} (and {more} more)") if more else reason
