"""Supervision orders: their own three colours, their steps and their reminders."""

import pytest

from api.desks import order_progress as orders
from api.desks.errors import DeskRefused, StepRefused, WrongEntry
from api.desks.order_progress import Order, order_state, progress
from api.desks.policy import load_policy
from tests.desks.times import DAY, HOUR, T0, S

POLICY = load_policy().supervision


def created(days: float = 10, **more) -> Order:
    fields = {
        "id": "o1",
        "enterprise": "acme",
        "installation": "tank-farm",
        "warning": None,
        "item": "更换失效的液位计",
        "responsible": "赵敏",
        "created_by": "王芳",
        "created_at": T0,
        "deadline": T0 + round(days * DAY),
        "soon_at": 0,
    }
    return orders.create(Order(**(fields | more)), POLICY).order


def test_order_is_green_then_yellow_then_red() -> None:
    order = created(days=10)
    assert progress(order, T0) == "green"
    assert progress(order, order.deadline - DAY - 1) == "green"
    assert progress(order, order.deadline - DAY) == "yellow"
    assert progress(order, order.deadline - 1) == "yellow"
    assert progress(order, order.deadline) == "red"


def test_short_order_is_not_yellow_from_the_start() -> None:
    order = created(days=0.5)
    assert progress(order, T0) == "green"
    assert order.soon_at == order.deadline - 3 * HOUR


def test_order_goes_through_answer_and_verification_to_closing() -> None:
    order = created()
    states = [order_state(order)]
    for step in (orders.answer, orders.verify, orders.close):
        order = step(order, "王芳", "已更换", T0 + HOUR).order
        states.append(order_state(order))
    assert states == ["open", "answered", "verified", "closed"]
    assert progress(order, order.deadline + DAY) == "green"  # closed in time stays so


@pytest.mark.parametrize("step", ["verify", "close", "send_back"])
def test_step_out_of_turn_is_refused(step: str) -> None:
    with pytest.raises(StepRefused):
        getattr(orders, step)(created(), "王芳", "好", T0)


def test_closed_order_takes_nothing_more() -> None:
    order = created()
    for step in (orders.answer, orders.verify, orders.close):
        order = step(order, "王芳", "已更换", T0).order
    for step in (orders.answer, orders.verify, orders.close, orders.send_back):
        with pytest.raises(StepRefused, match="已销号"):
            step(order, "王芳", "好", T0)
    assert orders.remind(order, POLICY, order.deadline + DAY) is None


def test_returned_order_keeps_its_deadline() -> None:
    answered = orders.answer(created(), "赵敏", "已更换", T0).order
    returned = orders.send_back(answered, "王芳", "缺照片", T0 + HOUR).order
    assert (order_state(returned), returned.returned) == ("open", 1)
    assert returned.deadline == answered.deadline


def test_reminders_come_when_it_turns_yellow_red_and_then_every_day() -> None:
    order, kinds = created(), []
    moments = []
    for _ in range(4):
        moments.append(order.remind_at - order.deadline)
        found = orders.remind(order, POLICY, order.remind_at)
        order = found.order
        kinds.append(found.step.kind)
    assert kinds == ["due_soon", "overdue", "overdue", "overdue"]
    assert moments == [-DAY, 0, DAY, 2 * DAY]
    assert order.overdue == 3
    assert orders.remind(order, POLICY, order.remind_at - 1) is None


def test_postponed_order_is_green_again_and_says_so() -> None:
    order = created(days=2)
    moved = orders.postpone(order, "王芳", T0 + 20 * DAY, "备件未到", POLICY, order.deadline - HOUR)
    assert progress(moved.order, order.deadline) == "green"
    assert (moved.order.postponed, moved.step.kind) == (1, "postponed")


@pytest.mark.parametrize("days", [0, -1, 366])
def test_deadline_out_of_bounds_is_refused(days: float) -> None:
    with pytest.raises(WrongEntry, match="期限"):
        created(days=days)


@pytest.mark.parametrize("field", ["item", "responsible"])
def test_order_without_item_or_person_is_refused(field: str) -> None:
    with pytest.raises(WrongEntry):
        created(**{field: " "})


def test_postponing_to_an_earlier_day_is_refused() -> None:
    with pytest.raises(DeskRefused):
        orders.postpone(created(), "王芳", T0 + DAY, "提前", POLICY, T0)


def test_policy_with_a_time_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 0"):
        orders.SupervisionPolicy(
            label="", sources=(), due_soon_s=0, due_soon_share=0.5, repeat_s=1, longest_s=float(S)
        )
