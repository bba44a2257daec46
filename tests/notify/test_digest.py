"""The storm digest and the rates, as pure functions: timelines and properties."""

from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Priority
from api.notify.backoff import SHORTEST_S, pause_s, retry_at
from api.notify.buckets import Bucket, Rate, available, next_token_at, take
from api.notify.digest import Intervals, Shipment, Waiting, plan
from api.notify.facts import provider, providers
from api.notify.shipping import compose, most_in_bundle
from tests.notify.desk import message

S = 1_000_000_000
INTERVALS = Intervals(60 * S, 10 * S)


def one(
    number: int, priority: Priority = Priority.HIGH, urgent: bool = False, not_before: int = 0
) -> Waiting:
    return Waiting(number, priority, urgent, not_before)


def test_first_message_goes_at_once_and_the_rest_waits_for_the_interval() -> None:
    waiting = [one(1), one(2), one(3)]
    first = plan(waiting, 10, None, INTERVALS, 0, True)
    assert first.shipments == (Shipment("single", (1,)),)
    later = plan(waiting[1:], 10, 0, INTERVALS, 30 * S, True)
    assert later == ((), 60 * S)
    merged = plan(waiting[1:], 10, 0, INTERVALS, 60 * S, True)
    assert merged.shipments == (Shipment("digest", (2, 3)),)


def test_critical_message_shortens_the_interval_and_stands_first() -> None:
    waiting = [one(2), one(3, Priority.LOW), one(4, Priority.CRITICAL)]
    assert plan(waiting, 10, 0, INTERVALS, 9 * S, True) == ((), 10 * S)
    merged = plan(waiting, 10, 0, INTERVALS, 10 * S, True)
    assert merged.shipments == (Shipment("digest", (4, 2, 3)),)


def test_urgent_messages_never_wait_and_go_alone() -> None:
    waiting = [one(1), one(2, Priority.CRITICAL, urgent=True), one(3, Priority.CRITICAL, urgent=True)]
    decided = plan(waiting, 10, 0, INTERVALS, S, True)
    assert decided.shipments == (Shipment("single", (2,)), Shipment("single", (3,)))
    assert decided.look_again_at == 60 * S


def test_urgent_messages_beyond_the_rate_go_in_one_bundle() -> None:
    waiting = [one(n, Priority.CRITICAL, urgent=True) for n in range(1, 8)]
    decided = plan(waiting, 3, 0, INTERVALS, S, True)
    assert decided.shipments == (
        Shipment("single", (1,)),
        Shipment("single", (2,)),
        Shipment("bundle", (3, 4, 5, 6, 7)),
    )


def test_machines_get_every_message_alone() -> None:
    waiting = [one(n) for n in range(1, 6)]
    assert [s.numbers for s in plan(waiting, 3, 0, INTERVALS, S, False).shipments] == [(1,), (2,), (3,)]


def test_message_put_back_is_not_sent_before_its_time() -> None:
    decided = plan([one(1, not_before=5 * S)], 3, None, INTERVALS, S, True)
    assert decided == ((), 5 * S)


waitings = st.lists(
    st.builds(
        Waiting,
        st.integers(1, 10_000),
        st.sampled_from(Priority),
        st.booleans(),
        st.integers(0, 100).map(lambda s: s * S),
    ),
    max_size=40,
    unique_by=lambda w: w.number,
)


@given(waitings, st.integers(0, 12), st.none() | st.integers(0, 100), st.integers(0, 200), st.booleans())
def test_plan_sends_nothing_twice_or_early_and_keeps_the_rate(waiting, tokens, last, now, merges) -> None:
    last_at = None if last is None else last * S
    decided = plan(waiting, tokens, last_at, INTERVALS, now * S, merges)
    sent = [n for shipment in decided.shipments for n in shipment.numbers]
    by_number = {w.number: w for w in waiting}
    assert len(sent) == len(set(sent))
    assert all(by_number[n].not_before <= now * S for n in sent)
    assert len(decided.shipments) <= tokens
    for shipment in decided.shipments:
        if shipment.form == "digest":
            assert not any(by_number[n].urgent for n in shipment.numbers)
            priorities = [by_number[n].priority for n in shipment.numbers]
            assert priorities == sorted(priorities, reverse=True)
        if shipment.form == "bundle":
            assert all(by_number[n].urgent for n in shipment.numbers)
    urgent = [w for w in waiting if w.urgent and w.not_before <= now * S]
    if tokens and merges and len(urgent) <= 20:
        assert {w.number for w in urgent} <= set(sent), "no urgent message is left behind"


@given(
    st.integers(2, 30),
    st.integers(1, 60),
    st.lists(st.integers(0, 5_000), min_size=1, max_size=150).map(sorted),
)
def test_bucket_never_lets_more_through_than_the_rate_in_any_window(messages, per_s, at_ms) -> None:
    rate = Rate(messages=messages, per_s=per_s)
    bucket = Bucket.full(rate, 0)
    sent: list[int] = []
    clock = 0
    for ms in at_ms:
        clock = max(clock, ms * 20_000_000)
        while available(bucket, rate, clock):
            bucket = take(bucket, rate, clock, 1)
            sent.append(clock)
    window = int(per_s * S)
    for start in range(len(sent)):
        assert sum(start_at <= sent[start] + window - 1 for start_at in sent[start:]) <= messages


def test_next_token_comes_when_it_was_told() -> None:
    rate = Rate(messages=20, per_s=60)
    bucket = Bucket.after(rate, 0, 20)
    at = next_token_at(bucket, rate, 0)
    assert available(bucket, rate, at - 10_000_000) == 0
    assert available(bucket, rate, at) == 1
    assert 5 * S < at < 7 * S


def test_clock_that_goes_back_gives_no_tokens() -> None:
    rate = Rate(messages=2, per_s=10)
    empty = take(Bucket.full(rate, 100 * S), rate, 100 * S, 1)
    assert available(empty, rate, 0) == 0


@given(st.integers(1, 60), st.floats(0, 0.9999))
def test_pause_grows_to_its_limit_and_is_never_nothing(attempts, random) -> None:
    pause = pause_s(attempts, 2, 120, lambda: random)
    assert SHORTEST_S <= pause <= min(120, 2 * 2 ** (attempts - 1))


def test_provider_that_asks_for_more_gets_it() -> None:
    assert retry_at(0, 1, 2, 120, lambda: 0.5, 600) == 600 * S


def test_digest_counts_names_what_fits_and_says_how_many_are_left_out() -> None:
    many = [message(f"m{n}", title=f"【高】报警 {n} " + "长" * 30) for n in range(150)]
    facts = provider("wecom")
    sent = compose("digest", many, facts, 0)
    assert "高 150 / high 150" in sent.body
    shown = sent.body.count("【高】报警")
    assert f"另有 {150 - shown} 条" in sent.body
    assert len(sent.body.encode()) <= facts.body_bytes
    assert sent.messages == 150


def test_bundle_names_every_message_on_every_channel() -> None:
    for channel, facts in providers().items():
        urgent = [message(f"m{n}", title=f"报警{n}-" + "长" * 100) for n in range(most_in_bundle(facts))]
        body = compose("bundle", urgent, facts, 0).body if len(urgent) > 1 else ""
        assert all(f"报警{n}-" in body for n in range(len(urgent)) if body), channel


def test_digest_of_the_same_messages_has_the_same_key() -> None:
    some = [message("a"), message("b")]
    facts = provider("dingtalk")
    assert compose("digest", some, facts, 0).key == compose("digest", some[::-1], facts, 5).key
    assert compose("digest", some, facts, 0).key != compose("digest", [*some, message("c")], facts, 0).key
