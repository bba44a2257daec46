"""Who shares a rota with somebody: those to whom he may hand over what he cannot answer."""

from sqlalchemy import Connection

from api.auth.principal import Scope
from api.rotas.check import named_receivers
from api.rotas.model import Rota
from api.rotas.people import People
from api.store.rotas import living_rotas


def colleagues_of(
    connection: Connection, people: People, receiver: str, enterprise: str, now: int
) -> dict[str, str]:
    """Receiver -> name of everybody who can be reached and is in a rota together with this one.

    Of the rotas of the enterprise and of the bureau; the fallback phone is among them.
    """
    rotas = living_rotas(connection, Scope(frozenset({enterprise})), now, now + 1)
    together = {one for rota in rotas if receiver in (named := _named(rota, now)) for one in named}
    known = people(connection)
    return {
        one: known[one].name for one in sorted(together - {receiver}) if one in known and known[one].reachable
    }


def _named(rota: Rota, now: int) -> set[str]:
    version = {receiver for _, receiver in named_receivers(rota.version_at(now).definition)}
    return version | {one for override in rota.overrides for one in override.receivers}
