"""Every error of the service as problem+json (RFC 9457): what, why, and what would be right."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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
        return JSONResponse(self.body(), status_code=self.status, headers=headers, media_type=MEDIA_TYPE)


def answer_errors_as_problems(app: FastAPI) -> None:
    """Register the handlers. An unexpected error is logged with its trace; the client never sees it."""

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

    @app.exception_handler(Exception)
    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
        return Problem(
            500, "unexpected", "the service failed on this request; its log has the particulars"
        ).response()
