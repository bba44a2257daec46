"""What a gateway says of itself to the alert service (`GET /status`): one message, known to both sides.

No secrets. Times are ns UTC. A field that an older gateway does not send has a default that says so.
"""

import msgspec


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
    """The answer to `GET /status`."""

    name: str
    version: str
    started_time: int
    now: int
    clock_ahead_s: float
    enterprises: list[str]
    fingerprints: dict[str, str] = {}
    """Of the register and rules that run, by enterprise (`alarm_rules.fingerprint`)."""
    points: int
    rules: int
    connections: int
    journal: JournalStatus
    history: HistoryStatus
    troubles: dict[str, str]
    """Part -> why it does not work."""
