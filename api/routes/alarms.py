"""Alarms: look, and answer. Putting them aside is in `holds`."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Response

from alarm_rules.model import Priority
from api.alarms.model import AlarmClass, StateName
from api.alarms.schemas import (
    NO_NUL,
    AnswerList,
    AnswerView,
    BulkAcknowledgeBody,
    CommentBody,
    ConfirmBody,
    PolicyView,
)
from api.auth.principal import Principal
from api.bilingual import both
from api.etags import NOT_MODIFIED, IfNoneMatch, mark, matches, unchanged
from api.guards import require
from api.paging import LONGEST, cursor_text, read_cursor
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

Confirmer = Annotated[Principal, Depends(require("alarm.confirm"))]
Resetter = Annotated[Principal, Depends(require("alarm.reset"))]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="Version that the caller has seen; 412 if another.")
]
ACTING: dict[int | str, dict[str, Any]] = {status: {"model": ProblemView} for status in (403, 404, 409, 412)}

router = APIRouter(
    prefix="/alarms",
    tags=["alarms"],
    responses={401: {"model": ProblemView}, 422: {"model": ProblemView}},
)


@router.get("", response_model=AlarmPage)
async def list_alarms(
    parts: PartsOf,
    reader: Reader,
    state: Annotated[list[StateName], Query(description="Any of these states; all if absent.")] = [],  # noqa: B006 (FastAPI copies it)
    priority: Annotated[list[PriorityName], Query(description="Any of these; all if absent.")] = [],  # noqa: B006
    alarm_class: Annotated[list[AlarmClass], Query(description="Any of these; all if absent.")] = [],  # noqa: B006
    enterprise: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Of this enterprise.")
    ] = None,
    installation: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Of this installation.")
    ] = None,
    unit: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Of this tank, vessel or area.")
    ] = None,
    point: Annotated[
        str | None, Query(max_length=400, pattern=NO_NUL, description="Alarms of this point id.")
    ] = None,
    rule: Annotated[
        str | None, Query(max_length=400, pattern=NO_NUL, description="Alarms of this rule id.")
    ] = None,
    gateway: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Told by this gateway.")
    ] = None,
    text: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=100,
            pattern=NO_NUL,
            description="In the alarm's name or the point's id, any case; together with `open`, `since` or "
            "`point`, because it reads every alarm that may hold it.",
        ),
    ] = None,
    since: Annotated[int | None, Query(ge=0, le=2**62, description="Onset at or after, ns UTC.")] = None,
    until: Annotated[int | None, Query(ge=0, le=2**62, description="Onset before, ns UTC.")] = None,
    open_only: Annotated[bool, Query(alias="open", description="Only active or unanswered ones.")] = False,
    after: Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Alarms, newest onset first. Pages stay right while alarms come and go: they go on from an alarm,
    not from a count."""
    if text is not None and not (open_only or since or point):
        raise Problem(
            422,
            "search-too-wide",
            both(
                "将在全部历史中查找文字：请给出 `since`、`open` 或 `point`",
                "text would be sought in all of history: give since, open or point",
            ),
        )
    query = AlarmQuery(
        scope=reader.scope,
        states=frozenset(state),
        priorities=frozenset(Priority[name] for name in priority),
        classes=frozenset(alarm_class),
        enterprise=enterprise,
        installation=installation,
        unit=unit,
        point=point,
        rule=rule,
        gateway=gateway,
        text=text,
        since=since,
        until=until,
        open_only=open_only,
    )
    found = await parts.service.page(query, Cursor(*read_cursor(after)) if after else None, limit + 1)
    shown = found[:limit]
    following = cursor_text(shown[-1].onset, shown[-1].id) if len(found) > limit else None
    # Encoded from plain values: hundreds of models would take longer than the question to the store.
    content = {"alarms": [alarm_view(alarm) for alarm in shown], "next": following}
    return Response(msgspec.json.encode(content), media_type="application/json")


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


@router.get("/policy")
async def show_alarm_policy(parts: PartsOf, _reader: Reader) -> PolicyView:
    """How long alarms may be put aside here, and when an answered one asks again."""
    return PolicyView(**msgspec.to_builtins(parts.alarms.policy))


@router.post("/acknowledge", responses=ACTING)
async def acknowledge_alarms(parts: PartsOf, person: Answerer, body: BulkAcknowledgeBody) -> AnswerList:
    """Take many alarms on, each answered by itself. Second-level gas alarms are refused here."""
    answers = await parts.alarms.actions.acknowledge_many(person, body.ids, body.comment)
    return AnswerList(answers=[AnswerView(**msgspec.structs.asdict(answer)) for answer in answers])


@router.get(
    "/{alarm_id}",
    response_model=AlarmWithHistory,
    responses={404: {"model": ProblemView}, **NOT_MODIFIED},
)
async def show_alarm(
    alarm_id: str, parts: PartsOf, reader: Reader, answer: Response, known: IfNoneMatch = None
) -> AlarmWithHistory | Response:
    """One alarm with everything that happened to it. Its `ETag` may be sent as `If-Match` with an action."""
    alarm, entries = await parts.service.alarm(alarm_id, reader.scope)
    tag = f'W/"{alarm.version}.{len(entries)}"'
    if matches(known, tag):
        return unchanged(tag)
    mark(answer, tag)
    return alarm_with_history(alarm, entries)


@router.post("/{alarm_id}/acknowledge", responses=ACTING)
async def acknowledge_alarm(
    alarm_id: str,
    parts: PartsOf,
    person: Answerer,
    body: AcknowledgeRequest | None = None,
    version: IfMatch = None,
) -> AlarmView:
    """Take an alarm on, in the caller's name. 409 when somebody has done so already."""
    comment = body.comment if body else ""
    alarm = await parts.alarms.actions.acknowledge(person, alarm_id, comment, version_of(version))
    return AlarmView(**alarm_view(alarm))


@router.post("/{alarm_id}/confirm", responses=ACTING)
async def confirm_alarm(
    alarm_id: str, parts: PartsOf, person: Confirmer, body: ConfirmBody, version: IfMatch = None
) -> AlarmView:
    """Say which corrective action was taken. After the acknowledgement, once."""
    alarm = await parts.alarms.actions.confirm(person, alarm_id, body.comment, version_of(version))
    return AlarmView(**alarm_view(alarm))


@router.post("/{alarm_id}/reset", status_code=202, responses=ACTING | {503: {"model": ProblemView}})
async def reset_alarm(
    alarm_id: str,
    parts: PartsOf,
    person: Resetter,
    body: CommentBody | None = None,
    version: IfMatch = None,
) -> AlarmView:
    """Have the gateway end a latched alarm. It shows who wants that until the gateway's change ends it.
    409 when the condition still holds, 503 when the gateway cannot be reached; the journal says why."""
    comment = body.comment if body else ""
    alarm = await parts.alarms.actions.reset(person, alarm_id, comment, version_of(version))
    return AlarmView(**alarm_view(alarm))


def version_of(if_match: str | None) -> int | None:
    """The version in an If-Match header, alone or as the alarm's ETag; quotes are optional. `*` is any.

    Raises Problem.
    """
    text = (if_match or "*").strip().removeprefix("W/").strip('"').partition(".")[0]
    if text == "*":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem(
            422,
            "invalid-version",
            both("`If-Match` 应为报警的 `version`，例如 3", "If-Match is the `version` of the alarm, e.g. 3"),
        )
    return int(text)
