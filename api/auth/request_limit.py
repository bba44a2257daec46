"""How many requests one caller may make: 429 and `Retry-After` beyond that.

By address and, for those with a key or a login, by that: before anything is recognised or read, so that a
flood costs next to nothing. The gateways' intake is exempt, because a delivery that is refused is late.
"""

import hashlib
from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.bucket import Buckets
from api.auth.caller import caller_of
from api.auth.cookies import ACCESS
from api.auth.settings import AuthSettings
from api.auth.throttle import network_of
from api.bilingual import both
from api.problems import Problem

EXEMPT = "/intake/"
KEY_LENGTH = 16
LimitedBy = Callable[[Scope, str], None]


class RequestLimit:
    """Middleware. `count` is told of each refusal and by which bucket (`address` or `caller`)."""

    def __init__(
        self, app: ASGIApp, settings: AuthSettings, clock: Callable[[], int], count: LimitedBy
    ) -> None:
        self._app = app
        self._trusted = settings.trusted_proxies
        self._clock = clock
        self._count = count
        self._buckets = {
            "address": _buckets(settings.address_requests_per_s, settings.address_requests_burst),
            "caller": _buckets(settings.requests_per_s, settings.requests_burst),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        by, wait_s = self._wait(HTTPConnection(scope))
        if wait_s == 0.0:
            await self._app(scope, receive, send)
            return
        self._count(scope, by)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
            return
        problem = Problem(
            429,
            "too-many-requests",
            both(
                f"请求过于频繁，请在 {wait_s:.1f} 秒后重试。",
                f"Too many requests of one {by}: try again in {wait_s:.1f} s.",
            ),
            retry_after_s=round(wait_s, 3),
        )
        await problem.response(scope)(scope, receive, send)

    def _wait(self, connection: HTTPConnection) -> tuple[str, float]:
        now = self._clock()
        for by, who in _callers(connection, self._trusted):
            buckets = self._buckets[by]
            if buckets is not None and (wait_s := buckets.draw(who, now)):
                return by, wait_s
        return "", 0.0


def _callers(connection: HTTPConnection, trusted: tuple[str, ...]) -> list[tuple[str, str]]:
    callers = [("address", network_of(caller_of(connection, trusted).address))]
    cookies = [value for name, value in connection.cookies.items() if name.endswith(ACCESS)]
    if secret := connection.headers.get("authorization") or "".join(cookies):
        callers.append(("caller", hashlib.sha256(secret.encode()).hexdigest()[:KEY_LENGTH]))
    return callers


def _buckets(per_s: float, burst: float) -> Buckets | None:
    return Buckets(per_s, burst) if per_s else None
