"""The outbox on SQLite and PostgreSQL: once a key, leases, retries, cancelling, dead letters."""

import asyncio

import pytest

from alarm_rules.model import Priority
from api.auth.principal import Principal
from api.notify.deadletters import DeadLetters
from api.notify.errors import MessageRefused, ProviderBusy, ProviderDown, TargetRefused
from api.notify.outbox import cancel, delivery_of, enqueue
from tests.notify.desk import Desk, Told, message, settle


async def test_message_reaches_the_target_and_leaves_a_receipt(desk: Desk) -> None:
    await desk.receiver()
    told = Told()
    await desk.send(message(detail={"link": "https://watch.example/a/1"}))
    await settle(desk.worker({"sandbox": told}))
    [(outgoing, target)] = told.got
    assert (outgoing.title, outgoing.link) == ("title m1", "https://watch.example/a/1")
    assert target.address == "address-of-liwei"
    delivery = await desk.reader.run(lambda c: delivery_of(c, "m1"))
    assert delivery.outcome == "sent"
    [receipt] = delivery.receipts
    assert (receipt.outcome, receipt.attempt, receipt.reference, receipt.words) == (
        "accepted",
        1,
        "ref-1",
        "ok",
    )
    assert desk.counted("sent") == 1


async def test_same_key_is_sent_once(desk: Desk) -> None:
    await desk.receiver()
    told = Told()
    assert await desk.send(message(), message("m2")) == 2
    assert await desk.send(message(title="other words")) == 0
    worker = desk.worker({"sandbox": told})
    await settle(worker)
    assert await desk.send(message()) == 0
    await settle(worker)
    assert told.titles == ["title m1", "title m2"]


async def test_nothing_is_sent_when_the_transaction_fails(desk: Desk) -> None:
    await desk.receiver()

    def job(tx):
        enqueue(tx, [message()])
        raise ValueError("the alarm could not be stored")

    with pytest.raises(ValueError, match="could not be stored"):
        await desk.writer.run(job)
    assert await desk.rows() == []


async def test_failed_message_is_tried_again_after_its_pause_and_not_before(desk: Desk) -> None:
    await desk.receiver()
    told = Told([ProviderDown("gone"), ProviderDown("gone"), None])
    worker = desk.worker({"sandbox": told}, notify_retry_first_s=2)
    await desk.send(message())
    await settle(worker)
    assert len(told.got) == 1
    desk.clock.go(1.9)
    await settle(worker)
    assert len(told.got) == 1
    desk.clock.go(0.2)
    await settle(worker)
    assert len(told.got) == 2
    desk.clock.go(4.1)
    await settle(worker)
    assert len(told.got) == 3
    assert await desk.states() == ["sent"]
    receipts = (await desk.reader.run(lambda c: delivery_of(c, "m1"))).receipts
    assert [(r.attempt, r.outcome) for r in receipts] == [
        (1, "unreachable"),
        (2, "unreachable"),
        (3, "accepted"),
    ]
    assert (desk.counted("failed"), desk.counted("retried"), desk.counted("sent")) == (2, 2, 1)


async def test_pause_that_the_provider_asks_for_is_kept(desk: Desk) -> None:
    await desk.receiver()
    told = Told([ProviderBusy("slow down", 600)])
    worker = desk.worker({"sandbox": told})
    await desk.send(message(), message("m2"))
    await settle(worker)
    desk.clock.go(599)
    await settle(worker)
    assert told.titles == ["title m1"], "the whole lane rests, not this message only"
    desk.clock.go(2)
    await settle(worker)
    assert told.titles == ["title m1", "title m1", "title m2"]


async def test_refused_target_is_a_dead_letter_with_a_condition_until_a_later_message_arrives(
    desk: Desk,
) -> None:
    target = await desk.receiver()
    told = Told([TargetRefused("robot is disabled")])
    worker = desk.worker({"sandbox": told})
    await desk.send(message())
    await settle(worker)
    [row] = await desk.rows()
    assert (row.state, row.words) == ("dead", "robot is disabled")
    about = f"sandbox/{target.lane[:8]}"
    assert desk.reports == [("notification_failed", about, True)]
    assert "liwei" not in about
    assert "acme" not in about
    await desk.send(message("m2"))
    await settle(worker)
    assert desk.reports[1:] == [("notification_failed", about, False)]
    assert desk.counted("dead") == 1


async def test_message_too_old_is_a_dead_letter(desk: Desk) -> None:
    await desk.receiver()
    told = Told([ProviderDown("gone")] * 50)
    worker = desk.worker({"sandbox": told}, notify_max_age_s=100, notify_retry_first_s=30)
    await desk.send(message())
    for _ in range(10):
        await settle(worker, 1)
        desk.clock.go(31)
    await settle(worker, 1)
    [row] = await desk.rows()
    assert row.state == "dead"
    assert "gone" in row.words
    assert len(told.got) <= 4


