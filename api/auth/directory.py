"""Everybody who may speak, in memory: persons, logins and keys as the store has them.

Each request is recognised from here without asking the store, and what was withdrawn is gone with the
commit that withdrew it. `version` counts the commits: whoever finds the store's number ahead of it
(another process wrote) loads everything anew.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

import msgspec

from alarm_rules.model import Enterprise
from api.auth.grant import Grant, scope_of
from api.auth.permissions import PERMISSIONS
from api.auth.principal import Hold, Principal, Scope
from api.auth.records import ApiKey, Session, User
from api.auth.throttle import network_of

SECOND_NS = 1_000_000_000
ROLES_OF_KEYS = {"display": frozenset({"display"}), "gateway": frozenset[str]()}
SCOPES_KEPT = 1024


class AccessRecords(msgspec.Struct, frozen=True):
    """All records of one version of the store."""

    version: int
    users: list[User]
    sessions: list[Session]
    keys: list[ApiKey]


class Directory:
    """Used from the event loop alone."""

    def __init__(
        self,
        enterprises: Iterable[Enterprise],
        *,
        idle_s: float,
        second_factor_roles: frozenset[str] = frozenset(),
    ) -> None:
        register = tuple(enterprises)
        self._idle_ns = int(idle_s * SECOND_NS)
        self._second_factor_roles = second_factor_roles
        self.scope_of: Callable[[Grant], Scope] = lru_cache(SCOPES_KEPT)(
            lambda grant: scope_of(grant, register)
        )
        self.version = -1
        self.users: dict[str, User] = {}
        self.sessions: dict[str, Session] = {}
        self.keys: dict[str, ApiKey] = {}
        """By id."""
        self._key_of_digest: dict[str, str] = {}
        self._familiar: set[tuple[str, str]] = set()

    def load(self, records: AccessRecords) -> None:
        """Take all records anew, unless a later commit has been heard of meanwhile."""
        if records.version < self.version:
            return
        self.version = records.version
        self.users = {user.id: user for user in records.users}
        self.sessions = {session.id: session for session in records.sessions}
        self.keys = {key.id: key for key in records.keys}
        self._key_of_digest = {key.digest: key.id for key in records.keys}
        self._familiar = {_desk(session) for session in records.sessions}

    def committed(self, version: int, *records: User | Session | ApiKey) -> None:
        """Take what a commit of this process changed. One that followed on another process's leaves the
        number where it was, so that everything is loaded anew."""
        for record in records:
            self._put(record)
        if version == self.version + 1:
            self.version = version

    def by_session(self, session_id: str, now: int) -> Principal | None:
        """Whose login this is, with his rights as they are now; None if it has ended."""
        session = self.sessions.get(session_id)
        if session is None or self.has_ended(session, now):
            return None
        user = self.users.get(session.user)
        if user is None or user.disabled:
            return None
        return self._person(user, f"session:{session.id}", self._hold(user, session))

    def by_digest(self, digest: str, now: int) -> tuple[ApiKey, Principal] | None:
        """The key with this SHA-256 and who speaks with it; None if it is unknown, withdrawn or over."""
        key = self.keys.get(self._key_of_digest.get(digest, ""))
        if key is None or key.revoked or (key.ends and now >= key.ends):
            return None
        if key.kind != "personal":
            scope = self.scope_of(key.grant)
            return key, Principal(key.name, ROLES_OF_KEYS[key.kind], scope, f"key:{key.id}")
        user = self.users.get(key.owner)
        if user is None or user.disabled:
            return None
        return key, self._person(user, f"key:{key.id}", "" if user.password_changed else "password-change")

    def still_valid(self, principal: Principal, now: int) -> bool:
        """Has he kept the same rights since he was recognised by a login or a key of the store?"""
        if principal.session:
            return self.by_session(principal.session, now) == principal
        key = self.keys.get(principal.via.removeprefix("key:"))
        found = self.by_digest(key.digest, now) if key else None
        return found is not None and found[1] == principal

    def anybody_may(self, permission: str) -> bool:
        """Is there a person with an account who may do this?"""
        holders = PERMISSIONS[permission]
        return any(not (user.disabled or holders.isdisjoint(user.roles)) for user in self.users.values())

    def has_ended(self, session: Session, now: int) -> bool:
        """Logged out, revoked, at its end, or not used for too long."""
        return bool(session.revoked) or now >= session.ends or now - session.used > self._idle_ns

    def is_familiar(self, user_id: str, address: str) -> bool:
        """Has this person logged in from this address before?"""
        return (user_id, network_of(address)) in self._familiar

    def sessions_of(self, user_id: str, now: int) -> list[Session]:
        """A person's living logins, newest first."""
        found = [s for s in self.sessions.values() if s.user == user_id and not self.has_ended(s, now)]
        return sorted(found, key=lambda session: (-session.started, session.id))

    def _person(self, user: User, via: str, hold: Hold) -> Principal:
        roles = frozenset[str]() if hold else user.roles
        return Principal(user.name, roles, self.scope_of(user.grant), via, user.id, hold)

    def _hold(self, user: User, session: Session) -> Hold:
        if not user.password_changed:
            return "password-change"
        if not session.second_factor and not self._second_factor_roles.isdisjoint(user.roles):
            return "second-factor"
        return ""

    def _put(self, record: User | Session | ApiKey) -> None:
        match record:
            case User():
                self.users[record.id] = record
            case Session():
                self.sessions[record.id] = record
                self._familiar.add(_desk(record))
            case ApiKey():
                self.keys[record.id] = record
                self._key_of_digest[record.digest] = record.id


def _desk(session: Session) -> tuple[str, str]:
    return session.user, network_of(session.address)
