"""Supervision orders on disk, with the journal of their steps."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, tuple_, update

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.desks.order_progress import Order, OrderState, OrderStep, Progress, order_state
from api.store.errors import StoreConflict
from api.store.scope import in_scope
from api.store.tables.desks import supervision as orders
from api.store.tables.desks import supervision_step as steps

_o, _s = orders.c, steps.c
_ORDER = msgspec.json.Decoder(Order)


class OrderQuery(NamedTuple):
    """Which orders a page shows. Empty fields do not restrict."""

    scope: Scope
    states: frozenset[OrderState] = frozenset()
    open_only: bool = False
    enterprise: str | None = None
    warning: str | None = None
    progress: Progress | None = None
    """Only open orders of this colour at `now`."""
    now: int = 0


class OrderCursor(NamedTuple):
    created_at: int
    id: str


def order_by_id(connection: Connection, order_id: str, scope: Scope = EVERYTHING) -> Order | None:
    """None if there is none in this scope."""
    query = select(_o.facts).where(_o.id == order_id, in_scope(_o.enterprise, scope))
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else _ORDER.decode(found)


def add_order(connection: Connection, order: Order) -> None:
    fixed = {
        "id": order.id,
        "enterprise": order.enterprise,
        "installation": order.installation,
        "warning_id": order.warning,
        "created_at": order.created_at,
    }
    connection.execute(insert(orders), _row(order) | fixed)


def change_order(connection: Connection, order: Order) -> None:
    """Store its next version. StoreConflict if the stored one is not the version before."""
    here = and_(_o.id == order.id, _o.version == order.version - 1)
    if connection.execute(update(orders).where(here).values(**_row(order))).rowcount != 1:
        raise StoreConflict(
            both(f"督办单 {order.id} 已被他人更改", f"order {order.id} was changed by somebody else")
        )


def add_order_step(connection: Connection, order: Order, step: OrderStep) -> None:
    row = msgspec.structs.asdict(step) | {"order_id": order.id, "enterprise": order.enterprise}
    connection.execute(insert(steps), row)


def order_steps(connection: Connection, order_id: str) -> list[OrderStep]:
    """The journal of an order, oldest line first."""
    fields = [_s[name] for name in OrderStep.__struct_fields__]
    query = select(*fields).where(_s.order_id == order_id).order_by(_s.number)
    return [OrderStep(**row) for row in connection.execute(query).mappings()]


def page_of_orders(
    connection: Connection, query: OrderQuery, after: OrderCursor | None, limit: int
) -> list[Order]:
    """Newest first, at most `limit`, beginning after `after`."""
    statement = (
        select(_o.facts).where(*_conditions(query)).order_by(_o.created_at.desc(), _o.id.desc()).limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(_o.created_at, _o.id) < tuple_(after.created_at, after.id))
    return [_ORDER.decode(text) for text in connection.execute(statement).scalars()]


def count_orders(connection: Connection, query: OrderQuery) -> dict[Progress, int]:
    """Open orders by colour at `query.now`."""
    colours: tuple[Progress, ...] = ("red", "yellow", "green")
    counts: dict[Progress, int] = {}
    for colour in colours:
        wanted = query._replace(progress=colour)
        statement = select(func.count()).select_from(orders).where(*_conditions(wanted))
        counts[colour] = connection.execute(statement).scalar_one()
    return counts


def _conditions(query: OrderQuery) -> Iterator[ColumnElement[bool]]:
    yield in_scope(_o.enterprise, query.scope)
    if query.open_only or query.progress is not None:
        yield _o.is_open
    if query.states:
        yield _o.state.in_(sorted(query.states))
    if query.enterprise is not None:
        yield _o.enterprise == query.enterprise
    if query.warning is not None:
        yield _o.warning_id == query.warning
    if query.progress == "red":
        yield _o.deadline <= query.now
    elif query.progress == "yellow":
        yield and_(_o.soon_at <= query.now, _o.deadline > query.now)
    elif query.progress == "green":
        yield _o.soon_at > query.now


def _row(order: Order) -> dict[str, Any]:
    return {
        "closed_at": order.closed_at,
        "is_open": order.closed_at is None,
        "state": order_state(order),
        "soon_at": order.soon_at,
        "deadline": order.deadline,
        "overdue": order.overdue,
        "facts": msgspec.json.encode(order).decode(),
        "version": order.version,
    }
