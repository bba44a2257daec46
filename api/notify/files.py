"""Secrets in files: read when needed, so that a renewed password counts without a restart."""

from pathlib import Path

from api.notify.errors import TargetRefused


def read_secret(file: Path | None) -> str:
    """The first line; "" without a file. TargetRefused names the file that cannot be read."""
    if file is None:
        return ""
    try:
        return file.read_text().strip().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise TargetRefused(f"the secret in {file.name} cannot be read: {type(error).__name__}") from error
