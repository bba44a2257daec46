"""Persons managed through the service: hashing beside the loop, storing in one transaction, then telling."""

from collections.abc import Callable

from api.auth.directory import Directory
from api.auth.errors import UnknownThing
from api.auth.grant import Grant
from api.auth.hashing import Hashing
from api.auth.metrics import AuthMetrics
from api.auth.passwords import one_time_password
from api.auth.people import Changed, People
from api.auth.principal import Principal
from api.auth.records import User, user_id
from api.bilingual import both
from api.store.writer import Transaction, Writer


class Administration:
    """What the routes of `/users` do. Each raises what the job of `People` raises."""

    def __init__(
        self, people: People, directory: Directory, writer: Writer, hashing: Hashing, metrics: AuthMetrics
    ) -> None:
        self._people = people
        self._directory = directory
        self._writer = writer
        self._hashing = hashing
        self._metrics = metrics

    def visible(self, by: Principal) -> list[User]:
        """The persons in the caller's sight, by name."""
        return self._people.in_sight(list(self._directory.users.values()), by)

    def check_sight(self, by: Principal, name: str) -> None:
        """UnknownThing for a person who is not in the caller's sight."""
        if user_id(name) not in {user.id for user in self.visible(by)}:
            raise UnknownThing(both(f"没有用户 {name!r}", f"there is no user {name!r}"))

    async def add(self, by: Principal, name: str, roles: frozenset[str], grant: Grant) -> tuple[User, str]:
        """A new person and the one-time password, which is shown only now."""
        password = one_time_password()
        kept = await self._hashing.hash(password)
        return await self._run(lambda tx: self._people.add(tx, by, name, roles, grant, kept), "add"), password

    async def change_rights(
        self, by: Principal, name: str, roles: frozenset[str] | None, grant: Grant | None
    ) -> User:
        """See People.change_rights."""
        return await self._run(lambda tx: self._people.change_rights(tx, by, name, roles, grant), "rights")

    async def switch(self, by: Principal, name: str, *, disabled: bool) -> User:
        """See People.switch."""
        return await self._run(lambda tx: self._people.switch(tx, by, name, disabled=disabled), "disabled")

    async def reset(self, by: Principal, name: str) -> tuple[User, str]:
        """See People.reset; returns the one-time password, which is shown only now."""
        password = one_time_password()
        kept = await self._hashing.hash(password)
        return await self._run(lambda tx: self._people.reset(tx, by, name, kept), "reset"), password

    async def end_sessions(self, by: Principal, name: str) -> User:
        """See People.end_sessions."""
        return await self._run(lambda tx: self._people.end_sessions(tx, by, name), "administrator")

    async def _run(self, job: Callable[[Transaction], Changed], reason: str) -> User:
        def run(tx: Transaction) -> User:
            changed = job(tx)
            tx.then(lambda: self._directory.committed(changed.version, changed.user, *changed.ended))
            tx.then(lambda: self._metrics.sessions_revoked.labels(reason).inc(len(changed.ended)))
            return changed.user

        return await self._writer.run(run)
