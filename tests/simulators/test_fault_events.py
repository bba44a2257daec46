"""Events of faults: an odd one is refused with its key, before anything is played."""

import re

import pytest

from simulators.errors import ScenarioInvalid
from simulators.scenario import load_scenario

HEAD = "title: T\ntitle_zh: 题\nlayout: tank-farm\nduration_s: 200\nevents:\n"
BAD = {
    "{event: poisoning, at_s: 1, point: TK101.LT01, lost: 0.5}": r"point: .*no 'TK101.LT01'; known: GA1",
    "{event: poisoning, at_s: 1, point: GA1.GD01, lost: 1.5}": r"lost: Expected `float` <= 1.0",
    "{event: beam_block, at_s: 1, point: TK101.PT01}": r"point: the layout has no 'TK101.PT01'",
    "{event: calibration, at_s: 1, point: GA1.GD01, gas: 50, duration_s: 100}": r"duration_s: zero gas",
    "{event: locked_over_range, at_s: 1, point: GA1.GD01, stoichiometric: 3000}": r"stoichiometric: must",
    "{event: power_dip, at_s: 1, off_s: 10, duration_s: 5}": r"off_s: must end before the event does",
    "{event: power_dip, at_s: 1, off_s: 10, points: [X.Y]}": r"points: the layout has no 'X.Y'",
    "{event: clock_skew, at_s: 1}": r"offset_s: a clock skew needs offset_s or drift_s_per_h",
    "{event: clock_skew, at_s: 1, offset_s: 3, points: [X.Y]}": r"points: the layout has no 'X.Y'",
    "{event: line_breaks, at_s: 1, every_s: 3, pause_s: 5}": r"pause_s: 5.0 s is no shorter than every_s",
    "{event: link_outage, at_s: 1, stores: -1}": r"stores: -1 messages cannot be stored",
    "{event: link_outage, at_s: 1, order: random}": r"order: Invalid enum value 'random'",
    "{event: late_messages, at_s: 1, share: 2, delay_s: 3}": r"share: Expected `float` <= 1.0",
    "{event: duplicated_messages, at_s: 1}": r"missing required field `share`",
}


@pytest.mark.parametrize("event", BAD)
def test_odd_fault_is_refused_with_its_key(tmp_path, event):
    file = tmp_path / "odd.yaml"
    file.write_text(f"{HEAD}  - {event}\n", "utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(file)
    assert re.search(rf":6: events\[0\]\.?.*{BAD[event]}", str(refused.value)), str(refused.value)


def test_faults_are_of_the_class_instrument_and_bad_lines_of_none_unless_they_say_so(tmp_path):
    file = tmp_path / "mine.yaml"
    events = (
        "  - {event: drift, at_s: 1, point: TK101.LT01, rate_per_h: 1}\n"
        "  - {event: power_dip, at_s: 1, off_s: 10}\n"
        "  - {event: link_outage, at_s: 1}\n"
        "  - {event: link_outage, at_s: 1, danger: instrument}\n"
    )
    file.write_text(HEAD + events, "utf-8")
    dangers = [event.danger for event in load_scenario(file).events]
    assert dangers == ["instrument", "instrument", "none", "instrument"]
