"""Who may pass: each route has one of these guards, or stands in OPEN with its reason.

`refuse_unguarded` is called when the application is composed: a new route that forgot its guard keeps
the service from starting.

Guards are coroutines although none of them waits: functions would each be run in another thread, which a
request that competes with the writing thread would pay for dearly.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
)
from starlette.requests import HTTPConnection

from api.auth.caller import Caller, caller_of
from api.auth.cookies import ACCESS, CSRF_HEADER, read_cookie
from api.auth.deliveries import SHARED, Deliverer
from api.auth.keys import same_secret
from api.auth.origin import SAFE_METHODS, is_own_origin
from api.auth.permissions import PERMISSIONS
from api.auth.principal import Principal
from api.auth.tokens import is_csrf_mark
from api.bilingual import both
from api.call_up.signature import SIGNATURE_HEADER, TIME_HEADER, ReportRefused, check
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.setup.guard import require_setup_code as require_setup_code

OPEN = {
    "/": "leads to the screens",
    "/favicon.ico": "browsers ask for it by themselves",
    "/app/{name:path}": "the screens themselves hold no data; they ask for a login",
    "/health": "for supervisors and load balancers; tells no data",
    "/health/live": "for supervisors and load balancers; tells no data",
    "/live": "browsers cannot set headers on a WebSocket: the key comes in its first message",
    "/call-reports/{token}": "a telephone company knows no login: the address itself holds a secret",
    "/answer/{token}": "who is woken on his phone has no login there: the address holds a secret of his own",
    "/answer/{token}/trend.svg": "the trend on that page, by the same secret",
    "/answer.css": "style of the answering page",
    "/rota-feeds/{token}": "calendar programs know no login: the address itself holds a secret",
    "/session/token": "who logs in has nothing yet but his password",
    "/session/login": "who logs in has nothing yet but his password",
    "/session/refresh": "the refresh token itself is the proof",
}
"""Paths without a guard, and why."""

HOLDS = {
    "password-change": both(
        "请先修改一次性密码：POST /session/password",
        "Change the one-time password first: POST /session/password",
    ),
    "second-factor": both(
        "此角色需要双因素验证：POST /session/second-factor",
        "This role needs a second factor: POST /session/second-factor",
    ),
}

key_or_token = HTTPBearer(
    scheme_name="bearer",
    description="Key of a person (`hw_`, `hwp_`) or a wall display (`hwd_`), or access token of a login",
    auto_error=False,
)
password_login = OAuth2PasswordBearer(
    tokenUrl="session/token", scheme_name="password", description="Login with a password", auto_error=False
)
login_cookie = APIKeyCookie(
    name=ACCESS,
    scheme_name="cookie",
    description=f"Login of a browser; requests that change something also need `{CSRF_HEADER}`",
    auto_error=False,
)
gateway_key = HTTPBearer(
    scheme_name="gateway",
    description="Key of a gateway (`hwg_`), or the token that gateways on this machine share",
    auto_error=False,
)
provider_signature = APIKeyHeader(
    name=SIGNATURE_HEADER,
    scheme_name="voice provider",
    description=f"Signature over the time in `{TIME_HEADER}` and the body of the report",
    auto_error=False,
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(key_or_token)]
GatewayKey = Annotated[HTTPAuthorizationCredentials | None, Security(gateway_key)]


async def caller(request: HTTPConnection, parts: PartsOf) -> Caller:
    """From where the request comes."""
    return caller_of(request, parts.settings.trusted_proxies)


CallerOf = Annotated[Caller, Depends(caller)]


async def require_person(
    request: Request,
    parts: PartsOf,
    bearer: Bearer,
    caller: CallerOf,
    _password: Annotated[str | None, Security(password_login)],
    _cookie: Annotated[str | None, Security(login_cookie)],
) -> Principal:
    """Somebody who has been recognised, whatever his role: by key, by token, or by a browser's cookie."""
    if "authorization" in request.headers:
        principal = parts.auth.access.of_bearer(bearer.credentials, caller.address) if bearer else None
    else:
        principal = _of_cookie(request, parts, caller)
    if principal is None:
        parts.metrics.keys_refused.labels("operator").inc()
        raise Problem(
            401,
            "key-required",
            both(
                "请登录，或附上有效的密钥或令牌：`Authorization: Bearer <key or token>`",
                "log in, or send a valid key or token: Authorization: Bearer <key or token>",
            ),
        )
    return principal


