"""The native JSON payload, read in bulk straight into columns.

This is a fast lane, not a second codec: it accepts only payloads whose meaning is beyond doubt and
gives up on anything else (escapes, quality maps, long numbers, unknown or repeated tags, errors),
which `gateway/codecs/native_json.py` then reads with full care. A property test holds that whatever
the fast lane accepts, the codec accepts with the same result.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.kernel import compiled
from gateway.mqtt.wire import END, OTHER, PAYLOAD, REPEATED, ROUTE, SINGLE, TOPIC, TOPIC_END

Bytes = npt.NDArray[np.uint8]

POWERS_OF_TEN = np.power(10.0, np.arange(23))
"""10^0 .. 10^22, all exact in a double: one multiplication or division then rounds exactly once."""
LARGEST_EXACT = 1 << 53
MISSING_TIME = int(np.iinfo(np.int64).min)
"""source_time of a sample whose message gave none: the gateway's received time will be taken."""
NS_PER_MS = 1_000_000
LATEST_MS = np.iinfo(np.int64).max // NS_PER_MS


class TagTable(NamedTuple):
    """Tags that one device may publish, as an open-addressing hash table over their UTF-8 bytes."""

    slots: npt.NDArray[np.int32]  # power of two; tag number or -1
    starts: npt.NDArray[np.int32]  # tags + 1; tag i is text[starts[i]:starts[i+1]]
    text: Bytes
    points: npt.NDArray[np.int32]  # tag number -> row of the point table
    seen: npt.NDArray[np.int64]  # tag number -> serial of the object that named it last


class Columns(NamedTuple):
    """Output, room for every sample that the payload bytes could hold."""

    point: npt.NDArray[np.int32]
    source_time: npt.NDArray[np.int64]  # ns UTC or MISSING_TIME
    value: npt.NDArray[np.float64]


@compiled
def _hash(text: Bytes, start: int, end: int) -> int:
    """FNV-1a, 32 bit."""
    value = np.uint32(2166136261)
    for i in range(start, end):
        value = np.uint32((value ^ np.uint32(text[i])) * np.uint32(16777619))
    return int(np.int64(value))


@compiled
def _insert(table: TagTable) -> None:
    mask = len(table.slots) - 1
    for tag in range(len(table.points)):
        slot = _hash(table.text, table.starts[tag], table.starts[tag + 1]) & mask
        while table.slots[slot] >= 0:
            slot = (slot + 1) & mask
        table.slots[slot] = tag


def make_table(points: Mapping[str, int]) -> TagTable:
    """A table from tag -> row of the point table."""
    encoded = [tag.encode() for tag in points]
    size = 8
    while size < 2 * len(encoded):
        size *= 2
    table = TagTable(
        slots=np.full(size, -1, np.int32),
        starts=np.concatenate(([0], np.cumsum([len(tag) for tag in encoded]))).astype(np.int32),
        text=np.frombuffer(b"".join(encoded) or b"\0", np.uint8).copy(),
        points=np.fromiter(points.values(), np.int32, len(points)),
        seen=np.zeros(len(points), np.int64),
    )
    _insert(table)
    return table


@compiled
def _find(table: TagTable, buffer: Bytes, start: int, end: int) -> int:
    """Number of the tag buffer[start:end], or -1."""
    mask = len(table.slots) - 1
    slot = _hash(buffer, start, end) & mask
    while True:
        tag = table.slots[slot]
        if tag < 0:
            return -1
        first = table.starts[tag]
        if table.starts[tag + 1] - first == end - start:
            same = True
            for i in range(end - start):
                if table.text[first + i] != buffer[start + i]:
                    same = False
                    break
            if same:
                return int(tag)
        slot = (slot + 1) & mask


@compiled
def _skip(buffer: Bytes, at: int, end: int) -> int:
    """Position of the next byte that is not JSON white space."""
    while at < end and (buffer[at] == 32 or buffer[at] == 10 or buffer[at] == 13 or buffer[at] == 9):
        at += 1
    return at


