"""Who is on call, for those who have somebody to tell."""

from sqlalchemy import Connection

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.rotas.errors import UnknownRota
from api.rotas.model import OnCall, Rota
from api.rotas.resolve import resolve
from api.store.rotas import rota_by_id


def who_is_on_call(connection: Connection, rota_id: str, at_ns: int) -> OnCall:
    """Who must be told at this instant, past or to come; never nobody. Raises UnknownRota."""
    return resolve(known_rota(connection, rota_id, EVERYTHING, at_ns, at_ns + 1), at_ns)


def known_rota(
    connection: Connection, rota_id: str, scope: Scope, start: int | None = None, end: int | None = None
) -> Rota:
    """See `rota_by_id`; raises UnknownRota instead of giving None."""
    found = rota_by_id(connection, rota_id, scope, start, end)
    if found is None:
        raise UnknownRota(both(f"没有值班表 {rota_id}", f"there is no rota {rota_id!r}"))
    return found
