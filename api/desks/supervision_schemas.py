"""What the routes of supervision orders take and give. Times are ns UTC."""

from typing import Any

from pydantic import BaseModel, Field, model_validator

from api.bilingual import both
from api.desks.fields import Instant, Name, StepView, Strict, Words
from api.desks.order_progress import Order, OrderState, OrderStep, Progress, order_state, progress
from api.desks.register import DeskRegister


class OrderBody(Strict):
    """A new order: for an enterprise, or from a warning that is overdue."""

    enterprise: Name = Field("", description="Whom it is for; taken from the warning if that is named.")
    installation: Name = Field("", description="Which installation; empty: the enterprise as a whole.")
    warning: Name | None = Field(None, description="Id of an overdue warning that it comes from.")
    item: Words = Field(min_length=1, description="What has to be put right.")
    responsible: Name = Field(min_length=1, description="The person of the enterprise who answers for it.")
    deadline: Instant = Field(description="Until when, ns UTC.")

    @model_validator(mode="after")
    def names_somebody(self) -> "OrderBody":
        if bool(self.enterprise) == (self.warning is not None):
            raise ValueError(both("企业和预警请只写一个", "name either the enterprise or the warning"))
        return self


class PostponeBody(Strict):
    """A later deadline."""

    deadline: Instant = Field(description="The new deadline, ns UTC; later than the old one.")
    text: Words = Field(min_length=1, description="Why more time is given.")


class OrderView(BaseModel):
    """A supervision order. Its progress has colours of its own, not those of warnings."""

    id: str
    enterprise: str
    enterprise_name: str
    installation: str
    warning: str | None
    item: str
    responsible: str
    state: OrderState
    progress: Progress = Field(description="red: overdue; yellow: due soon; green: in time.")
    created_by: str
    created_at: int
    deadline: int
    soon_at: int = Field(description="From when it is yellow, ns UTC.")
    answered_at: int | None
    verified_at: int | None
    closed_at: int | None
    overdue: int = Field(description="How often it was brought up after its deadline.")
    returned: int = Field(description="How often an answer was sent back.")
    postponed: int = Field(description="How often its deadline was put off.")


class OrderWithSteps(OrderView):
    """An order and everything that happened to it, oldest first."""

    steps: list[StepView]


class OrderPage(BaseModel):
    """Orders, newest first."""

    orders: list[OrderView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class OrderSummary(BaseModel):
    """Open orders by colour."""

    open: int
    counts: dict[Progress, int]


def order_view(order: Order, register: DeskRegister, now: int) -> dict[str, Any]:
    """An order as OrderView has it."""
    enterprise = register.enterprises.get(order.enterprise)
    same = (
        *("id", "enterprise", "installation", "warning", "item", "responsible", "created_by", "created_at"),
        *("deadline", "soon_at", "answered_at", "verified_at", "closed_at"),
        *("overdue", "returned", "postponed"),
    )
    return {name: getattr(order, name) for name in same} | {
        "enterprise_name": enterprise.name if enterprise and enterprise.name else order.enterprise,
        "state": order_state(order),
        "progress": progress(order, now),
    }


def order_with_steps(
    order: Order, steps: list[OrderStep], register: DeskRegister, now: int
) -> OrderWithSteps:
    lines = [StepView(kind=s.kind, time=s.time, actor=s.actor, text=s.text) for s in steps]
    return OrderWithSteps(**order_view(order, register, now), steps=lines)
