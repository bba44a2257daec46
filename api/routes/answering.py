"""The page behind an answering link: looking changes nothing, only the form's POST answers.

And for those with a login: who was asked about something by link, and what came back.
"""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from alarm_rules.tables import unit_text
from api.alarms.naming import measured
from api.answering.form import language_of, read_form, refuse_from_elsewhere
from api.answering.model import AnswerRefused, Kind, UnknownLink
from api.answering.page import STYLE_PATH, Newest, notice_page, page_of
from api.answering.schemas import AnswersView, answers_view
from api.answering.service import View
from api.answering.trend import SAMPLES, Theme, span_of, trend_picture, words_picture
from api.answering.words import Language, word
from api.auth.caller import caller_of
from api.auth.principal import Principal
from api.bilingual import in_language
from api.guards import require
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.routes.rotas import PRINTABLE, InPath
from api.schemas import ProblemView
from api.store.errors import StoreConflict, StoreUnavailable

STYLE = Path(__file__).parents[1] / "answering" / "answer.css"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would not say that the form is our own
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
GONE = {"expired": 410, "revoked": 410}

pages = APIRouter(include_in_schema=False)
router = APIRouter(
    tags=["answering"],
    responses={status: {"model": ProblemView} for status in (400, 401, 403, 404, 422)},
)


@pages.get(STYLE_PATH)
async def show_style() -> FileResponse:
    return FileResponse(STYLE, media_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"})


@pages.api_route("/answer/{token}", methods=["GET", "HEAD"])
async def show_answering_page(token: str, parts: PartsOf, request: Request) -> Response:
    """The page. Whoever loads it (a person, a link preview, a scanner of mails) changes nothing."""
    language = language_of(request.query_params)
    try:
        view = await parts.answering.links.look(token)
    except UnknownLink:
        return _missed(parts, request, language)
    parts.answering.metrics.opened.labels(view.offer.status).inc()
    newest = _newest(parts, view, token)
    return _page(page_of(view, language, newest=newest), GONE.get(view.offer.status, 200))


@pages.get("/answer/{token}/trend.svg")
async def show_trend_picture(
    token: str, parts: PartsOf, request: Request, theme: Annotated[Theme, Query()] = "light"
) -> Response:
    """The trend around the onset, as a picture that tells in words why there is none."""
    language = language_of(request.query_params)
    try:
        view = await parts.answering.links.look(token)
    except UnknownLink:
        return _missed(parts, request, language)
    point = parts.catalogue.points.get(view.shown.point)
    if point is None or view.offer.status in GONE:
        return _picture(words_picture(word("no_history", language), theme))
    span = span_of(view.shown.since, view.now)
    try:
        series = await parts.history.read(point.id, *span, SAMPLES)
    except Problem:
        return _picture(words_picture(word("history_away", language), theme))
    limits, unit = parts.catalogue.limits_of(point), unit_text(point.engineering_unit)
    return _picture(trend_picture(series, limits, span, view.shown.since, theme, language, unit))


@pages.post("/answer/{token}")
async def take_answer(token: str, parts: PartsOf, request: Request) -> Response:
    """Take the answer, then show the page anew: loading that again sends nothing twice."""
    language = language_of(request.query_params)
    refused = parts.answering.metrics.refused
    try:
        refuse_from_elsewhere(request.headers)
        given = read_form(await request.body(), caller_of(request, parts.settings.trusted_proxies).address)
        await parts.answering.links.answer(token, given)
    except UnknownLink:
        return _missed(parts, request, language)
    except AnswerRefused as error:
        refused.labels("refused").inc()
        return await _refused(parts, request, token, language, in_language(str(error), language))
    except (StoreUnavailable, StoreConflict):
        refused.labels("store").inc()
        return _page(notice_page("broken", language), 503)
    return RedirectResponse(f"/answer/{token}?lang={language}", 303, headers=PAGE_HEADERS)


@router.get("/answers")
async def list_answers(
    parts: PartsOf,
    reader: Annotated[Principal, Depends(require("alarm.read"))],
    subject: Annotated[
        str, Query(max_length=200, pattern=PRINTABLE, description="Id of the alarm, call-up or duty check.")
    ],
    kind: Annotated[Kind, Query(description="What it is.")] = "alarm",
) -> AnswersView:
    """Who was asked about something by link, and what came back."""
    return answers_view(kind, subject, *await parts.answering.links.links(reader.scope, kind, subject))


@router.delete("/answer-links/{link_id}", status_code=204)
async def revoke_link(
    link_id: InPath, parts: PartsOf, by: Annotated[Principal, Depends(require("answer.revoke"))]
) -> None:
    """A link works no more: the phone is lost, the message went to the wrong person."""
    await parts.answering.links.revoke(by, link_id)


async def _refused(parts: Parts, request: Request, token: str, language: Language, why: str) -> Response:
    try:
        view = await parts.answering.links.look(token)
    except UnknownLink:
        return _missed(parts, request, language)
    page = page_of(view, language, why, _newest(parts, view, token))
    return _page(page, GONE.get(view.offer.status, 409))


def _newest(parts: Parts, view: View, token: str) -> Newest | None:
    """The reading of now, for links that are still good and about a point."""
    point = parts.catalogue.points.get(view.shown.point)
    if point is None or view.offer.status in GONE:
        return None
    row = parts.values.of(point.id)
    text = "" if row.value is None or row.quality.startswith("bad") else measured(row.value, point)
    return Newest(text, parts.values.age_s(point.id, view.now), f"/answer/{token}/trend.svg")


def _missed(parts: Parts, request: Request, language: Language) -> Response:
    address = caller_of(request, parts.settings.trusted_proxies).address
    wait_s = parts.answering.guesses.missed(address, parts.clock())
    parts.answering.metrics.refused.labels("slowed" if wait_s else "unknown").inc()
    if not wait_s:
        return _page(notice_page("unknown", language), 404)
    response = _page(notice_page("slowly", language), 429)
    response.headers["Retry-After"] = str(int(wait_s) + 1)
    return response


def _picture(svg: str) -> Response:
    return Response(svg, media_type="image/svg+xml", headers=PAGE_HEADERS)


def _page(html: str, status: int) -> HTMLResponse:
    return HTMLResponse(html, status, headers=PAGE_HEADERS)