async def test_message_without_a_target_is_a_dead_letter(desk: Desk) -> None:
    await desk.receiver(enabled=False)
    worker = desk.worker({"sandbox": Told(), "sms": Told()})
    await desk.send(message(), message("m2", channel="sms"), message("m3", channel="pigeon"))
    await settle(worker)
    rows = await desk.rows()
    assert [row.state for row in rows] == ["dead"] * 3
    assert "no enabled target for sandbox" in rows[0].words
    assert "there is no channel pigeon" in rows[2].words
    assert {report[1] for report in desk.reports} == {
        "sandbox/no-target",
        "sms/no-target",
        "pigeon/no-target",
    }


async def test_message_goes_to_every_target_of_the_channel(desk: Desk) -> None:
    await desk.receiver(address="first")
    await desk.receiver(address="second", new=False)
    told = Told()
    await desk.send(message())
    await settle(desk.worker({"sandbox": told}))
    assert sorted(target.address for _, target in told.got) == ["first", "second"]


async def test_cancelled_messages_are_not_sent_but_news_are(desk: Desk) -> None:
    await desk.receiver()
    told = Told()
    await desk.send(
        message(),
        message("m2", kind="reminder"),
        message("m3", kind="returned"),
        message("m4", alarm_id="other"),
    )
    assert await desk.writer.run(lambda tx: cancel(tx, "alarm1")) == 2
    await settle(desk.worker({"sandbox": told}))
    assert told.titles == ["title m3", "title m4"]
    assert (await desk.reader.run(lambda c: delivery_of(c, "m1"))).outcome == "cancelled"


async def test_message_withdrawn_while_it_is_sent_is_not_tried_again(desk: Desk) -> None:
    await desk.receiver()
    told = Told([ProviderDown("gone")])
    told.hold = asyncio.Event()
    worker = desk.worker({"sandbox": told})
    await desk.send(message())
    await worker.turn()
    assert await desk.writer.run(lambda tx: cancel(tx, "alarm1")) == 0
    told.hold.set()
    desk.clock.go(10)
    await settle(worker)
    desk.clock.go(10)
    await settle(worker)
    assert len(told.got) == 1
    assert await desk.states() == ["cancelled"]


async def test_lease_that_ran_out_is_taken_by_another_worker_with_the_same_key(desk: Desk) -> None:
    """A crash between sending and marking: the message is sent again, and its key says that it was."""
    await desk.receiver()
    told = Told()
    crashed = desk.worker({"sandbox": told}, notify_lease_s=45)
    await desk.send(message())
    await crashed.turn()  # sent; the turn that would write it down never comes
    other = desk.worker({"sandbox": told}, notify_lease_s=45)
    await settle(other)
    assert len(told.got) == 1, "while the lease holds nobody else sends"
    desk.clock.go(46)
    await settle(other)
    assert [outgoing.key for outgoing, _ in told.got] == ["m1", "m1"]
    assert await desk.states() == ["sent"]
    await crashed.turn()
    assert await desk.states() == ["sent"]
    assert desk.counted("lost_leases") == 1


async def test_two_workers_never_hold_the_same_row(desk: Desk) -> None:
    for person in range(20):
        await desk.receiver(f"p{person}")
    one, two = Told(), Told()
    workers = [desk.worker({"sandbox": one}), desk.worker({"sandbox": two})]
    await desk.send(*(message(f"m{n}", receiver=f"p{n % 20}") for n in range(200)))
    for _ in range(60):
        await asyncio.gather(*(worker.turn() for worker in workers))
    await settle(workers[0])
    await settle(workers[1])
    keys = [outgoing.key for outgoing, _ in one.got + two.got]
    assert sorted(keys) == sorted({f"m{n}" for n in range(200)})
    assert one.got, "both took part"
    assert two.got, "both took part"
    assert desk.counted("lost_leases") == 0


async def test_digest_that_is_refused_is_sent_message_by_message(desk: Desk) -> None:
    await desk.receiver(channel="email", address="duty@site.example")
    told = Told([None, MessageRefused("bad words")])
    worker = desk.worker({"email": told})
    await desk.send(*(message(f"m{n}", channel="email") for n in range(4)))
    await settle(worker, 2)
    desk.clock.go(61)
    await settle(worker, 5)
    assert len(told.got) == 5
    assert [outgoing.messages for outgoing, _ in told.got] == [1, 3, 1, 1, 1]
    assert await desk.states() == ["sent"] * 4


