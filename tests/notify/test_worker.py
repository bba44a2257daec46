"""The worker at work: woken by a commit, ended cleanly, and never silenced by a mistake."""

import asyncio
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import halves
from api.notify.calling import CallWatch
from api.notify.errors import NotifyFailed, TargetRefused
from api.notify.message import Outgoing
from api.notify.outbox import cancel, delivery_of, enqueue
from api.notify.part import make_notifiers
from api.notify.port import Receipt, Target
from api.notify.settings import NotifySettings
from api.notify.shipping import SEVERAL
from api.notify.voice import CallOutcome
from api.store.calls import VoiceCall, calls_of
from api.store.sandbox import page_of_sandbox
from tests.notify.desk import Clock, Desk, Told, message, open_desk, settle, wait_for


async def test_commit_wakes_the_worker_long_before_it_would_look(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    await desk.receiver()
    worker = desk.worker({"sandbox": told}, notify_poll_s=60)
    async with worker.running():
        async with asyncio.timeout(5):
            await desk.writer.run(lambda tx: None)
        await desk.send(message())
        await wait_for(lambda: told.got, "the message")
    assert await desk.states() == ["sent"]


async def test_message_of_another_process_is_found_by_looking(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    await desk.receiver()
    async with desk.worker({"sandbox": told}, notify_poll_s=0.02).running():

        def job(tx) -> None:
            enqueue(tx, [message()])
            tx.afterwards.clear()  # the bell of another process is not heard here

        await desk.writer.run(job)
        await wait_for(lambda: told.got, "the message")


async def test_end_waits_for_calls_under_way_and_gives_the_rest_back(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    told.hold = asyncio.Event()
    told.hung = {"hung"}
    await desk.receiver()
    await desk.receiver("hanging", address="hung")
    worker = desk.worker({"sandbox": told}, notify_timeout_s=1)
    async with worker.running():
        await desk.send(message(), message("h", receiver="hanging"))
        await wait_for(lambda: len(told.got) == 2, "both calls")
        asyncio.get_running_loop().call_later(0.05, told.hold.set)
    rows = {row.message.key: row for row in await desk.rows()}
    assert rows["m1"].state == "sent"
    assert rows["h"].state == "waiting"
    assert rows["h"].attempts == 0, "it is given back as if it had never been taken"
    again = Told()
    await settle(desk.worker({"sandbox": again}))
    assert [m.key for m, _ in again.got] == ["h"], "nobody has to wait for the lease"


async def test_restart_sends_what_was_left(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    clock = Clock()
    async with open_desk(url, tmp_path, clock) as first:
        await first.receiver()
        await first.send(message(), message("m2"))
    told = Told()
    async with open_desk(url, tmp_path, clock) as second:
        await settle(second.worker({"sandbox": told}))
        assert await second.states() == ["sent", "sent"]
    assert told.titles == ["title m1", "title m2"]


class Broken(Told):
    """Has a mistake in the program."""

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        await super().send(message, target)
        raise KeyError("nobody thought of this")


async def test_mistake_in_an_adapter_costs_its_own_messages_only(quick_desk: Desk) -> None:
    desk, told, broken = quick_desk, Told(), Broken()
    await desk.receiver()
    await desk.receiver("other", channel="email", address="a@b.example")
    worker = desk.worker({"sandbox": told, "email": broken})
    await desk.send(message(), message("e", receiver="other", channel="email"))
    await settle(worker)
    assert told.titles == ["title m1"]
    [_, row] = await desk.rows()
    assert (row.state, halves(row.words)[1]) == ("waiting", "internal error: KeyError")


async def test_turn_that_fails_is_counted_and_the_worker_goes_on(quick_desk: Desk, monkeypatch) -> None:
    desk, told = quick_desk, Told()
    await desk.receiver()
    worker = desk.worker({"sandbox": told}, notify_poll_s=0.01)
    monkeypatch.setattr("api.notify.worker.AFTER_TROUBLE_S", 0.01)
    real, broken = worker._settler.settle, [True]

    def settle_or_fail(tx: Any, results: Any) -> Any:
        if broken:
            raise KeyError("a mistake in the program")
        return real(tx, results)

    monkeypatch.setattr(worker._settler, "settle", settle_or_fail)
    failed = "hazardwatch_api_notifications_turns_failed_total"
    async with worker.running():
        await desk.send(message())
        await wait_for(lambda: desk.registry.get_sample_value(failed) >= 3, "failing turns")
        broken.clear()
        await desk.send(message("m2"))
        await wait_for(lambda: len(told.got) == 2, "the next message")


async def test_many_hung_targets_leave_places_for_the_others(quick_desk: Desk) -> None:
    desk, told = quick_desk, Told()
    people = [f"hung{n}" for n in range(10)]
    told.hung = {f"address-of-{name}" for name in people}
    for name in (*people, "liwei"):
        await desk.receiver(name)
    worker = desk.worker({"sandbox": told}, notify_concurrency=4, notify_timeout_s=0.01)
    await desk.send(*(message(f"h{name}", receiver=name) for name in people))
    await worker.turn()
    await desk.send(message())
    assert told.most_under_way <= 4

    async def sent() -> bool:
        await worker.turn()
        return any(m.key == "m1" for m, _ in told.got)

    async with asyncio.timeout(20):
        while not await sent():
            pass
    assert told.most_under_way <= 4


async def test_unreadable_target_is_a_dead_letter_that_says_why(quick_desk: Desk, tmp_path: Path) -> None:
    desk = quick_desk
    await desk.receiver()
    (tmp_path / "notify.key").unlink()
    from api.notify.vault import open_vault

    desk.vault = open_vault(tmp_path / "notify.key")
    await desk.send(message())
    await settle(desk.worker({"sandbox": Told()}))
    [row] = await desk.rows()
    assert row.state == "dead"
    assert "restore the key file" in row.words


async def test_words_of_a_provider_are_kept_without_the_secret(quick_desk: Desk) -> None:
    desk = quick_desk
    token = "robottoken0123456789"
    await desk.receiver(channel="dingtalk", address=token, secret="SECsecretsecret")
    told = Told([TargetRefused(f"token {token} is unknown, SECsecretsecret too")])
    await desk.send(message(channel="dingtalk"))
    await settle(desk.worker({"dingtalk": told}))
    [row] = await desk.rows()
    assert row.words == "token … is unknown, … too"


async def test_storm_is_one_message_then_digests_with_all_receipts(desk: Desk) -> None:
    await desk.receiver(channel="email", address="duty@site.example")
    told = Told()
    worker = desk.worker({"email": told})
    await desk.send(*(message(f"m{n}", channel="email", alarm_id=f"a{n}") for n in range(100)))
    await settle(worker)
    assert [m.messages for m, _ in told.got] == [1]
    desk.clock.go(60)
    await settle(worker)
    assert [m.messages for m, _ in told.got] == [1, 99]
    assert set(await desk.states()) == {"sent"}
    receipts = (await desk.reader.run(lambda c: delivery_of(c, "m42"))).receipts
    assert [(r.form, r.messages, r.outcome) for r in receipts] == [("digest", 99, "accepted")]
    assert desk.counted("digested", "email") == 99
    assert desk.counted("sent", "email") == 100


async def test_digest_of_several_enterprises_is_seen_by_nobody_who_sees_but_one(quick_desk: Desk) -> None:
    desk = quick_desk
    await desk.receiver(channel="email", address="duty@bureau.example", enterprise="")
    settings = NotifySettings(notify_sandbox_only=True)
    worker = desk.worker(make_notifiers(settings, desk.writer, desk.clock))
    names = ["acme", "acme", "other"]
    await desk.send(*(message(f"m{n}", channel="email", enterprise=name) for n, name in enumerate(names)))
    await settle(worker)
    desk.clock.go(60)
    await settle(worker)

    def seen(scope: Scope) -> Any:
        return desk.reader.run(lambda c: page_of_sandbox(c, scope, None, 10))

    everything = await seen(EVERYTHING)
    assert [(m.enterprise, m.messages) for m in everything] == [(SEVERAL, 2), ("acme", 1)]
    assert [m.messages for m in await seen(Scope(frozenset({"acme"})))] == [1]
    assert await seen(Scope(frozenset({"other"}))) == []


async def test_sandbox_keeps_the_same_key_once_and_forgets_the_oldest(quick_desk: Desk) -> None:
    desk = quick_desk
    await desk.receiver()
    settings = NotifySettings(notify_sandbox_keep=3)
    notifier: Any = make_notifiers(settings, desk.writer, desk.clock)["sandbox"]
    to = Target(receiver="liwei", number=1, channel="sandbox", address="x")
    from tests.notify.adapting import outgoing

    for key in ("a", "a", "b", "c", "d"):
        await notifier.send(outgoing("sandbox", key=key), to)
    kept = await desk.reader.run(lambda c: page_of_sandbox(c, EVERYTHING, None, 10))
    assert [m.key for m in kept] == ["d", "c", "b"]
    await notifier.send(outgoing("sandbox", key="d"), to)
    kept = await desk.reader.run(lambda c: page_of_sandbox(c, EVERYTHING, None, 10))
    assert [m.times for m in kept] == [2, 1, 1]


class Telephone(Told):
    """A voice channel that knows what became of its calls, or not yet."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, CallOutcome] = {}
        self.asked = 0

    async def outcome(self, reference: str, placed_at: int) -> CallOutcome | None:
        self.asked += 1
        return self.known.get(reference)

    def read_report(self, content: bytes) -> list[CallOutcome]:
        if content == b"nonsense":
            raise ValueError("no report")
        return [CallOutcome(reference="ref-1", answered=True, listened_s=21, keypad="1")]


async def _call(desk: Desk, telephone: Telephone) -> tuple[CallWatch, list[VoiceCall]]:
    await desk.receiver(channel="voice", address="13800000000")
    await desk.send(message("call/1", kind="call_up", channel="voice"))
    await settle(desk.worker({"voice": telephone}))
    metrics = desk.metrics
    watch = CallWatch(desk.writer, desk.reader, telephone, NotifySettings(), metrics, desk.clock)
    heard: list[VoiceCall] = []
    watch.followers.append(lambda _tx, call: heard.append(call))
    return watch, heard


async def test_report_of_a_call_is_told_to_the_follower_once(desk: Desk) -> None:
    watch, heard = await _call(desk, Telephone())
    [call] = (await desk.reader.run(lambda c: delivery_of(c, "call/1"))).calls
    assert (call.is_open, call.answered) == (True, None)
    assert await watch.report(b"[]") == 1
    assert await watch.report(b"[]") == 0, "the provider posts a report again"
    [call] = heard
    assert (call.message_key, call.answered, call.listened_s, call.keypad) == ("call/1", True, 21, "1")
    assert await desk.reader.run(lambda c: calls_of(c, "call/1")) == heard


async def test_outcome_is_asked_for_until_it_is_known(desk: Desk) -> None:
    telephone = Telephone()
    watch, heard = await _call(desk, telephone)
    assert await watch.ask() == 0
    assert telephone.asked == 0, "a call takes a while"
    desk.clock.go(21)
    assert await watch.ask() == 0
    assert await watch.ask() == 0
    assert telephone.asked == 1, "not asked again at once"
    telephone.known["ref-1"] = CallOutcome(reference="ref-1", answered=False)
    desk.clock.go(31)
    assert await watch.ask() == 1
    assert [call.answered for call in heard] == [False]


async def test_call_without_an_outcome_counts_as_not_answered(desk: Desk) -> None:
    watch, heard = await _call(desk, Telephone())
    desk.clock.go(901)
    assert await watch.ask() == 1
    assert (heard[0].answered, heard[0].is_open) == (False, False)


async def test_cancelled_messages_are_counted(quick_desk: Desk) -> None:
    desk = quick_desk
    await desk.receiver()
    worker = desk.worker({"sandbox": Told([NotifyFailed("x")])}, CollectorRegistry(), notify_poll_s=60)
    async with worker.running():
        await asyncio.sleep(0)

        def job(tx) -> None:
            enqueue(tx, [message()])
            cancel(tx, "alarm1")

        await desk.writer.run(job)
        counted = worker._metrics.cancelled.labels("sandbox")
        await wait_for(lambda: counted._value.get() == 1, "the count")
    assert await desk.states() == ["cancelled"]
