"""Logging in, going on, logging out. What is decided here is stored by `Writer.run` in one transaction."""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from api.auth import totp
from api.auth.access import Access
from api.auth.errors import LoginRefused, LoginThrottled, RefreshRefused, SecondFactorRequired
from api.auth.hashing import Hashing
from api.auth.metrics import AuthMetrics
from api.auth.principal import Principal
from api.auth.records import Session, User, user_id
from api.auth.session_rules import refresh_decision
from api.auth.settings import AuthSettings
from api.auth.throttle import Throttle
from api.auth.tokens import access_token, csrf_mark, read_refresh_token, refresh_token
from api.bilingual import both
from api.store.access import count_access_change
from api.store.sessions import add_session, change_sessions, session_by_id
from api.store.users import change_user, user_by_id
from api.store.writer import Clock, Transaction, Writer

SECOND_NS = 1_000_000_000
DEVICE_LENGTH = 200
REFUSED = both("用户名、密码或验证码不正确。", "Wrong user name, password or code.")
OVER = both("登录已失效，请重新登录。", "This login is over: log in again.")


class Credentials(NamedTuple):
    """What somebody gives to log in."""

    user: str
    password: str
    code: str
    """Of the authenticator, or a recovery code; empty if there is none."""
    address: str
    device: str


class SignedIn(NamedTuple):
    """A login and the tokens it speaks with."""

    session: Session
    access_token: str
    refresh_token: str
    csrf: str
    expires_in_s: int


