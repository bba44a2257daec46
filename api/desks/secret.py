"""The secret from which the times of duty checks come: who has it can foretell them."""

import os
import secrets
import tempfile
from pathlib import Path

from api.desks.errors import PolicyInvalid

SECRET_BYTES = 32


def duty_check_secret(file: Path) -> bytes:
    """Read it, or make it. PolicyInvalid if what stands there is none."""
    if not file.exists():
        _make(file)
    try:
        secret = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise PolicyInvalid(f"{file}: {error}: delete it to get a new secret") from error
    if len(secret) < SECRET_BYTES:
        raise PolicyInvalid(f"{file}: shorter than {SECRET_BYTES} bytes: delete it to get a new secret")
    return secret


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # made with mode 0600
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_bytes(SECRET_BYTES).hex())
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(file)
