"""Settings of the audit chain (part of `ApiSettings`)."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings


class AuditSettings(BaseSettings):
    """How the audit is signed, and where its checkpoints go."""

    audit_key_file: Path | None = Field(
        None,
        description="File with the key that signs checkpoints of the audit; made at first start, its public "
        "half beside it as `.pub`. Default: `audit.key` in the data folder.",
    )
    audit_checkpoint_file: Path | None = Field(
        None,
        description="File to which every checkpoint is added as a line of JSON; have it copied elsewhere. "
        "Default: `audit-checkpoints.jsonl` in the data folder.",
    )
    audit_checkpoint_every_rows: int = Field(
        1000, ge=1, description="Rows of the audit after which a checkpoint is signed."
    )
    audit_checkpoint_every_s: float = Field(
        3600.0, gt=0, description="A checkpoint is signed at least this often, in seconds."
    )
    audit_checkpoint_log: bool = Field(
        True,
        description="Write every checkpoint to the log too: a log that leaves the machine takes it along.",
    )
    audit_checkpoint_url: str = Field(
        "", description="Address off this machine to which every checkpoint is posted as JSON; empty: none."
    )
    audit_checkpoint_token: SecretStr = Field(
        SecretStr(""), description="Sent with it as `Authorization: Bearer`; empty: nothing is sent."
    )
    audit_checkpoint_timeout_s: float = Field(
        10.0, gt=0, le=60, description="How long that address may take to answer, in seconds."
    )
    audit_checkpoint_unsent_after_s: float = Field(
        7200.0, gt=0, description="A checkpoint that nobody took for so long is an alarm, in seconds."
    )
    audit_check_every_s: float = Field(
        3600.0,
        gt=0,
        description="How often the service checks what was added to the audit, in seconds.",
    )
    audit_check_all_every_s: float = Field(
        86400.0, gt=0, description="How often it checks the audit from its first row, in seconds."
    )

    @field_validator("audit_checkpoint_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no address: write https://host/path")
        return value
