"""Warning levels of installations, and the warnings that the bureau's desk works through."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from api.auth.principal import Principal
from api.bilingual import both
from api.desks.colours import LevelName, level_of
from api.desks.errors import NotOnDesk
from api.desks.fields import PROBLEMS, After, Limit, PathName, Since, TextBody, Wanted
from api.desks.warning_loop import Step, WarningEpisode, WarningState
from api.desks.warning_schemas import (
    LevelHistory,
    LevelPage,
    LevelSummary,
    LevelView,
    LevelWithGrounds,
    LowerBody,
    PolicyView,
    RaiseBody,
    WarningCount,
    WarningPage,
    WarningSummary,
    WarningView,
    WarningWithSteps,
    change_view,
    level_view,
    level_with_grounds,
    warning_view,
    warning_with_steps,
)
from api.guards import require
from api.paging import cursor_text, read_cursor
from api.parts import Parts, PartsOf
from api.store.levels import (
    KeptLevel,
    LevelCursor,
    LevelQuery,
    count_levels,
    kept_level,
    page_of_changes,
    page_of_levels,
)
from api.store.warnings import (
    WarningCursor,
    WarningQuery,
    count_warnings,
    page_of_warnings,
    steps_of,
    warning_by_id,
)

Reading = Annotated[Principal, Depends(require("warning.read"))]
Raising = Annotated[Principal, Depends(require("warning.adjust"))]
Lowering = Annotated[Principal, Depends(require("warning.lower"))]
Signing = Annotated[Principal, Depends(require("warning.sign"))]
Asking = Annotated[Principal, Depends(require("warning.ask"))]
Answering = Annotated[Principal, Depends(require("warning.answer"))]
Verifying = Annotated[Principal, Depends(require("warning.verify"))]
Closing = Annotated[Principal, Depends(require("warning.close"))]
Levels = Annotated[list[LevelName], Query(description="Any of these levels; all if absent.")]

router = APIRouter(prefix="/warnings", tags=["warnings"], responses=PROBLEMS)


@router.get("/policy")
async def show_policy(parts: PartsOf, _reader: Reading) -> PolicyView:
    """The policy in force: how levels are given, how long steps may take, and where each figure is from."""
    policy = parts.desks.policy
    return PolicyView(
        fingerprint=policy.fingerprint,
        time_zone=parts.settings.time_zone,
        sections=msgspec.to_builtins(policy),
    )


@router.get("/levels")
async def list_levels(
    parts: PartsOf,
    reader: Reading,
    level: Levels = [],  # noqa: B006 (FastAPI copies it)
    district: Wanted = None,
    city: Wanted = None,
    enterprise: Wanted = None,
    after: After = None,
    limit: Limit = 100,
) -> LevelPage:
    """Installations with their levels, the most urgent first, the newest of a level first."""
    query = LevelQuery(reader.scope, frozenset(level_of(name) for name in level), district, city, enterprise)
    cursor = _level_cursor(after) if after else None
    found = await parts.reader.run(lambda c: page_of_levels(c, query, cursor, limit + 1))
    shown = found[:limit]
    return LevelPage(
        installations=[_level_view(parts, kept) for kept in shown],
        next=_level_text(shown[-1]) if len(found) > limit else None,
    )


@router.get("/levels/summary")
async def summarise_levels(
    parts: PartsOf, reader: Reading, district: Wanted = None, city: Wanted = None, enterprise: Wanted = None
) -> LevelSummary:
    """How many installations have which level."""
    query = LevelQuery(reader.scope, frozenset(), district, city, enterprise)
    counts = await parts.reader.run(lambda c: count_levels(c, query))
    return LevelSummary(
        installations=sum(counts.values()),
        levels={level.word: number for level, number in counts.items()},
    )


@router.get("/levels/{enterprise}/{installation}")
async def show_level(
    enterprise: PathName, installation: PathName, parts: PartsOf, reader: Reading
) -> LevelWithGrounds:
    """One installation's level: which rules of the policy give it, through which alarms."""
    kept = await parts.reader.run(lambda c: kept_level(c, (enterprise, installation), reader.scope))
    if kept is None:
        raise NotOnDesk(
            both(
                f"没有重大危险源 {enterprise}/{installation}。",
                f"There is no installation {enterprise}/{installation}.",
            )
        )
    return level_with_grounds(kept, parts.desks.register, parts.desks.policy.levels)


