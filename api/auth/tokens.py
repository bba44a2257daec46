"""Access tokens (JWT, EdDSA) that live some minutes, refresh tokens that are used once, and CSRF marks.

A token says which session is speaking and nothing else: rights come from the session and its person as
they are now, so that what was withdrawn is gone at once. No clock is read here: `now` is ns UTC.
"""

import hmac
from typing import NamedTuple

import jwt

from api.auth.signing_keys import KeyRing

SECOND_NS = 1_000_000_000
ISSUER, AUDIENCE = "hazardwatch", "hazardwatch-api"
ALGORITHM = "EdDSA"
REFRESH_PREFIX = "hwr_"


class Refresh(NamedTuple):
    """A refresh token whose seal is right. The session decides whether its generation is the current one."""

    session: str
    generation: int


def access_token(ring: KeyRing, session: str, user: str, minutes: float, now: int) -> str:
    """Sign an access token of a session."""
    issued = now // SECOND_NS
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user,
        "sid": session,
        "iat": issued,
        "exp": issued + int(minutes * 60),
    }
    return jwt.encode(claims, ring.signer(), algorithm=ALGORITHM, headers={"kid": ring.current})


def session_of(ring: KeyRing, token: str, now: int) -> str | None:
    """The session that an access token speaks for; None if it is not ours, changed, or over."""
    try:
        verifier = ring.verifier(str(jwt.get_unverified_header(token).get("kid")))
        if verifier is None:
            return None
        claims = jwt.decode(
            token,
            verifier,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={
                "require": ["exp", "iat", "sid", "sub"],
                "verify_exp": False,  # by our own clock, below
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError:
        return None
    expires, session = claims["exp"], claims["sid"]
    if not isinstance(expires, int) or now // SECOND_NS >= expires or not isinstance(session, str):
        return None
    return session


def refresh_token(ring: KeyRing, session: str, generation: int) -> str:
    """The token that a session is continued with. Each generation is taken once."""
    key_id = ring.current
    return f"{REFRESH_PREFIX}{key_id}.{session}.{generation}.{_seal(ring, key_id, session, generation)}"


def read_refresh_token(ring: KeyRing, token: str) -> Refresh | None:
    """What a refresh token says; None if we did not make it."""
    match token.removeprefix(REFRESH_PREFIX).split("."):
        case [key_id, session, generation, seal] if generation.isascii() and generation.isdecimal():
            right = _seal(ring, key_id, session, int(generation))
            if right is not None and hmac.compare_digest(right.encode(), seal.encode()):
                return Refresh(session, int(generation))
    return None


def csrf_mark(ring: KeyRing, session: str) -> str:
    """What a browser has to send beside its cookie: a page of another site can neither read nor make it."""
    seal = ring.mac(ring.current, "csrf", session)
    return f"{ring.current}.{seal}"


def is_csrf_mark(ring: KeyRing, session: str, given: str) -> bool:
    """Is it the mark of this session, made with any key still in use?"""
    key_id, _, seal = given.partition(".")
    right = ring.mac(key_id, "csrf", session)
    return right is not None and hmac.compare_digest(right.encode(), seal.encode())


def _seal(ring: KeyRing, key_id: str, session: str, generation: int) -> str | None:
    return ring.mac(key_id, "refresh", f"{session} {generation}")
