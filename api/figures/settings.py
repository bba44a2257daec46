"""Settings of the figures; part of `ApiSettings`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class FigureSettings(BaseSettings):
    """What the figures mean, and how long counted samples are kept."""

    figures_definitions: Path | None = Field(
        None,
        description="File that replaces the shipped definitions and limits of the figures "
        "(`api/figures/definitions.yaml`, a proposal and no regulation). Empty: the shipped one.",
    )
    figures_longest_days: int = Field(
        400, ge=1, le=4000, description="Longest span of one request for figures, in days."
    )
    figures_count_samples: bool = Field(
        True,
        description="Have the gateway count the samples of each hour for access rate and valid-data rate. "
        "Without it both are derived from the durations of alarms.",
    )
    figures_count_after_s: float = Field(
        1200.0,
        ge=0,
        description="How long after its end an hour is counted, in seconds: history joins the files of an "
        "hour ten minutes after it. It is counted once more a day later, for samples that came late.",
    )
    figures_catch_up_hours: int = Field(
        72, ge=2, description="How far back missed hours are still counted, e.g. after a stop."
    )
    figures_point_days: int = Field(
        35, ge=2, description="How long counts of single points are kept, in days; sums stay for good."
    )
