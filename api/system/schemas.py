"""What `GET /system` answers. Times are ns UTC."""

from typing import Literal

from pydantic import BaseModel, Field


class SystemGateway(BaseModel):
    """One gateway: as its values come in, and as it speaks of itself if this service can ask it."""

    name: str = Field(description="Its name in its settings.")
    heard_ago_s: float | None = Field(description="Since its last delivery of values; null: none yet.")
    silent: bool = Field(description="For too long: what the screens show of it is old.")
    clock_difference_s: float | None = Field(description="Its clock minus ours; null: it has not spoken.")
    asked: bool = Field(description="It answered when it was asked for its state; else the rest is null.")
    failing: str = Field(description="Why it could not be asked; empty if it answered.")
    version: str | None = Field(None, description="Release of its program.")
    started_time: int | None = Field(None, description="When it started.")
    points: int | None = Field(None, description="Points of its register.")
    rules: int | None = Field(None, description="Rules that it judges by.")
    connections: int | None = Field(None, description="Open connections of devices.")
    journal_bytes: int | None = Field(None, description="Disk that its journal uses.")
    journal_budget_bytes: int | None = Field(None, description="Disk that its journal may use.")
    history_behind: int | None = Field(None, description="Batches that history has not taken yet.")
    changes_undelivered: int | None = Field(
        None, description="Condition changes that this service has not taken yet."
    )
    history: str | None = Field(None, description="Where its samples are kept: embedded or influxdb.")
    history_trouble: str | None = Field(None, description="Why they cannot be written; empty if they can.")
    clock_ahead_s: float | None = Field(
        None, description="How far its time runs ahead of its machine's clock, because that was set back."
    )
    troubles: dict[str, str] = Field({}, description="Its parts that do not work, with the reason.")


class SystemStore(BaseModel):
    """The alarm store."""

    kind: Literal["sqlite", "postgresql"] = Field(description="What keeps it.")
    bytes: int | None = Field(description="Its size on disk; null if that cannot be read.")
    trouble: str = Field(description="What went wrong with the last work; empty: nothing.")


class SystemOutbox(BaseModel):
    """Messages to people on their way."""

    waiting: int = Field(description="Made within the last day and not sent yet.")
    oldest_waiting: int | None = Field(description="When the oldest that waits was made; null: none waits.")
    sent: int = Field(description="Sent within the last day.")
    failed: int = Field(description="Given up within the last day.")


class SystemAudit(BaseModel):
    """The chain of the audit."""

    rows: int = Field(description="Rows so far.")
    good_through: int = Field(description="The last row that the last check found good.")
    checkpoint_time: int | None = Field(description="When its newest checkpoint was signed; null: none yet.")
    checkpoint_rows: int | None = Field(description="How many rows that checkpoint proves.")


class SystemProof(BaseModel):
    """The last proof that no open alarm was forgotten."""

    time: int = Field(description="When it was made.")
    open_alarms: int = Field(description="Alarms that were open.")
    holes: int = Field(description="Those with neither a next step nor an owner; they were mended.")


class SystemView(BaseModel):
    """The state of the whole system."""

    version: str = Field(description="Release of this service.")
    now: int = Field(description="This service's clock.")
    started_time: int = Field(description="When this service started.")
    set_up: bool = Field(description="False: a first start is not finished, and its code still opens it.")
    sandbox_only: bool = Field(description="True: nothing is sent to anybody, every message stays here.")
    live_screens: int = Field(description="Screens connected now.")
    gateways: list[SystemGateway] = Field(description="Those that deliver what the caller may see.")
    store: SystemStore = Field(description="Where alarms are kept.")
    outbox: SystemOutbox = Field(description="Messages to people.")
    audit: SystemAudit = Field(description="How far the audit is proved.")
    proof: SystemProof | None = Field(description="The last self-check of the ladders; null: none yet.")
