"""What happens when: samples and deadlines in, condition changes out, on a given clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alarm_rules.model import Site
from alarm_rules.reset import ResetAnswer
from gateway.journal_reader import JournalReader
from gateway.pipeline import Limits
from gateway.samples import NO_SAMPLES, Arrival, Event, Quarantined
from tests.gateway.plant import POINTS, RULES, T0, Inner, Sample, at, make_site, told

OFFLINE = "E001/system/device_offline"
DEVICE = "E001/GW1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def gateway(site: Site, tmp_path: Path) -> Iterator[Inner]:
    gateway = Inner(site, tmp_path)
    yield gateway
    gateway.close()


def test_sample_over_limit_begins_and_under_deadband_ends(gateway: Inner) -> None:
    assert told(gateway.judge(1, Sample("LT1", 1, 9.9))) == []
    (begun,) = gateway.judge(2, Sample("LT1", 2, 10.0))
    assert (begun.sequence, begun.onset, begun.value, begun.cause) == (1, at(2), 10.0, "sample")
    assert told(gateway.judge(3, Sample("LT1", 3, 9.7))) == []
    (ended,) = gateway.judge(4, Sample("LT1", 4, 9.4))
    assert (ended.sequence, ended.onset, ended.source_time, ended.active) == (2, at(2), at(4), False)


def test_deadline_fires_without_samples(gateway: Inner) -> None:
    gateway.judge(1, Sample("LT1", 1, 5.0), Sample("PT1", 1, 20.0))
    assert gateway.pipeline.engine.next_deadline() <= at(16)
    found = gateway.judge(50)
    assert told(found) == ["PT1.STALE on 18", "LT1.STALE on 31"]
    assert [change.cause for change in found] == ["timer", "timer"]
    assert {change.value for change in found} == {None}


def test_on_delay_passed_within_a_burst_is_caused_by_time(gateway: Inner) -> None:
    """Stored samples that come all at once raise what they would have raised live, cause included."""
    gateway.judge(14, Sample("PT1", 0, 50.0))
    burst = [Sample("PT1", second, 90.0 if 2 <= second < 8 else 50.0) for second in range(1, 20)]
    (begun,) = gateway.judge(20, *burst)
    (ended,) = gateway.judge(27)
    assert told([begun, ended]) == ["PT1.H on 7", "PT1.H off 15"]
    assert (begun.cause, begun.onset, begun.value) == ("timer", at(2), 90.0)
    assert (ended.cause, ended.onset) == ("timer", at(2))


def test_late_sample_is_kept_and_neither_raises_nor_ends(gateway: Inner) -> None:
    gateway.judge(5, Sample("LT1", 5, 10.5))
    assert gateway.judge(6, Sample("LT1", 4, 5.0), Sample("LT1", 5, 5.0), Sample("LT1", 3, 11.5)) == []
    assert gateway.active() == {"LT1.H"}
    reader = JournalReader(gateway.path)
    _, samples = reader.samples_after(0, 100)
    reader.close()
    assert list(samples.value) == [10.5, 5.0, 5.0, 11.5]


def test_bad_sample_reports_the_instrument_and_ends_nothing(gateway: Inner) -> None:
    gateway.judge(1, Sample("PT1", 1, 90.0))
    assert told(gateway.judge(6)) == ["PT1.H on 6"]
    found = gateway.judge(7, Sample("PT1", 7, 10.0, "bad_sensor_failure"))
    assert told(found) == ["PT1.FAULT on 7"]
    assert gateway.active() == {"PT1.H", "PT1.FAULT"}


def test_latched_condition_ends_by_reset_alone(gateway: Inner) -> None:
    gateway.judge(1, Sample("LT1", 1, 11.5))
    latched = gateway.judge(2, Sample("LT1", 2, 5.0))[-1]
    assert (latched.active, latched.cause, latched.onset, latched.value) == (True, "latched", at(1), 5.0)
    assert told(gateway.judge(3, Sample("LT1", 3, 11.6))) == ["LT1.H on 3", "LT1.HH on 3"]
    assert told(gateway.judge(4, Sample("LT1", 4, 5.0))) == ["LT1.H off 4", "LT1.HH latched 4"]
    assert gateway.active() == {"LT1.HH"}
    gateway.pipeline.reset(["E001/LT1.HH"])
    work = gateway.pipeline._next_work()
    (ended,) = gateway.pipeline._process(work).changes
    assert (ended.rule, ended.cause, ended.active, ended.onset) == ("E001/LT1.HH", "reset", False, at(1))
    assert gateway.active() == set()


def test_reset_of_a_condition_that_holds_is_refused(gateway: Inner) -> None:
    gateway.judge(1, Sample("LT1", 1, 11.5))
    gateway.pipeline.reset(["E001/LT1.HH", "E001/NO.SUCH", "E001/PT1.H"])
    outcome = gateway.pipeline._process(gateway.pipeline._next_work())
    assert outcome.changes == []
    assert outcome.judgement.resets == ResetAnswer(
        still_true=("E001/LT1.HH",), over=("E001/PT1.H",), unknown=("E001/NO.SUCH",)
    )
    assert "LT1.HH" in gateway.active()


def test_unchanged_event_is_not_repeated(gateway: Inner) -> None:
    pipeline = gateway.pipeline
    offline = Event(OFFLINE, DEVICE, True, "gone")
    (begun,) = pipeline.process_now([Arrival(NO_SAMPLES, events=(offline, offline))], at(1))
    assert (begun.cause, begun.text, begun.onset) == ("event", "gone", at(1))
    position = gateway.journal.position
    assert pipeline.process_now([Arrival(NO_SAMPLES, events=(offline,))], at(2)) == []
    assert gateway.journal.position == position, "nothing new is nothing to commit"
    (ended,) = pipeline.process_now([Arrival(NO_SAMPLES, events=(Event(OFFLINE, DEVICE, False),))], at(3))
    assert (ended.onset, ended.active) == (at(1), False)
    assert pipeline.process_now([Arrival(NO_SAMPLES, events=(Event(OFFLINE, DEVICE, False),))], at(4)) == []


def test_device_that_flaps_within_one_batch_has_an_episode_for_each(gateway: Inner) -> None:
    flap = tuple(Event(OFFLINE, DEVICE, active) for active in (True, False, True, False))
    changes = gateway.pipeline.process_now([Arrival(NO_SAMPLES, events=flap)], at(1))
    assert [change.active for change in changes] == [True, False, True, False]
    assert len({(change.onset, change.active) for change in changes}) == 4
    assert changes[0].onset == changes[1].onset < changes[2].onset == changes[3].onset


def test_quarantined_part_does_not_hold_up_the_good_one(gateway: Inner) -> None:
    bad = Quarantined("t", DEVICE, b"raw", "X9: not known", ("X9",))
    arrival = gateway.arrival([Sample("LT1", 1, 10.2)], quarantined=(bad,))
    assert told(gateway.pipeline.process_now([arrival], at(1))) == ["LT1.H on 1"]
    reader = JournalReader(gateway.path)
    (row,) = reader.quarantine()
    reader.close()
    assert (row.received_time, row.payload, row.tags) == (at(1), b"raw", ("X9",))
    assert gateway.pipeline.quarantined == 1


# --- restarts -----------------------------------------------------------------------------------


def restarted(gateway: Inner, site: Site, now: float, *, snapshot: bool) -> Inner:
    gateway.close(snapshot=snapshot)
    return Inner(site, gateway.path.parent, now=now)


@pytest.mark.parametrize("snapshot", [True, False], ids=["clean", "killed"])
def test_restart_keeps_pending_delays_and_latches(site: Site, tmp_path: Path, snapshot: bool) -> None:
    gateway = Inner(site, tmp_path)
    gateway.judge(1, Sample("LT1", 1, 11.5), Sample("PT1", 1, 90.0))
    gateway.judge(2, Sample("LT1", 2, 5.0))
    gateway = restarted(gateway, site, 3, snapshot=snapshot)
    assert gateway.active() == {"LT1.HH"}
    assert gateway.pipeline.engine.latched() == {("E001/LT1.HH", "E001/LT1")}
    assert told(gateway.judge(7)) == ["PT1.H on 6"]
    assert gateway.active() == {"LT1.HH", "PT1.H"}
    assert told(gateway.changes()) == [
        "LT1.H on 1", "LT1.HH on 1", "LT1.H off 2", "LT1.HH latched 2", "PT1.H on 6",
    ]  # fmt: skip
    gateway.close()


@pytest.mark.parametrize("snapshot", [True, False], ids=["clean", "killed"])
def test_silence_of_the_gateway_is_not_held_against_points(
    site: Site, tmp_path: Path, snapshot: bool
) -> None:
    gateway = Inner(site, tmp_path)
    gateway.judge(1, Sample("LT1", 1, 5.0), Sample("PT1", 1, 20.0))
    gateway = restarted(gateway, site, 1000, snapshot=snapshot)
    assert gateway.changes() == []
    assert told(gateway.judge(1100)) == ["PT1.STALE on 1017", "LT1.STALE on 1030"]
    gateway.close()


def test_restart_at_the_same_moment_writes_nothing(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    position = gateway.journal.position
    gateway = restarted(gateway, site, 1, snapshot=False)
    assert gateway.journal.position == position
    gateway.close()


def test_system_condition_survives_a_restart_and_ends_with_its_onset(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path)
    offline = Event(OFFLINE, DEVICE, True)
    gateway.pipeline.process_now([Arrival(NO_SAMPLES, events=(offline,))], at(1))
    gateway = restarted(gateway, site, 2, snapshot=False)
    assert gateway.pipeline.process_now([Arrival(NO_SAMPLES, events=(offline,))], at(3)) == []
    back = Arrival(NO_SAMPLES, events=(Event(OFFLINE, DEVICE, False),))
    (ended,) = gateway.pipeline.process_now([back], at(4))
    assert (ended.onset, ended.active) == (at(1), False)
    gateway.close()


def test_clean_stop_replays_no_sample(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path)
    gateway.judge(1, *(Sample("LT1", 0.001 * k, 1.0) for k in range(1000)))
    gateway.close()
    gateway = Inner(site, tmp_path, now=2)
    position, _ = gateway.journal.load_snapshot()
    assert sum(len(batch.samples.point) for batch in gateway.journal.batches_after(position)) == 0
    gateway.close()


def test_snapshot_that_cannot_be_read_does_not_stop_the_watch(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path)
    gateway.judge(1, Sample("LT1", 1, 10.5), Sample("PT1", 1, 20.0))
    gateway.journal.save_snapshot(b"not a snapshot")
    gateway.judge(2, Sample("LT1", 2, 10.6))
    gateway = restarted(gateway, site, 3, snapshot=False)
    assert gateway.active() == {"LT1.H"}
    gateway.close()


def test_latch_outlives_a_snapshot_that_cannot_be_read(site: Site, tmp_path: Path) -> None:
    """As after an upgrade: what began before the batches that are kept is ended by a person all the same."""
    gateway = Inner(site, tmp_path, limits=Limits(snapshot_samples=5, snapshot_ns=10**18))
    gateway.journal.follow("history")
    gateway.judge(1, Sample("LT1", 1, 11.5))
    gateway.judge(2, Sample("LT1", 2, 5.0))
    for second in range(3, 30):
        gateway.judge(second, Sample("LT1", second, 5.0), Sample("PT1", second, 20.0))
        gateway.journal.move_cursor("history", gateway.journal.position)
    assert min(batch.received_time for batch in gateway.journal.batches_after(0)) > at(2)
    before = gateway.changes()
    gateway.journal.save_snapshot(b"of another release")
    gateway = restarted(gateway, site, 30, snapshot=False)
    assert gateway.changes() == before
    assert gateway.active() == {"LT1.HH"}
    back = gateway.judge(31, Sample("LT1", 31, 11.6))
    assert told(back) == ["LT1.H on 31", "LT1.HH on 31"]
    gateway = restarted(gateway, site, 32, snapshot=False)
    assert gateway.active() == {"LT1.H", "LT1.HH"}
    gateway.judge(33, Sample("LT1", 33, 5.0))
    gateway.pipeline.reset(["E001/LT1.HH"])
    (ended,) = gateway.pipeline._process(gateway.pipeline._next_work()).changes
    assert (ended.onset, ended.cause) == (at(1), "reset")
    gateway.close()


def test_snapshot_comes_with_samples_and_time_and_lets_batches_go(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path, limits=Limits(snapshot_samples=10, snapshot_ns=10**18))
    gateway.journal.follow("history")
    for second in range(1, 31):
        gateway.judge(second, Sample("LT1", second, 1.0))
        gateway.journal.move_cursor("history", gateway.journal.position)
    position, _ = gateway.journal.load_snapshot()
    kept = [batch.position for batch in gateway.journal.batches_after(0)]
    assert gateway.journal.position - 10 <= position
    assert len(kept) <= 12
    assert kept[-1] == gateway.journal.position
    gateway.close()


# --- changed rules ------------------------------------------------------------------------------

RAISED = RULES.replace("setpoint: 10,", "setpoint: 10.8,")
WITHOUT = "\n".join(line for line in RULES.splitlines() if "LT1.H," not in line) + "\n"
MOVED = RULES.replace("id: LT1.H, point: LT1,", "id: LT1.H, point: FT1,")


def changed_rules(tmp_path: Path, site: Site, rules: str, *, snapshot: bool) -> Inner:
    """LT1.H is active at 10.5 since second 1; then the gateway starts with other rules."""
    data = tmp_path / "data"
    gateway = Inner(site, data)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    gateway.close(snapshot=snapshot)
    return Inner(make_site(tmp_path / "other", POINTS, rules), data, now=5)


@pytest.mark.parametrize("snapshot", [True, False], ids=["clean", "killed"])
@pytest.mark.parametrize("rules", [WITHOUT, MOVED], ids=["taken-out", "moved-to-another-point"])
def test_condition_of_a_rule_that_is_gone_ends(
    tmp_path: Path, site: Site, rules: str, snapshot: bool
) -> None:
    gateway = changed_rules(tmp_path, site, rules, snapshot=snapshot)
    ended = gateway.changes()[-1]
    assert (ended.rule, ended.point, ended.active) == ("E001/LT1.H", "E001/LT1", False)
    assert (ended.cause, ended.onset, ended.source_time) == ("configuration", at(1), at(5))
    assert ended.text
    assert gateway.active() == set()
    gateway.close()


def test_changed_limit_judges_anew_what_was_journalled_since_the_snapshot(tmp_path: Path, site: Site) -> None:
    gateway = changed_rules(tmp_path, site, RAISED, snapshot=False)
    assert told(gateway.changes()) == ["LT1.H on 1", "LT1.H off 5"]
    assert gateway.active() == set()
    gateway.close()


def test_condition_that_only_the_new_rules_find_begins_with_its_own_onset(tmp_path: Path) -> None:
    data = tmp_path / "data"
    gateway = Inner(make_site(tmp_path / "old", POINTS, RAISED), data)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    gateway.close(snapshot=False)
    gateway = Inner(make_site(tmp_path / "new"), data, now=5)
    (begun,) = gateway.changes()
    assert (begun.rule, begun.active, begun.cause) == ("E001/LT1.H", True, "configuration")
    assert (begun.onset, begun.source_time) == (at(1), at(5))
    assert told(gateway.judge(6, Sample("LT1", 6, 5.0))) == ["LT1.H off 6"]
    gateway.close()


def test_episode_with_another_onset_under_the_new_rules_replaces_the_old_one(
    tmp_path: Path, site: Site
) -> None:
    data = tmp_path / "data"
    gateway = Inner(site, data)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    gateway.judge(2, Sample("LT1", 2, 10.9))
    gateway.close(snapshot=False)
    gateway = Inner(make_site(tmp_path / "other", POINTS, RAISED), data, now=5)
    ended, begun = gateway.changes()[-2:]
    assert (ended.active, ended.onset) == (False, at(1))
    assert (begun.active, begun.onset) == (True, at(2))
    gateway.active()
    gateway.close()


@pytest.mark.parametrize(
    ("value", "expected"), [(10.9, ["LT1.HH on 5"]), (5.0, [])], ids=["true-under-the-new-rules", "not"]
)
def test_alarm_service_is_told_when_new_rules_find_true_what_only_a_latch_held(
    tmp_path: Path, site: Site, value: float, expected: list[str]
) -> None:
    """Else it would show "the condition is over" while the danger is there."""
    data = tmp_path / "data"
    gateway = Inner(site, data)
    gateway.judge(1, Sample("LT1", 1, 11.5))
    gateway.judge(2, Sample("LT1", 2, value))
    before = len(gateway.changes())
    gateway.close(snapshot=False)
    lowered = RULES.replace("setpoint: 11}", "setpoint: 10.8}")
    gateway = Inner(make_site(tmp_path / "other", POINTS, lowered), data, now=5)
    found = gateway.changes()[before:]
    assert told(found) == expected
    assert {(change.cause, change.onset) for change in found} <= {("configuration", at(1))}
    assert "LT1.HH" in gateway.active()
    gateway.close()


def test_latch_that_new_rules_brought_is_told(tmp_path: Path, site: Site) -> None:
    """LT1.H had ended; judged anew with a latch it is held, under the same episode."""
    data = tmp_path / "data"
    gateway = Inner(site, data)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    gateway.judge(2, Sample("LT1", 2, 5.0))
    gateway.close(snapshot=False)
    latching = RULES.replace("deadband: 0.5}}", "deadband: 0.5}, latched: true}")
    gateway = Inner(make_site(tmp_path / "other", POINTS, latching), data, now=5)
    assert told(gateway.changes()) == ["LT1.H on 1", "LT1.H off 2", "LT1.H on 5", "LT1.H latched 5"]
    assert {change.onset for change in gateway.changes()} == {at(1)}
    assert gateway.active() == {"LT1.H"}
    gateway.close()


def test_changed_rules_are_written_once(tmp_path: Path, site: Site) -> None:
    gateway = changed_rules(tmp_path, site, WITHOUT, snapshot=False)
    before = gateway.changes()
    gateway.close(snapshot=False)
    gateway = Inner(make_site(tmp_path / "again", POINTS, WITHOUT), tmp_path / "data", now=9)
    assert gateway.changes() == before
    gateway.close()


def test_new_point_joins_and_the_old_ones_keep_their_numbers(tmp_path: Path, site: Site) -> None:
    data = tmp_path / "data"
    gateway = Inner(site, data)
    before = dict(gateway.pipeline.engine.number)
    gateway.judge(1, Sample("LT1", 1, 10.5))
    gateway.close()
    more = ["tag: AT0, quantity: other, engineering_unit: ppm, range_low: 0, range_high: 9", *POINTS]
    gateway = Inner(make_site(tmp_path / "more", more), data, now=2)
    number = gateway.pipeline.engine.number
    assert {name: number[name] for name in before} == before
    assert gateway.active() == {"LT1.H"}
    assert gateway.pipeline.engine.latest.source_time[number["E001/LT1"]] == T0 + 10**9
    gateway.close()
