"""What a person changes about himself: password, second factor, programs that act in his name."""

import msgspec

from api.auth import totp
from api.auth.access import Access
from api.auth.errors import AccessConflict, LoginRefused, PasswordRefused, UnknownThing
from api.auth.hashing import Hashing
from api.auth.logins import Logins
from api.auth.passwords import password_faults
from api.auth.principal import Principal
from api.auth.records import User
from api.bilingual import both, joined
from api.store.access import count_access_change
from api.store.sessions import change_sessions
from api.store.users import change_user, user_by_id
from api.store.writer import Transaction, Writer


class OwnAccount:
    """Each act asks for the password again: a screen left open must not be enough."""

    def __init__(self, access: Access, writer: Writer, hashing: Hashing, logins: Logins) -> None:
        self._access = access
        self._directory = access.directory
        self._writer = writer
        self._hashing = hashing
        self._logins = logins

    async def change_password(self, who: Principal, old: str, new: str, address: str) -> None:
        """Every other login of the person ends. Raises LoginRefused, LoginThrottled, PasswordRefused."""
        user = await self._logins.check_password(who, old, address)
        faults = password_faults(new, user.name)
        if new == old:
            faults = (*faults, both("新密码与旧密码相同", "it is the old password"))
        if faults:
            raise PasswordRefused(joined(faults))
        kept = await self._hashing.hash(new)
        await self._writer.run(lambda tx: self._keep_password(tx, who, kept))

    async def begin_second_factor(self, who: Principal, password: str, address: str) -> str:
        """A new secret for the authenticator; in force once `confirm_second_factor` has seen a code of it.

        Raises LoginRefused, LoginThrottled, AccessConflict.
        """
        user = await self._logins.check_password(who, password, address)
        if user.has_second_factor:
            raise AccessConflict(
                both("双因素已启用，请先取消", "the second factor is in force already: end it first")
            )
        secret = totp.new_secret()
        locked = self._access.ring.lock_away(secret, user.id)
        await self._writer.run(
            lambda tx: self._change(tx, user.id, "second-factor.begin", totp_secret=locked)
        )
        return secret

    async def confirm_second_factor(self, who: Principal, code: str) -> list[str]:
        """Put the second factor into force; returns the recovery codes, which are shown only now.

        Raises LoginRefused for a wrong code, AccessConflict when nothing was begun.
        """
        codes = totp.new_recovery_codes()
        done = await self._writer.run(lambda tx: self._confirm(tx, who, code, codes))
        if not done:
            raise LoginRefused(both("验证码不正确。", "Wrong code."))
        return codes

    async def end_second_factor(self, who: Principal, password: str, code: str, address: str) -> None:
        """Go without it again. Raises LoginRefused, LoginThrottled, AccessConflict."""
        user = await self._logins.check_password(who, password, address)
        if not user.has_second_factor:
            raise AccessConflict(both("未启用双因素验证。", "There is no second factor in force."))
        if not await self._writer.run(lambda tx: self._end(tx, who, code)):
            raise LoginRefused(both("验证码不正确。", "Wrong code."))

    def _keep_password(self, tx: Transaction, who: Principal, kept: str) -> None:
        self._change(tx, who.user, "password.change", password_hash=kept, password_changed=tx.now)
        others = [s for s in self._directory.sessions_of(who.user, tx.now) if s.id != who.session]
        self._logins.revoke(tx, others, f"user:{who.name}", "password-change")

    def _confirm(self, tx: Transaction, who: Principal, code: str, codes: list[str]) -> bool:
        user = self._person(tx, who.user)
        if user.has_second_factor or not user.totp_secret:
            raise AccessConflict(
                both(
                    "没有待确认的双因素，请先开始启用", "there is no second factor to confirm: begin it first"
                )
            )
        step = totp.accepted_step(self._access.ring.unlock(user.totp_secret, user.id), code, 0, tx.now)
        if step is None:
            return False
        self._change(
            tx,
            user.id,
            "second-factor.confirm",
            totp_confirmed=tx.now,
            totp_last_step=step,
            recovery=tuple(map(totp.recovery_digest, codes)),
        )
        session = self._directory.sessions.get(who.session)
        if session is not None:
            change_sessions(tx.connection, [session.id], second_factor=True)
            proven = msgspec.structs.replace(session, second_factor=True)
            version = count_access_change(tx.connection)
            tx.then(lambda: self._directory.committed(version, proven))
        return True

    def _end(self, tx: Transaction, who: Principal, code: str) -> bool:
        user = self._person(tx, who.user)
        secret = self._access.ring.unlock(user.totp_secret, user.id)
        by_code = totp.accepted_step(secret, code, user.totp_last_step, tx.now) is not None
        if not by_code and totp.without_recovery_code(user.recovery, code) is None:
            return False
        self._change(tx, user.id, "second-factor.end", **WITHOUT_SECOND_FACTOR)
        return True

    def _person(self, tx: Transaction, user_id: str) -> User:
        user = user_by_id(tx.connection, user_id)
        if user is None:
            raise UnknownThing(both("您的账号已不存在", "your account is gone"))
        return user

    def _change(self, tx: Transaction, user_id: str, action: str, **changes: object) -> None:
        user = self._person(tx, user_id)
        after = change_user(tx.connection, user, **changes)
        tx.audit(f"user:{user.name}", action, user.id)
        version = count_access_change(tx.connection)
        tx.then(lambda: self._directory.committed(version, after))


WITHOUT_SECOND_FACTOR: dict[str, object] = {
    "totp_secret": "",
    "totp_confirmed": 0,
    "totp_last_step": 0,
    "recovery": (),
}
