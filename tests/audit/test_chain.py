"""The chain finds every change: whatever single thing is done to the rows, the check says where."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.alarms.model import AuditEntry
from api.audit.chain import GENESIS, START, Head, Link, extend, storable
from api.audit.check import ChainCheck, Fault
from tests.audit.naive import naive_hashes
from tests.audit.rows import ENTRIES, INT64, TEXT, chain, entry

CHAINS = st.lists(ENTRIES, min_size=1, max_size=8).map(chain)
FIELDS = ("actor", "action", "subject", "text", "enterprise")


def fault_of(rows: list[Link], head: Head) -> Fault | None:
    check = ChainCheck()
    for row in rows:
        if not check.add(row):
            break
    return check.finish(head)


def head_of(rows: list[Link]) -> Head:
    return Head(rows[-1].number, rows[-1].hash)


@given(CHAINS)
def test_untouched_chain_is_good_and_is_what_another_program_computes(rows: list[Link]) -> None:
    assert fault_of(rows, head_of(rows)) is None
    assert [row.hash for row in rows] == naive_hashes(rows)


def test_hash_of_a_known_row_never_changes() -> None:
    """Whatever is rewritten here: rows of old databases must go on to verify."""
    given_entry = AuditEntry(
        time=1, actor="operator:李娜", action="acknowledge", subject="a1", text="是", enterprise="acme"
    )
    assert GENESIS == "143c6de96a192144cfb8f12e00afca649765780c09f0c58f040694a4fc83f0bd"
    assert extend(START, [given_entry])[0].hash == (
        "f6ed68d0be959fb80258d399b1ea8f2cfe65424304ee4ca239cc20f3cd13efd1"
    )


@given(st.lists(ENTRIES, min_size=1, max_size=8), st.integers(0, 8))
def test_chain_written_in_two_parts_is_the_same(entries: list[AuditEntry], cut: int) -> None:
    first = extend(START, entries[:cut])
    rest = extend(Head(first[-1].number, first[-1].hash) if first else START, entries[cut:])
    assert first + rest == chain(entries)


@given(CHAINS, st.data())
def test_changed_character_is_found_at_its_row(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(FIELDS))
    before = getattr(rows[index].entry, field)
    after = data.draw(TEXT.filter(lambda text: text != before))
    bad = rows.copy()
    bad[index] = rows[index]._replace(entry=msgspec.structs.replace(rows[index].entry, **{field: after}))
    fault = fault_of(bad, head_of(rows))
    assert fault is not None
    assert (fault.kind, fault.number) == ("changed", index + 1)


@given(CHAINS, st.data())
def test_changed_time_is_found_at_its_row(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    after = data.draw(INT64.filter(lambda time: time != rows[index].entry.time))
    bad = rows.copy()
    bad[index] = rows[index]._replace(entry=msgspec.structs.replace(rows[index].entry, time=after))
    fault = fault_of(bad, head_of(rows))
    assert fault is not None
    assert (fault.kind, fault.number) == ("changed", index + 1)


@given(ENTRIES, st.data())
def test_text_cannot_be_moved_from_one_field_to_the_next(one: AuditEntry, data: st.DataObject) -> None:
    """Lengths are hashed too: ("ab", "c") is another row than ("a", "bc")."""
    left, right = data.draw(st.sampled_from(list(pairwise(FIELDS))))
    joined = getattr(one, left) + getattr(one, right)
    cut = data.draw(st.integers(0, len(joined)))
    moved = msgspec.structs.replace(one, **{left: joined[:cut], right: joined[cut:]})
    assert (chain([one]) == chain([moved])) == (one == moved)


@given(CHAINS, st.data())
def test_changed_digit_of_a_hash_is_found(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    digit = data.draw(st.integers(0, 63))
    old = rows[index].hash
    new = old[:digit] + data.draw(st.sampled_from("0123456789abcdefA").filter(lambda c: c != old[digit]))
    bad = rows.copy()
    bad[index] = rows[index]._replace(hash=new + old[digit + 1 :])
    fault = fault_of(bad, head_of(rows))
    assert fault is not None
    assert (fault.kind, fault.number) == ("changed", index + 1)


@given(CHAINS, st.data())
def test_removed_row_is_found(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    fault = fault_of(rows[:index] + rows[index + 1 :], head_of(rows))
    assert fault is not None
    last = index == len(rows) - 1
    assert (fault.kind, fault.number) == ("truncated" if last else "missing", index + 1)


@given(CHAINS, st.data())
def test_removed_row_is_found_also_when_the_rest_is_renumbered(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    rest = [row._replace(number=row.number - 1) for row in rows[index + 1 :]]
    fault = fault_of(rows[:index] + rest, head_of(rows))
    assert fault is not None
    assert fault.number == index + 1


@given(st.lists(ENTRIES, min_size=2, max_size=8, unique_by=lambda e: (e.time, e.actor)), st.data())
def test_swapped_rows_are_found(entries: list[AuditEntry], data: st.DataObject) -> None:
    rows = chain(entries)
    first = data.draw(st.integers(0, len(rows) - 2))
    second = data.draw(st.integers(first + 1, len(rows) - 1))
    bad = rows.copy()
    bad[first] = rows[second]._replace(number=first + 1)
    bad[second] = rows[first]._replace(number=second + 1)
    fault = fault_of(bad, head_of(rows))
    assert fault is not None
    assert (fault.kind, fault.number) == ("changed", first + 1)


@given(CHAINS, ENTRIES, st.data())
def test_inserted_row_is_found(rows: list[Link], stranger: AuditEntry, data: st.DataObject) -> None:
    """Also with a right hash of its own: then the next row, or the head, gives it away."""
    index = data.draw(st.integers(0, len(rows)))
    before = Head(index, rows[index - 1].hash) if index else START
    (new,) = extend(before, [stranger])
    rest = [row._replace(number=row.number + 1) for row in rows[index:]]
    fault = fault_of([*rows[:index], new, *rest], head_of(rows))
    assert fault is not None
    assert fault.number in (index + 1, index + 2)


@given(CHAINS, st.data())
def test_cut_off_end_is_found_by_the_head(rows: list[Link], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(rows) - 1))
    fault = fault_of(rows[:kept], head_of(rows))
    assert fault is not None
    assert (fault.kind, fault.number) == ("truncated", kept + 1)


@given(CHAINS, st.data())
def test_head_set_back_is_found(rows: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    head = Head(index, rows[index - 1].hash) if index else START
    fault = fault_of(rows, head)
    assert fault is not None
    assert (fault.kind, fault.number) == ("inserted", index + 1)


@pytest.mark.parametrize("hash_", ["", "zz", "00" * 32, "00" * 31])
def test_head_of_another_hash_is_found(hash_: str) -> None:
    rows = chain([entry(1), entry(2)])
    fault = fault_of(rows, Head(2, hash_))
    assert fault is not None
    assert (fault.kind, fault.number) == ("head_wrong", 2)


@pytest.mark.parametrize("value", [None, b"\xff", 5, 1.5, "\udc80"])
def test_value_that_no_row_can_hold_is_a_finding(value: object) -> None:
    (row,) = chain([entry(1)])
    bad = row._replace(entry=msgspec.structs.replace(row.entry, text=value))
    fault = fault_of([bad], Head(1, row.hash))
    assert fault is not None
    assert (fault.kind, fault.number) == ("changed", 1)


@settings(max_examples=60)
@given(st.text(max_size=8))
def test_any_text_becomes_storable(text: str) -> None:
    one = storable(AuditEntry(time=0, actor="a", action="b", subject="c", text=text))
    assert "\0" not in one.text
    assert chain([one])
    if text.isprintable():
        assert one.text == text
