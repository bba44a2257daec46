"""Native JSON, read with full care (DESIGN: batch `{"t": ms, "v": {tag: value}, "q": {tag: quality}}`, a
list of those, or single-point `{"t": ms, "v": value, "q": quality}` with the tag in the topic).

Typed msgspec structs refuse wrong types, NaN and nesting at speed. Only when they refuse a payload is it
read again leniently, member by member, to save the good values beside the bad one.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from detectors.quality import FIRST_BAD, NAMES, Quality
from gateway.codecs import native_words
from gateway.codecs.contract import MISSING_TIME, Codec, Decoded

NS_PER_MS = 1_000_000
LATEST_MS = ((1 << 63) - 1) // NS_PER_MS
"""Year 2262: later stamps do not fit."""


LONGEST_INTEGER = 400
"""Digits; the largest double has 309."""


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """Values of one moment."""

    v: dict[str, float | None]
    t: int | None = None
    q: dict[str, str] | None = None


class Single(msgspec.Struct, forbid_unknown_fields=True):
    """One value of the point that the topic names."""

    v: float | None
    t: int | None = None
    q: str | None = None


_BATCHES: msgspec.json.Decoder[Batch | list[Batch]] = msgspec.json.Decoder(Batch | list[Batch])
_SINGLES: msgspec.json.Decoder[Single | list[Single]] = msgspec.json.Decoder(Single | list[Single])


class _Repeated(dict[str, Any]):
    """A JSON object in which some names came more than once."""

    repeated: frozenset[str] = frozenset()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    marked = _Repeated(members)
    times = Counter(name for name, _ in pairs)
    marked.repeated = frozenset(name for name, count in times.items() if count > 1)
    return marked


def _integer(digits: str) -> float:
    """An integer of any length: one that no double can hold condemns its own value, not the message."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else math.inf


def _printable(name: str) -> str:
    """A tag as it can be kept: JSON escapes can hold halves of a surrogate pair, which no file takes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _time(t: Any, out: Decoded) -> int | None:
    """ns UTC, or None when it cannot be used (said in `out`)."""
    if t is None:
        return MISSING_TIME
    if isinstance(t, bool) or not isinstance(t, int):
        out.refuse(native_words.no_time(t))
        return None
    if not 0 <= t <= LATEST_MS:
        out.refuse(native_words.other_time_unit(t))
        return None
    return t * NS_PER_MS


def _sample(
    out: Decoded, tags: Mapping[str, int], tag: str, source_time: int, value: Any, quality: Any
) -> None:
    """One member of a message into `out`, as a sample or a refusal."""
    point = tags.get(tag)
    if point is None:
        out.refuse_unknown(_printable(tag), value)
        return
    code = NAMES.get(quality) if isinstance(quality, str) else Quality.GOOD if quality is None else None
    if code is None:
        out.refuse(native_words.no_quality(quality), tag)
    elif value is None:
        # No value: whatever the device says of its quality, there is nothing to judge.
        out.add(point, source_time, math.nan, code if code >= FIRST_BAD else Quality.BAD)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        out.refuse(native_words.no_number(value), tag)
    elif not _finite(value):
        out.refuse(native_words.not_finite(value), tag)
    else:
        out.add(point, source_time, float(value) + 0.0, code)  # never -0.0: parsers differ on it


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest double
        return False


def _lenient_object(message: Any, tag: str | None, tags: Mapping[str, int], out: Decoded) -> None:
    if not isinstance(message, dict):
        out.refuse(native_words.no_object(message))
        return
    unknown = sorted(set(message) - {"t", "v", "q"})
    if unknown:
        out.refuse(native_words.unknown_member(unknown[0]))
        return
    if "v" not in message:
        out.refuse(native_words.NO_VALUES)
        return
    if isinstance(message, _Repeated):
        out.refuse(native_words.member_twice(min(message.repeated)))
        return
    time = _time(message.get("t"), out)
    if time is None:
        return
    values, qualities = message["v"], message.get("q")
    if tag is not None:
        _sample(out, tags, tag, time, values, qualities)
        return
    if not isinstance(values, dict):
        out.refuse(native_words.values_no_object(values))
        return
    if qualities is not None and not isinstance(qualities, dict):
        out.refuse(native_words.qualities_no_object(qualities))
        return
    repeated = values.repeated if isinstance(values, _Repeated) else frozenset()
    for name, value in values.items():
        if name in repeated:
            out.refuse(native_words.TAG_TWICE, _printable(name))
        else:
            _sample(out, tags, name, time, value, (qualities or {}).get(name))
    for name in (qualities or {}).keys() - values.keys():
        out.refuse(native_words.QUALITY_ALONE, _printable(name))


def _lenient(payload: bytes, tag: str | None, tags: Mapping[str, int]) -> Decoded:
    """Read member by member; what is not JSON at all is refused as a whole."""
    out = Decoded()
    try:
        messages = json.loads(payload.decode(), object_pairs_hook=_object, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        out.refuse(native_words.not_json(str(error)[:120]))
        return out
    for message in messages if isinstance(messages, list) else [messages]:
        _lenient_object(message, tag, tags, out)
    return out


def _strict(
    messages: list[Batch] | list[Single],
    tag: str | None,
    tags: Mapping[str, int],
    each: Callable[[Any], list[tuple[str, float | None, str | None]]],
) -> Decoded:
    out = Decoded()
    for message in messages:
        time = _time(message.t, out)
        if time is not None:
            for name, value, quality in each(message):
                _sample(out, tags, name, time, value, quality)
    return out


def _members(batch: Batch) -> list[tuple[str, float | None, str | None]]:
    qualities = batch.q or {}
    return [(name, value, qualities.get(name)) for name, value in batch.v.items()]


class NativeJson:
    """The codec of `hazardwatch/v1/{enterprise}/{gateway}/data`."""

    name = "json"

    def decode(self, payload: bytes, tag: str | None, tags: Mapping[str, int]) -> Decoded:
        if tag is not None:
            return self._single(payload, tag, tags)
        try:
            decoded = _BATCHES.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _lenient(payload, None, tags)
        batches = decoded if isinstance(decoded, list) else [decoded]
        # Every name is followed by one colon, so as many colons as names prove that none came twice.
        names = sum(1 + (b.t is not None) + (b.q is not None) + len(b.v) + len(b.q or ()) for b in batches)
        if payload.count(b":") != names or any(b.q and b.q.keys() - b.v.keys() for b in batches):
            return _lenient(payload, None, tags)
        return _strict(batches, None, tags, _members)

    def _single(self, payload: bytes, tag: str, tags: Mapping[str, int]) -> Decoded:
        try:
            decoded = _SINGLES.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _lenient(payload, tag, tags)
        singles = decoded if isinstance(decoded, list) else [decoded]
        if payload.count(b":") != sum(1 + (s.t is not None) + (s.q is not None) for s in singles):
            return _lenient(payload, tag, tags)
        return _strict(singles, tag, tags, lambda single: [(tag, single.v, single.q)])


CODEC: Codec = NativeJson()
