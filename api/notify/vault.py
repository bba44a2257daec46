"""Addresses and secrets of targets at rest: encrypted with a key that stands in a file of its own.

A copy of the database alone tells nobody's telephone number and no robot's key. Each sealed value is
bound to its place (receiver, target, field), so that a row copied over another does not open.
"""

import hashlib
import hmac
import os
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_FILE = "notify.key"


class SealBroken(Exception):
    """A sealed value does not open: the key file is another one, or the row was tampered with."""


class VaultRefused(Exception):
    """The key file cannot be used."""


class _Sealed(msgspec.Struct, array_like=True):
    place: str
    value: str


class Vault:
    """Seals and opens. The key file may hold several keys, one a line, the newest first."""

    def __init__(self, keys: list[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._marks = hashlib.sha256(b"mark of an address" + keys[-1]).digest()

    def seal(self, place: str, value: str) -> str:
        """The value as it is stored; "" stays "", there is nothing to hide."""
        if not value:
            return ""
        return self._fernet.encrypt(msgspec.json.encode(_Sealed(place, value))).decode()

    def open(self, place: str, sealed: str) -> str:
        """The value again. Raises SealBroken."""
        if not sealed:
            return ""
        try:
            content = msgspec.json.decode(self._fernet.decrypt(sealed.encode()), type=_Sealed)
        except (InvalidToken, msgspec.MsgspecError) as error:
            raise SealBroken(
                f"what is kept for {place} does not open with this key: restore the key file, "
                "or enter the target again"
            ) from error
        if not hmac.compare_digest(content.place.encode(), place.encode()):
            raise SealBroken(f"what is kept for {place} belongs to another target: enter the target again")
        return content.value

    def mark(self, text: str) -> str:
        """The same for the same text, and no way back: tells equal addresses without knowing them."""
        return hmac.new(self._marks, text.encode(), hashlib.sha256).hexdigest()[:16]


def place(receiver: str, number: int, field: str) -> str:
    """Where a sealed value belongs."""
    return f"{receiver}/{number}/{field}"


def open_vault(file: Path) -> Vault:
    """The vault with the keys of this file, which is made when missing. Raises VaultRefused."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        text = _make(file)
    except OSError as error:
        raise VaultRefused(f"{file} cannot be read: {error.strerror}: mend its rights") from error
    keys = text.split()
    try:
        return Vault(keys)
    except (ValueError, IndexError) as error:
        raise VaultRefused(
            f"{file} holds no usable key: restore it from a copy, or delete it and enter all targets again"
        ) from error


def _make(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Fernet.generate_key()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(key + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key