def _of_cookie(request: Request, parts: Parts, caller: Caller) -> Principal | None:
    token = read_cookie(request, ACCESS, caller)
    principal = parts.auth.access.of_bearer(token, caller.address) if token else None
    if principal is None or not principal.session:
        return None
    if request.method not in SAFE_METHODS:
        mark = request.headers.get(CSRF_HEADER, "")
        if not (is_own_origin(request) and is_csrf_mark(parts.auth.access.ring, principal.session, mark)):
            parts.auth.metrics.forgeries_refused.inc()
            raise Problem(
                403,
                "csrf-required",
                both(
                    f"用 Cookie 的更改须带请求头 {CSRF_HEADER}（值为 hw_csrf），并来自本服务的页面",
                    f"a change with a cookie needs the header {CSRF_HEADER} with the value of the cookie "
                    "hw_csrf, and a page of this service as its origin",
                ),
            )
    return principal


@cache
def require(permission: str) -> Callable[[Principal], Awaitable[Principal]]:
    """The guard of a route: somebody whose roles hold this permission. KeyError if nobody declared it."""
    holders = ", ".join(sorted(PERMISSIONS[permission]))

    async def require_permission(principal: Annotated[Principal, Depends(require_person)]) -> Principal:
        if principal.hold:
            raise Problem(403, f"{principal.hold}-required", HOLDS[principal.hold])
        if not principal.may(permission):
            raise Problem(
                403,
                "permission-required",
                both(
                    f"{principal.name} 没有权限：{permission} 属于 {holders}",
                    f"{principal.name} may not do this: {permission} is for {holders}",
                ),
                permission=permission,
            )
        return principal

    require_permission.permission = permission  # type: ignore[attr-defined]
    return require_permission


async def require_login(principal: Annotated[Principal, Depends(require_person)]) -> Principal:
    """A person who has logged in, for what concerns that login or its account."""
    if not principal.session:
        raise Problem(
            403,
            "login-required",
            both(
                f"{principal.name} 使用的是密钥：此操作须用密码登录",
                f"{principal.name} uses a key: this is for a login with a password",
            ),
        )
    return principal


async def require_gateway(parts: PartsOf, bearer: GatewayKey, caller: CallerOf) -> Deliverer:
    """A gateway, by its own key or by the shared token."""
    given = bearer.credentials if bearer else ""
    key = parts.auth.access.of_gateway(given, caller.address)
    if key is not None:
        return Deliverer(key.name, parts.auth.access.directory.scope_of(key.grant))
    if not same_secret(given, parts.intake_token):
        parts.metrics.keys_refused.labels("intake").inc()
        raise Problem(
            401,
            "token-required",
            both(
                "需要网关的密钥或接收令牌：`Authorization: Bearer` 之后写上",
                "a gateway's key or the intake token is needed: Authorization: Bearer <it>",
            ),
        )
    return SHARED


async def require_metrics_reader(
    request: Request,
    parts: PartsOf,
    bearer: Bearer,
    caller: CallerOf,
) -> None:
    """Anyone on this machine, or who may read the figures. Through a proxy nobody counts as local."""
    if caller.local:
        return
    await require("metrics.read")(await require_person(request, parts, bearer, caller, None, None))


async def require_voice_provider(
    request: Request, parts: PartsOf, _signature: Annotated[str | None, Security(provider_signature)]
) -> None:
    """A voice provider, by the signature of its report's body."""
    secret = parts.escalation.report_secret
    given = [request.headers.get(name, "") for name in (TIME_HEADER, SIGNATURE_HEADER)]
    try:
        check(secret, given[0], given[1], await request.body(), parts.clock())
    except ReportRefused as refused:
        parts.escalation.call_up_metrics.reports_refused.labels(refused.kind).inc()
        raise


GUARDS: frozenset[Callable[..., Any]] = frozenset(
    {require_person, require_gateway, require_metrics_reader, require_voice_provider, require_setup_code}
)
Person = Annotated[Principal, Depends(require_person)]
LoggedIn = Annotated[Principal, Depends(require_login)]
Gateway = Annotated[Deliverer, Depends(require_gateway)]


def refuse_unguarded(router: APIRouter) -> None:
    """RuntimeError if a route of it has neither a guard nor a reason to be open."""
    for route in router.routes:
        path = getattr(route, "path", "")
        dependant = getattr(route, "dependant", None)
        guarded = dependant is not None and not GUARDS.isdisjoint(_calls(dependant))
        if not guarded and path not in OPEN:
            raise RuntimeError(f"route {path!r} has no guard: give it one, or a reason in OPEN")


def permission_of(route: Any) -> str | None:
    """The permission that a route asks for; None if it asks for none."""
    dependant = getattr(route, "dependant", None)
    for call in _calls(dependant) if dependant is not None else ():
        if permission := getattr(call, "permission", None):
            return str(permission)
    return None


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from _calls(dependency)
