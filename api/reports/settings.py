"""Settings of the daily reports; part of `ApiSettings`."""

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class ReportSettings(BaseSettings):
    """When a day begins, which desks get a report by themselves, and how large one may become."""

    report_day_begins: str = Field(
        "00:00", description="Local time at which the day of a report begins, `HH:MM`; e.g. `08:00`."
    )
    report_made_at: str = Field(
        "00:30", description="Local time at which the reports of the day that is over are made, `HH:MM`."
    )
    report_desks: tuple[str, ...] = Field(
        ("all:",),
        description="Desks whose reports are made every day: `all:`, `city:...`, `district:...`, "
        "`enterprise:...`. Empty: none; any can be asked for.",
    )
    report_keep_days: int = Field(
        400, ge=1, le=4000, description="How long made reports are kept in the data folder, in days."
    )
    report_longest_s: float = Field(
        60.0, gt=0, description="How long one report may take to be made before it is given up, in seconds."
    )
    report_max_bytes: int = Field(20 * 2**20, ge=100_000, description="Largest report, in bytes.")
    report_rows: int = Field(
        200, ge=10, le=5000, description="Rows of one list of a report at most; the rest is counted."
    )
    report_font: Path | None = Field(
        None,
        description="TrueType font with Chinese glyphs (`.ttf`, `.ttc`) to embed in PDF reports. Empty: "
        "STSong-Light, which viewers replace by a Chinese font of theirs.",
    )

    @field_validator("report_day_begins", "report_made_at")
    @classmethod
    def _is_clock(cls, text: str) -> str:
        if not _CLOCK.fullmatch(text):
            raise ValueError(f"{text!r} is no time of day: write HH:MM")
        return text
