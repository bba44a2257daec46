"""Settling: loop currents, ranges, locks, clocks and late samples, against the obvious twin."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.model import OutOfService, Point
from detectors.contract import Samples
from detectors.quality import CLEARS, FIRST_BAD, NAMES, Quality
from gateway.points import MISSING_TIME, make_instruments, make_latest, settle
from gateway.samples import columns
from tests.gateway.naive_points import Instrument
from tests.gateway.plain_kernels import as_plain

S = 1_000_000_000
NOW = 1_763_800_000 * S
TOLERANCE = 5 * S

plain_settle = as_plain(settle)


def point(tag: str, low: float = 0.0, high: float = 100.0, **more: object) -> Point:
    return Point(
        id=f"E1/{tag}",
        enterprise="E1",
        installation="H1",
        unit="U1",
        tag=tag,
        quantity="combustible_gas",
        engineering_unit="%LEL",
        range_low=low,
        range_high=high,
        **more,
    )


POINTS = (
    point("VALUE"),
    point("LOOP", -20.0, 60.0, signal="4-20mA"),
    point("BEAD", latches_over_range=True),
    point("BEADLOOP", signal="4-20mA", latches_over_range=True),
    point("OUT", in_use=False, out_of_service=OutOfService(reason="r", person="p", since="s")),
)
VALUE, LOOP, BEAD, BEADLOOP, OUT = range(5)


class Table:
    """The kernel's columns of the points above."""

    def __init__(self, plain: bool = False) -> None:
        self.instruments = make_instruments(POINTS, range(len(POINTS)), len(POINTS))
        self.latest = make_latest(len(POINTS))
        self._settle = plain_settle if plain else settle

    def settle(self, samples: Samples, now: int = NOW, *, raw: bool = True) -> tuple[list[bool], int, int]:
        """(live, late, future); `samples` is settled in place."""
        live = np.zeros(len(samples.point), np.bool_)
        late, future = self._settle(samples, now, TOLERANCE, raw, self.instruments, self.latest, live)
        return live.tolist(), late, future

    def one(
        self, row: int, value: float, time: int, said: int = 0, now: int = NOW
    ) -> tuple[float, Quality, int]:
        """(value, quality, source_time) of one sample."""
        samples = columns([row], [time], [value], [said])
        self.settle(samples, now)
        return float(samples.value[0]), Quality(int(samples.quality[0])), int(samples.source_time[0])

    def state(self) -> list[list[object]]:
        return [[repr(x) for x in column.tolist()] for column in self.latest]


# NAMUR NE 43: at or below 3.6 and at or above 21.0 mA a fault, 3.8 to 20.5 mA a measurement.
@pytest.mark.parametrize(
    ("current", "value", "quality"),
    [
        (0.0, -40.0, Quality.BAD_SIGNAL_LOW),
        (3.6, -22.0, Quality.BAD_SIGNAL_LOW),
        (3.61, -21.95, Quality.UNCERTAIN_UNDER_RANGE),
        (3.79, -21.05, Quality.UNCERTAIN_UNDER_RANGE),
        (3.8, -21.0, Quality.GOOD),
        (4.0, -20.0, Quality.GOOD),
        (12.0, 20.0, Quality.GOOD),
        (20.0, 60.0, Quality.GOOD),
        (20.5, 62.5, Quality.GOOD),
        (20.51, 62.55, Quality.UNCERTAIN_OVER_RANGE),
        (20.99, 64.95, Quality.UNCERTAIN_OVER_RANGE),
        (21.0, 65.0, Quality.BAD_SIGNAL_HIGH),
        (25.0, 85.0, Quality.BAD_SIGNAL_HIGH),
    ],
)
def test_loop_current_is_scaled_and_judged_after_ne_43(current, value, quality):
    found = Table().one(LOOP, current, NOW)
    assert found[0] == pytest.approx(value)
    assert found[1] == quality


@pytest.mark.parametrize(
    ("value", "quality"),
    [
        (-1.26, Quality.UNCERTAIN_UNDER_RANGE),
        (-1.25, Quality.GOOD),
        (0.0, Quality.GOOD),
        (100.0, Quality.GOOD),
        (103.125, Quality.GOOD),
        (103.13, Quality.UNCERTAIN_OVER_RANGE),
        (math.nan, Quality.BAD_CONFIGURATION_ERROR),
    ],
)
def test_value_beyond_the_range_by_the_same_shares_is_uncertain(value, quality):
    assert Table().one(VALUE, value, NOW)[1] == quality


