"""Who can be put on call: the receivers, and whether anything reaches them."""

from sqlalchemy import Connection, select

from api.rotas.people import Person
from api.store.tables.notify import receiver, target

_r, _t = receiver.c, target.c


def people_of(connection: Connection) -> dict[str, Person]:
    """Every receiver by id; reachable with at least one target in use."""
    reached = set(connection.execute(select(_t.receiver).where(_t.enabled).distinct()).scalars())
    query = select(_r.id, _r.name, _r.name_en, _r.enterprise, _r.login, _r.enabled)
    return {
        row.id: Person(
            name=row.name,
            name_en=row.name_en,
            enterprise=row.enterprise,
            login=row.login,
            reachable=row.enabled and row.id in reached,
        )
        for row in connection.execute(query)
    }
