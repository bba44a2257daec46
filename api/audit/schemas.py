"""What the routes of the audit answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.audit.chain import Link
from api.audit.checkpoints import Checkpoint


class AuditRow(BaseModel):
    """One act."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(description="Place in the chain, from 1 without gaps.", examples=[4711])
    time: int = Field(description="ns UTC of the service's clock.", examples=[1_750_000_000_000_000_000])
    actor: str = Field(description="Who: `operator:{name}`, `gateway:{name}` or `service`.")
    action: str = Field(description="What was done.", examples=["acknowledge"])
    subject: str = Field(description="To what: an alarm's id, a person, a gateway ...")
    text: str = Field(description="The person's words, or particulars.")
    enterprise: str = Field(description="Enterprise that it concerns; empty: none in particular.")
    hash: str = Field(description="SHA-256 that chains the row to the one before, hexadecimal.")


class AuditPage(BaseModel):
    """Rows, newest first."""

    model_config = ConfigDict(extra="forbid")

    rows: list[AuditRow]
    next: int | None = Field(description="Give it as `after` for older rows; null at the end.")


class CheckpointView(BaseModel):
    """The head of the chain at a time, signed with Ed25519."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(description="Rows of the audit so far.")
    time: int = Field(description="ns UTC.")
    hash: str = Field(description="Hash of that row, hexadecimal.")
    key: str = Field(description="Which public key proves it: its SHA-256, first 16 hexadecimal digits.")
    signature: str = Field(description="Ed25519 over number, time and hash, hexadecimal.")


class CheckpointPage(BaseModel):
    """Checkpoints, newest first."""

    model_config = ConfigDict(extra="forbid")

    checkpoints: list[CheckpointView]
    next: int | None = Field(description="Give it as `after` for older ones; null at the end.")


class PublicKeyView(BaseModel):
    """What proves checkpoints."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(description="As checkpoints name it.")
    pem: str = Field(description="Ed25519 public key, PEM.")


def audit_row(link: Link) -> AuditRow:
    """A row as it is shown."""
    entry = link.entry
    return AuditRow(
        number=link.number,
        time=entry.time,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        text=entry.text,
        enterprise=entry.enterprise,
        hash=link.hash,
    )


def checkpoint_view(checkpoint: Checkpoint) -> CheckpointView:
    """A checkpoint as it is shown."""
    return CheckpointView(**{name: getattr(checkpoint, name) for name in Checkpoint.__struct_fields__})
