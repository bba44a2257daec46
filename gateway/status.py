"""What a gateway says of itself to the page that looks after the system: one answer, no secrets."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import msgspec

from gateway.conditions import CURSOR

if TYPE_CHECKING:
    from gateway.process import Gateway


class JournalStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How full the journal is, and how far its followers are behind."""

    bytes: int
    budget_bytes: int
    when_full: str
    position: int
    """Of the newest batch."""
    history_behind: int
    """Batches that history has not taken yet."""
    changes_undelivered: int
    """Condition changes that the alert service has not taken yet."""


class HistoryStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where samples are kept, and why they cannot be written if they cannot."""

    kind: str
    trouble: str
    written_samples: int
    retention_days: int
    """0: the database has its own rule."""


class GatewayStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET /status`. Times are ns UTC."""

    name: str
    version: str
    started_time: int
    now: int
    clock_ahead_s: float
    enterprises: list[str]
    fingerprints: dict[str, str]
    """Of the register and rules that run, by enterprise (`alarm_rules.fingerprint`)."""
    points: int
    rules: int
    connections: int
    journal: JournalStatus
    history: HistoryStatus
    troubles: dict[str, str]
    """Part -> why it does not work."""


def program_version() -> str:
    """Of the installed program; `unknown` when it runs without having been installed."""
    try:
        return version("hazardwatch")
    except PackageNotFoundError:
        return "unknown"


def status_of(gateway: "Gateway") -> GatewayStatus:
    """Read it of the running parts."""
    settings, journal = gateway.settings, gateway.journal
    embedded = settings.history == "embedded"
    counters = gateway.history_writer.counters
    return GatewayStatus(
        name=settings.name,
        version=program_version(),
        started_time=gateway.started_time,
        now=gateway.clock.now(),
        clock_ahead_s=gateway.clock.ahead_ns / 1e9,
        enterprises=[enterprise.id for enterprise in gateway.site.enterprises],
        fingerprints=gateway.fingerprints,
        points=len(gateway.site.points),
        rules=len(gateway.site.rules),
        connections=gateway.listener.connections,
        journal=JournalStatus(
            bytes=gateway.journal_bytes,
            budget_bytes=settings.journal_budget_bytes,
            when_full=settings.journal_when_full,
            position=journal.position,
            history_behind=max(0, journal.position - journal.cursor(f"history:{settings.history}")),
            changes_undelivered=max(0, journal.sequence - journal.cursor(CURSOR))
            if settings.alert_service_url
            else 0,
        ),
        history=HistoryStatus(
            kind=settings.history,
            trouble=gateway.troubles.holding("history_unavailable"),
            written_samples=counters.written_samples,
            retention_days=settings.history_retention_days if embedded else 0,
        ),
        troubles=gateway.state.troubles(),
    )
