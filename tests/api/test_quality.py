"""Figures of alarm quality against counting by hand, and against slow twins."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.alarms.quality.annunciations import NEVER, SECOND_NS, Annunciation, columns_of
from api.alarms.quality.answers import acknowledgement_p95, returned_before_answer, rubber_stamped
from api.alarms.quality.bad_actors import bad_actors
from api.alarms.quality.chattering import chatterers, fleeting
from api.alarms.quality.first_out import bursts
from api.alarms.quality.flood import Flood, end_of_flood, flooded_ns, floods, starts_flood
from api.alarms.quality.performance import Observed, performance
from api.alarms.quality.rate import rate
from api.alarms.quality.standing import Episodes, most_stale, stale_at, standing_at
from api.alarms.quality.targets import load_targets

T0 = 1_750_000_000 * SECOND_NS
HOUR = 3600


def told(at: float, *, point: str = "P1", lasts: float | None = None, acked: float | None = None, **more):
    """An annunciation `at` seconds; it lasts and is answered after so many seconds."""
    time = T0 + int(at * SECOND_NS)
    fields = {
        "time": time,
        "enterprise": "E001",
        "installation": "H01",
        "unit": "TK101",
        "point": point,
        "rule": f"{point}.HH",
        "priority": 2,
        "onset": time,
        "returned_time": None if lasts is None else time + int(lasts * SECOND_NS),
        "returned_at": None if lasts is None else time + int(lasts * SECOND_NS),
        "acknowledged_time": None if acked is None else time + int(acked * SECOND_NS),
        "acknowledged_by": None if acked is None else "张伟",
    }
    return Annunciation(**(fields | more))


def seconds(*at: float) -> np.ndarray:
    return np.array([T0 + int(each * SECOND_NS) for each in at], dtype=np.int64)


def at(s: float) -> int:
    return T0 + int(s * SECOND_NS)


def test_flood_starts_with_the_eleventh_in_ten_minutes_and_ends_when_four_are_left() -> None:
    times = seconds(*range(0, 110, 10))  # eleven, 10 s apart
    assert floods(times[:10], at(HOUR)) == []
    assert floods(times, at(HOUR)) == [Flood(at(100), at(60 + 600))]


def test_flood_that_has_not_ended_has_no_end() -> None:
    times = seconds(*range(0, 110, 10))
    assert floods(times, at(600)) == [Flood(at(100), None)]


def test_annunciation_leaves_the_window_after_exactly_ten_minutes() -> None:
    times = seconds(0, *range(510, 591, 10), 600)  # at 600 s the first is ten minutes old
    assert floods(times, at(650)) == []
    assert floods(seconds(0.001, *range(510, 591, 10), 600), at(650)) == [Flood(at(600), None)]


def _slow_floods(times: list[int], until: int) -> list[Flood]:
    """Every moment looked at by itself."""
    found, started = [], None
    for moment in sorted({*times, *(t + 600 * SECOND_NS for t in times)}):
        if moment > until:
            break
        present = sum(moment - 600 * SECOND_NS < t <= moment for t in times)
        if started is None and present > 10:
            started = moment
        elif started is not None and present < 5:
            found.append(Flood(started, moment))
            started = None
    return [*found, Flood(started, None)] if started is not None else found


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=80), st.integers(0, 4000))
def test_floods_are_those_of_the_slow_twin(moments: list[int], wait: int) -> None:
    times = sorted(at(each) for each in moments)
    until = (times[-1] if times else T0) + wait * SECOND_NS
    assert floods(np.array(times, dtype=np.int64), until) == _slow_floods(times, until)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 2000), min_size=11, max_size=60))
def test_flood_kept_step_by_step_is_the_one_computed_afterwards(moments: list[int]) -> None:
    """What the service does with each annunciation and its timer."""
    times, found, started = sorted(at(each) for each in moments), [], None
    for place, time in enumerate(times):
        if place + 1 < len(times) and times[place + 1] == time:
            continue  # told in one transaction
        newest = times[place::-1]
        if started is not None and (ends := end_of_flood(times[:place][::-1][:5])) <= time:
            recent_then = sum(t > ends - 600 * SECOND_NS for t in times[: place + 1])
            if ends < time or recent_then < 5:
                found.append(Flood(started, ends))
                started = None
        recent = sum(t > time - 600 * SECOND_NS for t in newest[:11])
        if started is None and starts_flood(recent):
            started = time
    until = times[-1]
    expected = floods(np.array(times, dtype=np.int64), until)
    assert [each.started for each in found] == [each.started for each in expected if each.ended]


def test_flooded_time_is_that_within_the_window() -> None:
    found = [Flood(at(-50), at(50)), Flood(at(100), at(200)), Flood(at(900), None)]
    assert flooded_ns(found, at(0), at(1000)) == 250 * SECOND_NS


def test_rule_that_comes_and_goes_three_times_in_five_minutes_chatters() -> None:
    rows = [told(each, lasts=5) for each in (0, 60, 120)]  # six transitions
    (found,) = chatterers(columns_of(rows), at(HOUR))
    assert found.transitions == 6
    assert chatterers(columns_of(rows[:2]), at(HOUR)) == []
    spread = [told(each, lasts=5) for each in (0, 160, 320)]
    assert chatterers(columns_of(spread), at(HOUR)) == []


def test_other_rules_do_not_add_to_chattering() -> None:
    rows = [told(each * 20, point=f"P{each}", lasts=5) for each in range(10)]
    assert chatterers(columns_of(rows), at(HOUR)) == []


def test_alarm_that_asks_again_does_not_chatter() -> None:
    rows = [told(each * 30, onset=at(0)) for each in range(8)]
    assert chatterers(columns_of(rows), at(HOUR)) == []


def test_fleeting_is_over_in_ten_seconds_and_does_not_come_again_in_sixty() -> None:
    rows = [told(0, lasts=9), told(200, lasts=11), told(400, lasts=3), told(420, lasts=3), told(900)]
    assert fleeting(columns_of(rows)).tolist() == [True, False, False, True, False]
    other = [told(0, lasts=9), told(20, point="P2")]
    assert fleeting(columns_of(other)).tolist() == [True, False]


def _episodes(*spans: tuple[float, float | None]) -> Episodes:
    ends = [NEVER if end is None else at(end) for _, end in spans]
    return Episodes(seconds(*(start for start, _ in spans)), np.array(ends, dtype=np.int64))


def test_stale_is_active_for_more_than_a_day() -> None:
    day = 24 * HOUR
    episodes = _episodes((0, None), (0, day), (HOUR, None))
    assert standing_at(episodes, at(HOUR)) == 3
    assert stale_at(episodes, at(day)) == 0
    assert stale_at(episodes, at(day + 1)) == 1
    assert stale_at(episodes, at(day + HOUR + 1)) == 2
    assert most_stale(episodes, at(0), at(2 * day)) == 2
    assert most_stale(episodes, at(0), at(day)) == 0
    assert most_stale(_episodes((0, day + 10), (30, day + 40)), at(0), at(3 * day)) == 1


def test_bad_actors_are_the_most_frequent_first() -> None:
    rows = [told(each, point="P2") for each in range(3)] + [told(10), told(11, point="P0")]
    found = bad_actors(columns_of(rows), top=2)
    assert [(actor.point, actor.annunciations) for actor in found] == [("P2", 3), ("P0", 1)]


def test_first_out_names_what_began_first_and_groups_the_rest_by_unit() -> None:
    rows = [
        told(3, point="P2", unit="TK102"),
        told(0, point="P1"),
        told(20, point="G1", unit="A1", second_level_gas=True),
        told(70, point="P3", unit="TK102"),
        told(500, point="P4"),
        told(10, point="Q1", installation="H02"),
    ]
    (burst,) = bursts(rows)
    assert (burst.first.point, burst.annunciations) == ("P1", 4)
    assert [row.point for row in burst.second_level] == ["G1"]
    assert [(group.unit, group.points) for group in burst.groups] == [
        ("TK101", ("P1",)),
        ("TK102", ("P2", "P3")),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("ABC"), st.booleans()), max_size=40))
def test_every_annunciation_is_in_one_burst_and_gas_of_the_second_level_in_no_group(rows) -> None:
    given_rows = [told(s, installation=place, second_level_gas=gas) for s, place, gas in rows]
    found = bursts(given_rows, at_least=1)
    assert sum(burst.annunciations for burst in found) == len(given_rows)
    assert sum(len(burst.second_level) for burst in found) == sum(gas for *_, gas in rows)
    grouped = sum(group.annunciations for burst in found for group in burst.groups)
    assert grouped == sum(not gas for *_, gas in rows)
    for burst, other in pairwise(sorted(found, key=lambda b: (b.installation, b.started))):
        if burst.installation == other.installation:
            assert other.started - burst.ended > 60 * SECOND_NS


def test_p95_is_a_time_that_somebody_took_and_shows_of_how_many() -> None:
    rows = [told(each, acked=each + 1) for each in range(20)] + [told(50), told(51, priority=4, acked=1)]
    found = acknowledgement_p95(columns_of(rows), 2)
    assert found == (19.0, 20, 21)
    assert acknowledgement_p95(columns_of(rows), 3) == (None, 0, 0)


def test_returned_before_answer_counts_what_was_over_first() -> None:
    rows = [told(0, lasts=5, acked=9), told(1, lasts=9, acked=5), told(2, lasts=5), told(3), told(4, acked=2)]
    assert returned_before_answer(columns_of(rows)) == (2, 4)


def test_six_acknowledgements_in_ten_seconds_are_rubber_stamped() -> None:
    six = [told(each, acked=100 + each) for each in range(6)]
    assert rubber_stamped(columns_of(six)) == (6, 6)
    assert rubber_stamped(columns_of(six[:5])) == (0, 5)
    by_two = [row._replace(acknowledged_by="李娜" if n % 2 else "张伟") for n, row in enumerate(six)]
    assert rubber_stamped(columns_of(by_two)) == (0, 6)
    assert rubber_stamped(columns_of([told(0, acked=1.9), told(5, acked=2.1)])) == (1, 2)


def test_rate_counts_slots_of_ten_minutes() -> None:
    found = rate(seconds(*range(0, 60, 5), 700), at(0), at(HOUR))
    assert (found.annunciations, found.slots, found.busiest, found.busy_slots) == (13, 6.0, 12, 1)
    assert found.per_slot == pytest.approx(13 / 6)


def _figures(rows, *, hours: float = 1, found=(), episodes=None) -> dict:
    seen = Observed(columns_of(rows), episodes or _episodes(), list(found))
    result = performance("E001", at(0), at(hours * HOUR), seen, load_targets())
    return {figure.name: figure for figure in result.figures}


def test_figures_show_numerator_denominator_target_and_source() -> None:
    figures = _figures(
        [told(each, priority=1 + (each > 15)) for each in range(20)], found=[Flood(at(0), at(36))]
    )
    assert set(figures) == set(load_targets().targets)
    assert figures["mean_rate"][1:4] == (pytest.approx(20 / 6), 20, 6.0)
    assert figures["mean_rate"].verdict == "bad"
    assert figures["flood"].value == pytest.approx(0.01)
    assert figures["flood"].verdict == "good"
    assert figures["priority_low"].value == pytest.approx(0.8)
    assert figures["top_ten"].value == 1.0
    assert all("not a regulation" in figure.source or "EEMUA" in figure.source for figure in figures.values())


def test_figures_of_a_quiet_desk_flatter_nobody() -> None:
    figures = _figures([])
    assert figures["mean_rate"].value == 0
    assert figures["top_ten"].value is None
    assert figures["ack_p95_critical"][1:4] == (None, 0, 0)
    assert figures["returned_before_answer"].verdict == "none"


def test_targets_of_a_site_are_checked_and_named(tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text("sources: {x: y}\ntargets: {mean_rate: {unit: u, better: lower, good: 1, source: z}}\n")
    with pytest.raises(ValueError, match=r"targets\.yaml.*not under sources"):
        load_targets(file)
    file.write_text("sources: {z: y}\ntargets: {mean_rate: {unit: u, better: lower, good: 1, source: z}}\n")
    with pytest.raises(ValueError, match="missing or unknown: ack_p95_critical"):
        load_targets(file)
