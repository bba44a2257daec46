"""Who is told when nobody answers: the receivers that the top of a ladder leads to, by whatever name."""

from collections.abc import Iterable

from sqlalchemy import Connection

from alarm_rules.model import Ladder
from api.auth.records import user_id
from api.store.rotas import rota_by_id
from api.store.users import user_by_id

ROTA, ROLE = "rota", "role"


class TopContacts:
    """Of the ladders of a site."""

    def __init__(self, ladders: Iterable[Ladder]) -> None:
        names = {name for ladder in ladders for name in ladder.top.to}
        self._receivers = frozenset(name for name in names if ":" not in name)
        self._rotas = _of(names, ROTA)
        self._roles = _of(names, ROLE)

    def has(self, connection: Connection, receiver: str, logins: Iterable[str]) -> bool:
        """Is this receiver, or whoever logs in by one of these names, at the top of a ladder?"""
        return (
            receiver in self._receivers
            or any(self._has_role(connection, login) for login in logins)
            or any(receiver in _people_of(connection, rota) for rota in self._rotas)
        )

    def _has_role(self, connection: Connection, login: str) -> bool:
        user = user_by_id(connection, user_id(login)) if login else None
        return user is not None and not self._roles.isdisjoint(user.roles)


def _of(names: Iterable[str], group: str) -> frozenset[str]:
    return frozenset(name.removeprefix(f"{group}:") for name in names if name.startswith(f"{group}:"))


def _people_of(connection: Connection, rota_id: str) -> frozenset[str]:
    """Everybody who is in a layer of any version of the rota, stands in for one, or is its last resort."""
    rota = rota_by_id(connection, rota_id)
    if rota is None:
        return frozenset()
    found = {receiver for override in rota.overrides for receiver in override.receivers}
    for version in rota.versions:
        found.add(version.definition.fallback)
        for layer in version.definition.layers:
            found |= {receiver for turn in layer.turns for receiver in turn}
    return frozenset(found)
