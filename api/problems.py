"""Every error of the service as problem+json (RFC 9457): what, why, and what would be right."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

log = structlog.get_logger(__name__)

TYPE_PREFIX = "urn:hazardwatch:problem:"
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is not the wished one. `kind` names it for programs, `detail` for people."""

    def __init__(self, status: int, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.more = more

    def body(self) -> dict[str, Any]:
        """The JSON members of the answer."""
        return {
            "type": TYPE_PREFIX + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }

    def response(self) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if self.status == HTTPStatus.UNAUTHORIZED else {}
        if "retry_after_s" in self.more:
            headers["Retry-After"] = str(math.ceil(self.more["retry_after_s"]))
        return JSONResponse(self.body(), status_code=self.status, headers=headers, media_type=MEDIA_TYPE)


def answer_errors_as_problems(app: FastAPI, known: Mapping[type[Exception], tuple[int, str]]) -> None:
    """Register the handlers; `known` gives errors of the parts their status and kind.

    An unexpected error is logged, its trace by the server; the client sees neither.
    """
    for error_type, (status, kind) in known.items():
        app.add_exception_handler(error_type, _handler(status, kind))

    @app.exception_handler(Problem)
    async def on_problem(_request: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        findings = [
            {"where": ".".join(str(part) for part in finding["loc"]), "wrong": finding["msg"]}
            for finding in error.errors()
        ]
        detail = "; ".join(f"{finding['where']}: {finding['wrong']}" for finding in findings)
        return Problem(422, "invalid-request", detail, errors=findings).response()

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        kind = HTTPStatus(error.status_code).name.lower().replace("_", "-")
        detail = f"{request.method} {request.url.path}: {error.detail}"
        response = Problem(error.status_code, kind, detail).response()
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(ClientDisconnect)
    async def on_gone(request: Request, _error: ClientDisconnect) -> JSONResponse:
        log.info("client went away before its request was read", method=request.method, path=request.url.path)
        return Problem(400, "client-gone", "the request ended before its body did").response()

    @app.exception_handler(Exception)
    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", method=request.method, path=request.url.path, error=repr(error))
        return Problem(
            500, "unexpected", "the service failed on this request; its log has the particulars"
        ).response()


def _handler(status: int, kind: str) -> Callable[[Request, Exception], Response]:
    def on_known(_request: Request, error: Exception) -> Response:
        return Problem(status, kind, str(error)).response()

    return on_known
