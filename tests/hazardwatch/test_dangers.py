"""Which events count as dangers, and when one was seen."""

from typing import Any

from hazardwatch.dangers import false_alarms, find_dangers, missed_dangers, untold_alarms
from simulators.truth import TruthEvent

SECOND = 1_000_000_000
LEVEL, GAS_1, GAS_2 = "E1/LT1", "E1/GD1", "E1/GD2"


def event(name: str, at_s: int, points: tuple[str, ...], **more: Any) -> TruthEvent:
    fields = {
        "event": name, "unit": "U1", "start_ns": at_s * SECOND, "end_ns": None, "expected_points": points,
        "expected": "all", "enterprise": "E1", "gateway": "GW1", "scenario": "s", "seed": 0, "details": {},
    }  # fmt: skip
    return TruthEvent(**(fields | more))


def alarm(point: str, at_s: int, alarm_class: str = "process") -> dict[str, Any]:
    return {"point": point, "onset": at_s * SECOND, "alarm_class": alarm_class, "rule": f"{point}.H"}


def test_danger_is_seen_by_a_process_alarm_of_its_point_that_began_after_it() -> None:
    truth = [event("overfill", 5, (LEVEL,))]
    assert find_dangers(truth, [alarm(LEVEL, 5)]) == {"overfill": True}
    assert find_dangers(truth, [alarm(LEVEL, 4)]) == {"overfill": False}, "it alarmed before"
    assert find_dangers(truth, [alarm(LEVEL, 6, "instrument")]) == {"overfill": False}
    assert find_dangers(truth, [alarm(GAS_1, 6)]) == {"overfill": False}


def test_danger_of_several_points_needs_all_of_them_or_any() -> None:
    one, both = [alarm(GAS_2, 9)], [alarm(GAS_1, 9), alarm(GAS_2, 9)]
    for expected, seen in (("all", [False, True]), ("any", [True, True])):
        truth = [event("gas_leak", 4, (GAS_1, GAS_2), expected=expected)]
        assert [find_dangers(truth, alarms)["gas_leak"] for alarms in (one, both)] == seen


def test_fault_of_an_instrument_is_seen_by_any_alarm_of_its_point() -> None:
    truth = [event("stuck", 5, (LEVEL,), details={"point": "LT1"})]
    assert find_dangers(truth, [alarm(LEVEL, 6, "instrument")]) == {"stuck": True}


def test_event_that_expects_no_alarm_is_no_danger() -> None:
    assert find_dangers([event("wind_shift", 5, ())], []) == {}


def test_dangers_of_one_name_are_told_apart() -> None:
    truth = [
        event("gas_leak", 1, (GAS_1,)),
        event("gas_leak", 2, (GAS_2,), unit="U2"),
        event("gas_leak", 3, (GAS_2,), unit="U2"),
    ]
    assert find_dangers(truth, [alarm(GAS_1, 4)]) == {
        "gas_leak U1": True,
        "gas_leak U2 #2": False,
        "gas_leak U2 #3": False,
    }


def test_danger_behind_the_end_of_the_run_is_told_as_such() -> None:
    truth = [event("overfill", 30, (LEVEL,)), event("gas_leak", 4, (GAS_1,))]
    dangers = find_dangers(truth, [])
    assert missed_dangers(truth, dangers, 0, 20 * SECOND) == [
        "overfill begins after 30 s: let it run longer",
        "gas_leak raised no alarm at E1/GD1",
    ]
    assert missed_dangers(truth, dict.fromkeys(dangers, True), 0, 20 * SECOND) == []


def test_process_alarm_on_a_quiet_day_is_a_false_one() -> None:
    alarms = [alarm(LEVEL, 1), alarm(GAS_1, 2, "instrument"), alarm(GAS_2, 3, "system")]
    assert false_alarms(alarms) == ["E1/LT1.H alarmed although nothing happened"]


def told(*alarms: str) -> dict[str, Any]:
    return {"alarm_ids": list(alarms)}


def test_process_alarm_that_no_message_is_about_is_named() -> None:
    alarms = [{"id": f"a{n}", "rule": f"r{n}", "alarm_class": "process", "quiet": False} for n in (1, 2, 3)]
    assert untold_alarms(alarms, [told("a1", "a3"), told("other")]) == ["r2 alarmed, and nobody was told"]
    assert untold_alarms(alarms, [told("a1"), told("a2", "a3")]) == []


def test_hidden_alarms_and_those_of_instruments_need_no_message() -> None:
    hidden = {"id": "a1", "rule": "r1", "alarm_class": "process", "quiet": True}
    instrument = {"id": "a2", "rule": "r2", "alarm_class": "instrument", "quiet": False}
    assert untold_alarms([hidden, instrument], []) == []
