"""Gathers the state of the system from the parts that know it; asks the gateway, which may be away."""

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy import Connection, make_url, text

from alarm_rules.gateway_status import GatewayStatus
from api.audit.checkpoints import Checkpoint
from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.parts import Parts
from api.setup.errors import SetUpRefused
from api.store.audit import checkpoints_before, head_of
from api.store.ladders import Proof, proofs
from api.store.outbox import counts_by_state, oldest_waiting
from api.system.schemas import (
    SystemAudit,
    SystemGateway,
    SystemOutbox,
    SystemProof,
    SystemStore,
    SystemView,
)
from api.values import Feed

DAY_NS, SECOND_NS = 86_400_000_000_000, 1_000_000_000


class Kept(NamedTuple):
    """What the store says of itself and of what it keeps."""

    size: int | None
    outbox: dict[str, int]
    oldest_waiting: int | None
    rows: int
    checkpoint: Checkpoint | None
    proof: Proof | None


async def system_view(parts: Parts, scope: Scope) -> SystemView:
    """Everything for one who sees these enterprises. Raises StoreUnavailable."""
    now = parts.clock()
    kind, file = _store_of(parts)
    status, kept = await asyncio.gather(_ask(parts), parts.reader.run(lambda c: _kept(c, file, now)))
    failed = parts.writer.trouble
    trouble = both(f"上一次工作失败：“{failed}”", str(failed)) if failed else ""
    return SystemView(
        version=program_version(),
        now=now,
        started_time=parts.started_time,
        set_up=not (parts.settings.data_folder / "setup.code").exists(),
        sandbox_only=parts.settings.notify_sandbox_only,
        live_screens=len(parts.hub.clients),
        gateways=_gateways(parts, scope, status, now),
        store=SystemStore(
            kind=kind,
            bytes=kept.size,
            trouble=trouble,
        ),
        outbox=SystemOutbox(
            waiting=kept.outbox.get("waiting", 0),
            oldest_waiting=kept.oldest_waiting,
            sent=kept.outbox.get("sent", 0),
            failed=kept.outbox.get("dead", 0),
        ),
        audit=SystemAudit(
            rows=kept.rows,
            good_through=parts.audit.guard.good.number,
            checkpoint_time=kept.checkpoint.time if kept.checkpoint else None,
            checkpoint_rows=kept.checkpoint.number if kept.checkpoint else None,
        ),
        proof=_proof(kept.proof),
    )


def program_version() -> str:
    """Of the installed program; `unknown` when it runs without having been installed."""
    try:
        return version("hazardwatch")
    except PackageNotFoundError:
        return "unknown"


def _store_of(parts: Parts) -> tuple[Literal["sqlite", "postgresql"], Path | None]:
    settings = parts.settings
    if not settings.database_url:
        return "sqlite", settings.data_folder / "alarms.sqlite"
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return "sqlite", Path(url.database or "")
    return "postgresql", None


def _kept(connection: Connection, file: Path | None, now: int) -> Kept:
    counts: dict[str, int] = {}
    for (_, state), number in counts_by_state(connection, EVERYTHING, now - DAY_NS).items():
        counts[state] = counts.get(state, 0) + number
    head = head_of(connection)
    return Kept(
        size=_size(connection, file),
        outbox=counts,
        oldest_waiting=oldest_waiting(connection),
        rows=head.number if head else 0,
        checkpoint=next(iter(checkpoints_before(connection, None, 1)), None),
        proof=next(iter(proofs(connection, 1)), None),
    )


def _size(connection: Connection, file: Path | None) -> int | None:
    if file is None:
        found = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return int(found)
    try:
        return sum(
            part.stat().st_size for part in (file, file.with_name(f"{file.name}-wal")) if part.exists()
        )
    except OSError:
        return None


async def _ask(parts: Parts) -> GatewayStatus | str:
    """The gateway's own words, or why there are none."""
    try:
        return await parts.gateway.status()
    except SetUpRefused as error:
        return error.detail


def _gateways(parts: Parts, scope: Scope, status: GatewayStatus | str, now: int) -> list[SystemGateway]:
    """Those in sight: by the points that they have sent, or by the enterprises of their register."""
    feeds = {feed.gateway: feed for feed in parts.values.feeds(now)}
    own = status.name if isinstance(status, GatewayStatus) else ""
    seen: dict[str, set[str]] = {name: set(parts.values.enterprises_of(name)) for name in feeds}
    if isinstance(status, GatewayStatus):
        seen.setdefault(own, set()).update(status.enterprises)
    shown = [
        _gateway(name, feeds.get(name), status if name == own or not own else "", now)
        for name, enterprises in sorted(seen.items())
        if scope.enterprises is None or not scope.enterprises.isdisjoint(enterprises)
    ]
    if not shown and isinstance(status, str) and scope.enterprises is None:
        shown.append(_gateway("gateway", None, status, now))
    return shown


def _gateway(name: str, feed: Feed | None, status: GatewayStatus | str, now: int) -> SystemGateway:
    known = SystemGateway(
        name=name,
        heard_ago_s=feed.heard_ago_s if feed else None,
        silent=feed.silent if feed else True,
        clock_difference_s=(feed.gateway_time - now) / SECOND_NS if feed else None,
        asked=isinstance(status, GatewayStatus),
        failing=status if isinstance(status, str) else "",
    )
    if isinstance(status, str):
        return known
    journal, history = status.journal, status.history
    return known.model_copy(
        update={
            "version": status.version,
            "started_time": status.started_time,
            "points": status.points,
            "rules": status.rules,
            "connections": status.connections,
            "journal_bytes": journal.bytes,
            "journal_budget_bytes": journal.budget_bytes,
            "history_behind": journal.history_behind,
            "changes_undelivered": journal.changes_undelivered,
            "history": history.kind,
            "history_trouble": history.trouble,
            "clock_ahead_s": status.clock_ahead_s,
            "troubles": status.troubles,
        }
    )


def _proof(proof: Proof | None) -> SystemProof | None:
    if proof is None:
        return None
    return SystemProof(time=proof.time, open_alarms=proof.open_alarms, holes=proof.holes)
