"""The picture of a trend: what it draws of samples, limits and gaps, and what it says when there is none."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Limits
from api.answering.trend import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, trend_picture, words_picture
from api.history import Series

SECOND = 10**9
START, ONSET, END = 0, 1800 * SECOND, 3600 * SECOND
SVG = "{http://www.w3.org/2000/svg}"
LINE = "#26506b"

samples = st.lists(
    st.tuples(
        st.integers(START, END - 1),
        st.one_of(st.none(), st.floats(-1e6, 1e6)),
        st.sampled_from(["good", "uncertain", "bad_sensor_failure"]),
    ),
    max_size=40,
    unique_by=lambda one: one[0],
).map(sorted)


NONE = Limits()


def drawn(rows, limits: Limits = NONE) -> ElementTree.Element:
    times, values, qualities = zip(*rows, strict=True) if rows else ((), (), ())
    series = Series(source_time=list(times), value=list(values), quality=list(qualities))
    return ElementTree.fromstring(trend_picture(series, limits, (START, END), ONSET, "light", "zh"))


def lines(picture: ElementTree.Element) -> list[list[tuple[float, float]]]:
    found = [path.get("d", "") for path in picture.iter(f"{SVG}path") if path.get("stroke") == LINE]
    places = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", path) for path in found]
    return [[(float(x), float(y)) for x, y in one] for one in places]


@given(samples, st.floats(-1e6, 1e6))
def test_every_readable_sample_is_drawn_within_the_frame(rows, limit: float) -> None:
    readable = [row for row in rows if row[1] is not None and not row[2].startswith("bad")]
    picture = drawn(rows, Limits(HH=limit))
    places = [place for line in lines(picture) for place in line]
    assert len(places) == len(readable)
    for x, y in places:
        assert LEFT - 0.1 <= x <= WIDTH - RIGHT + 0.1
        assert TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1


def test_a_bad_sample_is_a_gap_in_the_line() -> None:
    rows = [
        (0, 1.0, "good"),
        (1, 2.0, "good"),
        (2, 9.0, "bad_sensor_failure"),
        (3, 3.0, "good"),
        (4, 4.0, "good"),
    ]
    assert [len(line) for line in lines(drawn(rows))] == [2, 2]


def test_limits_are_named_and_the_higher_value_stands_higher() -> None:
    picture = drawn([(0, 1.0, "good"), (END - 1, 9.0, "good")], Limits(H=5.0, HH=8.0))
    words = {text.text: float(text.get("y", "0")) for text in picture.iter(f"{SVG}text")}
    assert words["HH 8"] < words["H 5"]
    [line] = lines(picture)
    assert line[1][1] < line[0][1]


def test_no_readable_sample_says_so_in_words() -> None:
    picture = drawn([(0, 1.0, "bad_sensor_failure")])
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["这段时间没有历史数据"]


def test_words_of_others_are_escaped() -> None:
    picture = ElementTree.fromstring(words_picture("<script>&", "dark"))
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["<script>&"]
