"""Supervision orders from issuing to closing, with their reminders."""

import pytest

from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.desks.order_progress import order_state, progress
from api.store.supervision import OrderQuery, count_orders, order_steps, page_of_orders
from tests.desks.office import ADMINISTRATOR, OFFICER, OTHER_OFFICER, SUPERVISOR, Office
from tests.desks.times import DAY, HOUR, T0

ORDER = {"item": "更换失效的液位计", "responsible": "赵敏", "deadline": T0 + 10 * DAY}


async def issued(office: Office, **more):
    return await office.desks.supervision.create(
        OFFICER, **(ORDER | {"enterprise": "acme", "installation": "tank-farm"} | more)
    )


async def test_order_is_answered_verified_and_closed(either: Office) -> None:
    office = either
    order = await issued(office)
    desk = office.desks.supervision
    await desk.take("answer", SUPERVISOR, order.id, "已更换")
    await desk.take("return", OFFICER, order.id, "缺照片")
    await desk.take("answer", SUPERVISOR, order.id, "照片已上传")
    await desk.take("verify", OFFICER, order.id, "现场复查合格")
    closed = await desk.take("close", OFFICER, order.id, "")
    assert order_state(closed) == "closed"
    steps = await office.reader.run(lambda c: order_steps(c, order.id))
    assert [line.kind for line in steps] == [
        "created",
        "answered",
        "returned",
        "answered",
        "verified",
        "closed",
    ]
    await office.until(T0 + 30 * DAY)
    assert [title for _, title in await office.sent("supervision") if "逾期" in title] == []


async def test_forgotten_order_turns_red_and_is_brought_up_every_day(office: Office) -> None:
    order = await issued(office)
    await office.until(order.deadline + DAY)
    (found,) = await office.reader.run(lambda c: page_of_orders(c, OrderQuery(OFFICER.scope), None, 10))
    assert (progress(found, office.now), found.overdue) == ("red", 2)
    counts = await office.reader.run(lambda c: count_orders(c, OrderQuery(OFFICER.scope, now=office.now)))
    assert counts == {"red": 1, "yellow": 0, "green": 0}
    late = [receiver for receiver, title in await office.sent("supervision") if "逾期" in title]
    assert sorted(set(late)) == ["binhai", "city", "room"]
    assert late.count("room") == 2


async def test_order_from_a_warning_needs_an_overdue_one(office: Office) -> None:
    await office.alarm("acme/LT0/HH")
    warning = await office.warning()
    with pytest.raises(StepRefused, match="overdue"):
        await issued(office, warning=warning.id)
    await office.wait(HOUR)
    order = await issued(office, warning=warning.id, enterprise="", installation="")
    assert (order.enterprise, order.installation, order.warning) == ("acme", "tank-farm", warning.id)


async def test_postponed_order_is_reminded_of_its_new_deadline(office: Office) -> None:
    order = await issued(office, deadline=T0 + 2 * DAY)
    await office.desks.supervision.postpone(ADMINISTRATOR, order.id, T0 + 20 * DAY, "备件未到")
    await office.until(T0 + 3 * DAY)
    assert [title for _, title in await office.sent("supervision") if "逾期" in title] == []


async def test_order_out_of_sight_is_not_there(office: Office) -> None:
    order = await issued(office)
    with pytest.raises(NotOnDesk):
        await office.desks.supervision.take("answer", OTHER_OFFICER, order.id, "x")
    with pytest.raises(NotOnDesk):
        await office.desks.supervision.create(OTHER_OFFICER, **(ORDER | {"enterprise": "acme"}))
    assert (
        await office.reader.run(lambda c: page_of_orders(c, OrderQuery(OTHER_OFFICER.scope), None, 10)) == []
    )


async def test_order_for_an_unknown_installation_is_refused(office: Office) -> None:
    with pytest.raises(WrongEntry, match="nowhere"):
        await issued(office, installation="nowhere")
