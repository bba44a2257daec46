"""Every error of the service as problem+json (RFC 9457): what, why, and what would be right.

Its texts are in the language that the request asked for (Accept-Language: zh or en), in both if in neither.
"""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from api.bilingual import Language, all_in_language, asked_language, both, in_language, joined
from api.invalid_input import told

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

    def body(self, language: Language | None = None) -> dict[str, Any]:
        """The JSON members of the answer, with its texts in this language."""
        return {
            "type": TYPE_PREFIX + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": in_language(self.detail, language),
            **{name: all_in_language(member, language) for name, member in self.more.items()},
        }

    def response(self, scope: Scope) -> JSONResponse:
        """The answer to the request with this ASGI scope."""
        language = asked_language(Headers(scope=scope).get("accept-language"))
        headers = {"WWW-Authenticate": "Bearer"} if self.status == HTTPStatus.UNAUTHORIZED else {}
        if "retry_after_s" in self.more:
            headers["Retry-After"] = str(math.ceil(self.more["retry_after_s"]))
        if language is not None:
            headers["Content-Language"] = language
        return JSONResponse(
            self.body(language), status_code=self.status, headers=headers, media_type=MEDIA_TYPE
        )


def answer_errors_as_problems(
    app: FastAPI,
    known: Mapping[type[Exception], tuple[int, str]],
    count_failure: Callable[[str], None] = lambda _kind: None,
) -> None:
    """Register the handlers; `known` gives errors of the parts their status and kind.

    An answer that the service owes (status 5xx) is logged and given to `count_failure` by its kind. An
    unexpected error is logged, its trace by the server; the client sees neither.
    """
    answer = _answering(count_failure)

    def answer_known(status: int, kind: str) -> Callable[[Request, Exception], Response]:
        return lambda request, error: answer(request, Problem(status, kind, str(error)))

    for error_type, (status, kind) in known.items():
        app.add_exception_handler(error_type, answer_known(status, kind))

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> JSONResponse:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        findings = [
            {"where": ".".join(str(part) for part in finding["loc"]), "wrong": told(finding)}
            for finding in error.errors()
        ]
        detail = joined(joined([finding["where"], finding["wrong"]], "：", ": ") for finding in findings)
        return Problem(422, "invalid-request", detail, errors=findings).response(request.scope)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        kind = HTTPStatus(error.status_code).name.lower().replace("_", "-")
        detail = joined([f"{request.method} {request.url.path}", _said(error)], "：", ": ")
        response = Problem(error.status_code, kind, detail).response(request.scope)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(ClientDisconnect)
    async def on_gone(request: Request, _error: ClientDisconnect) -> JSONResponse:
        log.info("client went away before its request was read", method=request.method, path=request.url.path)
        detail = both("请求内容未传完。", "The request ended before its body did.")
        return Problem(400, "client-gone", detail).response(request.scope)

    @app.exception_handler(Exception)
    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        count_failure("unexpected")
        log.error("request failed", method=request.method, path=request.url.path, error=repr(error))
        detail = both(
            "服务处理此请求时出错，详见其日志。",
            "The service failed on this request; its log has the particulars.",
        )
        return Problem(500, "unexpected", detail).response(request.scope)


def _answering(count_failure: Callable[[str], None]) -> Callable[[Request, Problem], JSONResponse]:
    def answer(request: Request, problem: Problem) -> JSONResponse:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            count_failure(problem.kind)
            log.warning(
                "request not answered",
                method=request.method,
                path=request.url.path,
                kind=problem.kind,
                detail=problem.detail,
            )
        return problem.response(request.scope)

    return answer


def _said(error: HTTPException) -> str:
    """What the framework says of a path or a method that is not there, in both languages."""
    chinese = {404: "没有此地址", 405: "此地址不支持该方法"}.get(error.status_code)
    return (
        both(chinese, error.detail)
        if chinese and error.detail == HTTPStatus(error.status_code).phrase
        else error.detail
    )