async def test_way_that_hangs_holds_up_its_own_lane_only(quick_desk: Desk) -> None:
    desk = quick_desk
    told = Told()
    told.hung = {"hung"}
    await desk.receiver("hanging", address="hung")
    await desk.receiver("others")
    worker = desk.worker({"sandbox": told}, notify_timeout_s=0.2)
    await desk.send(
        *(message(f"h{n}", receiver="hanging") for n in range(3)),
        *(message(f"m{n}", receiver="others") for n in range(50)),
    )
    for _ in range(60):
        await worker.turn()
    others = [m.key for m, target in told.got if target.address != "hung"]
    assert len(others) == 50
    assert sum(target.address == "hung" for _, target in told.got) == 1


async def test_dead_letter_is_tried_again_when_a_person_says_so(desk: Desk) -> None:
    by = Principal("王芳", frozenset({"bureau_administrator"}))
    told = Told([TargetRefused("robot is disabled")])
    worker = desk.worker({"sandbox": told})
    await desk.send(message())
    await settle(worker)
    assert await desk.states() == ["dead"]
    await desk.receiver()
    dead = DeadLetters(worker._settler)
    await desk.writer.run(lambda tx: dead.try_again(tx, 1, by))
    assert desk.reports[-1] == ("notification_failed", "sandbox/no-target", False)
    await settle(worker)
    assert await desk.states() == ["dead"], "the first attempt of the new target is refused"
    await desk.writer.run(lambda tx: dead.seen(tx, 1, by, "robot was replaced"))
    assert desk.reports[-1][2] is False


async def test_restart_keeps_the_rate_of_a_robot(desk: Desk) -> None:
    token = "abcdefgh12345678"
    await desk.receiver(channel="dingtalk", address=token)
    told = Told()
    urgent = {"never_merged": True}
    await desk.send(*(message(f"m{n}", channel="dingtalk", detail=urgent) for n in range(10)))
    await settle(desk.worker({"dingtalk": told}), 12)
    before = len(told.got)
    assert 4 <= before <= 10
    await desk.send(*(message(f"n{n}", channel="dingtalk", detail=urgent) for n in range(10)))
    again = desk.worker({"dingtalk": told})
    await settle(again, 12)
    assert len(told.got) <= 10, "the new worker knows what the old one sent"
    desk.clock.go(60)
    await settle(again, 12)
    assert len(told.got) <= 20
    assert set(await desk.states()) == {"sent"}


async def test_old_messages_are_forgotten_with_their_receipts(quick_desk: Desk) -> None:
    desk = quick_desk
    await desk.receiver()
    worker = desk.worker({"sandbox": Told()}, notify_keep_days=1)
    await desk.send(message())
    await settle(worker)
    desk.clock.go(90_000)
    await settle(worker)
    assert await desk.rows() == []
    assert (await desk.reader.run(lambda c: delivery_of(c, "m1"))).receipts == []


async def test_lane_that_waits_for_its_digest_does_not_hide_others(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    await desk.receiver("storm", channel="email", address="storm@site.example")
    await desk.receiver("quiet", channel="email", address="quiet@site.example")
    worker = desk.worker({"email": told})
    await desk.send(*(message(f"s{n}", receiver="storm", channel="email") for n in range(700)))
    await settle(worker)
    await desk.send(message("q", receiver="quiet", channel="email"))
    await settle(worker)
    assert [m.key for m, _ in told.got] == ["s0", "q"]
    urgent = {"never_merged": True}
    await desk.send(message("u", receiver="storm", channel="email", detail=urgent))
    await settle(worker)
    assert told.got[-1][0].key == "u", "what is urgent passes the storm"


async def test_critical_message_brings_a_digest_forward(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    await desk.receiver(channel="email", address="duty@site.example")
    worker = desk.worker({"email": told})
    await desk.send(*(message(f"m{n}", channel="email") for n in range(3)))
    await settle(worker)
    desk.clock.go(11)
    await settle(worker)
    assert len(told.got) == 1
    await desk.send(message("c", channel="email", priority=Priority.CRITICAL))
    await settle(worker)
    assert told.got[-1][0].messages == 3
    assert told.got[-1][0].body.splitlines()[1] == "1. title c"


async def test_message_waiting_for_its_next_attempt_holds_up_no_new_one(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told([ProviderDown("gone", 60)])
    await desk.receiver(channel="email", address="duty@site.example")
    worker = desk.worker({"email": told})
    await desk.send(message(channel="email"))
    await settle(worker)
    worker._claims.lanes.clear()  # as after a restart: the lane is not known to rest
    await desk.send(message("m2", channel="email"))
    await settle(worker)
    assert [m.key for m, _ in told.got] == ["m1", "m2"]
