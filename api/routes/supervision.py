"""Supervision orders (督办): issued by the bureau, answered by enterprises."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from api.auth.principal import Principal
from api.bilingual import both
from api.desks.errors import NotOnDesk
from api.desks.fields import PROBLEMS, After, Limit, PathName, TextBody, Wanted
from api.desks.order_progress import Order, OrderState, OrderStep, Progress
from api.desks.supervision_schemas import (
    OrderBody,
    OrderPage,
    OrderSummary,
    OrderView,
    OrderWithSteps,
    PostponeBody,
    order_view,
    order_with_steps,
)
from api.guards import require
from api.paging import cursor_text, read_cursor
from api.parts import Parts, PartsOf
from api.store.supervision import (
    OrderCursor,
    OrderQuery,
    count_orders,
    order_by_id,
    order_steps,
    page_of_orders,
)

Reading = Annotated[Principal, Depends(require("supervision.read"))]
Creating = Annotated[Principal, Depends(require("supervision.create"))]
Answering = Annotated[Principal, Depends(require("supervision.answer"))]
Verifying = Annotated[Principal, Depends(require("supervision.verify"))]
Closing = Annotated[Principal, Depends(require("supervision.close"))]
Postponing = Annotated[Principal, Depends(require("supervision.postpone"))]

router = APIRouter(prefix="/supervision", tags=["supervision"], responses=PROBLEMS)


@router.get("")
async def list_orders(
    parts: PartsOf,
    reader: Reading,
    state: Annotated[list[OrderState], Query(description="Any of these states; all if absent.")] = [],  # noqa: B006 (FastAPI copies it)
    progress: Annotated[Progress | None, Query(description="Only open ones of this colour.")] = None,
    open_only: Annotated[bool, Query(alias="open", description="Only those not closed.")] = False,
    enterprise: Wanted = None,
    warning: Wanted = None,
    after: After = None,
    limit: Limit = 100,
) -> OrderPage:
    """Orders, newest first."""
    now = parts.clock()
    query = OrderQuery(
        scope=reader.scope,
        states=frozenset(state),
        open_only=open_only,
        enterprise=enterprise,
        warning=warning,
        progress=progress,
        now=now,
    )
    cursor = OrderCursor(*read_cursor(after)) if after else None
    found = await parts.reader.run(lambda c: page_of_orders(c, query, cursor, limit + 1))
    shown = found[:limit]
    return OrderPage(
        orders=[_view(parts, order, now) for order in shown],
        next=cursor_text(shown[-1].created_at, shown[-1].id) if len(found) > limit else None,
    )


@router.get("/summary")
async def summarise_orders(parts: PartsOf, reader: Reading, enterprise: Wanted = None) -> OrderSummary:
    """How many orders are open, by colour."""
    query = OrderQuery(scope=reader.scope, enterprise=enterprise, now=parts.clock())
    counts = await parts.reader.run(lambda c: count_orders(c, query))
    return OrderSummary(open=sum(counts.values()), counts=counts)


@router.post("", status_code=201)
async def create_order(parts: PartsOf, by: Creating, body: OrderBody) -> OrderView:
    """Issue an order by hand, or from a warning of which a step was overdue."""
    order = await parts.desks.supervision.create(by, **body.model_dump())
    return _view(parts, order, parts.clock())


@router.get("/{order_id}")
async def show_order(order_id: PathName, parts: PartsOf, reader: Reading) -> OrderWithSteps:
    """One order with everything that happened to it."""

    def read(connection: Connection) -> tuple[Order | None, list[OrderStep]]:
        return order_by_id(connection, order_id, reader.scope), order_steps(connection, order_id)

    order, steps = await parts.reader.run(read)
    if order is None:
        raise NotOnDesk(both(f"没有督办 {order_id}。", f"There is no order {order_id}."))
    return order_with_steps(order, steps, parts.desks.register, parts.clock())


@router.post("/{order_id}/answer")
async def answer_order(order_id: PathName, parts: PartsOf, by: Answering, body: TextBody) -> OrderView:
    """反馈: the enterprise reports what was done; again, until the bureau has verified."""
    return await _take(parts, "answer", by, order_id, body)


@router.post("/{order_id}/return")
async def return_order(order_id: PathName, parts: PartsOf, by: Verifying, body: TextBody) -> OrderView:
    """退回: not enough; the deadline stays."""
    return await _take(parts, "return", by, order_id, body)


@router.post("/{order_id}/verify")
async def verify_order(order_id: PathName, parts: PartsOf, by: Verifying, body: TextBody) -> OrderView:
    """核实: how it was checked, and with what result."""
    return await _take(parts, "verify", by, order_id, body)


@router.post("/{order_id}/close")
async def close_order(
    order_id: PathName, parts: PartsOf, by: Closing, body: TextBody | None = None
) -> OrderView:
    """销号."""
    return await _take(parts, "close", by, order_id, body or TextBody(text=""))


@router.post("/{order_id}/postpone")
async def postpone_order(order_id: PathName, parts: PartsOf, by: Postponing, body: PostponeBody) -> OrderView:
    """延期: a later deadline with its reason."""
    order = await parts.desks.supervision.postpone(by, order_id, body.deadline, body.text)
    return _view(parts, order, parts.clock())


async def _take(parts: Parts, step: str, by: Principal, order_id: str, body: TextBody) -> OrderView:
    order = await parts.desks.supervision.take(step, by, order_id, body.text)
    return _view(parts, order, parts.clock())


def _view(parts: Parts, order: Order, now: int) -> OrderView:
    return OrderView(**order_view(order, parts.desks.register, now))
