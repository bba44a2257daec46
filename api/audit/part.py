"""The audit as `app.py` composes it: keeper (signs), courier (takes away), guard (checks)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from api.audit.courier import CheckpointCourier, Outside
from api.audit.guard import AuditGuard
from api.audit.keeper import KIND, CheckpointKeeper, Pace, Report
from api.audit.keys import AuditProof, AuditSigner
from api.audit.metrics import AuditMetrics
from api.audit.settings import AuditSettings
from api.store.writer import Reader, Writer
from api.timers import Handler

KEY_FILE, CHECKPOINT_FILE = "audit.key", "audit-checkpoints.jsonl"


@dataclass(frozen=True)
class AuditPart:
    """Make it with `open_audit_part`, then enter `running`."""

    settings: AuditSettings
    proof: AuditProof
    keeper: CheckpointKeeper
    courier: CheckpointCourier
    guard: AuditGuard
    writer: Writer

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What the timers of this part call."""
        return {KIND: self.keeper.look}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sign, take away and check until the block ends."""
        settings = self.settings
        async with AsyncExitStack() as stack:
            await self.writer.run(self.keeper.begin)
            await stack.enter_async_context(self.courier.running())
            guard = self.guard.running(settings.audit_check_every_s, settings.audit_check_all_every_s)
            await stack.enter_async_context(guard)
            yield


def open_audit_part(
    settings: AuditSettings,
    data_folder: Path,
    writer: Writer,
    reader: Reader,
    registry: CollectorRegistry,
    report: Report,
) -> AuditPart:
    """Raises AuditKeyRefused when the key cannot be used: an unsigned audit is no audit."""
    signer = AuditSigner.open(key_file(settings, data_folder))
    metrics = AuditMetrics(registry)
    file = settings.audit_checkpoint_file or data_folder / CHECKPOINT_FILE
    url, token = settings.audit_checkpoint_url, settings.audit_checkpoint_token.get_secret_value()
    outside = Outside(url, token, settings.audit_checkpoint_timeout_s) if url else None
    courier = CheckpointCourier(writer, reader, metrics, file, outside, to_log=settings.audit_checkpoint_log)
    pace = Pace(
        every_rows=settings.audit_checkpoint_every_rows,
        every_s=settings.audit_checkpoint_every_s,
        unsent_after_s=settings.audit_checkpoint_unsent_after_s,
        sends=bool(url),
    )
    return AuditPart(
        settings=settings,
        proof=signer.public,
        keeper=CheckpointKeeper(signer, pace, metrics, report, courier.wake),
        courier=courier,
        guard=AuditGuard(writer, reader, metrics, report, signer.public, file),
        writer=writer,
    )


def key_file(settings: AuditSettings, data_folder: Path) -> Path:
    """Where the private key stands."""
    return settings.audit_key_file or data_folder / KEY_FILE
