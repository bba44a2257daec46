"""Alarms: look, and answer."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from alarm_rules.model import Priority
from api.alarms.model import Alarm, StateName
from api.auth.principal import Principal
from api.guards import require
from api.parts import PartsOf
from api.problems import Problem
from api.schemas import (
    AcknowledgeRequest,
    AlarmPage,
    AlarmSummary,
    AlarmView,
    AlarmWithHistory,
    PriorityName,
    ProblemView,
    StateCount,
    alarm_view,
    alarm_with_history,
)
from api.store.alarms import AlarmQuery, Cursor

Reader = Annotated[Principal, Depends(require("alarm.read"))]
Answerer = Annotated[Principal, Depends(require("alarm.acknowledge"))]

router = APIRouter(
    prefix="/alarms",
    tags=["alarms"],
    responses={401: {"model": ProblemView}, 422: {"model": ProblemView}},
)


@router.get("")
async def list_alarms(
    parts: PartsOf,
    reader: Reader,
    state: Annotated[list[StateName], Query(description="Any of these states; all if absent.")] = [],  # noqa: B006 (FastAPI copies it)
    priority: Annotated[list[PriorityName], Query(description="Any of these; all if absent.")] = [],  # noqa: B006
    point: Annotated[str | None, Query(description="Alarms of this point id.")] = None,
    since: Annotated[int | None, Query(description="Onset at or after, ns UTC.")] = None,
    open_only: Annotated[bool, Query(alias="open", description="Only active or unanswered ones.")] = False,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AlarmPage:
    """Alarms, newest onset first. Pages stay right while alarms come and go: they go on from an alarm,
    not from a count."""
    query = AlarmQuery(
        scope=reader.scope,
        states=frozenset(state),
        priorities=frozenset(Priority[name] for name in priority),
        point=point,
        since=since,
        open_only=open_only,
    )
    found = await parts.service.page(query, _cursor(after) if after else None, limit + 1)
    shown = found[:limit]
    return AlarmPage(
        alarms=[AlarmView(**alarm_view(alarm)) for alarm in shown],
        next=_text(shown[-1]) if len(found) > limit else None,
    )


@router.get("/summary")
async def summarise_alarms(parts: PartsOf, reader: Reader) -> AlarmSummary:
    """How many alarms are open, by state and priority."""
    counts = await parts.service.counts(reader.scope)
    return AlarmSummary(
        open=sum(count.alarms for count in counts),
        counts=[
            StateCount(state=count.state, priority=count.priority.name, alarms=count.alarms)
            for count in sorted(counts, key=lambda count: (-count.priority, count.state))
        ],
    )


@router.get("/{alarm_id}", responses={404: {"model": ProblemView}})
async def show_alarm(alarm_id: str, parts: PartsOf, reader: Reader) -> AlarmWithHistory:
    """One alarm with everything that happened to it."""
    alarm, entries = await parts.service.alarm(alarm_id, reader.scope)
    return alarm_with_history(alarm, entries)


@router.post(
    "/{alarm_id}/acknowledge",
    responses={403: {"model": ProblemView}, 404: {"model": ProblemView}, 409: {"model": ProblemView}},
)
async def acknowledge_alarm(
    alarm_id: str, parts: PartsOf, person: Answerer, body: AcknowledgeRequest | None = None
) -> AlarmView:
    """Take an alarm on, in the caller's name. 409 when somebody has done so already."""
    comment = body.comment if body else ""
    alarm = await parts.service.acknowledge(alarm_id, person, comment)
    return AlarmView(**alarm_view(alarm))


def _text(alarm: Alarm) -> str:
    return urlsafe_b64encode(f"{alarm.onset}.{alarm.id}".encode()).decode().rstrip("=")


def _cursor(text: str) -> Cursor:
    try:
        onset, _, alarm_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(".")
        return Cursor(int(onset), alarm_id)
    except (ValueError, binascii.Error) as error:
        raise Problem(422, "invalid-cursor", "`after` is not the `next` of an earlier page") from error
