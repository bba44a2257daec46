"""Counting samples, on every history: what was written twice counts once, only GOOD is good."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.quality import Quality
from gateway.history.port import Counts
from tests.history.conftest import Subject
from tests.history.samples import HOUR, SECOND, T0, columns

POINT, OTHER = "tianjin-chem/TK101.LT01", 'odd"co/TK2 $x'


def test_count_tells_received_and_good_samples_of_each_point(subject: Subject) -> None:
    samples = [(POINT, T0 + k * SECOND, 1.0, Quality.GOOD if k < 7 else Quality.BAD) for k in range(10)]
    subject.history.write(columns(samples))
    subject.history.write(columns([(OTHER, T0, float("nan"), Quality.BAD_SENSOR_FAILURE)]))
    subject.settle()
    assert subject.history.count(T0, T0 + HOUR) == {POINT: Counts(10, 7), OTHER: Counts(1, 0)}


def test_count_takes_the_start_and_leaves_the_end(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0 + k * SECOND, 1.0, 0) for k in range(4)]))
    subject.settle()
    assert subject.history.count(T0 + SECOND, T0 + 3 * SECOND) == {POINT: Counts(2, 2)}
    assert subject.history.count(T0 + 9 * SECOND, T0 + 9 * SECOND) == {}


def test_a_sample_written_again_counts_once_with_its_last_quality(subject: Subject) -> None:
    subject.history.write(columns([(POINT, T0, 1.0, Quality.BAD), (POINT, T0 + SECOND, 1.0, 0)]))
    subject.history.write(columns([(POINT, T0, 2.0, Quality.GOOD)]))
    subject.settle()
    assert subject.history.count(T0, T0 + HOUR) == {POINT: Counts(2, 2)}


def test_count_over_several_hours_is_the_sum(subject: Subject) -> None:
    for hour in range(3):
        subject.history.write(columns([(POINT, T0 + hour * HOUR + k * SECOND, 1.0, 0) for k in range(5)]))
    subject.settle()
    assert subject.history.count(T0, T0 + 3 * HOUR) == {POINT: Counts(15, 15)}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_counts_are_those_of_what_read_gives(subject: Subject, data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 7200), max_size=30))
    qualities = [data.draw(st.sampled_from([0, 0x40, 0x80])) for _ in times]
    base = T0 + data.draw(st.integers(0, 10**4)) * 24 * HOUR
    written = [(POINT, base + t * SECOND, 1.0, q) for t, q in zip(times, qualities, strict=True)]
    if written:
        subject.history.write(columns(written))
        subject.settle()
    series = subject.history.read(POINT, base, base + HOUR, 1_000_000)
    expected = Counts(series.quality.size, int((series.quality == 0).sum()))
    assert subject.history.count(base, base + HOUR).get(POINT, Counts(0, 0)) == expected
