"""Settings of the alarm life."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class AlarmSettings(BaseSettings):
    """How long alarms may be put aside, and what their performance is measured against."""

    alarm_policy: Path | None = Field(
        None,
        description="File with the longest shelving and time out of service, and when an answered alarm asks "
        "again. Default: the release's own `api/alarms/policy.yaml`, a default and no regulation.",
    )
    performance_targets: Path | None = Field(
        None,
        description="File with the targets of the alarm system's performance. "
        "Default: the release's own `api/alarms/quality/targets.yaml`.",
    )
