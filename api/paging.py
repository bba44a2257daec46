"""The text that leads from one page to the next: opaque to clients, checked when it comes back."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from api.bilingual import both
from api.problems import Problem

LONGEST = 400
"""Signs in a cursor's text at most."""


def cursor_text(number: int, name: str) -> str:
    """The `next` of a page that ended with this row."""
    return urlsafe_b64encode(f"{number}.{name}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, str]:
    """What `cursor_text` was made of. Problem 422 for anything else."""
    try:
        number, _, name = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(".")
        value = int(number)
    except (ValueError, binascii.Error) as error:
        raise Problem(
            422,
            "invalid-cursor",
            both("`after` 不是上一页的 `next`", "`after` is not the `next` of an earlier page"),
        ) from error
    if not -(2**63) <= value < 2**63 or "\0" in name:
        raise Problem(
            422,
            "invalid-cursor",
            both("`after` 不是上一页的 `next`", "`after` is not the `next` of an earlier page"),
        )
    return value, name
