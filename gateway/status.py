"""What this gateway says of itself, read of its running parts."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from alarm_rules.gateway_status import GatewayStatus, HistoryStatus, JournalStatus
from gateway.conditions import CURSOR

if TYPE_CHECKING:
    from gateway.process import Gateway


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
