"""Settings of changes by two persons (part of `ApiSettings`)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class ApprovalSettings(BaseSettings):
    """Which policy holds."""

    approvals_policy_file: Path | None = Field(
        None,
        description="File that says which changes take two persons. Default: the one of the release, "
        "`api/approvals/policy.yaml`.",
    )
