"""A supervision order (督办) as pure functions: item, deadline, answers, verification, closing.

Its progress has three colours of its own (red overdue, yellow due soon, green in time); they are never
mixed with the four colours of a warning. Times are ns UTC.
"""

from typing import Literal, NamedTuple

import msgspec

from api.bilingual import both, joined
from api.desks.errors import StepRefused, WrongEntry
from api.desks.levels import SECOND_NS

Progress = Literal["red", "yellow", "green"]
OrderState = Literal["open", "answered", "verified", "closed"]
OrderStepKind = Literal[
    "created", "answered", "returned", "verified", "closed", "postponed", "due_soon", "overdue"
]


class SupervisionPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section `supervision` of the policy."""

    label: str
    sources: tuple[str, ...]
    due_soon_s: float
    """So long before its deadline an order turns yellow, in seconds..."""
    due_soon_share: float
    """... but not earlier than when this share of its time is left."""
    repeat_s: float
    """An overdue order is brought up again each time this has passed."""
    longest_s: float
    """A deadline further away than this is refused."""

    def __post_init__(self) -> None:
        if not 0 < self.due_soon_share < 1:
            raise ValueError("due_soon_share is between 0 and 1")
        if min(self.due_soon_s, self.repeat_s, self.longest_s) <= 0:
            raise ValueError("times are longer than 0 s")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What an enterprise has to put right, by when, and who answers for it."""

    id: str
    enterprise: str
    installation: str
    warning: str | None
    """Id of the warning that it comes from."""
    item: str
    responsible: str
    """The person of the enterprise who answers for it."""
    created_by: str
    created_at: int
    deadline: int
    soon_at: int
    """From when it is yellow."""
    answered_at: int | None = None
    verified_at: int | None = None
    closed_at: int | None = None
    remind_at: int | None = None
    overdue: int = 0
    """How often it was brought up after its deadline."""
    returned: int = 0
    postponed: int = 0
    version: int = 1


class OrderStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order's journal."""

    kind: OrderStepKind
    time: int
    actor: str
    text: str = ""


class OrderTransition(NamedTuple):
    order: Order
    step: OrderStep


def order_state(order: Order) -> OrderState:
    """The one name of these facts."""
    if order.closed_at is not None:
        return "closed"
    if order.verified_at is not None:
        return "verified"
    return "open" if order.answered_at is None else "answered"


def progress(order: Order, now: int) -> Progress:
    """The colour of an order. A closed one keeps that of its closing."""
    moment = now if order.closed_at is None else order.closed_at
    if moment >= order.deadline:
        return "red"
    return "yellow" if moment >= order.soon_at else "green"


def create(order: Order, policy: SupervisionPolicy) -> OrderTransition:
    """Issue an order whose `created_at` is now; `soon_at` and `remind_at` are set here. WrongEntry."""
    _check_deadline(order.deadline, order.created_at, policy)
    if not order.item.strip() or not order.responsible.strip():
        raise WrongEntry(
            both("督办须写明事项和责任人。", "An order names its item and the responsible person.")
        )
    order = _clocked(order, order.created_at, policy)
    return OrderTransition(
        order,
        OrderStep(kind="created", time=order.created_at, actor=f"user:{order.created_by}", text=order.item),
    )


def answer(order: Order, by: str, text: str, now: int) -> OrderTransition:
    """反馈: the enterprise reports; it may do so again until the bureau has verified."""
    _need(order, ("open", "answered"), both("反馈", "answer"))
    _need_text(text, both("反馈须写明整改情况。", "An answer says what was done."))
    return _changed(order, "answered", by, text, now, answered_at=now)


def send_back(order: Order, by: str, text: str, now: int) -> OrderTransition:
    """退回: not enough; the enterprise answers again, the deadline stays."""
    _need(order, ("answered", "verified"), both("退回", "return"))
    _need_text(text, both("退回须说明理由。", "Say why the answer is not enough."))
    fields = {"answered_at": None, "verified_at": None, "returned": order.returned + 1}
    return _changed(order, "returned", by, text, now, **fields)


