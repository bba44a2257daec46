"""Schedules: they cover all time, agree with `resolve`, and follow the clock on the wall."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.rotas.model import Restriction, Rota, Version
from api.rotas.resolve import resolve
from api.rotas.schedule import SpanRefused, edges, schedule, shifts
from api.rotas.wall_clock import DAY_NS, HOUR_NS, MINUTE_NS, instant_of, wall_of, zone_of
from tests.rotas import rosters
from tests.rotas.naive import on_call_by_walking
from tests.rotas.rosters import PHONE, T0, ZONES, at, hours, layer, override, rota, weekly

few = settings(max_examples=60, deadline=None)
spans = st.tuples(hours, st.integers(1, 500)).map(lambda pair: (pair[0], pair[0] + pair[1] * HOUR_NS))


@few
@given(rosters.rotas(), spans)
def test_spans_partition_the_time_without_overlap(any_rota: Rota, span: tuple[int, int]) -> None:
    found = schedule(any_rota, *span)
    assert (found[0].start, found[-1].end) == span
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(one.start < one.end for one in found)
    assert all(before.on_call != after.on_call for before, after in pairwise(found))


@few
@given(rosters.rotas(), spans, st.floats(0, 1, exclude_max=True))
def test_schedule_agrees_with_resolve_at_any_instant(
    any_rota: Rota, span: tuple[int, int], part: float
) -> None:
    found = schedule(any_rota, *span)
    near_edges = [edge + shift for edge in edges(any_rota, *span) for shift in (-1, 0, 1)]
    for instant in [span[0] + int(part * (span[1] - span[0])), *near_edges[:90]]:
        if span[0] <= instant < span[1]:
            covering = [one for one in found if one.start <= instant < one.end]
            assert [one.on_call for one in covering] == [resolve(any_rota, instant)]


@few
@given(rosters.rotas(), hours)
def test_resolve_agrees_with_its_obvious_twin(any_rota: Rota, instant: int) -> None:
    for moment in (instant, instant + 17 * MINUTE_NS):
        assert resolve(any_rota, moment).receivers == on_call_by_walking(any_rota, moment)


@few
@given(rosters.rotas(), spans, spans)
def test_a_shift_is_the_same_whatever_part_was_asked_for(any_rota: Rota, one: tuple, other: tuple) -> None:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    if low < high:
        seen = [
            [s for s in shifts(any_rota, *span) if s.end > low and s.start < high] for span in (one, other)
        ]
        assert seen[0] == seen[1]


@given(
    st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(0, 10**6)
)
def test_a_later_wall_time_is_never_an_earlier_instant(zone_name: str, wall: datetime, seconds: int) -> None:
    zone = zone_of(zone_name)
    assert instant_of(wall, zone) <= instant_of(wall + timedelta(seconds=seconds), zone)


@given(st.sampled_from(ZONES), hours)
def test_the_wall_shows_its_own_instant(zone_name: str, instant: int) -> None:
    zone = zone_of(zone_name)
    assert instant_of(wall_of(instant, zone), zone) in (instant, instant - HOUR_NS, instant - HOUR_NS // 2)


def test_a_weekly_rotation_hands_over_on_its_weekday() -> None:
    found = schedule(
        rota(weekly("zhang-wei", "li-na")), at("2026-03-02T08:00+08:00"), at("2026-03-23T08:00+08:00")
    )
    assert [one.on_call.receivers for one in found] == [("zhang-wei",), ("li-na",), ("zhang-wei",)]
    assert found[1].start == at("2026-03-09T08:00+08:00")


def test_handover_stays_at_eight_when_berlin_changes_its_clocks() -> None:
    found = schedule(
        rota(layer("zhang-wei", "li-na"), zone="Europe/Berlin"),
        at("2026-03-28T08:00+01:00"),
        at("2026-03-31T08:00+02:00"),
    )
    assert [one.start for one in found] == [
        at("2026-03-28T08:00+01:00"),
        at("2026-03-29T08:00+02:00"),
        at("2026-03-30T08:00+02:00"),
    ]
    assert found[0].end - found[0].start == 23 * HOUR_NS


def test_the_night_of_the_doubled_hour_lasts_one_hour_longer() -> None:
    night = Restriction(start=time(20), end=time(8))
    found = schedule(
        rota(layer("zhang-wei", restrictions=(night,)), zone="Europe/Berlin"),
        at("2026-10-24T12:00+02:00"),
        at("2026-10-25T12:00+01:00"),
    )
    assert [(one.on_call.source, (one.end - one.start) // HOUR_NS) for one in found] == [
        ("fallback", 8),
        ("layer", 13),
        ("fallback", 4),
    ]


def test_a_handover_in_the_missing_hour_takes_place_at_the_change() -> None:
    found = schedule(
        rota(layer("zhang-wei", "li-na", handover=time(2, 30)), zone="Europe/Berlin"),
        at("2026-03-29T00:00+01:00"),
        at("2026-03-29T12:00+02:00"),
    )
    assert found[1].start == at("2026-03-29T01:00+00:00")


def test_shanghai_hands_over_every_24_hours_all_year() -> None:
    found = schedule(
        rota(layer("zhang-wei", "li-na")), at("2026-03-02T08:00+08:00"), at("2027-03-02T08:00+08:00")
    )
    assert {one.end - one.start for one in found} == {DAY_NS}
    assert len(found) == 365


def test_four_crews_share_three_shifts_a_day() -> None:
    crews = ("a", "b", "c", "d")
    pattern = [crews[i] for i in (0, 1, 2, 0, 1, 3, 0, 2, 3, 1, 2, 3)]
    found = rota(layer(*pattern, every=8, unit="hour"))
    day = [resolve(found, at("2026-03-02T08:00+08:00") + n * 8 * HOUR_NS).receivers[0] for n in range(13)]
    assert day == [*pattern, pattern[0]]


def test_the_highest_layer_that_has_somebody_wins() -> None:
    weekend = Restriction(weekdays=(5, 6))
    both = rota(weekly("zhang-wei"), layer("li-na", name="周末", restrictions=(weekend,)))
    assert resolve(both, at("2026-03-06T23:59+08:00")).receivers == ("zhang-wei",)
    assert resolve(both, at("2026-03-07T08:00+08:00")).via == "周末"


def test_an_empty_turn_leaves_the_time_to_the_layer_below() -> None:
    both = rota(weekly("zhang-wei"), layer("li-na", (), name="白班"))
    assert resolve(both, at("2026-03-03T09:00+08:00")).receivers == ("zhang-wei",)


def test_fridays_night_ends_on_saturday_morning() -> None:
    friday = Restriction(weekdays=(4,), start=time(22), end=time(6))
    nights = rota(layer("li-na", restrictions=(friday,)))
    assert resolve(nights, at("2026-03-07T05:59+08:00")).receivers == ("li-na",)
    assert resolve(nights, at("2026-03-06T05:59+08:00")).receivers == (PHONE,)
    assert resolve(nights, at("2026-03-07T22:30+08:00")).source == "fallback"


def test_the_later_of_two_overrides_wins() -> None:
    first = override(T0, T0 + DAY_NS, "li-na", number=1)
    second = override(T0 + HOUR_NS, T0 + DAY_NS, "wang-fang", number=2)
    found = schedule(rota(weekly("zhang-wei"), overrides=(first, second)), T0, T0 + 2 * DAY_NS)
    assert [one.on_call.via for one in found] == ["o1", "o2", "每周"]


def test_one_of_a_crew_is_replaced_only_where_he_is_on_call() -> None:
    crews = layer(("zhang-wei", "li-na"), ("wang-fang",))
    swap = override(T0, T0 + 3 * DAY_NS, "chen-jing", instead_of="li-na")
    found = schedule(
        rota(crews, overrides=(swap,)), at("2026-03-02T08:00+08:00"), at("2026-03-04T08:00+08:00")
    )
    assert [one.on_call.receivers for one in found] == [("zhang-wei", "chen-jing"), ("wang-fang",)]


def test_an_override_never_rewrites_the_past() -> None:
    late = override(T0, T0 + DAY_NS, "li-na", entered_at=T0 + HOUR_NS, withdrawn_at=T0 + 2 * HOUR_NS)
    found = schedule(rota(weekly("zhang-wei"), overrides=(late,)), T0 + 8 * MINUTE_NS, T0 + DAY_NS)
    assert [(one.start, one.on_call.receivers[0]) for one in found] == [
        (T0 + 8 * MINUTE_NS, "zhang-wei"),
        (T0 + HOUR_NS, "li-na"),
        (T0 + 2 * HOUR_NS, "zhang-wei"),
    ]


def test_a_new_version_leaves_what_was_before_it() -> None:
    old = rota(weekly("zhang-wei"))
    new = Version(
        number=2,
        valid_from=T0 + DAY_NS,
        definition=rota(weekly("li-na")).versions[0].definition,
        entered_at=T0,
    )
    changed = Rota(id=old.id, enterprise="acme", versions=(*old.versions, new))
    assert resolve(changed, T0 + DAY_NS - 1) == resolve(old, T0 + DAY_NS - 1)
    assert resolve(changed, T0 + DAY_NS).receivers == ("li-na",)


def test_before_the_first_turn_the_fallback_answers() -> None:
    assert resolve(rota(weekly("zhang-wei")), at("2026-03-02T07:59+08:00")).source == "fallback"


@pytest.mark.parametrize("days", [-1, 0, 401])
def test_a_span_that_makes_no_sense_is_refused(days: int) -> None:
    with pytest.raises(SpanRefused):
        schedule(rota(weekly("zhang-wei")), T0, T0 + days * DAY_NS)
