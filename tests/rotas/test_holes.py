"""Holes: what the next fourteen days lack is found, before an alarm finds it."""

from datetime import time

from hypothesis import given, settings

from api.rotas.holes import AHEAD_DAYS, holes, next_holes
from api.rotas.model import Restriction, Rota
from api.rotas.resolve import resolve
from api.rotas.wall_clock import DAY_NS, HOUR_NS
from tests.rotas import rosters
from tests.rotas.rosters import T0, at, layer, override, rota, weekly

DAYS = (at("2026-03-09T08:00+08:00"), at("2026-03-11T08:00+08:00"))


@settings(max_examples=40, deadline=None)
@given(rosters.rotas(), rosters.hours)
def test_somebody_is_on_call_exactly_outside_the_holes(any_rota: Rota, now: int) -> None:
    found = next_holes(any_rota, now)
    for hour in range(0, AHEAD_DAYS * 24, 5):
        instant = now + hour * HOUR_NS
        in_hole = any(hole.start <= instant < hole.end for hole in found)
        assert in_hole == (resolve(any_rota, instant).source == "fallback")


def test_a_full_rota_has_no_hole() -> None:
    assert next_holes(rota(weekly("zhang-wei", "li-na")), T0 + DAY_NS) == []


def test_nights_without_anybody_are_found() -> None:
    days = layer("zhang-wei", restrictions=(Restriction(start=time(8), end=time(20)),))
    found = holes(rota(days), *DAYS)
    assert [(hole.start, hole.end - hole.start) for hole in found] == [
        (at("2026-03-09T20:00+08:00"), 12 * HOUR_NS),
        (at("2026-03-10T20:00+08:00"), 12 * HOUR_NS),
    ]


def test_an_override_fills_a_hole() -> None:
    assert holes(rota(overrides=(override(*DAYS),)), *DAYS) == []


def test_a_receiver_who_cannot_be_reached_is_a_hole_with_his_name() -> None:
    [hole] = holes(rota(weekly("zhang-wei")), *DAYS, reachable={"li-na"}.__contains__)
    assert hole.unreachable == ("zhang-wei",)


def test_one_of_two_who_can_be_reached_is_enough() -> None:
    assert holes(rota(weekly(("zhang-wei", "li-na"))), *DAYS, reachable={"li-na"}.__contains__) == []


def test_a_retired_rota_has_no_holes() -> None:
    assert holes(rota(retired_at=T0), *DAYS) == []