@compiled
def _string(buffer: Bytes, at: int, end: int) -> int:
    """Position of the closing quote of the string that starts at `at`, or -1 (escape, control, end)."""
    if at >= end or buffer[at] != 34:
        return -1
    at += 1
    while at < end:
        byte = buffer[at]
        if byte == 34:
            return at
        if byte == 92 or byte < 32 or byte > 126:
            return -1
        at += 1
    return -1


@compiled
def _digit(buffer: Bytes, at: int) -> int:
    """As a signed integer: numba makes a float of an unsigned and a signed one together."""
    return int(np.int64(buffer[at])) - 48


@compiled
def _number(buffer: Bytes, at: int, end: int) -> tuple[float, int]:
    """(value, position after it); position -1 unless the double is certain to be the nearest one."""
    negative = at < end and buffer[at] == 45
    if negative:
        at += 1
    first, mantissa, scale = at, 0, 0
    while at < end and 48 <= buffer[at] <= 57:
        mantissa = mantissa * 10 + _digit(buffer, at)
        if mantissa > LARGEST_EXACT:
            return 0.0, -1
        at += 1
    if at == first or (at - first > 1 and buffer[first] == 48):
        return 0.0, -1
    if at < end and buffer[at] == 46:
        at += 1
        point = at
        while at < end and 48 <= buffer[at] <= 57:
            mantissa = mantissa * 10 + _digit(buffer, at)
            if mantissa > LARGEST_EXACT:
                return 0.0, -1
            at += 1
        if at == point:
            return 0.0, -1
        scale = point - at
    if at < end and (buffer[at] == 101 or buffer[at] == 69):
        at += 1
        sign = 1
        if at < end and (buffer[at] == 45 or buffer[at] == 43):
            sign = -1 if buffer[at] == 45 else 1
            at += 1
        first, exponent = at, 0
        while at < end and 48 <= buffer[at] <= 57 and at - first < 4:
            exponent = exponent * 10 + _digit(buffer, at)
            at += 1
        if at == first:
            return 0.0, -1
        scale += sign * exponent
    if scale < -22 or scale > 22:
        return 0.0, -1
    value = float(mantissa)
    value = value / POWERS_OF_TEN[-scale] if scale < 0 else value * POWERS_OF_TEN[scale]
    return (-value if negative and mantissa else value), at  # never -0.0: parsers differ on it


