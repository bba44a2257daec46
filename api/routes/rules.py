"""The master alarm database as it runs: rules with set-points, delays, consequence and response; and what the
kinds of detectors behind them do."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.rule_book.kinds import kind_descriptions
from api.rule_book.listing import Listed, Origin, Wanted
from api.rule_book.noise import noise_of
from api.rule_book.schemas import (
    DetectorKindList,
    RuleClass,
    RuleCountsView,
    RuleDetail,
    RuleLine,
    RulePage,
    counts_view,
    kind_view,
    line_of,
    noise_view,
    view_of,
)
from api.schemas import PriorityName, ProblemView
from api.store.rule_noise import told_of_rule

Reader = Annotated[Principal, Depends(require("point.read"))]
Name = Query(max_length=400, pattern=r"^[^\x00]*$")
NOISE_NS = 30 * 86_400 * 1_000_000_000
MOST_TOLD = 20_000
ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ProblemView} for status in (401, 403, 404, 422)}

router = APIRouter(prefix="/rules", tags=["rules"], responses=ERRORS)
kinds_router = APIRouter(prefix="/detector-kinds", tags=["rules"], responses=ERRORS)


@router.get("")
async def list_rules(
    parts: PartsOf,
    reader: Reader,
    enterprise: Annotated[str, Name] = "",
    installation: Annotated[str, Name] = "",
    unit: Annotated[str, Query(max_length=400, description="Id of a tank, vessel or area.")] = "",
    point: Annotated[str, Query(max_length=400, description="Only rules of this point.")] = "",
    detector: Annotated[list[str], Query(max_length=50, description="Of any of these kinds.")] = [],  # noqa: B006 (FastAPI copies it)
    priority: Annotated[list[PriorityName], Query(description="Of any of these priorities.")] = [],  # noqa: B006
    rule_class: Annotated[list[RuleClass], Query(alias="class", description="Of any of these classes.")] = [],  # noqa: B006
    origin: Annotated[list[Origin], Query(description="Decided in any of these places.")] = [],  # noqa: B006
    in_force: Annotated[bool | None, Query(description="Evaluated, or not; both if absent.")] = None,
    text: Annotated[
        str, Query(max_length=200, description="Words that all stand somewhere in the rule or its point.")
    ] = "",
    skip: Annotated[int, Query(ge=0, le=2**40, description="Leave out so many from the first.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="Rules of a page at most.")] = 100,
) -> RulePage:
    """Rules in the order of the register, with set-points and delays as they run. The order only changes
    with a restart: `skip` leads to any place of the list at once."""
    wanted = Wanted(
        enterprise=enterprise,
        installation=installation,
        unit=unit,
        point=point,
        detector=tuple(detector),
        priority=tuple(priority),
        alarm_class=tuple(rule_class),
        origin=tuple(origin),
        in_force=in_force,
        text=text,
    )
    places = await asyncio.to_thread(parts.rules.find, wanted, reader.scope)
    shown = places[skip : skip + limit]
    return RulePage(
        total=len(places), skip=skip, rules=[_line(parts, parts.rules.at(place)) for place in shown]
    )


@router.get("/summary")
async def summarise_rules(parts: PartsOf, reader: Reader) -> RuleCountsView:
    """How many rules there are by enterprise, detector, priority, class and origin."""
    return counts_view(await asyncio.to_thread(parts.rules.counts, reader.scope))


@router.get("/{rule_id:path}")
async def show_rule(
    rule_id: Annotated[str, Path(max_length=400, description="Full id, `{enterprise}/{rule}`.")],
    parts: PartsOf,
    reader: Reader,
) -> RuleDetail:
    """One rule with every fact of it, what it suppresses, and its alarms of the last 30 days."""
    try:
        listed = parts.rules.rule(rule_id, reader.scope)
    except KeyError as error:
        raise Problem(
            404, "unknown-rule", both(f"没有规则 {rule_id}", f"there is no rule {rule_id}")
        ) from error
    end = parts.clock()
    start = end - NOISE_NS
    told = await parts.reader.run(
        lambda c: told_of_rule(c, listed.point.enterprise, rule_id, start, end, MOST_TOLD)
    )
    return view_of(
        listed,
        parts.catalogue.unit_name(listed.point),
        noise_view(noise_of(told, end, MOST_TOLD), start, end),
        parts.rules.suppresses(rule_id),
        second_level_gas=rule_id in parts.catalogue.second_level,
    )


@kinds_router.get("")
async def list_detector_kinds(_reader: Reader) -> DetectorKindList:
    """What each kind of detector finds, its parameters, and how often it told of a danger that was none."""
    return DetectorKindList(kinds=[kind_view(each) for each in kind_descriptions()])


def _line(parts: Parts, listed: Listed) -> RuleLine:
    gas = listed.id in parts.catalogue.second_level
    return line_of(listed, parts.catalogue.unit_name(listed.point), second_level_gas=gas)