@router.get("/levels/{enterprise}/{installation}/history")
async def list_level_changes(
    enterprise: PathName,
    installation: PathName,
    parts: PartsOf,
    reader: Reading,
    after: Annotated[int | None, Query(ge=0, le=2**62, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> LevelHistory:
    """Every change of an installation's level: when, from what to what, why, by whom. Newest first."""
    place = (enterprise, installation)
    found = await parts.reader.run(lambda c: page_of_changes(c, place, reader.scope, after, limit + 1))
    shown = found[:limit]
    return LevelHistory(
        changes=[change_view(change, parts.desks.policy.levels) for change in shown],
        next=shown[-1].number if len(found) > limit else None,
    )


@router.post("/levels/{enterprise}/{installation}/raise")
async def raise_level(
    enterprise: PathName, installation: PathName, parts: PartsOf, by: Raising, body: RaiseBody
) -> LevelWithGrounds:
    """Set a higher level by hand, for a time."""
    place, level = (enterprise, installation), level_of(body.level)
    kept = await parts.desks.levels.set_by_hand(by, place, level, body.reason, body.until, lower=False)
    return level_with_grounds(kept, parts.desks.register, parts.desks.policy.levels)


@router.post("/levels/{enterprise}/{installation}/lower")
async def lower_level(
    enterprise: PathName, installation: PathName, parts: PartsOf, by: Lowering, body: LowerBody
) -> LevelWithGrounds:
    """Set a lower level by hand, for a time; never below second-level gas alarms, and any new reason
    for a higher level ends it."""
    place, level = (enterprise, installation), level_of(body.level)
    kept = await parts.desks.levels.set_by_hand(by, place, level, body.reason, body.until, lower=True)
    return level_with_grounds(kept, parts.desks.register, parts.desks.policy.levels)


@router.post("/levels/{enterprise}/{installation}/withdraw")
async def withdraw_level(
    enterprise: PathName, installation: PathName, parts: PartsOf, by: Raising
) -> LevelWithGrounds:
    """End what was set by hand."""
    kept = await parts.desks.levels.withdraw_adjustment(by, (enterprise, installation))
    return level_with_grounds(kept, parts.desks.register, parts.desks.policy.levels)


@router.get("")
async def list_warnings(
    parts: PartsOf,
    reader: Reading,
    state: Annotated[list[WarningState], Query(description="Any of these states; all if absent.")] = [],  # noqa: B006
    level: Levels = [],  # noqa: B006
    open_only: Annotated[bool, Query(alias="open", description="Only those not closed.")] = False,
    overdue: Annotated[bool, Query(description="Only those whose owed step is late now.")] = False,
    enterprise: Wanted = None,
    district: Wanted = None,
    city: Wanted = None,
    since: Since = None,
    after: After = None,
    limit: Limit = 100,
) -> WarningPage:
    """Warnings, newest first."""
    now = parts.clock()
    query = WarningQuery(
        scope=reader.scope,
        states=frozenset(state),
        levels=frozenset(level_of(name) for name in level),
        open_only=open_only,
        overdue_at=now if overdue else None,
        enterprise=enterprise,
        district=district,
        city=city,
        since=since,
    )
    cursor = WarningCursor(*read_cursor(after)) if after else None
    found = await parts.reader.run(lambda c: page_of_warnings(c, query, cursor, limit + 1))
    shown = found[:limit]
    return WarningPage(
        warnings=[_warning_view(parts, warning, now) for warning in shown],
        next=cursor_text(shown[-1].begun_at, shown[-1].id) if len(found) > limit else None,
    )


@router.get("/summary")
async def summarise_warnings(
    parts: PartsOf, reader: Reading, enterprise: Wanted = None, district: Wanted = None, city: Wanted = None
) -> WarningSummary:
    """How many warnings are open, by state and level, and how many of them are late."""
    query = WarningQuery(reader.scope, enterprise=enterprise, district=district, city=city)
    late = query._replace(overdue_at=parts.clock())
    counts, overdue = await parts.reader.run(lambda c: (count_warnings(c, query), count_warnings(c, late)))
    return WarningSummary(
        open=sum(number for _, _, number in counts),
        overdue=sum(number for _, _, number in overdue),
        counts=[
            WarningCount(state=state, level=level.word, warnings=number) for state, level, number in counts
        ],
    )


@router.get("/{warning_id}")
async def show_warning(warning_id: PathName, parts: PartsOf, reader: Reading) -> WarningWithSteps:
    """One warning with everything that happened to it."""

    def read(connection: Connection) -> tuple[WarningEpisode | None, list[Step]]:
        return warning_by_id(connection, warning_id, reader.scope), steps_of(connection, warning_id)

    warning, steps = await parts.reader.run(read)
    if warning is None:
        raise NotOnDesk(both(f"没有预警 {warning_id}。", f"There is no warning {warning_id}."))
    return warning_with_steps(warning, steps, parts.desks.register, parts.clock())


@router.post("/{warning_id}/sign")
async def sign_warning(
    warning_id: PathName, parts: PartsOf, by: Signing, body: TextBody | None = None
) -> WarningView:
    """签收: the desk takes it on. After every rise of the level it is owed again."""
    return await _take(parts, "sign", by, warning_id, body)


@router.post("/{warning_id}/ask")
async def ask_about_warning(
    warning_id: PathName, parts: PartsOf, by: Asking, body: TextBody | None = None
) -> WarningView:
    """要求反馈: the enterprise has to answer."""
    return await _take(parts, "ask", by, warning_id, body)


@router.post("/{warning_id}/answer")
async def answer_warning(warning_id: PathName, parts: PartsOf, by: Answering, body: TextBody) -> WarningView:
    """反馈: the enterprise says the cause and what it did."""
    return await _take(parts, "answer", by, warning_id, body)


@router.post("/{warning_id}/return")
async def return_warning(warning_id: PathName, parts: PartsOf, by: Verifying, body: TextBody) -> WarningView:
    """退回: the answer is not enough; the enterprise answers again."""
    return await _take(parts, "return", by, warning_id, body)


@router.post("/{warning_id}/verify")
async def verify_warning(warning_id: PathName, parts: PartsOf, by: Verifying, body: TextBody) -> WarningView:
    """核实: how the answer was checked, and with what result."""
    return await _take(parts, "verify", by, warning_id, body)


@router.post("/{warning_id}/close")
async def close_warning(
    warning_id: PathName, parts: PartsOf, by: Closing, body: TextBody | None = None
) -> WarningView:
    """闭环: only when it is verified and the level has fallen."""
    return await _take(parts, "close", by, warning_id, body)


async def _take(
    parts: Parts, step: str, by: Principal, warning_id: str, body: TextBody | None
) -> WarningView:
    warning = await parts.desks.warnings.take(step, by, warning_id, body.text if body else "")
    return _warning_view(parts, warning, parts.clock())


def _warning_view(parts: Parts, warning: WarningEpisode, now: int) -> WarningView:
    return WarningView(**warning_view(warning, parts.desks.register, now))


def _level_view(parts: Parts, kept: KeptLevel) -> LevelView:
    return LevelView(**level_view(kept, parts.desks.register, parts.desks.policy.levels))


def _level_text(kept: KeptLevel) -> str:
    return cursor_text(kept.since, f"{int(kept.level)}/{kept.enterprise}/{kept.installation}")


def _level_cursor(text: str) -> LevelCursor:
    since, name = read_cursor(text)
    level, _, place = name.partition("/")
    enterprise, _, installation = place.partition("/")
    return LevelCursor(int(level) if level in LEVEL_DIGITS else 0, since, enterprise, installation)


LEVEL_DIGITS = frozenset("01234")
