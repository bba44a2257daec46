"""How audit rows hang together: each carries the SHA-256 of itself and of the hash before it.

So that another program can check it, the encoding is fixed here, version 1, and never changes:

    genesis  = SHA-256("hazardwatch audit genesis v1\\n")
    hash(n)  = SHA-256("hazardwatch audit row v1\\n" + hash(n-1) + int64(number) + int64(time)
                       + text(actor) + text(action) + text(subject) + text(text) + text(enterprise))

where strings in quotes are ASCII, a hash is its 32 bytes (stored and shown as 64 lower-case hexadecimal
digits), int64 is 8 bytes, signed, big-endian, and text(x) is the number of bytes of x in UTF-8 as 4 bytes
(unsigned, big-endian) followed by these bytes. Numbers count from 1 without gaps; hash(0) is the genesis.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import NamedTuple

from api.alarms.model import AuditEntry

_ROW = b"hazardwatch audit row v1\n"
GENESIS = hashlib.sha256(b"hazardwatch audit genesis v1\n").hexdigest()
"""What the first row follows."""
_NUMBERS = struct.Struct(">qq")
_LENGTH = struct.Struct(">I")


class Head(NamedTuple):
    """The end of the chain: how many rows there are, and the hash of the last."""

    number: int
    hash: str


START = Head(0, GENESIS)
"""The chain before its first row."""


class Link(NamedTuple):
    """A row in its place."""

    number: int
    entry: AuditEntry
    hash: str


def link(previous_hash: str, number: int, entry: AuditEntry) -> str:
    """Hash of the row `number` that says `entry` and follows the row of `previous_hash`.

    Raises ValueError if `previous_hash` is no hash, or a text is not Unicode (a lone surrogate).
    """
    encoded = [_ROW, bytes.fromhex(previous_hash), _NUMBERS.pack(number, entry.time)]
    for text in (entry.actor, entry.action, entry.subject, entry.text, entry.enterprise):
        piece = text.encode()
        encoded += (_LENGTH.pack(len(piece)), piece)
    return hashlib.sha256(b"".join(encoded)).hexdigest()


def extend(head: Head, entries: Iterable[AuditEntry]) -> list[Link]:
    """The entries as the next rows behind `head`."""
    links = []
    number, previous = head
    for entry in entries:
        number += 1
        previous = link(previous, number, entry)
        links.append(Link(number, entry, previous))
    return links


def storable(entry: AuditEntry) -> AuditEntry:
    """The entry in characters that every database keeps as they are: an act is recorded whatever was
    typed. NUL and lone surrogates become U+FFFD."""
    fields = (entry.actor, entry.action, entry.subject, entry.text, entry.enterprise)
    if all(text.isprintable() for text in fields):
        return entry
    actor, action, subject, text, enterprise = map(_storable, fields)
    return AuditEntry(
        time=entry.time, actor=actor, action=action, subject=subject, text=text, enterprise=enterprise
    )


def _storable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
