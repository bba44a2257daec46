"""Quality of the alarm system: performance of each desk, floods, and what came first in a burst."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.alarms.quality.schemas import (
    BurstList,
    FloodList,
    FloodView,
    PerformanceList,
    burst_view,
    performance_view,
)
from api.alarms.schemas import NO_NUL
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import ProblemView
from api.store.annunciations import floods_between

DAY_NS = 86400 * 1_000_000_000
MONTH_NS = 30 * DAY_NS
"""The window over which the targets are meant (ISA-18.2 §16.4 as quoted)."""
LONGEST_NS = 366 * DAY_NS
MOST_DESKS = 50

Reader = Annotated[Principal, Depends(require("alarm.read"))]
Enterprise = Annotated[
    str | None,
    Query(max_length=200, pattern=NO_NUL, description="Of this enterprise; all in sight if absent."),
]
From = Annotated[int | None, Query(alias="from", ge=0, le=2**62, description="ns UTC.")]
To = Annotated[int | None, Query(ge=0, le=2**62, description="ns UTC, not included; now if absent.")]

router = APIRouter(
    tags=["quality"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 422)},
)


@router.get("/performance")
async def show_performance(
    parts: PartsOf, reader: Reader, enterprise: Enterprise = None, start: From = None, to: To = None
) -> PerformanceList:
    """The ISA-18.2 / EEMUA 191 figures of each desk, by default of the last 30 days, each with numerator,
    denominator and target. Only process alarms; instrument faults and system conditions are not counted."""
    begin, end = _window(parts, start, to, MONTH_NS)
    found = await parts.quality.performance(_desks(parts, reader, enterprise), begin, end)
    return PerformanceList(desks=[performance_view(each) for each in found])


@router.get("/floods")
async def list_floods(
    parts: PartsOf,
    reader: Reader,
    enterprise: Enterprise = None,
    start: From = None,
    to: To = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FloodList:
    """Alarm floods (more than 10 annunciations in 10 minutes, until fewer than 5), the newest first; by
    default of the last 30 days. One without an end goes on now."""
    begin, end = _window(parts, start, to, MONTH_NS)
    found = await parts.reader.run(
        lambda connection: floods_between(connection, reader.scope, enterprise, begin, end, limit)
    )
    return FloodList(floods=[FloodView(enterprise=name, **flood._asdict()) for name, flood in found])


@router.get("/first-out")
async def show_first_out(
    parts: PartsOf,
    reader: Reader,
    enterprise: Enterprise = None,
    installation: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Of this installation.")
    ] = None,
    start: From = None,
    to: To = None,
    window_s: Annotated[
        int, Query(ge=1, le=3600, description="How soon the next alarm follows within a burst, in seconds.")
    ] = 60,
) -> BurstList:
    """Bursts of alarms by installation: the first one, and what followed by unit; by default of the last
    24 hours. Second-level gas alarms stand by themselves."""
    begin, end = _window(parts, start, to, DAY_NS)
    found, truncated = await parts.quality.bursts(
        reader.scope, enterprise, installation, begin, end, window_s * 1_000_000_000
    )
    return BurstList(bursts=[burst_view(burst) for burst in found], truncated=truncated)


def _window(parts: Parts, start: int | None, to: int | None, default_ns: int) -> tuple[int, int]:
    end = parts.clock() if to is None else to
    begin = max(0, end - default_ns) if start is None else start
    if not begin < end <= begin + LONGEST_NS:
        raise Problem(
            422,
            "invalid-window",
            both(
                "`from` 须早于 `to`，且相隔不超过 366 天", "`from` must be before `to`, by 366 days at most"
            ),
        )
    return begin, end


def _desks(parts: Parts, reader: Principal, enterprise: str | None) -> list[str]:
    seen = [each.id for each in parts.catalogue.enterprises if reader.sees(each.id)]
    if enterprise is not None:
        if enterprise not in seen:
            raise Problem(
                404,
                "unknown-enterprise",
                both(f"没有企业 {enterprise}。", f"There is no enterprise {enterprise}."),
            )
        return [enterprise]
    if len(seen) > MOST_DESKS:
        raise Problem(
            422,
            "too-many-desks",
            both(
                f"您可看到 {len(seen)} 家企业：请用 `enterprise` 指定一家",
                f"{len(seen)} enterprises are in sight: name one with `enterprise`",
            ),
        )
    return seen
