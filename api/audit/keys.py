"""The key that signs checkpoints: Ed25519, made at the first start, readable by its owner alone."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from api.audit.chain import Head
from api.audit.checkpoints import Checkpoint, statement

READABLE = 0o644
OTHERS = 0o077


class AuditKeyRefused(ValueError):
    """A key file cannot be used; the message names it and the remedy."""


class AuditSigner:
    """Signs. Open with `AuditSigner.open`."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = AuditProof(private.public_key())

    @classmethod
    def open(cls, file: Path) -> "AuditSigner":
        """The key of this file, made if there is none; its public half stands beside it as `.pub`.

        Raises AuditKeyRefused for a file that is no such key, or that others may read.
        """
        if not file.exists():
            _make_key(file)
        signer = cls(_private_key(file))
        signer._keep_public(public_file(file))
        return signer

    def sign(self, head: Head, now: int) -> Checkpoint:
        """The head as of now, signed."""
        signature = self._private.sign(statement(head.number, now, head.hash))
        return Checkpoint(head.number, now, head.hash, self.public.name, signature.hex())

    def _keep_public(self, file: Path) -> None:
        if not file.exists() or file.read_text() != self.public.pem:
            file.write_text(self.public.pem)
            file.chmod(READABLE)


class AuditProof:
    """The public key: tells genuine checkpoints from others."""

    def __init__(self, public: Ed25519PublicKey) -> None:
        self._public = public
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.name = hashlib.sha256(raw).hexdigest()[:16]
        """As checkpoints call it."""
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def read(cls, file: Path) -> "AuditProof":
        """From a PEM file. Raises AuditKeyRefused, or OSError when it cannot be read."""
        try:
            key = load_pem_public_key(file.read_bytes())
        except ValueError as error:
            raise AuditKeyRefused(f"{file}: not a public key in PEM: {error}") from error
        if not isinstance(key, Ed25519PublicKey):
            raise AuditKeyRefused(f"{file}: not an Ed25519 key: give the service's audit.key.pub")
        return cls(key)

    def proves(self, checkpoint: Checkpoint) -> bool:
        """Was this signed with our private key, and not changed since?"""
        try:
            signed = statement(checkpoint.number, checkpoint.time, checkpoint.hash)
            self._public.verify(bytes.fromhex(checkpoint.signature), signed)
        except (InvalidSignature, ValueError):
            return False
        return checkpoint.key == self.name


def public_file(private_file: Path) -> Path:
    """Where the public half of a key stands."""
    return private_file.with_name(private_file.name + ".pub")


def _make_key(file: Path) -> None:
    """The file appears with its whole content or not at all, and never takes the place of another."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mkstemp: mode 0600
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        os.unlink(name)


def _private_key(file: Path) -> Ed25519PrivateKey:
    if file.stat().st_mode & OTHERS:
        raise AuditKeyRefused(f"{file}: others may read the key that signs the audit: chmod 600 {file}")
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise AuditKeyRefused(
            f"{file}: not a private key in PEM ({error}): restore it from a backup; "
            "a new key is made only where there is none"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditKeyRefused(f"{file}: not an Ed25519 key: restore it from a backup")
    return key
