"""What is kept of persons, their sessions, and keys of machines. Times are ns UTC, 0 where there is none."""

import unicodedata
from typing import Literal

import msgspec

from api.auth.grant import Grant

KeyKind = Literal["personal", "gateway", "display"]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person who logs in with a password. Never deleted, because the audit names him: disabled."""

    id: str
    """The name in one spelling: see `user_id`."""
    name: str
    """As it stands beside an acknowledgement."""
    roles: frozenset[str]
    grant: Grant
    password_hash: str
    password_changed: int = 0
    """0: it is the one-time password; it opens nothing but its own change."""
    totp_secret: str = ""
    """Locked away with the key ring."""
    totp_confirmed: int = 0
    """0: the second factor is not in force."""
    totp_last_step: int = 0
    recovery: tuple[str, ...] = ()
    """Digests of the recovery codes not yet used."""
    created: int
    created_by: str
    disabled: int = 0
    version: int = 1

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed > 0


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A login, until it ends. Its refresh tokens have rising generations."""

    id: str
    user: str
    started: int
    used: int
    """When it was continued last."""
    ends: int
    """At the latest, however much it is used."""
    generation: int = 0
    rotated: int
    address: str
    device: str
    """What the program said of itself (User-Agent)."""
    second_factor: bool = False
    revoked: int = 0
    revoked_by: str = ""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a gateway, of a wall display, or of a person's own program."""

    id: str
    kind: KeyKind
    name: str
    """Gateway: what it calls itself in its deliveries. Display: which one."""
    owner: str = ""
    """Personal: user id; its rights are those of the person as they are now."""
    grant: Grant = Grant()
    networks: tuple[str, ...] = ()
    """Display: from where it counts; empty: from anywhere."""
    digest: str
    """SHA-256 of the key, which itself is nowhere."""
    created: int
    created_by: str
    ends: int = 0
    """0: never by itself."""
    used: int = 0
    used_from: str = ""
    revoked: int = 0
    revoked_by: str = ""


def user_id(name: str) -> str:
    """One spelling for a name, however it is typed: two persons may not differ by capitals alone."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
