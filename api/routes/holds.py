"""Alarms put aside and taken up again, proposals that wait for a second person, and the horn."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.alarms.holding import Wish
from api.alarms.horn import horns, silence
from api.alarms.model import HoldKind
from api.alarms.schemas import (
    NO_NUL,
    CommentBody,
    HoldBody,
    HoldPage,
    HoldView,
    HornList,
    ProposalPage,
    ProposalView,
    PutAsideView,
    RemoveFromServiceBody,
    ShelveBody,
    SilenceBody,
    hold_view,
    horn_view,
    proposal_view,
    put_aside_view,
)
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.live import News
from api.paging import cursor_text, read_cursor
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.routes.alarms import ACTING, IfMatch, version_of
from api.schemas import AlarmView, ProblemView, alarm_view
from api.store.holds import After, page_of_holds, page_of_proposals

Reader = Annotated[Principal, Depends(require("alarm.read"))]
Shelver = Annotated[Principal, Depends(require("alarm.shelve"))]
Remover = Annotated[Principal, Depends(require("alarm.remove_from_service"))]
Agreer = Annotated[Principal, Depends(require("alarm.agree"))]
Silencer = Annotated[Principal, Depends(require("alarm.silence"))]
Enterprise = Annotated[str | None, Query(max_length=200, pattern=NO_NUL, description="Of this enterprise.")]
Page = Annotated[str | None, Query(max_length=200, pattern=NO_NUL, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500)]

router = APIRouter(tags=["alarms"], responses={401: {"model": ProblemView}, 422: {"model": ProblemView}})


@router.post("/alarms/{alarm_id}/shelve", responses=ACTING)
async def shelve_alarm(
    alarm_id: str, parts: PartsOf, person: Shelver, body: ShelveBody, version: IfMatch = None
) -> PutAsideView:
    """Put the alarm's rule at its point aside for a while. What one person may not hide alone is only
    proposed: a second one has to agree. 409 says the longest time that is allowed."""
    return await _put_alarm_aside(parts, person, alarm_id, "shelved", body, body.one_shot, version)


@router.post("/alarms/{alarm_id}/remove-from-service", responses=ACTING)
async def remove_alarm_from_service(
    alarm_id: str, parts: PartsOf, person: Remover, body: RemoveFromServiceBody, version: IfMatch = None
) -> PutAsideView:
    """Take the alarm's rule at its point out of service for maintenance; with two persons as for shelving."""
    return await _put_alarm_aside(parts, person, alarm_id, "out_of_service", body, False, version)


@router.post("/alarms/{alarm_id}/unshelve", responses=ACTING)
async def unshelve_alarm(
    alarm_id: str,
    parts: PartsOf,
    person: Shelver,
    body: CommentBody | None = None,
    version: IfMatch = None,
) -> AlarmView:
    """End the shelving before its time. One person is enough."""
    return await _take_alarm_back(parts, person, alarm_id, "shelved", body, version)


@router.post("/alarms/{alarm_id}/return-to-service", responses=ACTING)
async def return_alarm_to_service(
    alarm_id: str,
    parts: PartsOf,
    person: Remover,
    body: CommentBody | None = None,
    version: IfMatch = None,
) -> AlarmView:
    """Back from maintenance. What is still active is told again. One person is enough."""
    return await _take_alarm_back(parts, person, alarm_id, "out_of_service", body, version)


@router.get("/holds")
async def list_holds(
    parts: PartsOf,
    reader: Reader,
    lasting: Annotated[bool, Query(description="Only those that last now.")] = True,
    kind: Annotated[HoldKind | None, Query(description="Only of this kind.")] = None,
    enterprise: Enterprise = None,
    after: Page = None,
    limit: Limit = 100,
) -> HoldPage:
    """What is or was put aside, the newest first: who, why, until when, and how it ended."""
    begin = After(*read_cursor(after)) if after else None
    found = await parts.reader.run(
        lambda connection: page_of_holds(
            connection,
            reader.scope,
            lasting=lasting,
            kind=kind,
            enterprise=enterprise,
            after=begin,
            limit=limit + 1,
        )
    )
    shown = found[:limit]
    return HoldPage(
        holds=[hold_view(hold) for hold in shown],
        next=cursor_text(shown[-1].time, shown[-1].id) if len(found) > limit else None,
    )


@router.post("/holds", status_code=201, responses=ACTING)
async def put_rule_aside(parts: PartsOf, person: Shelver, body: HoldBody) -> PutAsideView:
    """Put a rule at a point aside before it alarms, e.g. for a calibration that is planned."""
    if body.kind == "out_of_service" and not person.may("alarm.remove_from_service"):
        raise Problem(
            403,
            "permission-required",
            both(
                f"{person.name} 没有停用报警的权限（alarm.remove_from_service）",
                f"{person.name} may not do this: alarm.remove_from_service is needed",
            ),
        )
    wish = Wish(
        kind=body.kind,
        point=body.point,
        rule=body.rule,
        by=person.name,
        reason=body.reason,
        until=body.until_from(parts.clock()),
        one_shot=body.one_shot,
    )
    result = await parts.alarms.aside.put_aside(person, wish)
    _tell(parts, "holds", result.enterprise)
    return put_aside_view(result)


