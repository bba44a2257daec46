"""The keys that sign access tokens: made at first start, changed from time to time, refused if weak.

File (mode 0600): `{"vault": "...", "keys": [{"id": "...", "made": ns, "private": "..."}]}`, newest key last,
every secret 32 bytes in base64. The newest signs; older ones still verify until no token of theirs lives.
"""

import base64
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET_BYTES = 32
FEWEST_DIFFERENT_BYTES = 16
"""Of 32 random bytes about 30 are different; of something that was typed in, far fewer."""
NONCE_BYTES = 12
DAY_NS = 86_400 * 1_000_000_000
REMEDY = "delete it to get new keys (everybody has to log in again, and to enrol the second factor anew)"

PUBLISHED = frozenset(  # SHA-256 of keys that stand in books
    {
        "644d50ab64864c20a12b3c4656d46b4a48f69ef7c47ecdc8415cd28316b22ef5",  # RFC 8032, test 1
        "3d2d9682cdba529682a152f678e25c6c29847bf2588ca4e1b3023c1579f9958d",  # RFC 8032, test 2
        "d8eca0cca720d33bf6d9a3e8057053ff6a4d19a62a9874fa7f7004ea662fb2f9",  # RFC 8032, test 3
        "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",  # bytes 0 to 31
        "ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9",  # bytes 1 to 32
        "5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456",  # SHA-256 of nothing
        "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7",  # SHA-256 of 'secret'
        "73641c99f7719f57d8f4beb11a303afcd190243a51ced8782ca6d3dbe014d146",  # SHA-256 of 'password'
        "6681c7d03948f0779df152c1844e99d3c9ed8aab61c2e7789533702f2efb9eda",  # SHA-256 of 'hazardwatch'
        "f7591748145d61c0159027eaef0a0e147e9c6b15a49758365df155c70fbbed99",  # SHA-256 of 'changeme'
    }
)


class SigningKeysRefused(Exception):
    """The file of the signing keys is not to be trusted, or cannot be read."""


class StoredKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signing key in the file."""

    id: str
    made: int
    private: str


class StoredKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    vault: str
    keys: tuple[StoredKey, ...]


class KeyRing:
    """The keys in use. Made by `open_ring`."""

    def __init__(self, file: Path, stored: StoredKeys) -> None:
        self._file = file
        self._use(stored)

    def _use(self, stored: StoredKeys) -> None:
        self._stored = stored
        self._private = {key.id: base64.b64decode(key.private) for key in stored.keys}
        self._signers = {
            key_id: Ed25519PrivateKey.from_private_bytes(raw) for key_id, raw in self._private.items()
        }
        self._vault = AESGCM(base64.b64decode(stored.vault))

    @property
    def current(self) -> str:
        """Id of the key that signs."""
        return self._stored.keys[-1].id

    @property
    def ids(self) -> tuple[str, ...]:
        """All keys that still verify, oldest first."""
        return tuple(key.id for key in self._stored.keys)

    def signer(self) -> Ed25519PrivateKey:
        """The key that signs."""
        return self._signers[self.current]

    def verifier(self, key_id: str) -> Ed25519PublicKey | None:
        """The public half of a key; None if it is unknown or retired."""
        signer = self._signers.get(key_id)
        return signer.public_key() if signer else None

    def mac(self, key_id: str, purpose: str, text: str) -> str | None:
        """A seal on a text that only this service can make; None for an unknown key."""
        private = self._private.get(key_id)
        if private is None:
            return None
        derived = hmac.digest(private, f"hazardwatch {purpose}".encode(), "sha256")
        sealed = hmac.digest(derived, text.encode(), "sha256")
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def lock_away(self, text: str, about: str) -> str:
        """Encrypt what must be kept readable for the service alone; opens only for the same `about`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + self._vault.encrypt(nonce, text.encode(), about.encode())).decode()

    def unlock(self, kept: str, about: str) -> str:
        """What was locked away. SigningKeysRefused if it was locked with another vault key, or changed."""
        raw = base64.b64decode(kept)
        try:
            return self._vault.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except InvalidTag as error:
            raise SigningKeysRefused(
                f"{self._file}: what is kept of {about} was locked with another key: restore the file from "
                "a copy, or reset the second factor of this person"
            ) from error

    def rotate_if_due(self, every_days: float, keep_days: float, now: int) -> bool:
        """Make a new key when the newest is older than `every_days`, and forget those whose successor is
        older than `keep_days`; True if the file was changed. `now` is ns UTC."""
        keys = self._stored.keys
        if now - keys[-1].made > every_days * DAY_NS:
            keys = (*keys, _new_key(now))
        kept = tuple(
            key
            for key, successor in zip(keys, (*keys[1:], None), strict=True)
            if successor is None or now - successor.made <= keep_days * DAY_NS
        )
        if kept == self._stored.keys:
            return False
        stored = StoredKeys(vault=self._stored.vault, keys=kept)
        _write(self._file, stored)
        self._use(stored)
        return True


def open_ring(file: Path, now: int) -> KeyRing:
    """The keys of this file; a missing file is made. SigningKeysRefused if they are not to be trusted."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(file, StoredKeys(vault=_new_secret(), keys=(_new_key(now),)))
    if mode := stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SigningKeysRefused(
            f"{file}: others may read or write it (mode bits {mode:03o}): it may have been copied. "
            f"{REMEDY.capitalize()}; or chmod 600 if you know that nobody did"
        )
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=StoredKeys)
    except msgspec.MsgspecError as error:
        raise SigningKeysRefused(f"{file}: {error}: restore it from a copy, or {REMEDY}") from error
    if not stored.keys:
        raise SigningKeysRefused(f"{file} holds no key: {REMEDY}")
    for name, secret in (("vault", stored.vault), *((key.id, key.private) for key in stored.keys)):
        if fault := secret_fault(secret):
            raise SigningKeysRefused(f"{file}: key {name!r} {fault}: {REMEDY}")
    return KeyRing(file, stored)


def secret_fault(secret: str) -> str | None:
    """Why this is no good secret; None if nothing speaks against it."""
    try:
        raw = base64.b64decode(secret, validate=True)
    except ValueError:
        return "is not base64"
    if len(raw) != SECRET_BYTES:
        return f"has {len(raw)} bytes, not {SECRET_BYTES}"
    if len(set(raw)) < FEWEST_DIFFERENT_BYTES or all(32 <= byte < 127 for byte in raw):
        return "was written by somebody, not drawn at random"
    if hashlib.sha256(raw).hexdigest() in PUBLISHED:
        return "is a published example"
    return None


def _new_secret() -> str:
    while True:
        secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        if secret_fault(secret) is None:
            return secret


def _new_key(now: int) -> StoredKey:
    return StoredKey(id=secrets.token_hex(4), made=now, private=_new_secret())


def _write(file: Path, stored: StoredKeys) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # made with mode 0600
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(stored), indent=2))
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(file)
