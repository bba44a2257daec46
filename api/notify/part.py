"""The notifiers of a running service, put together: what `app.py` makes and routes and other parts use."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog
from prometheus_client import CollectorRegistry

from api.notify.calling import CallWatch
from api.notify.catalogue import adapters
from api.notify.changes import ChangeRefused, UnknownReceiver
from api.notify.deadletters import DeadLetters, UnknownMessage
from api.notify.directory import Directory
from api.notify.errors import AddressWrong
from api.notify.keeping import SandboxKeeper
from api.notify.metrics import NotifyMetrics
from api.notify.papers import Papers, ReportRefused
from api.notify.port import Clock, NotConfigured, Notifier, Surroundings
from api.notify.sending import Sender
from api.notify.settings import NotifySettings
from api.notify.settling import Report, Settler
from api.notify.vault import KEY_FILE, Vault, open_vault
from api.notify.voice import VoiceNotifier
from api.notify.worker import OutboxWorker
from api.store.writer import Reader, Writer

log = structlog.get_logger(__name__)

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownReceiver: (404, "unknown-receiver"),
    UnknownMessage: (404, "unknown-message"),
    ChangeRefused: (409, "change-refused"),
    AddressWrong: (422, "address-wrong"),
    ReportRefused: (422, "report-refused"),
}


@dataclass(frozen=True)
class Notify:
    """One field of `Parts`."""

    vault: Vault
    worker: OutboxWorker
    calls: CallWatch
    dead: DeadLetters
    directory: Directory
    papers: Papers
    notifiers: Mapping[str, Notifier | NotConfigured]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send until the block ends, then let calls under way finish and give everything free."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close)
            await stack.enter_async_context(self.calls.running())
            await stack.enter_async_context(self.worker.running())
            yield

    async def _close(self) -> None:
        for notifier in set(self.notifiers.values()):
            if not isinstance(notifier, NotConfigured):
                await notifier.close()


def open_notify_part(
    settings: NotifySettings,
    data_folder: Path,
    writer: Writer,
    reader: Reader,
    registry: CollectorRegistry,
    report: Report,
    clock: Clock,
) -> Notify:
    """Make the part; nothing is sent before `running`. Raises VaultRefused for an unusable key file."""
    vault = open_vault(settings.notify_key_file or data_folder / KEY_FILE)
    metrics = NotifyMetrics(registry)
    notifiers = make_notifiers(settings, writer, clock)
    sender = Sender(notifiers, vault, clock, settings.notify_timeout_s)
    settler = Settler(settings, report, random.random)
    voice = notifiers.get("voice")
    caller = cast(VoiceNotifier, voice) if hasattr(voice, "read_report") else None
    calls = CallWatch(writer, reader, caller, settings, metrics, clock)
    return Notify(
        vault=vault,
        worker=OutboxWorker(writer, sender, settler, settings, metrics, clock),
        calls=calls,
        dead=DeadLetters(settler),
        directory=Directory(writer, reader, vault, notifiers),
        papers=Papers(reader, calls, settings.notify_voice_report_token_file),
        notifiers=notifiers,
    )


def make_notifiers(
    settings: NotifySettings, writer: Writer, clock: Clock
) -> dict[str, Notifier | NotConfigured]:
    """A notifier for each channel, or why it has none. With `notify_sandbox_only` all are the sandbox."""

    keep = SandboxKeeper(writer, settings.notify_sandbox_keep)
    around = Surroundings(settings=settings, clock=clock, keep=keep)
    if settings.notify_sandbox_only:
        sandbox = adapters()["sandbox"].make(around)
        return dict.fromkeys(adapters(), sandbox)
    made: dict[str, Notifier | NotConfigured] = {}
    for channel, adapter in adapters().items():
        try:
            made[channel] = adapter.make(around)
        except NotConfigured as reason:
            made[channel] = reason
    return made
