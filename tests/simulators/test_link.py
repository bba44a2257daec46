"""The line between plant and receiver: what arrives when, and nothing but what a fault took is missing."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.link import SECOND_NS, Delivery, Link, LinkFault, deliveries
from simulators.link_faults import ClockSkew, Duplicated, Late, LineBreaks, Outage, OutOfOrder, Retained
from simulators.plant import Plant, PlantSamples
from simulators.scenario import load_scenario

START = 1_700_000_000 * SECOND_NS
TAGS = ("A.LT01", "A.PT01", "A.TT01")


def _samples(second: int) -> PlantSamples:
    return PlantSamples(
        TAGS,
        np.full(3, START + second * SECOND_NS, dtype=np.int64),
        second + np.array([0.0, 0.1, 0.2]),
        np.zeros(3, dtype=np.uint8),
    )


def _random(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def _carried(seconds: int, *faults: tuple[int, int, LinkFault]) -> list[Delivery]:
    """Each fault from one second to another, as events do it: between two moments."""
    link, came = Link(), []
    for second in range(seconds):
        for begin, end, fault in faults:
            if second == begin:
                link.attach(fault)
            if second == end:
                link.detach(fault)
        came += link.carry(_samples(second), START + second * SECOND_NS)
    return came + link.rest()


def _seconds(came: list[Delivery]) -> list[int]:
    """Which moments came, in their order; told by the values, which nothing changes."""
    return [int(one.samples.value[0]) for one in came]


def _delays_s(came: list[Delivery]) -> list[float]:
    return [(one.due - int(one.samples.source_time[0])) / SECOND_NS for one in came]


def test_link_without_faults_gives_every_moment_at_once():
    came = _carried(20)
    assert _seconds(came) == list(range(20))
    assert set(_delays_s(came)) == {0.0}
    assert not any(one.retained for one in came)


def test_late_messages_are_the_stated_share_with_the_stated_mean_and_are_overtaken():
    came = _carried(4000, (0, 4000, Late(0.3, 5.0, _random())))
    delays = np.array(_delays_s(came))
    late = delays[delays > 0]
    assert late.size / delays.size == pytest.approx(0.3, abs=0.03)
    assert late.mean() == pytest.approx(5.0, rel=0.1)
    assert _seconds(came) != sorted(_seconds(came))
    assert sorted(_seconds(came)) == list(range(4000))


def test_slow_line_that_keeps_order_holds_up_what_is_behind():
    came = _carried(2000, (0, 2000, Late(0.1, 5.0, _random(), keeps_order=True)))
    assert _seconds(came) == list(range(2000))
    assert max(_delays_s(came)) > 5.0
    dues = [one.due for one in came]
    assert dues == sorted(dues)


def test_duplicates_are_the_stated_share_and_come_within_the_stated_time():
    came = _carried(3000, (0, 3000, Duplicated(0.2, 3.0, _random())))
    often = Counter(_seconds(came))
    assert set(often.values()) == {1, 2}
    assert sum(many == 2 for many in often.values()) / 3000 == pytest.approx(0.2, abs=0.025)
    assert max(_delays_s(came)) <= 3.0


def test_messages_out_of_order_come_together_shuffled_and_complete():
    came = _carried(40, (0, 40, OutOfOrder(10.0, _random())))
    assert sorted(_seconds(came)) == list(range(40))
    assert _seconds(came) != sorted(_seconds(came))
    # Nothing of a later window stands before anything of an earlier one.
    assert max(_seconds(came)[:10]) < min(_seconds(came)[10:20])
    assert max(_delays_s(came)) <= 10.0


def test_wrong_clock_shifts_stamps_and_goes_on_going_wrong():
    came = _carried(3601, (0, 3601, ClockSkew(30.0, 2.0, None)))
    skew = [
        (int(one.samples.source_time[0]) - START) / SECOND_NS - value
        for one, value in zip(came, _seconds(came), strict=True)
    ]
    assert (skew[0], skew[-1]) == (30.0, 32.0)
    assert all(int(one.samples.source_time[0]) % 1_000_000 == 0 for one in came)
    assert [one.due for one in came] == [START + s * SECOND_NS for s in range(3601)]


def test_wrong_clock_of_some_points_leaves_the_others_alone():
    came = _carried(5, (0, 5, ClockSkew(60.0, 0.0, ("A.PT01",))))
    stamps = {tag: int(one.samples.source_time[0]) for one in came for tag in one.samples.tags}
    assert stamps["A.PT01"] - stamps["A.LT01"] == 60 * SECOND_NS
    assert stamps["A.LT01"] == stamps["A.TT01"]
    assert sum(len(one.samples.tags) for one in came) == 15
    assert all(len(set(one.samples.source_time.tolist())) == 1 for one in came)


def test_outage_gives_a_burst_in_order_and_new_messages_wait_behind_it():
    outage = Outage(burst_per_s=2.0, order="oldest_first", stores=None)
    came = _carried(60, (10, 30, outage))
    assert _seconds(came) == list(range(60))
    dues = np.array([one.due - START for one in came]) / SECOND_NS
    assert dues[10] == 29.0
    assert np.diff(dues[10:30]) == pytest.approx(0.5)
    assert dues[30] == pytest.approx(39.0), "behind a burst of 20 messages at 2 a second"
    assert _delays_s(came)[-1] == 0.0


def test_outage_that_sends_live_messages_first_backfills_beside_them():
    came = _carried(60, (10, 30, Outage(burst_per_s=1.0, order="live_first", stores=None)))
    delays = dict(zip(_seconds(came), _delays_s(came), strict=True))
    assert all(delays[second] == 0 for second in range(30, 60))
    assert delays[10] == 19.0
    assert sorted(_seconds(came)) == list(range(60))


def test_outage_that_sends_the_newest_first_turns_the_backlog_round():
    came = _carried(40, (10, 20, Outage(burst_per_s=1000.0, order="newest_first", stores=None)))
    assert _seconds(came)[10:20] == list(range(19, 9, -1))


def test_outage_without_room_loses_the_oldest_and_counts_them():
    link, outage = Link(), Outage(burst_per_s=1000.0, order="oldest_first", stores=4)
    link.attach(outage)
    for second in range(10):
        assert link.carry(_samples(second), START + second * SECOND_NS) == []
    assert link.down
    link.detach(outage)
    assert _seconds(link.rest()) == [6, 7, 8, 9]
    assert link.lost_samples == 18
    assert not link.down


def test_broken_line_repeats_what_was_not_acknowledged_and_holds_what_came_meanwhile():
    came = _carried(60, (20, 60, LineBreaks(every_s=30.0, pause_s=4.0, unacknowledged_s=2.0)))
    often = Counter(_seconds(came))
    assert sorted(often) == list(range(60))
    assert {second for second, many in often.items() if many == 2} == {47, 48, 49}
    delays = dict(zip(_seconds(came), _delays_s(came), strict=True))
    assert [delays[second] for second in (20, 21, 22, 23, 24)] == [4.0, 3.0, 2.0, 1.0, 0.0]


def test_every_break_of_the_line_is_counted():
    link, fault = Link(), LineBreaks(every_s=10.0, pause_s=2.0, unacknowledged_s=0.0)
    link.attach(fault)
    downs = []
    for second in range(40):
        link.carry(_samples(second), START + second * SECOND_NS)
        downs.append(link.down)
    assert (link.cuts, sum(downs)) == (4, 8)


def test_retained_message_comes_again_with_its_old_values():
    came = _carried(50, (5, 50, Retained(10.0, with_time=False)))
    kept = [one for one in came if one.retained]
    assert {int(one.samples.value[0]) for one in kept} == {5}
    assert [(one.due - START) / SECOND_NS for one in kept] == [5, 15, 25, 35, 45]
    assert not any(one.with_time for one in kept)
    assert sorted(set(_seconds(came))) == list(range(50))


@st.composite
def _faults(draw: st.DrawFn) -> list[tuple[int, int, LinkFault]]:
    makers = (
        lambda: Late(0.5, 3.0, _random(), keeps_order=draw(st.booleans())),
        lambda: Duplicated(0.5, 2.0, _random()),
        lambda: OutOfOrder(draw(st.floats(0.5, 9.0)), _random()),
        lambda: ClockSkew(7.0, 0.0, draw(st.sampled_from((None, ("A.LT01",))))),
        lambda: Outage(
            burst_per_s=5.0,
            order=draw(st.sampled_from(("oldest_first", "newest_first", "live_first"))),
            stores=draw(st.sampled_from((None, 0, 3))),
        ),
        lambda: LineBreaks(draw(st.floats(3.0, 20.0)), 2.0, draw(st.floats(0.0, 3.0))),
        lambda: Retained(4.0, with_time=True),
    )
    chosen = draw(st.lists(st.sampled_from(makers), max_size=4))
    begins = [draw(st.integers(0, 30)) for _ in chosen]
    return [(b, b + draw(st.integers(1, 30)), make()) for b, make in zip(begins, chosen, strict=True)]


@settings(max_examples=40, deadline=None)
@given(faults=_faults())
def test_whatever_goes_wrong_nothing_is_missing_but_what_is_counted(faults):
    came = _carried(45, *faults)
    unique = {
        (tag, value) for one in came for tag, value in zip(one.samples.tags, one.samples.value, strict=True)
    }
    missing = {
        (tag, value) for s in range(45) for tag, value in zip(TAGS, _samples(s).value, strict=True)
    } - unique
    assert len(missing) <= sum(fault.lost_samples for _, _, fault in faults)
    if not any(fault.lost_samples for _, _, fault in faults):
        assert not missing
    # Arrival never goes backwards, but for what the end of the run sets free.
    assert all(len(set(one.samples.source_time.tolist())) == 1 for one in came)


def _bytes(seed: int) -> bytes:
    plant = Plant(load_scenario("normal"), seed, START)
    random = np.random.default_rng(seed)
    for fault in (Late(0.3, 4.0, random), Duplicated(0.3, 4.0, random), OutOfOrder(5.0, random)):
        plant.link.attach(fault)
    return b"".join(
        repr((one.due, one.samples.tags)).encode() + one.samples.value.tobytes()
        for one in deliveries(plant, 60)
    )


def test_same_seed_gives_the_same_deliveries_to_the_byte():
    assert _bytes(3) == _bytes(3)
    assert _bytes(3) != _bytes(4)
