"""Signed checkpoints: how many rows the audit had at a time, and the hash of the last one.

Whoever holds a checkpoint outside this machine can prove that nothing before it was changed or taken
away, even by somebody who rules over the machine. What is signed, version 1:

    "hazardwatch audit checkpoint v1\\n" + int64(number) + int64(time) + hash

encoded like a row (see `api.audit.chain`); the signature is Ed25519 (RFC 8032), 64 bytes, shown as 128
hexadecimal digits. `key` names the public key: the first 16 hexadecimal digits of the SHA-256 of its 32
bytes.
"""

import struct

import msgspec

from api.audit.chain import Head

_STATEMENT = b"hazardwatch audit checkpoint v1\n"
_NUMBERS = struct.Struct(">qq")
SECOND_NS = 1_000_000_000


class Checkpoint(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """The head of the chain at a time, signed."""

    number: int
    """Rows of the audit so far."""
    time: int
    """ns UTC of the service's clock."""
    hash: str
    """Hash of row `number`, or the genesis for 0."""
    key: str
    """Which public key proves it."""
    signature: str


class Unsigned(Exception):
    """A checkpoint cannot be read: the message says where and why."""


def statement(number: int, time: int, hash_: str) -> bytes:
    """The bytes that are signed. ValueError if `hash_` is no hash."""
    return _STATEMENT + _NUMBERS.pack(number, time) + bytes.fromhex(hash_)


def is_due(head: Head, newest: Checkpoint | None, now: int, *, every_rows: int, every_s: float) -> bool:
    """Is it time for another checkpoint? After so many rows, or so long, also when nothing was added:
    that nothing was added is worth a signature too."""
    if newest is None:
        return True
    return head.number - newest.number >= every_rows or now - newest.time >= every_s * SECOND_NS


def line_of(checkpoint: Checkpoint) -> str:
    """One line of the file of checkpoints (JSON)."""
    return msgspec.json.encode(checkpoint).decode()


def read_lines(text: str, name: str) -> list[Checkpoint]:
    """The checkpoints of a file; `name` of it for messages. Raises Unsigned.

    A last line without its end is left out: the service died while it wrote it.
    """
    whole = text[: text.rfind("\n") + 1]
    found = []
    for place, line in enumerate(whole.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Checkpoint))
        except msgspec.MsgspecError as error:
            raise Unsigned(f"{name}:{place}: not a checkpoint: {error}") from error
    return found