@router.post("/holds/{hold_id}/end", responses=ACTING)
async def end_hold(
    hold_id: str, parts: PartsOf, person: Shelver, body: CommentBody | None = None
) -> HoldView:
    """Take it back before its time. One person is enough."""
    hold = await parts.alarms.aside.take_back(person, hold_id, body.comment if body else "")
    _tell(parts, "holds", hold.enterprise)
    return hold_view(hold)


@router.get("/proposals")
async def list_hold_proposals(
    parts: PartsOf,
    reader: Reader,
    waiting: Annotated[bool, Query(description="Only those that wait for a second person.")] = True,
    enterprise: Enterprise = None,
    after: Page = None,
    limit: Limit = 100,
) -> ProposalPage:
    """What one person has proposed and a second one has to agree to, the newest first."""
    begin = After(*read_cursor(after)) if after else None
    found = await parts.reader.run(
        lambda connection: page_of_proposals(
            connection, reader.scope, waiting=waiting, enterprise=enterprise, after=begin, limit=limit + 1
        )
    )
    shown = found[:limit]
    return ProposalPage(
        proposals=[proposal_view(proposal) for proposal in shown],
        next=cursor_text(shown[-1].time, shown[-1].id) if len(found) > limit else None,
    )


@router.post("/proposals/{proposal_id}/agree", responses=ACTING)
async def agree_to_proposal(proposal_id: str, parts: PartsOf, person: Agreer) -> HoldView:
    """Agree as the second person: the hold begins. Nobody agrees to his own proposal."""
    hold = await parts.alarms.aside.agree(person, proposal_id)
    _tell(parts, "holds", hold.enterprise)
    return hold_view(hold)


@router.post("/proposals/{proposal_id}/refuse", responses=ACTING)
async def refuse_proposal(
    proposal_id: str, parts: PartsOf, person: Agreer, body: CommentBody | None = None
) -> ProposalView:
    """Say no to it; from the person who proposed it: withdraw it."""
    comment = body.comment if body else ""
    proposal = await parts.alarms.aside.refuse(person, proposal_id, comment)
    _tell(parts, "holds", proposal.enterprise)
    return proposal_view(proposal)


@router.get("/horns")
async def list_horns(parts: PartsOf, reader: Reader) -> HornList:
    """The horn of each control room in sight: does it sound, and for how many alarms."""
    enterprises = [enterprise.id for enterprise in parts.catalogue.enterprises]
    found = await parts.reader.run(lambda connection: horns(connection, reader.scope, enterprises))
    return HornList(horns=[horn_view(horn) for horn in found])


@router.post("/horns/silence", status_code=204, responses=ACTING)
async def silence_horn(parts: PartsOf, person: Silencer, body: SilenceBody) -> None:
    """Silence the noise, not the alarms: they stay unanswered, and the next one sounds again."""
    known = [enterprise.id for enterprise in parts.catalogue.enterprises]
    await silence(parts.writer, person, body.enterprise, known)
    _tell(parts, "horns", body.enterprise)


def _tell(parts: Parts, topic: str, enterprise: str) -> None:
    """Screens of this enterprise ask anew for its horn, or for its holds and proposals."""
    parts.hub.tell(News(topic=topic, subject="", enterprise=enterprise))


async def _put_alarm_aside(
    parts: Parts,
    person: Principal,
    alarm_id: str,
    kind: HoldKind,
    body: ShelveBody | RemoveFromServiceBody,
    one_shot: bool,
    version: str | None,
) -> PutAsideView:
    wish = Wish(
        kind=kind,
        point="",
        rule="",
        by=person.name,
        reason=body.reason,
        until=body.until_from(parts.clock()),
        one_shot=one_shot,
    )
    aside = parts.alarms.aside
    alarm, result = await aside.put_alarm_aside(person, alarm_id, wish, version_of(version))
    _tell(parts, "holds", result.enterprise)
    return put_aside_view(result, AlarmView(**alarm_view(alarm)))


async def _take_alarm_back(
    parts: Parts,
    person: Principal,
    alarm_id: str,
    kind: HoldKind,
    body: CommentBody | None,
    version: str | None,
) -> AlarmView:
    comment = body.comment if body else ""
    aside = parts.alarms.aside
    alarm = await aside.take_alarm_back(person, alarm_id, kind, comment, version_of(version))
    _tell(parts, "holds", alarm.copy.place.enterprise)
    return AlarmView(**alarm_view(alarm))