@pytest.mark.parametrize("said", [Quality.UNCERTAIN, Quality.UNCERTAIN_SENSOR_NOT_ACCURATE])
def test_over_range_is_seen_although_the_device_is_uncertain_of_something_else(said):
    assert Table().one(VALUE, 150.0, NOW, said)[1] == Quality.UNCERTAIN_OVER_RANGE
    table = Table()
    table.one(BEAD, 150.0, NOW, said)
    assert table.one(BEAD, 1.0, NOW + S)[1] == Quality.UNCERTAIN_OVER_RANGE_LOCKED


def test_what_a_device_says_of_its_own_fault_stays():
    assert Table().one(LOOP, 3.0, NOW, Quality.BAD_CHECK_FUNCTION)[1] == Quality.BAD_CHECK_FUNCTION
    assert Table().one(VALUE, math.nan, NOW, Quality.BAD_SENSOR_FAILURE)[1] == Quality.BAD_SENSOR_FAILURE


def test_point_out_of_service_is_bad_but_keeps_its_value():
    assert Table().one(OUT, 50.0, NOW)[:2] == (50.0, Quality.BAD_OUT_OF_SERVICE)


@pytest.mark.parametrize(
    ("row", "high", "low"), [(BEAD, 110.0, 5.0), (BEADLOOP, 20.7, 5.0), (BEADLOOP, 21.0, 5.0)]
)
def test_catalytic_detector_stays_locked_until_it_is_checked(row, high, low):
    table = Table()
    assert table.one(row, low, NOW)[1] == Quality.GOOD
    table.one(row, high, NOW + S)
    for i in range(2, 5):
        assert table.one(row, low, NOW + i * S)[1] == Quality.UNCERTAIN_OVER_RANGE_LOCKED
    assert not CLEARS[Quality.UNCERTAIN_OVER_RANGE_LOCKED]
    assert table.one(row, low, NOW + 5 * S, Quality.BAD_CHECK_FUNCTION)[1] == Quality.BAD_CHECK_FUNCTION
    assert table.one(row, low, NOW + 6 * S, now=NOW + 6 * S)[1] == Quality.GOOD


def test_other_detectors_do_not_lock():
    table = Table()
    table.one(VALUE, 110.0, NOW)
    assert table.one(VALUE, 5.0, NOW + S)[1] == Quality.GOOD


def test_late_sample_neither_locks_nor_unlocks():
    table = Table()
    table.one(BEAD, 5.0, NOW, Quality.BAD_CHECK_FUNCTION)
    table.one(BEAD, 110.0, NOW + S)
    table.one(BEAD, 5.0, NOW, Quality.BAD_CHECK_FUNCTION)  # the same message again
    assert table.one(BEAD, 5.0, NOW + 2 * S)[1] == Quality.UNCERTAIN_OVER_RANGE_LOCKED
    table.one(BEAD, 5.0, NOW + 3 * S, Quality.BAD_CHECK_FUNCTION)
    table.one(BEAD, 110.0, NOW + S)
    assert table.one(BEAD, 5.0, NOW + 4 * S)[1] == Quality.GOOD


def test_late_sample_keeps_the_quality_it_had():
    table = Table()
    table.one(BEAD, 5.0, NOW)
    table.one(BEAD, 110.0, NOW + S)
    assert table.one(BEAD, 5.0, NOW)[1] == Quality.GOOD


def test_missing_stamp_becomes_the_received_time_and_never_stands_still():
    table = Table()
    assert table.one(VALUE, 1.0, MISSING_TIME)[2] == NOW
    assert table.one(VALUE, 2.0, MISSING_TIME)[2] == NOW + 1
    assert table.one(VALUE, 3.0, NOW + 3 * S)[2] == NOW + 3 * S
    assert table.one(VALUE, 4.0, MISSING_TIME, now=NOW + S)[2] == NOW + 3 * S + 1


@pytest.mark.parametrize(
    ("ahead", "taken", "quality"),
    [
        (0, 0, Quality.GOOD),
        (TOLERANCE, TOLERANCE, Quality.GOOD),
        (TOLERANCE + 1, 0, Quality.UNCERTAIN_TIMESTAMP),
        (3600 * S, 0, Quality.UNCERTAIN_TIMESTAMP),
    ],
)
def test_stamp_of_the_future_is_judged_at_the_received_time(ahead, taken, quality):
    table = Table()
    samples = columns([VALUE], [NOW + ahead], [1.0], [0])
    assert table.settle(samples) == ([True], 0, int(quality == Quality.UNCERTAIN_TIMESTAMP))
    assert (samples.source_time[0], samples.quality[0]) == (NOW + taken, quality)
    assert CLEARS[quality], "a wrong clock does not keep an alarm alive"


