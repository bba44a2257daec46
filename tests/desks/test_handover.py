"""Shift log and hand-over: two signatures, and nothing critical unread."""

import pytest

from api.desks.errors import StepRefused, WrongEntry
from api.desks.handover import LogEntry, Shift, check_entry, hand_over, may_offer, may_take, offered
from tests.desks.times import HOUR, T0

SHIFT = Shift(id="s", desk="enterprise:acme", begun_at=T0, on_duty="张伟")


def line(kind: str = "note", text: str = "巡检正常", **more) -> LogEntry:
    fields = {"number": 7, "desk": "enterprise:acme", "shift": "s", "time": T0, "author": "user:张伟"}
    return LogEntry(kind=kind, text=text, **(fields | more))


def test_shift_ends_with_two_signatures() -> None:
    may_offer(SHIFT, "张伟", "李娜")
    signed = offered(SHIFT, "李娜", T0 + HOUR)
    may_take(signed, "李娜", ())
    ended = hand_over(signed, "李娜", T0 + 2 * HOUR)
    assert (ended.offered_at, ended.ended_at, ended.taken_by) == (T0 + HOUR, T0 + 2 * HOUR, "李娜")


def test_only_the_person_on_duty_hands_over_and_not_to_himself() -> None:
    with pytest.raises(StepRefused, match="张伟"):
        may_offer(SHIFT, "李娜", "王强")
    with pytest.raises(StepRefused, match="another person"):
        may_offer(SHIFT, "张伟", "张伟")
    with pytest.raises(StepRefused, match="Nobody"):
        may_offer(None, "张伟", "李娜")


def test_shift_cannot_be_taken_without_the_first_signature_or_by_another() -> None:
    with pytest.raises(StepRefused, match="has not signed"):
        may_take(SHIFT, "李娜", ())
    with pytest.raises(StepRefused, match="offered to 李娜"):
        may_take(offered(SHIFT, "李娜", T0), "王强", ())
    with pytest.raises(StepRefused, match="already"):
        may_take(offered(SHIFT, "李娜", T0), "张伟", ())


@pytest.mark.parametrize("shift", [None, offered(SHIFT, "李娜", T0)])
def test_unread_critical_matter_stops_the_hand_over(shift: Shift | None) -> None:
    with pytest.raises(StepRefused, match="7, 9"):
        may_take(shift, "李娜", (line("matter", critical=True, number=9), line("matter", critical=True)))


def test_empty_desk_is_taken_without_a_first_signature() -> None:
    may_take(None, "李娜", ())


def test_correction_and_settlement_name_an_entry() -> None:
    check_entry(line("correction", about=3), line())
    check_entry(line("settled", about=3), line("matter"))
    with pytest.raises(WrongEntry):
        check_entry(line("correction"), None)
    with pytest.raises(WrongEntry):
        check_entry(line("correction", about=99), None)
    with pytest.raises(WrongEntry):
        check_entry(line("note", about=3), line())
    with pytest.raises(StepRefused, match="open matter"):
        check_entry(line("settled", about=3), line("note"))


def test_people_do_not_write_the_services_entries() -> None:
    for kind in ("event", "summary"):
        with pytest.raises(WrongEntry):
            check_entry(line(kind), None)
    with pytest.raises(WrongEntry):
        check_entry(line(text=" "), None)
