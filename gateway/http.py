"""The gateway's own HTTP side: health, figures, trends from history, quarantine, reset.

For the alert service and for administrators on this machine; everything but health and figures asks for
the token that gateway and alert service share.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.device_http import DeviceHttp, admit
from gateway.history.port import Counts, History, HistoryUnavailable
from gateway.journal_format import QuarantineRow
from gateway.journal_reader import JournalReader
from gateway.process_state import ProcessState
from gateway.unknown_tags import UnknownTag

MOST_POINTS = 20_000
MOST_ROWS = 1_000
CUT = 200
"""Bytes of a payload in a list; the whole one stands in its row."""
MOST_COUNTED_NS = 86_400_000_000_000
NOTHING = Counts(0, 0)
LARGEST = (1 << 63) - 1


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


class GatewayHttp:
    """Routes over a running gateway."""

    def __init__(
        self,
        state: ProcessState,
        history: History,
        reader: JournalReader,
        token_file: Path,
        *,
        points: Sequence[str] = (),
        thinned: bool = False,
        status: Callable[[], msgspec.Struct] | None = None,
        devices: DeviceHttp | None = None,
        unknown: Callable[[], Sequence[UnknownTag]] = tuple,
    ) -> None:
        """points: those of the register; thinned: history does not get every sample of theirs; status: what
        `GET /status` answers; unknown: tags that the register does not have."""
        self._state = state
        self._history = history
        self._reader = reader
        self._token_file = token_file
        self._points = points
        self._thinned = thinned
        self._status = status
        self._unknown = unknown
        self.app = Starlette(
            routes=[
                Route("/health", self.health),
                Route("/metrics", self.metrics),
                Route("/history/{point:path}", self.trend),
                Route("/counts", self.counts),
                Route("/quarantine", self.quarantine),
                Route("/quarantine/{row:int}", self.quarantine_row),
                Route("/quarantine/{row:int}/retry", self.retry, methods=["POST"]),
                Route("/unknown-tags", self.unknown_tags),
                Route("/reset", self.reset, methods=["POST"]),
                Route("/status", self.status),
                *(devices.routes if devices else ()),
            ],
            exception_handlers=PROBLEMS,
        )

    async def health(self, _request: Request) -> Response:
        """200 when every part works, 503 with the reasons when not."""
        troubles = self._state.troubles()
        body = {"status": "ok" if not troubles else "trouble", "troubles": troubles}
        return JSONResponse(body, 200 if not troubles else 503)

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._state.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def _admit(self, request: Request) -> None:
        admit(request, self._token_file)

    async def status(self, request: Request) -> Response:
        """Version, uptime, journal, history and troubles, for the page that looks after the system."""
        self._admit(request)
        if self._status is None:
            raise HTTPException(404, "this gateway tells no status")
        return JSONResponse(msgspec.to_builtins(self._status()))

    async def trend(self, request: Request) -> Response:
        """`?start=ns&end=ns&max_points=n` -> columns; peaks survive the thinning."""
        self._admit(request)
        start, end = _integer(request, "start"), _integer(request, "end")
        most = _integer(request, "max_points", 1_000)
        if not 2 <= most <= MOST_POINTS or start >= end:
            raise HTTPException(422, f"start must be before end, and max_points from 2 to {MOST_POINTS}")
        try:
            series = await asyncio.to_thread(
                self._history.read, request.path_params["point"], start, end, most
            )
        except HistoryUnavailable as error:
            return problem(503, "history unavailable", str(error))
        return JSONResponse(
            {
                "source_time": series.source_time.tolist(),
                "value": [v if math.isfinite(v) else None for v in series.value.tolist()],
                "quality": series.quality.tolist(),
            }
        )

    async def counts(self, request: Request) -> Response:
        """`?start=ns&end=ns` -> for each point of the register how many samples history holds, and how many
        of them are GOOD. 409 when history is compressed: it then does not hold every sample."""
        self._admit(request)
        start, end = _integer(request, "start"), _integer(request, "end")
        if not 0 < end - start <= MOST_COUNTED_NS:
            raise HTTPException(422, "start must be before end, and not more than a day")
        if self._thinned:
            raise HTTPException(409, "history is compressed: it does not hold every sample that was received")
        try:
            found = await asyncio.to_thread(self._history.count, start, end)
        except HistoryUnavailable as error:
            return problem(503, "history unavailable", str(error))
        counts = [found.get(point, NOTHING) for point in self._points]
        return JSONResponse(
            {
                "point": list(self._points),
                "received": [count.received for count in counts],
                "good": [count.good for count in counts],
            }
        )

    async def quarantine(self, request: Request) -> Response:
        """`?device=...&after=number&limit=n` -> rows, oldest first. With `before=number` those with smaller
        numbers, newest first, each payload cut, and only of the enterprises of `enterprise=...` if given."""
        self._admit(request)
        device, after = request.query_params.get("device", ""), _integer(request, "after", 0)
        limit = _integer(request, "limit", 100)
        if not 1 <= limit <= MOST_ROWS:
            raise HTTPException(422, f"limit is {limit}: give one from 1 to {MOST_ROWS}")
        if "before" in request.query_params:
            found = await asyncio.to_thread(
                self._reader.newest_quarantine,
                before=_integer(request, "before"),
                limit=limit,
                device=device,
                enterprises=request.query_params.getlist("enterprise") or None,
            )
            return JSONResponse([_show(row, CUT) for row in found])
        rows = await asyncio.to_thread(self._reader.quarantine, device=device, after=after, limit=limit)
        return JSONResponse([_show(row) for row in rows])

    async def unknown_tags(self, request: Request) -> Response:
        """Tags that devices have published since the start and the register does not have."""
        self._admit(request)
        return JSONResponse([tag._asdict() for tag in self._unknown()])

    async def _row(self, request: Request) -> QuarantineRow:
        number = request.path_params["row"]
        row = await asyncio.to_thread(self._reader.quarantine_row, min(number, LARGEST))
        if row is None:
            raise HTTPException(404, f"quarantine has no row {number}")
        return row

    async def quarantine_row(self, request: Request) -> Response:
        self._admit(request)
        return JSONResponse(_show(await self._row(request)))

    async def retry(self, request: Request) -> Response:
        """Read a quarantined message again with the register of now."""
        self._admit(request)
        return JSONResponse(await self._state.retry(await self._row(request)))

    async def reset(self, request: Request) -> Response:
        """`{"rules": [...]}`: end latched conditions that are no longer true. Answers with what became of
        each, when that is on disk: `reset`, `still_true`, `over`, `unknown`. 202 if the commit takes longer
        than 3 s: it is still to come."""
        self._admit(request)
        try:
            body = await request.json()
        except ValueError:
            body = None
        rules = body.get("rules") if isinstance(body, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
            raise HTTPException(422, 'give {"rules": ["enterprise/rule", ...]}')
        answer = await self._state.reset(rules)
        if answer is None:
            return JSONResponse({"asked": rules}, 202)
        return JSONResponse(msgspec.to_builtins(answer))


def _show(row: QuarantineRow, most_bytes: int | None = None) -> dict[str, Any]:
    return {
        **row._asdict(),
        "tags": list(row.tags),
        "bytes": len(row.payload),
        "payload": row.payload[:most_bytes].decode("utf-8", errors="backslashreplace"),
    }


def _integer(request: Request, name: str, otherwise: int | None = None) -> int:
    text = request.query_params.get(name)
    if text is None and otherwise is not None:
        return otherwise
    try:
        number = int(text or "")
    except ValueError:
        raise HTTPException(422, f"{name} is {text!r}: give an integer") from None
    if abs(number) > LARGEST:
        raise HTTPException(422, f"{name} is {text}: an integer of 64 bits is too small for it")
    return number


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "refused", error.detail)


async def _failed(_request: Request, error: Exception) -> Response:
    return problem(500, "internal error", type(error).__name__)


PROBLEMS = {HTTPException: _refused, Exception: _failed}
"""How this side refuses and fails, for every application that it serves."""
