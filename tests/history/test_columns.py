"""Sorting, thinning, and the two languages of InfluxDB."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.history import flux
from gateway.history.downsampling import Thinner
from gateway.history.lines import format_lines, refusal
from gateway.history.ordering import Rows, merge_rows, sort_rows
from gateway.history.port import Series
from tests.history.naive import thinned
from tests.history.samples import T0, Sample, columns, rows

SAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "B", "é", "点", "a/1"]),
        st.integers(-5, 30),
        st.floats(allow_nan=False),
        st.integers(0, 255),
    ),
    max_size=60,
)


def content(sorted_rows: Rows) -> list[Sample]:
    return [
        (sorted_rows.names[c], t, v, q)
        for c, t, v, q in zip(*(column.tolist() for column in sorted_rows[1:]), strict=True)
    ]


def ordered(samples: list[Sample]) -> Rows:
    block = columns(samples)
    return sort_rows(block.names, block.point, block.source_time, block.value, block.quality)


def last_written(samples: list[Sample]) -> list[Sample]:
    newest = {sample[:2]: sample for sample in samples}
    return [newest[key] for key in sorted(newest, key=lambda key: (key[0].encode(), key[1]))]


@settings(max_examples=150, deadline=None)
@given(SAMPLES)
def test_sorting_keeps_the_last_written_of_each_time(samples: list[Sample]) -> None:
    assert content(ordered(samples)) == last_written(samples)


@settings(max_examples=100, deadline=None)
@given(st.lists(SAMPLES, max_size=4))
def test_merging_is_sorting_one_after_the_other(parts: list[list[Sample]]) -> None:
    merged = merge_rows([ordered(part) for part in parts])
    assert content(merged) == last_written([sample for part in parts for sample in part])


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.integers(0, 60), st.integers(0, 60))
def test_slice_has_the_names_that_it_uses(samples: list[Sample], start: int, stop: int) -> None:
    whole = ordered(samples)
    start, stop = min(start, whole.code.size), min(stop, whole.code.size)
    part = whole.slice(start, stop)
    assert content(part) == content(whole)[start:stop]
    assert sorted({name for name, *_ in content(part)}, key=str.encode) == part.names


def test_row_that_points_nowhere_is_refused() -> None:
    one = np.zeros(1)
    for wrong in (-1, 1):
        with pytest.raises(IndexError, match="outside the 1 names"):
            sort_rows(("a",), np.array([wrong], np.int32), one.astype(np.int64), one, one.astype(np.uint8))


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.integers(-50, 150),
        st.tuples(
            st.one_of(st.integers(0, 5).map(float), st.just(float("nan"))), st.sampled_from([0, 0x43, 0x80])
        ),
        max_size=80,
    ),
    st.integers(-60, 40),
    st.integers(1, 150),
    st.integers(2, 30),
    st.integers(1, 20),
)
def test_thinning_piece_by_piece_agrees_with_its_obvious_twin(
    samples: dict[int, tuple[float, int]], start: int, length: int, max_points: int, piece: int
) -> None:
    end = start + length
    block = columns([("p", time, *samples[time]) for time in sorted(samples)], ("p",))
    inside = np.flatnonzero((block.source_time >= start) & (block.source_time < end))
    thinner = Thinner(start, end, max_points)
    for at in range(0, inside.size, piece):
        part = inside[at : at + piece]
        thinner.feed(Series(block.source_time[part], block.value[part], block.quality[part]))
    assert rows(thinner.result()) == thinned(block, start, end, max_points)


def test_lines_say_what_line_protocol_means() -> None:
    samples = [("a b,c=d", T0, 1.5, 0), ("e", T0 + 1, float("nan"), 0x81), ("e", T0 + 2, -1e-7, 3)]
    assert format_lines(ordered(samples), "hazard watch") == [
        rf"hazard\ watch,point=a\ b\,c\=d value=1.5,quality=0i {T0}",
        rf"hazard\ watch,point=e quality=385i {T0 + 1}",
        rf"hazard\ watch,point=e value=-1e-07,quality=3i {T0 + 2}",
    ]


@pytest.mark.parametrize("name", ["TK101.LT01", "天津/一", "a b", "a\\b", '"', "'"])
def test_ordinary_point_id_is_writable(name: str) -> None:
    assert refusal(name) is None


@pytest.mark.parametrize("name", ["", "a\\", "a\\ b", "a\\,b", "a\\=b", "a\nb", "a\rb", "\ud800", "\x00"])
def test_point_id_that_would_be_misread_is_refused(name: str) -> None:
    assert refusal(name) is not None


@settings(max_examples=200)
@given(st.text())
def test_flux_text_never_ends_before_its_end(value: str) -> None:
    literal = flux.text(value)
    inner = literal[1:-1]
    assert literal[0] == literal[-1] == '"'
    assert '"' not in inner
    assert "$" not in inner
    assert "\n" not in inner
    assert inner.replace("\\x", "").count("\\") == 0


def test_flux_instant_has_nanoseconds() -> None:
    assert flux.instant(T0 + 1) == "2026-09-21T15:00:00.000000001Z"


def test_error_inside_an_answer_is_raised() -> None:
    body = (
        b"#datatype,string,long,dateTime:RFC3339,double\r\n#group,false,false,false,false\r\n"
        b"#default,value,,,\r\n,result,table,_time,_value\r\n,,0,2026-09-21T14:13:20Z,1.5\r\n\r\n"
        b"#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n"
        b",error,reference\r\n,out of memory,897\r\n"
    )
    with pytest.raises(flux.FluxError, match="out of memory"):
        flux.parse(body)


def test_garbage_instead_of_an_answer_is_raised() -> None:
    with pytest.raises(flux.FluxError):
        flux.parse(b"#default,value\r\n,result,table,_time,_value\r\n,,0,not a time,1\r\n")