def verify(order: Order, by: str, text: str, now: int) -> OrderTransition:
    """核实."""
    _need(order, ("answered",), both("核实", "verify"))
    _need_text(text, both("核实须写明方式和结果。", "Say how it was checked and with what result."))
    return _changed(order, "verified", by, text, now, verified_at=now)


def close(order: Order, by: str, text: str, now: int) -> OrderTransition:
    """销号."""
    _need(order, ("verified",), both("销号", "close"))
    return _changed(order, "closed", by, text, now, closed_at=now, remind_at=None)


def postpone(
    order: Order, by: str, deadline: int, text: str, policy: SupervisionPolicy, now: int
) -> OrderTransition:
    """延期: another, later deadline with its reason."""
    _need(order, ("open", "answered"), both("延期", "postpone"))
    _need_text(text, both("延期须说明理由。", "Say why more time is given."))
    _check_deadline(deadline, now, policy)
    if deadline <= order.deadline:
        raise WrongEntry(both("新的期限须晚于原期限。", "The new deadline is later than the old one."))
    moved = msgspec.structs.replace(order, deadline=deadline, postponed=order.postponed + 1)
    return _changed(_clocked(moved, now, policy), "postponed", by, text, now)


def remind(order: Order, policy: SupervisionPolicy, now: int) -> OrderTransition | None:
    """Its time to be yellow or red has come, or it is still red. None if nothing is due now."""
    if order.closed_at is not None or order.remind_at is None or now < order.remind_at:
        return None
    if now < order.deadline:
        changed = msgspec.structs.replace(order, remind_at=order.deadline, version=order.version + 1)
        return OrderTransition(changed, OrderStep(kind="due_soon", time=now, actor="service"))
    again = now + round(policy.repeat_s * SECOND_NS)
    changed = msgspec.structs.replace(
        order, remind_at=again, overdue=order.overdue + 1, version=order.version + 1
    )
    return OrderTransition(changed, OrderStep(kind="overdue", time=now, actor="service"))


def _clocked(order: Order, now: int, policy: SupervisionPolicy) -> Order:
    left = order.deadline - now
    soon_s = min(policy.due_soon_s, policy.due_soon_share * left / SECOND_NS)
    soon_at = order.deadline - round(soon_s * SECOND_NS)
    return msgspec.structs.replace(order, soon_at=soon_at, remind_at=soon_at)


def _check_deadline(deadline: int, now: int, policy: SupervisionPolicy) -> None:
    if not now < deadline <= now + round(policy.longest_s * SECOND_NS):
        raise WrongEntry(
            both(
                f"期限须晚于现在且在 {policy.longest_s / 86400:g} 天之内。",
                f"The deadline is after now and within {policy.longest_s / 86400:g} days.",
            )
        )


_REFUSALS: dict[OrderState, str] = {
    "open": both("企业尚未反馈。", "The enterprise has not answered yet."),
    "answered": both("企业已反馈，尚未核实。", "It is answered, but not verified yet."),
    "verified": both("已核实，下一步是销号或退回。", "It is verified; next it is closed or returned."),
    "closed": both("已销号，记录不再改变。", "It is closed; nothing in it changes any more."),
}


def _need(order: Order, states: tuple[OrderState, ...], wish: str) -> None:
    state = order_state(order)
    if state not in states:
        raise StepRefused(joined([wish, _REFUSALS[state]], "：", ": "))


def _need_text(text: str, why: str) -> None:
    if not text.strip():
        raise WrongEntry(why)


def _changed(
    order: Order, kind: OrderStepKind, by: str, text: str, now: int, **fields: int | None
) -> OrderTransition:
    changed = msgspec.structs.replace(order, version=order.version + 1, **fields)
    return OrderTransition(changed, OrderStep(kind=kind, time=now, actor=f"user:{by}", text=text))