@compiled
def _milliseconds(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """(ns, position after it) of a non-negative integer of milliseconds; position -1 if it is not one."""
    first, value = at, 0
    while at < end and 48 <= buffer[at] <= 57:
        if value > LATEST_MS // 10 - 1:
            return 0, -1
        value = value * 10 + _digit(buffer, at)
        at += 1
    if at == first or (at - first > 1 and buffer[first] == 48):
        return 0, -1
    return value * NS_PER_MS, at


@compiled
def _values(
    buffer: Bytes, at: int, end: int, table: TagTable, serial: int, out: Columns, count: int
) -> tuple[int, int]:
    """Members of a `v` object, `at` behind its brace: (samples so far, position after the closing brace)."""
    at = _skip(buffer, at, end)
    while True:
        close = _string(buffer, at, end)
        if close < 0:
            return count, -1
        tag = _find(table, buffer, at + 1, close)
        if tag < 0 or table.seen[tag] == serial:
            return count, -1
        table.seen[tag] = serial
        at = _skip(buffer, close + 1, end)
        if at >= end or buffer[at] != 58:
            return count, -1
        value, at = _number(buffer, _skip(buffer, at + 1, end), end)
        if at < 0:
            return count, -1
        out.point[count] = table.points[tag]
        out.value[count] = value
        count += 1
        at = _skip(buffer, at, end)
        if at >= end:
            return count, -1
        if buffer[at] == 125:
            return count, at + 1
        if buffer[at] != 44:
            return count, -1
        at = _skip(buffer, at + 1, end)


@compiled
def _object(
    buffer: Bytes, at: int, end: int, table: TagTable, single: int, serial: int, out: Columns, count: int
) -> tuple[int, int]:
    """One message object at `at`: (samples so far, position after it or -1).

    `single` is the tag number that the topic named, or -1 for the batch form.
    """
    if at >= end or buffer[at] != 123:
        return count, -1
    time: int = MISSING_TIME
    first, have_time, have_values = count, False, False
    at = _skip(buffer, at + 1, end)
    while True:
        if at + 3 > end or buffer[at] != 34 or buffer[at + 2] != 34:
            return count, -1
        key = buffer[at + 1]
        at = _skip(buffer, at + 3, end)
        if at >= end or buffer[at] != 58:
            return count, -1
        at = _skip(buffer, at + 1, end)
        if key == 116 and not have_time:
            time, at = _milliseconds(buffer, at, end)
            have_time = True
        elif key == 118 and not have_values and single >= 0:
            out.value[count], at = _number(buffer, at, end)
            out.point[count] = table.points[single]
            count += 1
            have_values = True
        elif key == 118 and not have_values and at < end and buffer[at] == 123:
            count, at = _values(buffer, at + 1, end, table, serial, out, count)
            have_values = True
        else:
            return count, -1
        if at < 0:
            return count, -1
        at = _skip(buffer, at, end)
        if at >= end:
            return count, -1
        if buffer[at] == 125:
            break
        if buffer[at] != 44:
            return count, -1
        at = _skip(buffer, at + 1, end)
    if not have_values:
        return count, -1
    for i in range(first, count):
        out.source_time[i] = time
    return count, at + 1


@compiled
def _payload(
    buffer: Bytes, at: int, end: int, table: TagTable, single: int, serial: int, out: Columns, count: int
) -> tuple[int, int]:
    """One payload, an object or a list of objects: (samples so far or -1, serial)."""
    at = _skip(buffer, at, end)
    if at < end and buffer[at] == 91:
        at = _skip(buffer, at + 1, end)
        while True:
            serial += 1
            count, at = _object(buffer, at, end, table, single, serial, out, count)
            if at < 0:
                return -1, serial
            at = _skip(buffer, at, end)
            if at >= end:
                return -1, serial
            if buffer[at] == 93:
                at += 1
                break
            if buffer[at] != 44:
                return -1, serial
            at = _skip(buffer, at + 1, end)
    else:
        serial += 1
        count, at = _object(buffer, at, end, table, single, serial, out, count)
        if at < 0:
            return -1, serial
    if _skip(buffer, at, end) != end:
        return -1, serial
    return count, serial


@compiled
def decode(
    buffer: Bytes,
    frames: npt.NDArray[np.int64],
    count: int,
    data_topic_size: int,
    max_payload: int,
    table: TagTable,
    serial: int,
    out: Columns,
    slow: npt.NDArray[np.int64],
) -> tuple[int, int, int]:
    """Decode the PUBLISH payloads of `frames[:count]` (gateway.mqtt.wire) into columns.

    serial: number of objects read with this table so far (finds repeated tags without clearing).
    max_payload: bytes; longer ones are left to the careful codec, which refuses them with a reason.
    slow: [frames, 2], written here: the frames that need the careful codec, in order, and how many samples
    were read before each, so that what the codec finds can be put between them.

    Returns (samples, slow frames, new serial).
    """
    samples, left = 0, 0
    for i in range(count):
        frame = frames[i]
        if frame[ROUTE] == OTHER or frame[ROUTE] == REPEATED or frame[END] - frame[PAYLOAD] > max_payload:
            slow[left, 0], slow[left, 1] = i, samples
            left += 1
            continue
        single = -1
        if frame[ROUTE] == SINGLE:
            single = _find(table, buffer, frame[TOPIC] + data_topic_size + 1, frame[TOPIC_END])
            if single < 0:
                slow[left, 0], slow[left, 1] = i, samples
                left += 1
                continue
        done, serial = _payload(buffer, frame[PAYLOAD], frame[END], table, single, serial, out, samples)
        if done < 0:
            slow[left, 0], slow[left, 1] = i, samples
            left += 1
        else:
            samples = done
    return samples, left, serial
