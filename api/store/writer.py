"""The one place that commits: jobs run one after the other in one thread, each in one transaction.

What a job writes (alarms, journal, timers, outbox, audit) is stored together or not at all.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from api.alarms.model import AuditEntry
from api.store.audit import append
from api.store.database import Database
from api.store.errors import StoreUnavailable

READERS = 4
T = TypeVar("T")

Clock = Callable[[], int]
"""ns UTC."""


class Transaction:
    """What a job is given. Its life ends with the job."""

    def __init__(self, connection: Connection, now: int) -> None:
        self.connection = connection
        self.now = now
        """Time of the whole transaction, ns UTC."""
        self.audits: list[AuditEntry] = []
        self.afterwards: list[Callable[[], None]] = []

    def audit(self, actor: str, action: str, subject: str, text: str = "", enterprise: str = "") -> None:
        """Keep an act in the audit."""
        self.audits.append(
            AuditEntry(
                time=self.now, actor=actor, action=action, subject=subject, text=text, enterprise=enterprise
            )
        )

    def then(self, call: Callable[[], None]) -> None:
        """Call this in the event loop once the transaction is on disk; never if it fails."""
        self.afterwards.append(call)


class Writer:
    """Runs writing jobs. Make it inside the event loop that `Transaction.then` belongs to.

    The news of a commit is handed to the loop from the writing thread, so that a caller who hangs up
    while his request is being stored cannot keep it from the screens.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self.trouble: str | None = None
        """What the store said when it failed last; None once it works again."""

    async def run(self, job: Callable[[Transaction], T]) -> T:
        """The job's result once everything it wrote is on disk.

        Raises what the job raises, StoreUnavailable or StoreConflict; then nothing was stored.
        """
        return await self._loop.run_in_executor(self._thread, self._run, job)

    def close(self) -> None:
        """Let the jobs that wait finish; take nothing more."""
        self._thread.shutdown()

    def _run(self, job: Callable[[Transaction], T]) -> T:
        try:
            with self._database.write() as connection:
                transaction = Transaction(connection, self._clock())
                result = job(transaction)
                append(connection, transaction.audits)
        except StoreUnavailable as error:
            self.trouble = str(error)
            raise
        self.trouble = None
        for call in transaction.afterwards:
            self._loop.call_soon_threadsafe(call)
        return result


class Reader:
    """Runs reading jobs beside each other; they see committed work only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def run(self, job: Callable[[Connection], T]) -> T:
        """The job's result. Raises what the job raises, or StoreUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, job)

    def close(self) -> None:
        self._threads.shutdown()

    def _run(self, job: Callable[[Connection], T]) -> T:
        with self._database.read() as connection:
            return job(connection)
