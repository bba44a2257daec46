"""Escalation: who was told of an alarm, who is next, who would be told; and that nobody is forgotten."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.principal import Principal
from api.bilingual import both
from api.escalation.schemas import (
    AlarmEscalationView,
    ExhaustedList,
    LadderList,
    PreviewView,
    ProofList,
    alarm_escalation_view,
    exhausted_view,
    ladder_view,
    preview_view,
    proof_list,
)
from api.guards import require
from api.parts import PartsOf
from api.problems import Problem
from api.schemas import ProblemView
from api.store.ladders import exhausted_of, proofs

Reading = Annotated[Principal, Depends(require("escalation.read"))]

router = APIRouter(
    prefix="/escalation",
    tags=["escalation"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 422)},
)


@router.get("/alarms/{alarm_id}")
async def show_escalation(alarm_id: str, parts: PartsOf, reader: Reading) -> AlarmEscalationView:
    """Who was told of an alarm, when and how, what became of it, and what happens next."""
    overview = parts.escalation.overview
    found = await parts.reader.run(lambda connection: overview.of_alarm(connection, alarm_id, reader.scope))
    return alarm_escalation_view(found)


@router.get("/exhausted")
async def list_exhausted(
    parts: PartsOf, reader: Reading, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> ExhaustedList:
    """Open alarms whose ladder came to its end without an answer: they stay red until somebody answers."""
    found = await parts.reader.run(lambda connection: exhausted_of(connection, reader.scope, limit))
    return ExhaustedList(alarms=[exhausted_view(climb) for climb in found])


@router.get("/preview")
async def preview_escalation(
    parts: PartsOf,
    reader: Reading,
    alarm: Annotated[str | None, Query(max_length=100, description="As if this alarm began.")] = None,
    rule: Annotated[str | None, Query(max_length=400, description="Or an alarm of this rule id.")] = None,
    point: Annotated[str, Query(max_length=400, description="At this point; by default the rule's.")] = "",
    at: Annotated[int | None, Query(ge=0, lt=2**62, description="When, ns UTC; now if absent.")] = None,
) -> PreviewView:
    """Who would be told now, step by step, and which steps lead to nobody."""
    if (alarm is None) == (rule is None):
        raise Problem(422, "invalid-request", both("`alarm` 与 `rule` 只给一个", "give either alarm or rule"))
    overview, scope = parts.escalation.overview, reader.scope
    if alarm is not None:
        found = await parts.reader.run(lambda c: overview.preview_of_alarm(c, alarm, scope, at))
    else:
        found = await parts.reader.run(lambda c: overview.preview_of_rule(c, rule or "", point, scope, at))
    return preview_view(found)


@router.get("/ladders")
async def list_ladders(parts: PartsOf, _reader: Reading) -> LadderList:
    """The ladders in the order in which they are asked; their times are policy, no regulation."""
    return LadderList(ladders=[ladder_view(ladder) for ladder in parts.escalation.escalation.book.ladders])


@router.get("/audit")
async def show_audit(
    parts: PartsOf, reader: Reading, limit: Annotated[int, Query(ge=1, le=1440)] = 10
) -> ProofList:
    """The auditor's last proofs: every open alarm has a living next step or a named owner; and the
    steps of ladders that would tell nobody, before an alarm comes to them."""
    found = await parts.reader.run(lambda connection: proofs(connection, limit))
    auditor = parts.escalation.auditor
    return proof_list(found, parts.clock(), auditor.dead_tops, auditor.weak_steps, reader.scope)
