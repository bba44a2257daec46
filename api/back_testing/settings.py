"""Settings of the back-tests; part of `ApiSettings`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class BackTestSettings(BaseSettings):
    """Where the history is, and how much a back-test may take."""

    back_test_history: Path | None = Field(
        None,
        description="Data folder of the gateway, whose history back-tests replay. Empty: as the gateway's "
        "own settings (`HAZARDWATCH_GATEWAY_...`) in the environment of this service say, InfluxDB included.",
    )
    back_test_most_days: float = Field(
        92.0, gt=0, le=1000, description="Longest history that one back-test may replay, in days."
    )
    back_test_longest_s: float = Field(
        3600.0, gt=0, description="A back-test that takes longer is ended, in seconds."
    )
    back_test_niceness: int = Field(
        10, ge=0, le=19, description="How far back-tests stand behind everything else on this machine."
    )
    back_test_waiting: int = Field(
        10, ge=1, le=1000, description="Back-tests that may wait; one runs at a time."
    )
    back_test_kept: int = Field(
        200, ge=1, le=10_000, description="Finished back-tests that are kept in the data folder."
    )
    limits_apply: bool = Field(
        False,
        description="Let approved changes of limits be written into the site's folder from the page. Only "
        "where the gateway reads the same folder and this service may write there.",
    )
