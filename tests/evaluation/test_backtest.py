"""A back-test over a history that the real store wrote: what came, went, moved, and what proves nothing."""

import json
from pathlib import Path

import pytest

from alarm_rules.load import load_changed_site, load_site
from evaluation.backtest import Backtest, backtest, warm_up_s
from evaluation.history_reading import Range, history_in, read_range
from evaluation.truth_changes import Event, read_events
from gateway.recording import RecordingInvalid, read_offset
from gateway.settings import GatewaySettings
from tests.evaluation.histories import DAY, HOUR, LEVEL, SECOND, SILENT, T0, write_history, write_site

SPAN = Range(T0 + HOUR, T0 + 2 * DAY)
CALMER = "override:\n  LT1.H: {when: {deadband: 0.2}, off_delay_s: 60}\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def gappy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("gappy"), gap_h=(12, 36))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site")


def result_of(data: Path, site: Path, change: str, span: Range = SPAN, **more: object) -> Backtest:
    new = site.parent / "new.yaml"
    new.write_text(change)
    with history_in(data, GatewaySettings()) as history:
        return backtest(history, load_site(site), load_changed_site(site, new), span, **more).result  # type: ignore[arg-type]


def test_same_rules_give_the_same_alarms(data: Path, site: Path) -> None:
    found = result_of(data, site, "override:\n  LT1.H: {off_delay_s: 0}\n")
    assert found.rule_changes == []
    assert (found.gained, found.lost, found.shifted) == ([], [], [])
    assert found.totals.unchanged == found.totals.before == found.totals.after > 10


def test_calmer_rule_merges_the_chatter_and_loses_no_alarm_of_its_own(data: Path, site: Path) -> None:
    found = result_of(data, site, CALMER)
    assert {change.field for change in found.rule_changes} == {"off_delay_s", "when.deadband"}
    assert found.totals.before > 20
    assert found.totals.after == 4
    assert (found.totals.gained, found.totals.lost_apart) == (0, 0)
    assert all(each.within_other and each.rule == "E1/LT1.H" for each in found.lost)
    assert [each.begins_later_s for each in found.shifted] == [0.0] * 4
    evenings = [each for each in found.shifted if (each.began_before - T0) % DAY >= 18 * HOUR]
    assert [each.lasts_longer_s for each in evenings] == [60.0, 60.0]
    assert found.per_day.before == pytest.approx(
        found.totals.before / found.evidence.days_with_data, rel=1e-3
    )
    assert found.by_priority["HIGH"].after == 4


def test_higher_setpoint_loses_alarms_and_a_lower_one_gains_them(data: Path, site: Path) -> None:
    higher = result_of(data, site, "override:\n  LT1.H: {when: {setpoint: 10.9}}\n")
    assert higher.totals.after == 0
    assert higher.totals.lost_apart == higher.totals.lost == higher.totals.before
    lower = result_of(data, site, "override:\n  LT1.HH: {when: {setpoint: 10.4}}\n")
    assert {each.rule for each in lower.gained} == {"E1/LT1.HH"}
    assert lower.totals.gained_apart == lower.by_priority["CRITICAL"].after == 2
    assert lower.lost == []


def test_on_delay_shifts_the_beginning_by_itself(data: Path, site: Path) -> None:
    found = result_of(data, site, "override:\n  LT1.H: {on_delay_s: 45, when: {deadband: 0.2}}\n")
    evenings = [each for each in found.shifted if (each.began_before - T0) % DAY == 18 * HOUR]
    assert [each.begins_later_s for each in evenings] == [45.0, 45.0]


def test_rule_without_data_proves_nothing_and_is_named(data: Path, site: Path) -> None:
    found = result_of(data, site, CALMER)
    assert found.rules_without_data == ["E1/PT1.H"]
    assert found.evidence.points_without_data == [SILENT]
    assert (found.evidence.points, found.evidence.points_with_data) == (3, 2)


def test_gap_in_history_is_reported_and_its_days_do_not_count(gappy: Path, site: Path) -> None:
    found = result_of(gappy, site, CALMER, Range(T0, T0 + 2 * DAY))
    assert [gap.hours for gap in found.evidence.gaps] == [pytest.approx(24, abs=0.01)]
    assert found.evidence.days_with_data == pytest.approx(1, abs=0.001)
    assert found.per_day.after == pytest.approx(found.totals.after / 1, rel=0.01)


