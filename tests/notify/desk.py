"""An outbox on a real database with notifiers of our own behind the port: what they got can be looked at."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import select

from alarm_rules.model import Priority
from api.notify.changes import PutReceiver, apply_change, put_target
from api.notify.errors import NotifyFailed
from api.notify.message import Message, Outgoing
from api.notify.metrics import NotifyMetrics
from api.notify.outbox import enqueue
from api.notify.port import Receipt, Target
from api.notify.sending import Sender
from api.notify.settings import NotifySettings
from api.notify.settling import Settler
from api.notify.vault import Vault, open_vault
from api.notify.worker import OutboxWorker
from api.store.database import Database
from api.store.outbox import Row, row_of
from api.store.receivers import next_target_number
from api.store.tables.notify import outbox
from api.store.writer import Reader, Transaction, Writer

SECOND = 1_000_000_000
T0 = 1_763_000_000 * SECOND
DEADLINE_S = 10.0
_PAUSE = threading.Event()
"""Never set: a look again without a busy loop."""


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, now: int = T0) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


class Told:
    """A notifier that keeps what it was given and answers as it was told to."""

    def __init__(self, answers: Iterable[NotifyFailed | None] = ()) -> None:
        self.got: list[tuple[Outgoing, Target]] = []
        self.answers = list(answers)
        self.hold: asyncio.Event | None = None
        self.hung: set[str] = set()
        """Addresses that never answer."""
        self.under_way = 0
        self.most_under_way = 0
        self.closed = False

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            self.got.append((message, target))
            if target.address in self.hung:
                await asyncio.Event().wait()
            if self.hold is not None:
                await self.hold.wait()
            answer = self.answers.pop(0) if self.answers else None
            if answer is not None:
                raise answer
            return Receipt(reference=f"ref-{len(self.got)}", words="ok")
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        self.closed = True

    @property
    def titles(self) -> list[str]:
        return [message.title for message, _ in self.got]


class Desk:
    """Database, writer, and what the service's report was told."""

    def __init__(self, url: str, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.folder = folder
        self.database = Database.open(url, sole=False)
        self.writer = Writer(self.database, clock)
        self.reader = Reader(self.database)
        self.vault: Vault = open_vault(folder / "notify.key")
        self.reports: list[tuple[str, str, bool]] = []
        self.registry = CollectorRegistry()
        self.metrics = NotifyMetrics(self.registry)

    def report(self, _tx: Transaction, kind: str, about: str, active: bool, _text: str) -> None:
        self.reports.append((kind, about, active))

    def worker(self, notifiers: dict[str, Any], registry: CollectorRegistry | None = None, **settings: Any):
        """A worker of this desk; retries come at the longest pause."""
        kept = NotifySettings(**settings)
        metrics = self.metrics if registry is None else NotifyMetrics(registry)
        sender = Sender(notifiers, self.vault, self.clock, kept.notify_timeout_s)
        settler = Settler(kept, self.report, lambda: 0.999)
        return OutboxWorker(self.writer, sender, settler, kept, metrics, self.clock)

    async def receiver(self, name: str = "liwei", channel: str = "sandbox", address: str = "", **more: Any):
        """A person with one target."""

        def job(tx: Transaction):
            if more.pop("new", True):
                apply_change(
                    tx,
                    PutReceiver(
                        by="test",
                        id=name,
                        enterprise=more.pop("enterprise", "acme"),
                        kind="person",
                        name="李伟",
                    ),
                )
            change = put_target(
                self.vault,
                by="test",
                receiver=name,
                number=None,
                new_number=next_target_number(tx.connection, name),
                version=0,
                channel=channel,
                label="",
                address=address or f"address-of-{name}",
                secret=more.get("secret", ""),
                forget_secret=False,
                options=more.get("options", {}),
                enabled=more.get("enabled", True),
            )
            return apply_change(tx, change)

        return await self.writer.run(job)

    async def send(self, *messages: Message) -> int:
        return await self.writer.run(lambda tx: enqueue(tx, messages))

    async def rows(self) -> list[Row]:
        query = select(outbox).order_by(outbox.c.number)
        return await self.reader.run(lambda c: [row_of(row) for row in c.execute(query).mappings()])

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    def counted(self, figure: str, channel: str = "sandbox") -> float:
        return (
            self.registry.get_sample_value(
                f"hazardwatch_api_notifications_{figure}_total", {"channel": channel}
            )
            or 0.0
        )

    def close(self) -> None:
        self.reader.close()
        self.writer.close()
        self.database.close()


def message(key: str = "m1", **more: Any) -> Message:
    """An alarm for the person of `Desk.receiver`."""
    fields: dict[str, Any] = {
        "key": key,
        "kind": "alarm",
        "receiver": "liwei",
        "channel": "sandbox",
        "priority": Priority.HIGH,
        "enterprise": "acme",
        "alarm_id": "alarm1",
        "title": f"title {key}",
        "body": f"body {key}",
    }
    return Message(**(fields | more))


async def wait_for(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Let the loop run until the condition is true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline_s
    while loop.time() < end:
        if found := condition():
            return found
        await asyncio.sleep(0)
        await asyncio.to_thread(_PAUSE.wait, 0.002)
    raise AssertionError(f"waited {deadline_s:g} s in vain for {what}")


async def settle(worker: OutboxWorker, turns: int = 3) -> None:
    """Turns by hand, each followed by the calls that it began."""
    for _ in range(turns):
        await worker.turn()
        await wait_for(lambda: not worker._calls, "the calls to end")


@asynccontextmanager
async def open_desk(url: str, folder: Path, clock: Clock | None = None) -> AsyncIterator[Desk]:
    desk = Desk(url, folder, clock or Clock())
    try:
        yield desk
    finally:
        desk.close()
