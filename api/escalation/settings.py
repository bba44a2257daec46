"""Settings of escalation and call-up."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class EscalationSettings(BaseSettings):
    """How the ladders are watched. Who is told when stands in the site's ladders."""

    escalation_audit_s: float = Field(
        60.0,
        ge=1,
        le=600,
        description="How often it is proved that every open alarm has a next step or an owner, in seconds.",
    )
    escalation_overdue_s: float = Field(
        120.0,
        ge=5,
        description="A step of a ladder that is overdue by so long counts as dead, in seconds.",
    )
    clock_look_s: float = Field(
        5.0, ge=0.2, le=60, description="How often the service looks whether its clock was set, in seconds."
    )
    clock_tolerance_s: float = Field(
        5.0,
        ge=0.5,
        description="A clock that departs by more than this from the time that passed was set, in seconds.",
    )
    call_up_script: Path | None = Field(
        None,
        description="For drills: YAML file of what each receiver does with his calls; nobody is phoned.",
    )
    voice_report_secret_file: Path | None = Field(
        None,
        description="File with the secret that signs a voice provider's reports of calls; made when missing. "
        "Default: `voice_report.secret` in the data folder.",
    )