def test_silence_of_one_point_is_its_stale_alarm_and_a_gap_of_all_is_not(
    gappy: Path, data: Path, site: Path
) -> None:
    stale = "rules:\n  - {id: LT1.STALE, point: LT1, when: {detector: stale, timeout_s: 60}}\n"
    silent = stale.replace("LT1", "PT1")
    assert result_of(gappy, site, stale, Range(T0, T0 + 2 * DAY)).gained == []
    (told,) = result_of(data, site, silent, Range(T0, T0 + 2 * DAY)).gained
    assert (told.rule, told.ended) == ("E1/PT1.STALE", None)


def test_alarm_that_began_in_the_warm_up_is_not_counted(data: Path, site: Path) -> None:
    inside = Range(T0 + 18 * HOUR + 600 * SECOND, T0 + 19 * HOUR)
    found = result_of(data, site, "override:\n  LT1.H: {off_delay_s: 5}\n", inside)
    assert found.totals.before == 0
    assert found.warm_up_heard_s == pytest.approx(found.warm_up_s, abs=20)


def test_warm_up_is_three_times_the_longest_memory_of_any_rule(site: Path) -> None:
    assert warm_up_s([load_site(site)]) == 3600
    long = (site / "rules.yaml").read_text() + (
        "  - {id: LT1.RISING, point: LT1, when: {detector: rate_of_change, direction: rising, rate: 1,"
        " window_s: 7200}}\n"
    )
    (site / "rules.yaml").write_text(long)
    assert warm_up_s([load_site(site)]) >= 3 * 7200


def test_truth_tells_which_events_are_missed_now(data: Path, site: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    lines = [
        {"event": "overfill", "start_ns": T0 + 18 * HOUR - 60 * SECOND, "end_ns": T0 + 19 * HOUR,
         "expected_points": [LEVEL], "unit": "U1"},
        {"event": "elsewhere", "start_ns": T0 + 30 * DAY, "end_ns": None},
    ]  # fmt: skip
    truth.write_text("".join(json.dumps(line) + "\n" for line in lines))
    blind = "override:\n  LT1.H: {when: {setpoint: 10.9}}\n"
    found = result_of(data, site, blind, truth=read_events(truth)).truth
    assert found is not None
    assert (found.events, found.seen_before, found.seen_after) == (1, 1, 0)
    assert found.newly_missed == ["overfill"]
    assert found.changed[0].delay_before_s == 60.0


def test_truth_file_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"event": "a", "start_ns": 1, "end_ns": 2}\n{"event": "b"}\n')
    with pytest.raises(RecordingInvalid, match=r"t\.jsonl:2"):
        read_events(tmp_path / "t.jsonl")
    (tmp_path / "t.csv").write_text("event,start,end\nx,2026-10-01,2026-10-02\n")
    assert read_events(tmp_path / "t.csv") == [
        Event(event="x", start_ns=1_790_812_800 * SECOND, end_ns=1_790_899_200 * SECOND)
    ]


def test_only_some_points_are_judged_where_that_is_asked(data: Path, site: Path) -> None:
    found = result_of(data, site, CALMER, points=["E1/GT1"])
    assert (found.evidence.points, found.totals.before) == (1, 0)
    assert found.rule_changes == []


def test_range_without_a_sample_is_refused(data: Path, site: Path) -> None:
    with pytest.raises(ValueError, match="no sample"):
        result_of(data, site, CALMER, Range(T0 - 3 * DAY, T0 - 2 * DAY))


def test_folder_without_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no history"), history_in(tmp_path, GatewaySettings()):
        pass


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-10-01..2026-11-01", 1_790_812_800, 1_793_491_200),
        ("2026-10-01T08:00+08:00 .. 2026-10-01T00:00:30Z", 1_790_812_800, 1_790_812_830),
        ("now-30d..now", 2_000_000_000 - 30 * 86_400, 2_000_000_000),
        ("now - 1.5h..now-1h", 2_000_000_000 - 5400, 2_000_000_000 - 3600),
    ],
)
def test_range_is_read_as_it_is_written(text: str, first: int, last: int) -> None:
    assert read_range(text, 2_000_000_000 * SECOND) == (first * SECOND, last * SECOND)


def test_range_without_an_offset_is_in_the_zone() -> None:
    found = read_range("2026-10-01..2026-10-02", 0, read_offset("+08:00"))
    assert found.start == (1_790_812_800 - 8 * 3600) * SECOND


@pytest.mark.parametrize("text", ["2026-10-01", "2026-10-02..2026-10-01", "then..now", "now+1d..now", ".."])
def test_range_that_is_none_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|earlier"):
        read_range(text, 2_000_000_000 * SECOND)
