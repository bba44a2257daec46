"""Passwords are hashed beside the event loop, only so many at a time: each takes 64 MiB."""

import asyncio

from api.auth.passwords import Passwords


class Hashing:
    """`Passwords` for the event loop."""

    def __init__(self, passwords: Passwords, at_once: int) -> None:
        self._passwords = passwords
        self._room = asyncio.Semaphore(at_once)

    async def hash(self, password: str) -> str:
        """See Passwords.hash."""
        async with self._room:
            return await asyncio.to_thread(self._passwords.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """See Passwords.verify."""
        async with self._room:
            return await asyncio.to_thread(self._passwords.verify, password, kept)

    def is_outdated(self, kept: str) -> bool:
        """See Passwords.is_outdated."""
        return self._passwords.is_outdated(kept)
