"""值班日报: daily reports of a desk, made on request or every day by themselves."""

import asyncio
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Response
from sqlalchemy import Connection

from api.auth.principal import Principal
from api.bilingual import both
from api.figures.population import Group, UnknownGroup
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.reports.days import DayRefused
from api.reports.making import Format, Language
from api.reports.schemas import ReportBody, ReportPage, ReportView, report_view
from api.schemas import ProblemView
from api.store.report_list import ReportRow, rows_of
from api.store.writer import Transaction

Making = Annotated[Principal, Depends(require("report.make"))]
Reading = Annotated[Principal, Depends(require("report.read"))]
MEDIA_TYPES: dict[Format, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
LOOK_AT_ONCE = 200

router = APIRouter(
    prefix="/reports",
    tags=["reports"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 422, 503)},
)


@router.get("")
async def list_reports(
    parts: PartsOf,
    reader: Reading,
    after: Annotated[str | None, Query(max_length=600, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReportPage:
    """Reports that were made by themselves, are due or failed; of the desks in sight, newest day first."""
    cursor = _cursor(after)
    seen: list[ReportRow] = []
    while len(seen) <= limit:
        found = await parts.reader.run(partial(_rows, after=cursor))
        if not found:
            break
        seen += [row for row in found if _sees(parts, reader, row.desk)]
        cursor = (found[-1].day, found[-1].desk, found[-1].language)
    shown = seen[:limit]
    more = len(seen) > limit
    return ReportPage(
        reports=[report_view(row) for row in shown],
        next="|".join((shown[-1].day, shown[-1].desk, shown[-1].language)) if more else None,
    )


@router.get(
    "/daily",
    response_class=Response,
    responses={
        200: {
            "description": "The report.",
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()
            },
        }
    },
)
async def show_daily_report(
    parts: PartsOf,
    reader: Reading,
    day: Annotated[str, Query(max_length=10, description="Local day, `YYYY-MM-DD`.")],
    desk: Annotated[
        str,
        Query(
            max_length=200,
            description="`all:`, `city:...`, `district:...` or `enterprise:...`; all of it must be in sight.",
        ),
    ],
    form: Annotated[Format, Query(alias="format", description="PDF, workbook, or JSON.")] = "pdf",
    language: Annotated[Language, Query(description="`zh` or `en`.")] = "zh",
    fresh: Annotated[bool, Query(description="Make it anew even if a file of that day is kept.")] = False,
) -> Response:
    """The report of one desk and day. A day that is over always gives the same report; of a day that goes
    on it tells what is known. Who took which report is kept in the audit."""
    group = _desk(parts, reader, desk)
    reports = parts.reports
    reports.maker.span(day)
    content = None if fresh else await asyncio.to_thread(reports.stored, day, desk, language, form)
    if content is None:
        report = await reports.maker.make(desk, group, day, language)
        content = await reports.maker.write(report, form)
    enterprise = desk.partition(":")[2] if desk.startswith("enterprise:") else ""
    await parts.writer.run(
        lambda tx: tx.audit(
            f"person:{reader.name}", "report.download", desk, f"{day} {form} {language}", enterprise
        )
    )
    name = quote(f"值班日报 {day} {group.name or desk}.{form}")
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f"attachment; filename=\"daily-{day}.{form}\"; filename*=UTF-8''{name}"
        },
    )


@router.post("/daily", status_code=202)
async def ask_for_daily_report(
    body: Annotated[ReportBody, Body()], parts: PartsOf, maker: Making
) -> ReportView:
    """Have the report of a day that is over made and kept, as is done by itself every day; also one that
    failed, or was made before. It is made after the answer: `GET /reports` tells what became of it."""
    _desk(parts, maker, body.desk)
    span = parts.reports.maker.span(body.day)
    if span.as_of < span.end:
        raise DayRefused(
            both(
                f"{body.day} 尚未结束：请用 GET 查看，或等待",
                f"{body.day} is not over: ask for its report by GET, or wait",
            )
        )

    def ask(tx: Transaction) -> ReportRow:
        tx.audit(f"person:{maker.name}", "report.make", body.desk, f"{body.day} {body.language}")
        return parts.reports.ask(tx, body.desk, body.day, body.language)

    return report_view(await parts.writer.run(ask))


def _rows(connection: Connection, after: tuple[str, str, str] | None) -> list[ReportRow]:
    return rows_of(connection, None, after, LOOK_AT_ONCE)


def _sees(parts: Parts, reader: Principal, desk: str) -> bool:
    try:
        _desk(parts, reader, desk)
    except UnknownGroup:
        return False
    return True


def _desk(parts: Parts, reader: Principal, desk: str) -> Group:
    """The group of a desk that this person may have a report of. Raises UnknownGroup.

    A bureau's desk has a log of its own, which is not for control rooms.
    """
    if not (desk.startswith("enterprise:") or reader.may("report.bureau")):
        raise UnknownGroup(both(f"没有席位 {desk!r}", f"there is no desk {desk!r}"))
    return parts.reports.maker.desk(desk, reader.scope)


def _cursor(after: str | None) -> tuple[str, str, str] | None:
    if after is None:
        return None
    day, _, rest = after.partition("|")
    desk, bar, language = rest.rpartition("|")
    if not bar:
        raise Problem(
            422,
            "invalid-cursor",
            both("`after` 不是上一页的 `next`", "`after` is not the `next` of an earlier page"),
        )
    return day, desk, language
