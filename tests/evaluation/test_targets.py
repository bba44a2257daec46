"""What counts as reached."""

from typing import Any

from evaluation.figures import Cried, Seen, figures
from evaluation.judging import ALARMS, WITH_PRE_ALARMS, Judged
from evaluation.report import Collected, Target
from evaluation.targets import field_target, scenario_targets

NOTHING = Cried(1, 0.0, 1, 0, 0, 0, 0)
TOTAL, ANNOUNCING = ("total", ALARMS), ("total", WITH_PRE_ALARMS)
TIMES, LIMITS = ("detector", "time_to_limit"), ("detector", "limit")


def seen(delay_s: float | None = 60.0, **more: Any) -> Seen:
    fields = {
        "block": 1, "scenario": "s", "event": "overfill", "danger": "fast", "start": 0,
        "seen": delay_s is not None, "delay_s": delay_s, "lead_s": 600.0, "leads_s": {},
        "level_reached": "HH", "reached_after_s": 1_200.0, "time_error": 0.01, "already_active": False,
    }  # fmt: skip
    return Seen(**(fields | more))


def targets(**rows: list[Seen]) -> dict[str, Target]:
    names = {"total": TOTAL, "announcing": ANNOUNCING, "times": TIMES, "limits": LIMITS}
    collected = Collected()
    collected.add({names[name]: Judged(found, NOTHING) for name, found in rows.items()})
    return {target.name: target for target in scenario_targets(collected)}


def test_fast_danger_missed_in_one_seed_is_not_met_and_named() -> None:
    assert targets(total=[seen(), seen(block=2)])["fast_dangers"].met
    missed = targets(total=[seen(), seen(None, block=2)])["fast_dangers"]
    assert (missed.met, missed.figures["missed"]) == (False, "s/overfill seed 2")
    assert targets(total=[seen(None, danger="slow")])["fast_dangers"].met is None


def test_overfill_that_a_stuck_gauge_hides_is_no_fast_danger_but_a_target_of_its_own() -> None:
    stuck = seen(None, event="stuck", danger="instrument")
    hidden = targets(total=[seen(None), stuck], announcing=[seen()])
    assert (hidden["fast_dangers"].met, hidden["fast_dangers"].figures["events"]) == (None, 0)
    assert hidden["stuck_gauge"].figures["overfills"] == 1
    assert not targets(total=[seen(None)], announcing=[seen()])["fast_dangers"].met


def test_warning_needs_lead_and_exact_time_in_nearly_all_overfills() -> None:
    good = [seen(block=block) for block in range(19)]
    assert targets(times=[*good, seen(block=19, lead_s=200.0)])["time_to_limit"].met
    for bad in ({"lead_s": 200.0}, {"time_error": 0.5}, {"time_error": None}, {"lead_s": None}):
        two = [seen(block=block, **bad) for block in (19, 20)]
        assert not targets(times=[*good, *two])["time_to_limit"].met


def test_overfill_too_quick_for_a_warning_and_one_with_a_stuck_gauge_are_left_out() -> None:
    late = seen(lead_s=10.0)
    assert targets(times=[late._replace(reached_after_s=300.0)])["time_to_limit"].met is None
    stuck = seen(None, event="stuck", danger="instrument")
    assert targets(total=[late, stuck], times=[late])["time_to_limit"].met is None
    assert targets(times=[late])["time_to_limit"].met is False


def test_stuck_gauge_has_to_be_announced_before_the_rim() -> None:
    stuck = seen(None, event="stuck", danger="instrument")
    for lead, met in ((60.0, True), (-1.0, False)):
        rows = {"total": [seen(None), stuck], "announcing": [seen(leads_s={"rim": lead})]}
        assert targets(**rows)["stuck_gauge"].met is met


def test_alarm_of_the_stuck_gauge_announces_as_well() -> None:
    for lead, met in ((900.0, True), (-1.0, False)):
        gauge = seen(event="stuck", danger="instrument", leads_s={"rim": lead})
        assert targets(total=[seen(None), gauge], announcing=[seen(None), gauge])["stuck_gauge"].met is met


def test_slow_leaks_are_compared_with_the_threshold_of_the_same_run() -> None:
    def leak(block: int, delay_s: float | None) -> Seen:
        return seen(delay_s, block=block, event="gas_leak", danger="slow")

    ours = [leak(block, 100.0) for block in range(5)]
    thresholds = [*(leak(block, 200.0) for block in range(3)), leak(3, None), leak(4, 50.0)]
    found = targets(announcing=ours, limits=thresholds)["slow_leaks"]
    assert (found.met, found.figures["earlier"], found.figures["share"]) == (True, 4, 0.8)
    missed = targets(announcing=[leak(0, None)], limits=[leak(0, None)])["slow_leaks"]
    assert missed.met is False


def test_field_target_wants_every_release_in_time_and_fewer_false_alarms() -> None:
    def row(delay_s: float | None, false: int) -> Any:
        return figures([seen(delay_s)], [Cried(1, 86_400.0, 1, false, 0, 0, 0)], ("process",))

    threshold = row(100.0, 10)
    rows = {"few but late": row(900.0, 2), "good": row(200.0, 9), "blind": row(None, 0)}
    assert field_target(rows, threshold, "3 ppm").figures["detector"] == "good"
    assert field_target(rows, threshold, "3 ppm").met
    assert not field_target({"as many": row(200.0, 10)}, threshold, "3 ppm").met
