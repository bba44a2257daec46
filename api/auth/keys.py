"""Generated keys: those of named operators in a file, and the token that the gateway shares.

A key is 256 random bits, so its SHA-256 is kept and nothing slower: stretching (argon2) protects
secrets that people choose and that can be guessed; guessing 256 bits is hopeless at any speed, and a
slow hash on each request would only make the service easy to choke.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from api.auth.principal import ASSIGNABLE, Principal, Role

KEY_BYTES = 32
KEY_PREFIX = "hw_"


class OperatorsRefused(Exception):
    """The operators file, or what should be added to it, is not right."""


class OperatorRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operator in the file. The key itself is nowhere."""

    key_sha256: str
    roles: tuple[Role, ...]
    added: str


class OperatorsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    operators: dict[str, OperatorRecord]


class Operators:
    """The operators file, read again whenever it has changed: a new or withdrawn key counts at once.

    A file that became unreadable leaves the last good one in force, because an installation whose
    operators are locked out by a typing error cannot answer its alarms; `trouble` says so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._by_digest: dict[str, Principal] = {}
        self.trouble: str | None = None
        self._refresh()

    def principal(self, key: str) -> Principal | None:
        """Whose key this is; None if nobody's. Takes the same time whatever the key."""
        self._refresh()
        digest = _digest(key)
        found = None
        for known, principal in self._by_digest.items():
            if hmac.compare_digest(known, digest):
                found = principal
        return found

    def still_valid(self, principal: Principal) -> bool:
        """Has this person kept the same rights since he was recognised?"""
        self._refresh()
        return principal in self._by_digest.values()

    def __len__(self) -> int:
        self._refresh()
        return len(self._by_digest)

    def _refresh(self) -> None:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._seen, self._by_digest = None, {}
            self.trouble = f"{self._file} does not exist: add an operator"
            return
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            records = read_operators(self._file)
        except OperatorsRefused as error:
            self.trouble = str(error)
            return
        self.trouble = None if records else f"{self._file} has no operators: add one"
        self._by_digest = {
            record.key_sha256: Principal(name, frozenset(record.roles)) for name, record in records.items()
        }


def read_operators(file: Path) -> dict[str, OperatorRecord]:
    """All operators by name; none if there is no file. OperatorsRefused if it is not readable as one."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return msgspec.json.decode(text, type=OperatorsFile).operators
    except msgspec.MsgspecError as error:
        raise OperatorsRefused(f"{file}: {error}: mend it, or restore it from a copy") from error


def add_operator(file: Path, name: str, role: str = "operator") -> str:
    """Add a person, or give him a new key in place of his old one; returns the key, shown only now.

    OperatorsRefused for an empty name or an unknown role.
    """
    name = name.strip()
    if not name or not name.isprintable() or len(name) > 100:
        raise OperatorsRefused(f"{name!r} is no name: give 1 to 100 printable characters")
    if role not in ASSIGNABLE:
        raise OperatorsRefused(f"unknown role {role!r}: one of {', '.join(ASSIGNABLE)}")
    records = read_operators(file)
    key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    added = datetime.now(UTC).isoformat(timespec="seconds")
    records[name] = OperatorRecord(key_sha256=_digest(key), roles=(role,), added=added)
    _write(file, records)
    return key


def remove_operator(file: Path, name: str) -> None:
    """Withdraw a person's key. OperatorsRefused if there is no such person."""
    records = read_operators(file)
    if records.pop(name, None) is None:
        raise OperatorsRefused(f"{file} has no operator {name!r}; it has: {', '.join(records) or 'nobody'}")
    _write(file, records)


def ensure_first_operator(file: Path, name: str = "demo") -> str:
    """A working key for the demonstration: this operator is given a new one at each start."""
    return add_operator(file, name)


def read_intake_token(file: Path) -> str:
    """The token shared with the gateway. OperatorsRefused if it is missing or too short to be one."""
    try:
        token = file.read_text().strip()
    except FileNotFoundError as error:
        raise OperatorsRefused(
            f"{file} does not exist: it holds the token shared with the gateway; "
            "start through the command line, which makes it"
        ) from error
    if len(token) < 32:
        raise OperatorsRefused(f"{file}: the token is shorter than 32 characters: delete it to get a new one")
    return token


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _write(file: Path, records: dict[str, OperatorRecord]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"operators": {name: msgspec.to_builtins(record) for name, record in records.items()}}
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # made with mode 0600
    with os.fdopen(handle, "w") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(file)
