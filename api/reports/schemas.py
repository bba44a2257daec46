"""What the routes of the reports say."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.store.report_list import ReportRow


class ReportView(BaseModel):
    """A report that was made by itself, is due, or failed."""

    model_config = ConfigDict(extra="forbid")

    desk: str = Field(description="Id of the desk, e.g. `city:示例市`.")
    day: str = Field(description="Local day, `YYYY-MM-DD`.")
    language: str = Field(description="`zh` or `en`.")
    state: Literal["due", "made", "failed"] = Field(description="What became of it.")
    made_at: int | None = Field(description="ns UTC.")
    bytes: int | None = Field(description="Size of its files together.")
    attempts: int = Field(description="How often it was tried.")
    error: str = Field(description="Why it failed last; empty if it did not.")


class ReportBody(BaseModel):
    """Which report is to be made and kept."""

    model_config = ConfigDict(extra="forbid")

    desk: str = Field(max_length=200, description="`all:`, `city:...`, `district:...` or `enterprise:...`.")
    day: str = Field(max_length=10, description="Local day, `YYYY-MM-DD`.")
    language: Literal["zh", "en"] = Field("zh", description="`zh` or `en`.")


class ReportPage(BaseModel):
    """Reports, the newest day first."""

    model_config = ConfigDict(extra="forbid")

    reports: list[ReportView]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


def report_view(row: ReportRow) -> ReportView:
    return ReportView(
        desk=row.desk,
        day=row.day,
        language=row.language,
        state=row.state,
        made_at=row.made_at,
        bytes=row.bytes,
        attempts=row.attempts,
        error=row.error,
    )
