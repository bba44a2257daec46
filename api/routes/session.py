"""Logging in and out, going on with a login, and what a person changes about his own account."""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.auth.caller import Caller
from api.auth.cookies import REFRESH, clear_cookies, read_cookie, set_cookies
from api.auth.errors import PlainHttpRefused, RefreshRefused, UnknownThing
from api.auth.logins import Credentials, SignedIn
from api.auth.origin import is_own_origin
from api.auth.schemas import (
    BrowserLogin,
    CodeRequest,
    EndSecondFactorRequest,
    LoginRequest,
    PasswordRequest,
    ProofRequest,
    RecoveryCodes,
    SecondFactorSecret,
    SessionList,
    TokenForm,
    Tokens,
    person_fields,
    session_view,
)
from api.auth.totp import provisioning_uri
from api.bilingual import both
from api.guards import CallerOf, LoggedIn
from api.parts import Parts, PartsOf
from api.problems import Problem
from api.schemas import ProblemView

FORM = "application/x-www-form-urlencoded"
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemView} for status in (401, 403, 422, 429)
}
TOKEN_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": TokenForm.model_json_schema()}}}}

router = APIRouter(prefix="/session", tags=["session"], responses=REFUSALS)
sessions_router = APIRouter(prefix="/sessions", tags=["session"], responses=REFUSALS)


@router.post("/token", openapi_extra=TOKEN_BODY)
async def give_token(request: Request, parts: PartsOf, caller: CallerOf) -> Tokens:
    """Log a program in with a person's password, or go on with a refresh token (OAuth2)."""
    form = await _form(request)
    if form.grant_type == "refresh_token":
        return _tokens(await parts.auth.logins.refresh(form.refresh_token))
    given = Credentials(form.username, form.password, form.totp, caller.address, _device(request))
    return _tokens(await _sign_in(parts, caller, given))


@router.post("/login")
async def log_in(
    body: LoginRequest, request: Request, response: Response, parts: PartsOf, caller: CallerOf
) -> BrowserLogin:
    """Log a browser in: the tokens go into cookies that no script can read."""
    _refuse_foreign_page(request)
    given = Credentials(body.user, body.password, body.code, caller.address, _device(request))
    return _browser_login(parts, response, caller, await _sign_in(parts, caller, given))


@router.post("/refresh")
async def refresh_login(
    request: Request, response: Response, parts: PartsOf, caller: CallerOf
) -> BrowserLogin:
    """Go on with a browser's login: new cookies, and the old refresh token is worth nothing any more."""
    _refuse_foreign_page(request)
    return _browser_login(
        parts, response, caller, await parts.auth.logins.refresh(read_cookie(request, REFRESH, caller))
    )


@router.post("/logout", status_code=204)
async def log_out(person: LoggedIn, response: Response, parts: PartsOf, caller: CallerOf) -> None:
    """End this login. It counts at once, on an open live stream within a heartbeat."""
    await parts.auth.logins.sign_out(person)
    clear_cookies(response, caller)


@router.post("/password", status_code=204)
async def change_password(body: PasswordRequest, person: LoggedIn, parts: PartsOf, caller: CallerOf) -> None:
    """Change one's own password; every other login of the person ends."""
    await parts.auth.own_account.change_password(person, body.old, body.new, caller.address)


@router.post("/second-factor", responses={409: {"model": ProblemView}})
async def begin_second_factor(
    body: ProofRequest, person: LoggedIn, parts: PartsOf, caller: CallerOf
) -> SecondFactorSecret:
    """Begin to use an authenticator; it is in force once a code of it was confirmed."""
    secret = await parts.auth.own_account.begin_second_factor(person, body.password, caller.address)
    return SecondFactorSecret(secret=secret, uri=provisioning_uri(secret, person.name))


@router.post("/second-factor/confirm", responses={409: {"model": ProblemView}})
async def confirm_second_factor(body: CodeRequest, person: LoggedIn, parts: PartsOf) -> RecoveryCodes:
    """Put the authenticator into force; the answer has the recovery codes, shown only now."""
    return RecoveryCodes(recovery_codes=await parts.auth.own_account.confirm_second_factor(person, body.code))


@router.post("/second-factor/end", status_code=204, responses={409: {"model": ProblemView}})
async def end_second_factor(
    body: EndSecondFactorRequest, person: LoggedIn, parts: PartsOf, caller: CallerOf
) -> None:
    """Go without an authenticator again."""
    await parts.auth.own_account.end_second_factor(person, body.password, body.code, caller.address)


@sessions_router.get("")
async def list_sessions(person: LoggedIn, parts: PartsOf) -> SessionList:
    """One's own living logins, newest first."""
    found = parts.auth.access.directory.sessions_of(person.user, parts.clock())
    return SessionList(sessions=[session_view(session, person.session) for session in found])


@sessions_router.delete("/{session_id}", status_code=204, responses={404: {"model": ProblemView}})
async def end_session(session_id: str, person: LoggedIn, parts: PartsOf) -> None:
    """End one of one's own logins, on a machine left behind for instance."""
    living = parts.auth.access.directory.sessions_of(person.user, parts.clock())
    found = [session for session in living if session.id == session_id]
    if not found:
        raise UnknownThing(both(f"您没有登录 {session_id!r}", f"you have no login {session_id!r}"))
    logins = parts.auth.logins
    await parts.writer.run(lambda tx: logins.revoke(tx, found, f"user:{person.name}", "withdrawn"))


async def _form(request: Request) -> TokenForm:
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise Problem(
            415,
            "unsupported-media-type",
            both(f"请以表单发送：`Content-Type: {FORM}`", f"send a form: Content-Type: {FORM}"),
        )
    try:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=20))
        return TokenForm.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    except ValueError as error:
        raise Problem(
            422, "invalid-request", both(f"表单无法读取：{error}", f"the form cannot be read: {error}")
        ) from error


async def _sign_in(parts: Parts, caller: Caller, given: Credentials) -> SignedIn:
    if not (caller.local or caller.encrypted or parts.settings.allow_plain_http):
        raise PlainHttpRefused(
            both(
                "从另一台机器登录须用 TLS：请在服务前放置带证书的代理，或设置 allow_plain_http "
                "并接受途中任何人都能读到密码",
                "a password from another machine needs TLS: put a proxy with a certificate in front of the "
                "service, or set allow_plain_http and accept that everybody on the way can read it",
            )
        )
    return await parts.auth.logins.sign_in(given)


def _refuse_foreign_page(request: Request) -> None:
    if not is_own_origin(request):
        raise RefreshRefused(
            both("该请求来自其他网站的页面", "this request comes from a page of another site")
        )


def _browser_login(parts: Parts, response: Response, caller: Caller, signed: SignedIn) -> BrowserLogin:
    set_cookies(response, signed, caller)
    principal = parts.auth.access.directory.by_session(signed.session.id, parts.clock())
    if principal is None:
        raise RefreshRefused(both("该登录已被结束", "this login was ended meanwhile"))
    return BrowserLogin(
        **person_fields(principal),
        csrf=signed.csrf,
        expires_in_s=signed.expires_in_s,
    )


def _tokens(signed: SignedIn) -> Tokens:
    return Tokens(
        access_token=signed.access_token,
        expires_in=signed.expires_in_s,
        refresh_token=signed.refresh_token,
    )


def _device(request: Request) -> str:
    return request.headers.get("user-agent", "")
