"""Ids of what a desk makes."""

import secrets
from base64 import b32encode


def new_id() -> str:
    """80 random bits in base32: 16 characters, nothing in them tells an order or a number."""
    return b32encode(secrets.token_bytes(10)).decode().lower()
