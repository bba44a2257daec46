"""The cookies of a browser's login.

Names with `__Host-` and `__Secure-` are refused by browsers unless they came over TLS, so a neighbouring
site cannot plant them; over plain HTTP on this machine they go without. A cookie is only read under the
name that fits the way it came.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.auth.caller import Caller
from api.auth.logins import SignedIn

ACCESS, REFRESH, CSRF = "hw_access", "hw_refresh", "hw_csrf"
REFRESH_PATH = "/session"
CSRF_HEADER = "x-hazardwatch-csrf"


def cookie_name(name: str, caller: Caller) -> str:
    """The name with its prefix where there is TLS."""
    if not caller.encrypted:
        return name
    return ("__Secure-" if name == REFRESH else "__Host-") + name


def read_cookie(connection: HTTPConnection, name: str, caller: Caller) -> str:
    """Its value; empty if the browser has none."""
    return connection.cookies.get(cookie_name(name, caller), "")


def set_cookies(response: Response, signed: SignedIn, caller: Caller) -> None:
    """Give a login to a browser. Only the CSRF mark can be read by the page."""
    life_s = (signed.session.ends - signed.session.used) // 1_000_000_000
    _set(response, ACCESS, signed.access_token, caller, life_s)
    _set(response, REFRESH, signed.refresh_token, caller, life_s, path=REFRESH_PATH)
    _set(response, CSRF, signed.csrf, caller, life_s, readable=True)


def clear_cookies(response: Response, caller: Caller) -> None:
    """Let the browser forget its login."""
    for name, path in ((ACCESS, "/"), (REFRESH, REFRESH_PATH), (CSRF, "/")):
        response.delete_cookie(
            cookie_name(name, caller), path=path, secure=caller.encrypted, httponly=True, samesite="strict"
        )


def _set(
    response: Response,
    name: str,
    value: str,
    caller: Caller,
    life_s: int,
    *,
    path: str = "/",
    readable: bool = False,
) -> None:
    response.set_cookie(
        cookie_name(name, caller),
        value,
        max_age=life_s,
        path=path,
        secure=caller.encrypted,
        httponly=not readable,
        samesite="strict",
    )