def test_future_stamps_of_one_batch_are_all_live():
    table = Table()
    samples = columns([VALUE] * 3, [NOW + 3600 * S] * 3, [1.0, 2.0, 3.0], [0] * 3)
    assert table.settle(samples)[0] == [True] * 3
    assert samples.source_time.tolist() == [NOW, NOW + 1, NOW + 2]


def test_late_and_equal_stamps_are_not_live_and_change_nothing():
    table = Table()
    table.one(VALUE, 1.0, NOW)
    before = table.state()
    samples = columns([VALUE, VALUE], [NOW, NOW - S], [99.0, 98.0], [0, 0])
    assert table.settle(samples) == ([False, False], 2, 0)
    assert table.state() == before
    assert samples.value.tolist() == [99.0, 98.0], "history still gets them"


values = st.sampled_from(
    [-1.26, 0.0, 3.6, 3.7, 3.8, 12.0, 20.5, 20.6, 21.0, 103.2, 110.0, math.nan]
) | st.floats(-200, 200)
stamps = st.sampled_from([MISSING_TIME, 0, 1, 2, S, -S, TOLERANCE, TOLERANCE + 1, 100 * S]).map(
    lambda offset: offset if offset == MISSING_TIME else NOW + offset
)
rows = st.tuples(st.integers(0, len(POINTS) - 1), stamps, values, st.sampled_from([0, 0, 0, *NAMES.values()]))
batches = st.lists(st.tuples(st.lists(rows, max_size=8), st.integers(0, 3)), max_size=6)


def times_of(given_batches: Sequence[tuple[list, int]]) -> list[int]:
    """Received times, never falling."""
    now, found = NOW, []
    for _, step in given_batches:
        now += step * S
        found.append(now)
    return found


@settings(max_examples=100, deadline=None)
@given(batches, st.booleans())
def test_settle_agrees_with_obvious_twin(given_batches, plain):
    table, twins = Table(plain), [Instrument(point) for point in POINTS]
    for (batch, _), now in zip(given_batches, times_of(given_batches), strict=True):
        samples = columns(*(zip(*batch, strict=True) if batch else ([], [], [], [])))
        expected = [twins[row].settle(time, value, said, now, TOLERANCE) for row, time, value, said in batch]
        live, late, future = table.settle(samples, now)
        assert live == [e[3] for e in expected]
        assert late == len(live) - sum(live)
        assert future == sum(time != MISSING_TIME and time > now + TOLERANCE for _, time, _, _ in batch)
        found = zip(
            samples.source_time.tolist(), samples.value.tolist(), samples.quality.tolist(), strict=True
        )
        assert [tuple(map(repr, f)) for f in found] == [
            (repr(t), repr(v), repr(int(q))) for t, v, q, _ in expected
        ]
    assert table.state() == [
        [repr(x) for x in column]
        for column in (
            [twin.newest for twin in twins],
            [twin.received for twin in twins],
            [twin.value for twin in twins],
            [int(twin.quality) for twin in twins],
            [twin.locked for twin in twins],
        )
    ]


@settings(max_examples=100, deadline=None)
@given(batches)
def test_replay_of_what_was_settled_rebuilds_the_same_state(given_batches):
    table, replayed = Table(), Table()
    for (batch, _), now in zip(given_batches, times_of(given_batches), strict=True):
        samples = columns(*(zip(*batch, strict=True) if batch else ([], [], [], [])))
        live, late, _ = table.settle(samples, now)
        journalled = Samples(*(column.copy() for column in samples))
        again, late_again, future = replayed.settle(journalled, now, raw=False)
        assert (again, late_again, future) == (live, late, 0)
        assert [column.tobytes() for column in journalled] == [column.tobytes() for column in samples]
        assert replayed.state() == table.state()


@settings(max_examples=100, deadline=None)
@given(batches, st.integers(0, 20))
def test_settling_a_batch_in_two_parts_changes_nothing(given_batches, cut):
    whole, parts = Table(), Table()
    for (batch, _), now in zip(given_batches, times_of(given_batches), strict=True):
        left = columns(*(zip(*batch, strict=True) if batch else ([], [], [], [])))
        right = Samples(*(column.copy() for column in left))
        whole.settle(left, now)
        for part in (slice(None, cut), slice(cut, None)):
            parts.settle(Samples(*(column[part] for column in right)), now)
        assert [column.tobytes() for column in left] == [column.tobytes() for column in right]
        assert whole.state() == parts.state()


def test_no_bad_quality_is_ever_made_better():
    for said in (q for q in NAMES.values() if q >= FIRST_BAD):
        for row in range(len(POINTS)):
            for value in (5.0, 12.0, 110.0, math.nan):
                assert Table().one(row, value, NOW, said)[1] >= FIRST_BAD
