"""Fields that the routes of the desks share. Times are ns UTC."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import ProblemView

LATEST = 7_258_118_400_000_000_000
"""The year 2200, ns UTC."""
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL in a text."""

Instant = Annotated[int, Field(ge=0, le=LATEST, description="ns UTC.")]
Name = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Words = Annotated[str, Field(max_length=4000, pattern=NO_NUL)]
Wanted = Annotated[str | None, Query(max_length=200, pattern=NO_NUL, description="Only of this one.")]
After = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Since = Annotated[int | None, Query(ge=0, le=LATEST, description="From this time on, ns UTC.")]
Until = Annotated[int | None, Query(ge=0, le=LATEST, description="Before this time, ns UTC.")]
PathName = Annotated[str, Path(max_length=200, pattern=NO_NUL)]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemView} for status in (400, 401, 403, 404, 409, 422)
}


class Strict(BaseModel):
    """A body: no unknown keys."""

    model_config = ConfigDict(extra="forbid")


class TextBody(Strict):
    """What the person says."""

    text: Words = Field("", description="Words for the journal; needed where the step asks for them.")


class StepView(BaseModel):
    """One line of a journal."""

    kind: str = Field(description="What happened.")
    time: int = Field(description="ns UTC.")
    actor: str = Field(description="`user:NAME`, or `service`.")
    text: str = Field(description="The person's words, or the reason.")
