"""Keeps sandbox messages: what comes while one transaction is being written goes together in the next."""

import asyncio
from typing import NamedTuple

from api.notify.message import Outgoing
from api.notify.port import Target
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.sandbox import keep_in_sandbox
from api.store.writer import Transaction, Writer


class _Wish(NamedTuple):
    message: Outgoing
    target: Target
    kept: "asyncio.Future[None]"


class SandboxKeeper:
    """Implements api.notify.port.SandboxKeep."""

    def __init__(self, writer: Writer, most: int) -> None:
        self._writer = writer
        self._most = most
        self._wishes: list[_Wish] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, message: Outgoing, target: Target) -> None:
        """Returns once it is on disk. Raises StoreUnavailable or StoreConflict."""
        kept = asyncio.get_running_loop().create_future()
        self._wishes.append(_Wish(message, target, kept))
        if self._task is None:
            self._task = asyncio.create_task(self._write(), name="sandbox")
        await kept

    async def _write(self) -> None:
        try:
            while self._wishes:
                wishes, self._wishes = self._wishes, []
                await self._write_all(wishes)
        finally:
            self._task = None

    async def _write_all(self, wishes: list[_Wish]) -> None:
        def job(tx: Transaction) -> None:
            for wish in wishes:
                keep_in_sandbox(tx.connection, wish.message, wish.target.receiver, tx.now, self._most)

        error: Exception | None = None
        try:
            await self._writer.run(job)
        except (StoreUnavailable, StoreConflict) as failed:
            error = failed
        for wish in wishes:
            if wish.kept.done():
                continue
            if error is None:
                wish.kept.set_result(None)
            else:
                wish.kept.set_exception(error)
