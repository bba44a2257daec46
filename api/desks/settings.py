"""Settings of the desks."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class DeskSettings(BaseSettings):
    """Part of `ApiSettings`."""

    desk_policy: Path | None = Field(
        None,
        description="File whose sections replace those of the shipped policy of the desks (levels, warnings, "
        "supervision, duty_checks, commitments, shifts, audiences). Default: the shipped policy.",
    )
    duty_check_secret_file: Path | None = Field(
        None,
        description="File with the secret behind the random times of duty checks; made when missing. "
        "Default: `duty-check.secret` in the data folder.",
    )
