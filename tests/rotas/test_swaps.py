"""Handing over: one offers, the other accepts, and only then is it true."""

import msgspec
import pytest

from api.rotas import swaps
from api.rotas.resolve import resolve
from api.rotas.swaps import Swap, SwapRefused
from api.rotas.wall_clock import DAY_NS, HOUR_NS
from tests.rotas.rosters import at, rota, weekly

ROTA = rota(weekly("zhang-wei", "li-na"))
NOW = at("2026-03-02T09:00+08:00")
MINE = at("2026-03-04T08:00+08:00")
THEIRS = at("2026-03-11T08:00+08:00")


def offer(**more) -> Swap:
    fields = {
        "id": "s1",
        "rota": "control-room",
        "offered_by": "zhang-wei",
        "offered_to": "li-na",
        "start": MINE,
        "end": MINE + DAY_NS,
        "note": "TK101 检修中",
        "entered_by": "张伟",
        "offered_at": NOW,
    }
    return Swap(**(fields | more))


def test_an_offer_changes_nothing_until_it_is_accepted() -> None:
    swaps.check_offer(offer(), ROTA, NOW)
    assert resolve(ROTA, MINE).receivers == ("zhang-wei",)
    accepted, overrides = swaps.accept(offer(), "li-na", "李娜", "好", NOW + HOUR_NS)
    swapped = msgspec.structs.replace(ROTA, overrides=tuple(overrides))
    assert [resolve(swapped, MINE + shift).receivers[0] for shift in (-1, 0, DAY_NS - 1, DAY_NS)] == [
        "zhang-wei",
        "li-na",
        "li-na",
        "zhang-wei",
    ]
    assert (accepted.state, accepted.answered_by, accepted.note) == ("accepted", "李娜", "TK101 检修中")


def test_an_exchange_swaps_both_spans() -> None:
    both = offer(return_start=THEIRS, return_end=THEIRS + DAY_NS)
    swaps.check_offer(both, ROTA, NOW)
    _, overrides = swaps.accept(both, "li-na", "李娜", "", NOW)
    swapped = msgspec.structs.replace(ROTA, overrides=tuple(overrides))
    assert resolve(swapped, MINE).receivers == ("li-na",)
    assert resolve(swapped, THEIRS).receivers == ("zhang-wei",)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (offer(offered_to="zhang-wei"), "same person"),
        (offer(start=NOW - HOUR_NS), "time to come"),
        (offer(end=MINE), "time to come"),
        (offer(start=THEIRS, end=THEIRS + HOUR_NS), "zhang-wei is not on call"),
        (offer(return_start=MINE, return_end=MINE + HOUR_NS), "li-na is not on call"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(bad: Swap, words: str) -> None:
    with pytest.raises(SwapRefused, match=words):
        swaps.check_offer(bad, ROTA, NOW)


def test_only_the_other_person_can_accept() -> None:
    with pytest.raises(SwapRefused, match="offered to li-na"):
        swaps.accept(offer(), "zhang-wei", "张伟", "", NOW)


def test_an_offer_is_answered_once() -> None:
    declined = swaps.decline(offer(), "li-na", "李娜", "在外地", NOW)
    with pytest.raises(SwapRefused, match="declined already by 李娜"):
        swaps.accept(declined, "li-na", "李娜", "", NOW)
    with pytest.raises(SwapRefused, match="declined already"):
        swaps.withdraw(declined, "张伟", NOW)


def test_an_offer_is_past_once_its_time_has_come() -> None:
    with pytest.raises(SwapRefused, match="has begun"):
        swaps.accept(offer(), "li-na", "李娜", "", MINE)
    assert swaps.withdraw(offer(), "张伟", MINE).state == "withdrawn"
