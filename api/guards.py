"""Who may pass: each route has one of these guards, or stands in OPEN with its reason.

`refuse_unguarded` is called when the application is composed: a new route that forgot its guard keeps
the service from starting.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.auth.keys import same_secret
from api.auth.permissions import PERMISSIONS
from api.auth.principal import Principal
from api.parts import PartsOf
from api.problems import Problem

OPEN = {
    "/": "the page itself holds no data; it asks for a key",
    "/page/{name}": "scripts and styles of the page",
    "/health": "for supervisors and load balancers; tells no data",
    "/health/live": "for supervisors and load balancers; tells no data",
    "/live": "browsers cannot set headers on a WebSocket: the key comes in its first message",
}
"""Paths without a guard, and why."""

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

operator_key = HTTPBearer(scheme_name="operatorKey", description="Key of a named operator", auto_error=False)
intake_token = HTTPBearer(
    scheme_name="intakeToken", description="Token shared with the gateway", auto_error=False
)
OperatorKey = Annotated[HTTPAuthorizationCredentials | None, Security(operator_key)]
IntakeToken = Annotated[HTTPAuthorizationCredentials | None, Security(intake_token)]


def require_person(parts: PartsOf, credentials: OperatorKey) -> Principal:
    """A named person with a valid key, whatever his role."""
    principal = parts.operators.principal(credentials.credentials) if credentials else None
    if principal is None:
        parts.metrics.keys_refused.labels("operator").inc()
        raise Problem(401, "key-required", "a valid operator key is needed: Authorization: Bearer <key>")
    return principal


@cache
def require(permission: str) -> Callable[[Principal], Principal]:
    """The guard of a route: a person whose roles hold this permission. KeyError if nobody declared it."""
    holders = ", ".join(sorted(PERMISSIONS[permission]))

    def require_permission(principal: Annotated[Principal, Depends(require_person)]) -> Principal:
        if not principal.may(permission):
            raise Problem(
                403,
                "permission-required",
                f"{principal.name} may not do this: {permission} is for {holders}",
                permission=permission,
            )
        return principal

    require_permission.permission = permission  # type: ignore[attr-defined]
    return require_permission


def require_gateway(parts: PartsOf, credentials: IntakeToken) -> None:
    """The gateway, by the shared token."""
    if credentials is None or not same_secret(credentials.credentials, parts.intake_token):
        parts.metrics.keys_refused.labels("intake").inc()
        raise Problem(401, "token-required", "the intake token is needed: Authorization: Bearer <token>")


def require_metrics_reader(request: Request, parts: PartsOf, credentials: OperatorKey) -> None:
    """Anyone on this machine, or a person with a key. Behind a proxy everybody comes from this machine."""
    local = request.client is not None and request.client.host in LOOPBACK
    if not local or any(name in request.headers for name in FORWARDED):
        require_person(parts, credentials)


GUARDS: frozenset[Callable[..., Any]] = frozenset({require_person, require_gateway, require_metrics_reader})
Person = Annotated[Principal, Depends(require_person)]


def refuse_unguarded(router: APIRouter) -> None:
    """RuntimeError if a route of it has neither a guard nor a reason to be open."""
    for route in router.routes:
        path = getattr(route, "path", "")
        dependant = getattr(route, "dependant", None)
        guarded = dependant is not None and not GUARDS.isdisjoint(_calls(dependant))
        if not guarded and path not in OPEN:
            raise RuntimeError(f"route {path!r} has no guard: give it one, or a reason in OPEN")


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from _calls(dependency)
