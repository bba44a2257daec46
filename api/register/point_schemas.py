"""What the routes of points answer besides the points."""

from pydantic import BaseModel, Field


class PointCounts(BaseModel):
    """Points of one installation by how they are doing."""

    enterprise: str = Field(description="Id of the enterprise.")
    installation: str = Field(description="Id of the installation.")
    points: int = Field(description="All points of the register there.")
    good: int = Field(description="In use, with a good value that is new.")
    uncertain: int = Field(description="In use, with a new value that is only roughly right.")
    bad: int = Field(description="In use, and reporting that there is no usable value.")
    silent: int = Field(description="In use, and longer without a sample than its stale rule allows.")
    never: int = Field(description="In use, and never heard of since the alert service started.")
    out_of_service: int = Field(description="Taken out of service in the register.")


class PointSummary(BaseModel):
    """Every installation in sight that has points."""

    installations: list[PointCounts] = Field(description="In the order of the register.")
