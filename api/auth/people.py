"""Managing persons: adding, changing rights, disabling, giving a new one-time password.

Used by the routes in the service, and by the command line beside it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from alarm_rules.model import Enterprise
from api.auth.errors import AccessConflict, AccessRefused, NotAllowed, UnknownThing
from api.auth.grant import Grant, grant_faults, grant_text, is_within, scope_of
from api.auth.own_account import WITHOUT_SECOND_FACTOR
from api.auth.powers import leaves_no_administrator, refusal, role_faults
from api.auth.principal import EVERYTHING, Principal
from api.auth.records import Session, User, user_id
from api.bilingual import both, joined
from api.store.access import count_access_change
from api.store.errors import StoreConflict
from api.store.sessions import change_sessions, sessions_of_user
from api.store.users import add_user, all_users, change_user, user_by_id
from api.store.writer import Transaction

MAX_NAME = 100


class RightsRefused(AccessRefused):
    """Roles or scope that nobody can have."""

    STATUS, KIND = 422, "rights-refused"


class Changed(NamedTuple):
    """What a job changed, for the directory."""

    version: int
    user: User
    ended: tuple[Session, ...] = ()


class People:
    """Jobs for `Writer.run`. The caller tells the directory what came of them."""

    def __init__(self, enterprises: Sequence[Enterprise]) -> None:
        self._register = enterprises

    def add(
        self, tx: Transaction, by: Principal, name: str, roles: frozenset[str], grant: Grant, kept: str
    ) -> Changed:
        """A new person with a one-time password, whose hash is `kept`.

        Raises RightsRefused, NotAllowed, AccessConflict.
        """
        name = name.strip()
        if not name or not name.isprintable() or "/" in name or len(name) > MAX_NAME:
            raise RightsRefused(
                both(
                    f"{name!r} 不能作为名称：请用 1 至 {MAX_NAME} 个可显示字符，不含 /",
                    f"{name!r} is no name: give 1 to {MAX_NAME} printable characters, no /",
                )
            )
        self._check(by, None, roles, grant)
        new = User(
            id=user_id(name),
            name=name,
            roles=roles,
            grant=grant,
            password_hash=kept,
            created=tx.now,
            created_by=by.name,
        )
        try:
            add_user(tx.connection, new)
        except StoreConflict as error:
            raise AccessConflict(str(error)) from error
        tx.audit(actor_name(by), "user.add", new.id, _rights(new))
        return Changed(count_access_change(tx.connection), new)

    def change_rights(
        self, tx: Transaction, by: Principal, target: str, roles: frozenset[str] | None, grant: Grant | None
    ) -> Changed:
        """Other roles, another scope, or both.

        Raises UnknownThing, RightsRefused, NotAllowed, AccessConflict.
        """
        user = self._in_sight(tx.connection, by, target)
        roles = user.roles if roles is None else roles
        grant = user.grant if grant is None else grant
        self._check(by, user, roles, grant)
        self._keep_an_administrator(tx.connection, user, roles, disabled=bool(user.disabled))
        after = change_user(tx.connection, user, roles=roles, grant=grant)
        tx.audit(actor_name(by), "user.rights", user.id, f"{_rights(user)} -> {_rights(after)}")
        return Changed(count_access_change(tx.connection), after)

    def switch(self, tx: Transaction, by: Principal, target: str, *, disabled: bool) -> Changed:
        """Let nobody in with this account any more, or let him in again; his logins end.

        Raises UnknownThing, NotAllowed, AccessConflict.
        """
        user = self._in_sight(tx.connection, by, target)
        self._check(by, user, user.roles, user.grant)
        self._keep_an_administrator(tx.connection, user, user.roles, disabled=disabled)
        after = change_user(tx.connection, user, disabled=tx.now if disabled else 0)
        tx.audit(actor_name(by), "user.disable" if disabled else "user.enable", user.id)
        return self._ended(tx, by, after)

    def reset(self, tx: Transaction, by: Principal, target: str, kept: str) -> Changed:
        """A new one-time password and no second factor, for a person who lost them; his logins end.

        Raises UnknownThing, NotAllowed.
        """
        user = self._in_sight(tx.connection, by, target)
        if by.user == user.id:
            raise NotAllowed(
                both(
                    "本人密码请用旧密码修改（POST /session/password）",
                    "change your own password with the old one (POST /session/password)",
                )
            )
        after = change_user(
            tx.connection, user, password_hash=kept, password_changed=0, **WITHOUT_SECOND_FACTOR
        )
        tx.audit(actor_name(by), "user.reset", user.id)
        return self._ended(tx, by, after)

    def end_sessions(self, tx: Transaction, by: Principal, target: str) -> Changed:
        """End every login of a person. Raises UnknownThing."""
        user = self._in_sight(tx.connection, by, target)
        tx.audit(actor_name(by), "user.logout", user.id)
        return self._ended(tx, by, user)

    def in_sight(self, users: Sequence[User], by: Principal) -> list[User]:
        """Those whose whole scope the caller sees, by name."""
        found = [user for user in users if is_within(scope_of(user.grant, self._register), by.scope)]
        return sorted(found, key=lambda user: user.id)

    def _in_sight(self, connection: Connection, by: Principal, target: str) -> User:
        user = user_by_id(connection, user_id(target))
        if user is None or not self.in_sight([user], by):
            raise UnknownThing(both(f"没有用户 {target!r}", f"there is no user {target!r}"))
        return user

    def _check(self, by: Principal, target: User | None, roles: frozenset[str], grant: Grant) -> None:
        faults: tuple[str, ...] = ()
        if target is None or target.roles != roles:
            faults += role_faults(roles)
        if target is None or target.grant != grant:
            faults += grant_faults(grant, self._register)
        if faults:
            raise RightsRefused(joined(faults))
        if reason := refusal(by, target, scope_of(grant, self._register)):
            raise NotAllowed(reason)

    def _keep_an_administrator(
        self, connection: Connection, user: User, roles: frozenset[str], *, disabled: bool
    ) -> None:
        if leaves_no_administrator(all_users(connection), user, roles, disabled=disabled):
            raise AccessConflict(
                both(
                    f"{user.name} 是最后一名系统管理员，请先增加另一名",
                    f"{user.name} is the last system administrator: make another one first",
                )
            )

    def _ended(self, tx: Transaction, by: Principal, user: User) -> Changed:
        open_ones = [s for s in sessions_of_user(tx.connection, user.id) if not s.revoked and s.ends > tx.now]
        fields = {"revoked": tx.now, "revoked_by": actor_name(by)}
        change_sessions(tx.connection, [session.id for session in open_ones], **fields)
        ended = tuple(msgspec.structs.replace(session, **fields) for session in open_ones)
        return Changed(count_access_change(tx.connection), user, ended)


def console(system_user: str) -> Principal:
    """Whoever has the machine: at the command line, beside the data folder."""
    return Principal(system_user, frozenset({"system_administrator"}), EVERYTHING, via="console")


def actor_name(by: Principal) -> str:
    """How the audit names a person: the command line apart from accounts."""
    return f"{'console' if by.via == 'console' else 'user'}:{by.name}"


def _rights(user: User) -> str:
    return f"{', '.join(sorted(user.roles))} for {grant_text(user.grant)}"
