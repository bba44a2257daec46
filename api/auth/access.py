"""Who is speaking: every kind of key, token and cookie is recognised here, and nowhere else.

hw_...   a named operator of the operators file       hwg_...  a gateway
hwp_...  a person's own program                       hwd_...  a wall display
a JWT    a login                                      cookie   a login of a browser, with proof of origin
"""

import hashlib
import secrets
from collections.abc import Callable
from typing import NamedTuple

from api.auth.caller import is_within
from api.auth.directory import Directory
from api.auth.keys import Operators
from api.auth.principal import Principal
from api.auth.records import ApiKey, KeyKind
from api.auth.signing_keys import KeyRing
from api.auth.tokens import session_of

PREFIXES: dict[KeyKind, str] = {"personal": "hwp_", "gateway": "hwg_", "display": "hwd_"}
KEY_BYTES = 32
TOKEN_LENGTH = 4096
"""Nothing longer is looked at."""


class Use(NamedTuple):
    """The last time that a key was used."""

    time: int
    address: str


class Access:
    """Used from the event loop alone; asks neither disk nor clock."""

    def __init__(
        self, directory: Directory, ring: KeyRing, operators: Operators, clock: Callable[[], int]
    ) -> None:
        self.directory = directory
        self.ring = ring
        self._operators = operators
        self._clock = clock
        self.uses: dict[str, Use] = {}
        """Key id -> its last use, until that is stored."""

    def of_bearer(self, text: str, address: str) -> Principal | None:
        """Who speaks with this key or token; None if nobody, or a gateway."""
        now = self._clock()
        if len(text) > TOKEN_LENGTH:
            return None
        if text.startswith(tuple(PREFIXES.values())):
            return self._of_key(text, address, now)
        if text.count(".") == 2:
            session = session_of(self.ring, text, now)
            return self.directory.by_session(session, now) if session else None
        return self._operators.principal(text)

    def of_gateway(self, text: str, address: str) -> ApiKey | None:
        """The gateway whose key this is; None if it is none."""
        if not text.startswith(PREFIXES["gateway"]) or len(text) > TOKEN_LENGTH:
            return None
        now = self._clock()
        found = self.directory.by_digest(key_digest(text), now)
        if found is None or found[0].kind != "gateway":
            return None
        self.uses[found[0].id] = Use(now, address)
        return found[0]

    def still_valid(self, principal: Principal) -> bool:
        """Has he kept the same rights since he was recognised?"""
        if principal.via:
            return self.directory.still_valid(principal, self._clock())
        return self._operators.still_valid(principal)

    def _of_key(self, text: str, address: str, now: int) -> Principal | None:
        found = self.directory.by_digest(key_digest(text), now)
        if found is None:
            return None
        key, principal = found
        if key.kind == "gateway" or (key.networks and not is_within(address, key.networks)):
            return None
        self.uses[key.id] = Use(now, address)
        return principal


def new_key(kind: KeyKind) -> str:
    """256 random bits behind a prefix that scanners for leaked secrets can look for."""
    return PREFIXES[kind] + secrets.token_urlsafe(KEY_BYTES)


def key_digest(key: str) -> str:
    """What is kept of a key (see `api.auth.keys` for why nothing slower)."""
    return hashlib.sha256(key.encode()).hexdigest()