class Logins:
    """Made once in `api.auth.assembly`."""

    def __init__(
        self,
        access: Access,
        writer: Writer,
        hashing: Hashing,
        throttle: Throttle,
        settings: AuthSettings,
        metrics: AuthMetrics,
        clock: Clock,
    ) -> None:
        self._access = access
        self._directory = access.directory
        self._writer = writer
        self._hashing = hashing
        self._throttle = throttle
        self._settings = settings
        self._metrics = metrics
        self._clock = clock

    async def sign_in(self, given: Credentials) -> SignedIn:
        """Raises LoginThrottled, LoginRefused or SecondFactorRequired."""
        name = user_id(given.user)
        familiar = self._directory.is_familiar(name, given.address)
        wait_s = self._throttle.attempt(name, given.address, familiar=familiar, now=self._clock())
        if wait_s:
            self._metrics.logins_refused.labels("throttled").inc()
            raise LoginThrottled(wait_s)
        try:
            session = await self._prove(name, given)
        except SecondFactorRequired:
            self._throttle.take_back(name, given.address, familiar=familiar)
            self._metrics.logins_refused.labels("code_missing").inc()
            raise
        self._throttle.succeeded(name, given.address, familiar=familiar)
        self._metrics.logins.inc()
        return self._signed(session)

    async def check_password(self, principal: Principal, password: str, address: str) -> User:
        """The person's own password once more, before something that a stolen login may not do.

        Raises LoginThrottled or LoginRefused.
        """
        wait_s = self._throttle.attempt(principal.user, address, familiar=True, now=self._clock())
        if wait_s:
            self._metrics.logins_refused.labels("throttled").inc()
            raise LoginThrottled(wait_s)
        user = self._directory.users.get(principal.user)
        if not await self._hashing.verify(password, user.password_hash if user else None) or user is None:
            self._metrics.logins_refused.labels("password").inc()
            raise LoginRefused(both("密码不正确。", "Wrong password."))
        self._throttle.succeeded(principal.user, address, familiar=True)
        return user

    async def refresh(self, token: str) -> SignedIn:
        """Go on with a login. A token that was used before ends it: one of the two users stole it.

        Raises RefreshRefused.
        """
        read = read_refresh_token(self._access.ring, token)
        if read is None:
            self._metrics.refreshes_refused.labels("unknown").inc()
            raise RefreshRefused(OVER)
        session, refused = await self._writer.run(lambda tx: self._continue(tx, *read))
        if session is None:
            self._metrics.refreshes_refused.labels(refused).inc()
            raise RefreshRefused(OVER)
        self._metrics.refreshes.inc()
        return self._signed(session)

    async def sign_out(self, principal: Principal) -> None:
        """End the caller's own login."""
        session = self._directory.sessions.get(principal.session)
        if session is not None:
            await self._writer.run(lambda tx: self.revoke(tx, [session], f"user:{principal.name}", "logout"))

    def revoke(self, tx: Transaction, sessions: Iterable[Session], by: str, reason: str) -> None:
        """End these logins with this transaction; counts from its commit on."""
        ended = [s for s in sessions if not s.revoked]
        if not ended:
            return
        change_sessions(tx.connection, [s.id for s in ended], revoked=tx.now, revoked_by=by)
        for session in ended:
            tx.audit(by, f"session.{reason}", session.user, f"session {session.id}")
        after = [msgspec.structs.replace(s, revoked=tx.now, revoked_by=by) for s in ended]
        version = count_access_change(tx.connection)
        tx.then(lambda: self._directory.committed(version, *after))
        tx.then(lambda: self._metrics.sessions_revoked.labels(reason).inc(len(after)))

    async def _prove(self, name: str, given: Credentials) -> Session:
        user = self._directory.users.get(name)
        usable = user is not None and not user.disabled
        right = await self._hashing.verify(given.password, user.password_hash if user and usable else None)
        if user is None or not right:
            self._metrics.logins_refused.labels("password").inc()
            if user is not None:
                await self._writer.run(lambda tx: _audit_failure(tx, user, given.address, "password"))
            raise LoginRefused(REFUSED)
        fresh_hash = user.password_hash
        if self._hashing.is_outdated(fresh_hash):
            fresh_hash = await self._hashing.hash(given.password)
        session = await self._writer.run(lambda tx: self._open(tx, user, given, fresh_hash))
        if session is None:
            self._metrics.logins_refused.labels("code").inc()
            await self._writer.run(lambda tx: _audit_failure(tx, user, given.address, "code"))
            raise LoginRefused(REFUSED)
        return session

    def _open(self, tx: Transaction, checked: User, given: Credentials, fresh_hash: str) -> Session | None:
        """Keep the login; None if the code is wrong, or the password was changed while it was checked."""
        user = user_by_id(tx.connection, checked.id)
        if user is None or user.disabled or user.password_hash != checked.password_hash:
            return None
        after = user
        if user.has_second_factor:
            changes = self._second_factor(user, given.code, tx.now)
            if changes is None:
                return None
            after = change_user(tx.connection, after, **changes)
        if fresh_hash != user.password_hash:
            after = change_user(tx.connection, after, password_hash=fresh_hash)
        session = Session(
            id=secrets.token_hex(8),
            user=user.id,
            started=tx.now,
            used=tx.now,
            ends=tx.now + int(self._settings.session_hours * 3600 * SECOND_NS),
            rotated=tx.now,
            address=given.address,
            device=given.device[:DEVICE_LENGTH],
            second_factor=user.has_second_factor,
        )
        add_session(tx.connection, session)
        tx.audit(f"user:{user.name}", "session.login", user.id, f"session {session.id} from {given.address}")
        version = count_access_change(tx.connection)
        tx.then(lambda: self._directory.committed(version, after, session))
        return session

    def _second_factor(self, user: User, code: str, now: int) -> dict[str, object] | None:
        if not code:
            raise SecondFactorRequired(
                both(
                    "需要验证器的验证码（`totp`）。",
                    "A code of the authenticator is needed: send it as `totp`.",
                )
            )
        secret = self._access.ring.unlock(user.totp_secret, user.id)
        step = totp.accepted_step(secret, code, user.totp_last_step, now)
        if step is not None:
            return {"totp_last_step": step}
        left = totp.without_recovery_code(user.recovery, code)
        return None if left is None else {"recovery": left}

    def _continue(self, tx: Transaction, session_id: str, generation: int) -> tuple[Session | None, str]:
        session = session_by_id(tx.connection, session_id)
        user = user_by_id(tx.connection, session.user) if session else None
        if session is None or user is None or user.disabled or self._directory.has_ended(session, tx.now):
            return None, "over"
        grace_ns = int(self._settings.refresh_grace_s * SECOND_NS)
        match refresh_decision(session, generation, tx.now, grace_ns):
            case "repeat":
                return session, ""
            case "reused":
                self.revoke(tx, [session], "service", "reuse")
                return None, "reused"
            case "unknown":
                return None, "unknown"
        changes = {"generation": session.generation + 1, "rotated": tx.now, "used": tx.now}
        change_sessions(tx.connection, [session.id], **changes)
        after = msgspec.structs.replace(session, **changes)
        version = count_access_change(tx.connection)
        tx.then(lambda: self._directory.committed(version, after))
        return after, ""

    def _signed(self, session: Session) -> SignedIn:
        ring, minutes = self._access.ring, self._settings.access_minutes
        return SignedIn(
            session,
            access_token(ring, session.id, session.user, minutes, self._clock()),
            refresh_token(ring, session.id, session.generation),
            csrf_mark(ring, session.id),
            int(minutes * 60),
        )


def _audit_failure(tx: Transaction, user: User, address: str, what: str) -> None:
    tx.audit("service", "session.refused", user.id, f"wrong {what}, from {address}")
