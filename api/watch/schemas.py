"""What the route of self-watch answers."""

import math

from pydantic import BaseModel, ConfigDict, Field

from api.store.watch import ProbeFigures
from api.watch.judge import Standing, State
from api.watch.kinds import KINDS
from api.watch.ping import Outcome
from api.watch.probes import percentile


class CheckView(BaseModel):
    """One check as it stands."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="What is checked; its alarm is `service/system/{kind}`.")
    about: str = Field(description="Of what: a gateway, a folder, this service.")
    state: State = Field(description="`unknown`: it cannot be read now.")
    value: float | None = Field(description="In `unit`; null when it cannot be read.")
    limit: float = Field(description="In `unit`; 0: the check is off.")
    unit: str = Field(description="`s` or `bytes`.")
    floor: bool = Field(description="Bad below its limit instead of above.")
    critical: bool = Field(description="While it is bad, the ping to the outside stays away.")
    since: int = Field(description="When it became so, ns UTC.")


class ProbeView(BaseModel):
    """Synthetic alarms of a gateway."""

    model_config = ConfigDict(extra="forbid")

    gateway: str = Field(description="Its name.")
    last_arrived_at: int = Field(description="When the newest arrived here, ns UTC.")
    last_came_out_at: int | None = Field(
        description="When the newest that came out as a notification had arrived here, ns UTC."
    )
    last_latency_s: float | None = Field(
        description="Of that one, from its trip in the gateway to its receipt in the sandbox."
    )
    p95_latency_s: float | None = Field(description="Of the newest 200 that came out.")
    measured: int = Field(description="How many those are.")


class WatchView(BaseModel):
    """How the service finds itself and its gateways."""

    model_config = ConfigDict(extra="forbid")

    well: bool = Field(description="Every critical check is good.")
    checks: list[CheckView]
    probes: list[ProbeView]
    ping: Outcome = Field(description="What came of the newest ping to the outside; empty: none yet.")


def check_view(standing: Standing) -> CheckView:
    """A check as it is shown."""
    kind, value = KINDS[standing.kind], standing.value
    return CheckView(
        kind=standing.kind,
        about=standing.about,
        state=standing.state,
        value=None if value is None or math.isinf(value) else value,
        limit=standing.limit,
        unit=kind.unit,
        floor=kind.floor,
        critical=kind.critical,
        since=standing.since,
    )


def probe_view(figures: ProbeFigures) -> ProbeView:
    """The probes of a gateway as they are shown."""
    latencies = figures.latencies_s
    return ProbeView(
        gateway=figures.gateway,
        last_arrived_at=figures.last_stored_at,
        last_came_out_at=figures.last_came_out_at,
        last_latency_s=latencies[0] if latencies else None,
        p95_latency_s=percentile(latencies, 0.95),
        measured=len(latencies),
    )
