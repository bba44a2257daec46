"""The state of a bank as bytes: exact, versioned, keyed by rule id, readable without the bank.

Layout: magic, CRC-32 of the rest, length of the header, header (JSON), then for each kind its rule ids
(a JSON list) and its columns as raw arrays, in the order that the header gives. No pickle.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]

MAGIC = b"hazardwatch bank 4\n"
_FRAME = struct.Struct("<II")


class SnapshotRefused(ValueError):
    """These bytes are not a snapshot of this format. Start from an older one, or replay the journal."""


class KindPart(NamedTuple):
    """One kind's rows in a snapshot."""

    kind: str
    ids: bytes  # JSON list of rule ids, one a row
    state: dict[str, Column]  # the kind's own columns
    delays: dict[str, Column]  # the columns of detectors.delays, of the same rows

    @property
    def rules(self) -> list[str]:
        """Rule ids, one a row."""
        return list(json.loads(self.ids))


class Snapshot(NamedTuple):
    time: int  # received_time of the last step, ns UTC
    resumed: bool
    parts: list[KindPart]


def rule_ids(ids: Sequence[str]) -> bytes:
    """Ids as they stand in a snapshot; worth keeping between snapshots."""
    return json.dumps(list(ids), ensure_ascii=False).encode()


def _described(columns: Mapping[str, Column]) -> list[list[Any]]:
    return [[name, column.dtype.descr] for name, column in columns.items()]


def _dtype(description: list[list[Any]]) -> np.dtype[Any]:
    """What `dtype.descr` says: a record's fields, or one nameless field for a plain column.

    A field that is an array of its own has its shape as a third item, which JSON makes a list.
    """
    what: Any = [(name, code, *map(tuple, shape)) for name, code, *shape in description]
    if len(description) == 1 and not description[0][0]:
        what = description[0][1]
    dtype: np.dtype[Any] = np.dtype(what)
    return dtype


def pack(snapshot: Snapshot) -> bytes:
    """Snapshot -> bytes."""
    header = json.dumps(
        {
            "time": snapshot.time,
            "resumed": snapshot.resumed,
            "parts": [
                {
                    "kind": part.kind,
                    "ids": len(part.ids),
                    "rows": len(next(iter(part.delays.values()))),
                    "state": _described(part.state),
                    "delays": _described(part.delays),
                }
                for part in snapshot.parts
            ],
        }
    ).encode()
    pieces = [header]
    for part in snapshot.parts:
        pieces.append(part.ids)
        columns: Iterable[Column] = (*part.state.values(), *part.delays.values())
        pieces.extend(column.tobytes() for column in columns)
    body = b"".join(pieces)
    return MAGIC + _FRAME.pack(zlib.crc32(body), len(header)) + body


def unpack(blob: bytes) -> Snapshot:
    """Bytes -> snapshot. Raises SnapshotRefused."""
    start = len(MAGIC) + _FRAME.size
    if not blob.startswith(MAGIC) or len(blob) < start:
        raise SnapshotRefused(f"not a detector snapshot of this release: it begins with {blob[:24]!r}")
    checksum, length = _FRAME.unpack_from(blob, len(MAGIC))
    body = memoryview(blob)[start:]
    if zlib.crc32(body) != checksum:
        raise SnapshotRefused(f"detector snapshot of {len(blob)} bytes is damaged: its checksum differs")
    header = json.loads(bytes(body[:length]))
    offset = length
    parts = []
    for described in header["parts"]:
        ids = bytes(body[offset : offset + described["ids"]])
        offset += described["ids"]
        state, offset = _columns(body, offset, described["state"], described["rows"])
        delays, offset = _columns(body, offset, described["delays"], described["rows"])
        parts.append(KindPart(described["kind"], ids, state, delays))
    return Snapshot(header["time"], header["resumed"], parts)


def _columns(
    body: memoryview, offset: int, described: list[list[Any]], rows: int
) -> tuple[dict[str, Column], int]:
    columns = {}
    for name, description in described:
        dtype = _dtype(description)
        columns[name] = np.frombuffer(body, dtype, rows, offset)
        offset += rows * dtype.itemsize
    return columns, offset


def active_in(blob: bytes) -> dict[str, int]:
    """Rule id -> onset of every episode that was on. Raises SnapshotRefused."""
    found = {}
    for part in unpack(blob).parts:
        rules = part.rules
        for row in np.flatnonzero(part.delays["active"]):
            found[rules[row]] = int(part.delays["onset"][row])
    return found
