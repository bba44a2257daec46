"""Scenarios of faults, of instruments and of the line: each shows what its title says, whatever the seed."""

import numpy as np
import pytest

from detectors.quality import FIRST_BAD, Quality
from simulators.link import Delivery, deliveries
from simulators.plant import SECOND_NS, Plant
from simulators.scenario import load_scenario
from simulators.truth import TruthEvent, truth

START = 1_700_000_000 * SECOND_NS
SEEDS = (0, 1)
SCENARIOS = (
    "poisoned-sensor", "calibration-gas", "unannounced-bump-test", "locked-over-range", "beam-block",
    "drifting-gauge", "power-dip", "power-dip-silent", "noisy-link", "stored-burst", "retained-stale",
    "wrong-clock", "bias-jump", "raised-damping", "cross-sensitivity", "spiking-gauge",
)  # fmt: skip


class Played:
    """One run: what was delivered, and its truth."""

    def __init__(self, name: str, seed: int, seconds: float | None = None) -> None:
        scenario = load_scenario(name, seed)
        self.plant = Plant(scenario, seed, START)
        self.came = list(deliveries(self.plant, seconds or scenario.duration_s))
        self.truth = truth(self.plant)

    def event(self, name: str) -> TruthEvent:
        return next(line for line in self.truth if line.event == name)

    def column(self, tag: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(seconds since the start by its stamps, value, quality), by stamp."""
        rows = sorted(
            {
                (int(one.samples.source_time[at]), float(one.samples.value[at]), int(one.samples.quality[at]))
                for one in self.came
                for at, name in enumerate(one.samples.tags)
                if name == tag and not one.retained
            },
            key=lambda row: row[0],
        )
        table = np.array(rows)
        return (table[:, 0] - START) / SECOND_NS, table[:, 1], table[:, 2].astype(int)

    def span(self, line: TruthEvent) -> tuple[float, float]:
        end = line.end_ns if line.end_ns is not None else self.plant.now_ns
        return (line.start_ns - START) / SECOND_NS, (end - START) / SECOND_NS


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_expected_point_of_a_fault_scenario_has_a_class_of_danger(name):
    for line in truth(Plant(load_scenario(name, 0), 0, START)):
        assert not line.expected_points or line.danger != "none", line.event


@pytest.mark.parametrize("seed", SEEDS)
def test_poisoned_detector_shows_less_than_its_sound_twin_would(seed):
    played = Played("poisoned-sensor", seed)
    lost = played.event("poisoning").details["lost"]
    _, shown, quality = played.column("GA1.GD02")
    scenario = load_scenario("poisoned-sensor", seed)
    sound = Plant(scenario, seed, START)
    for line in scenario.events[:2]:
        sound._waiting = [pair for pair in sound._waiting if pair[1] is not line]
    column = np.array([
        value
        for one in deliveries(sound, scenario.duration_s)
        for tag, value in zip(one.samples.tags, one.samples.value, strict=True)
        if tag == "GA1.GD02"
    ])  # fmt: skip
    assert (quality < FIRST_BAD).all()
    loud = column > 10
    assert loud.any()
    unsaturated = loud & (column < 100)
    assert shown[unsaturated] == pytest.approx(column[unsaturated] * (1 - lost), rel=0.1, abs=1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_gas_is_never_shown_as_good(seed):
    played = Played("calibration-gas", seed)
    for line in played.truth:
        if line.event != "calibration":
            continue
        begin, end = played.span(line)
        at, value, quality = played.column(line.details["point"])
        during = (at > begin + 1) & (at <= end)  # a fault begins with a whole step of the plant
        assert set(quality[during].tolist()) == {Quality.BAD_CHECK_FUNCTION}
        assert value[during].max() > 50
        assert value[(at <= begin) | (at > end + 1)].max() < 5, "the test gas is purged before the end"


@pytest.mark.parametrize("seed", SEEDS)
def test_unannounced_test_gas_passes_the_second_level_with_good_quality(seed):
    played = Played("unannounced-bump-test", seed)
    _, value, quality = played.column("GA1.GD03")
    assert value.max() > 50
    assert (quality == Quality.GOOD).all()
    assert [line.danger for line in played.truth] == ["none"]
    assert played.truth[0].expected_points == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_detector_in_a_rich_cloud_reads_low_and_stays_locked(seed):
    played = Played("locked-over-range", seed)
    at, value, quality = played.column("GA1.GD02")
    locked = quality == Quality.UNCERTAIN_OVER_RANGE_LOCKED
    first = at[locked][0]
    leak = played.event("gas_leak")
    begin, end = played.span(leak)
    assert begin < first < begin + 120
    assert locked[at >= first].all(), "also after the line was shut"
    reached = (leak.reached["L2"] - START) / SECOND_NS
    assert begin < reached <= first + 10
    assert value[(at > first + 60) & (at < end)].min() < 90, "without air it would show a harmless value"


@pytest.mark.parametrize("seed", SEEDS)
def test_blocked_beam_is_told_of_after_a_minute_and_only_where_it_lasts(seed):
    played = Played("beam-block", seed)
    begin, end = played.span(played.event("beam_block"))
    line = next(one for one in played.truth if one.details["point"] == "GA1.GD05")
    begin, end = played.span(line)
    at, _, quality = played.column("GA1.GD05")
    blocked = at[quality == Quality.BAD_BEAM_BLOCKED]
    assert begin + 60 < blocked[0] <= begin + 64
    assert end - 4 < blocked[-1] <= end + 1
    assert (played.column("GA1.GD06")[2] == Quality.GOOD).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_drifting_gauge_leaves_its_twin_behind_by_its_rate(seed):
    played = Played("drifting-gauge", seed, 4000)
    rate = played.event("drift").details["rate_per_h"]
    begin, _ = played.span(played.event("drift"))
    at, first, _ = played.column("TK301.LT01")
    _, second, quality = played.column("TK301.LT02")
    apart = (first - second)[at > begin]
    assert apart[-200:].mean() == pytest.approx(rate * (4000 - 100 - begin) / 3600, abs=0.004)
    assert (quality == Quality.GOOD).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_power_dip_takes_all_and_comes_as_one_burst(seed):
    played = Played("power-dip", seed)
    begin, end = played.span(played.event("link_outage"))
    dues = np.array([(one.due - START) / SECOND_NS for one in played.came])
    assert not ((dues > begin + 1) & (dues < end - 1)).any()
    burst = [one for one, due in zip(played.came, dues, strict=True) if end - 1 <= due < end + 5]
    assert len(burst) >= 50
    for tag in played.event("power_dip").expected_points:
        quality = played.column(tag.partition("/")[2])[2]
        assert {Quality.BAD_NO_COMMUNICATION, Quality.BAD_CHECK_FUNCTION} <= set(quality.tolist()), tag


@pytest.mark.parametrize("seed", SEEDS)
def test_silent_power_dip_leaves_a_hole_that_nothing_fills(seed):
    played = Played("power-dip-silent", seed)
    begin, _ = played.span(played.event("power_dip"))
    at, _, quality = played.column("GA1.GD01")
    hole = np.diff(at).max()
    off_s = played.event("power_dip").details["off_s"]
    assert hole >= off_s
    assert at[np.argmax(np.diff(at))] <= begin + 2
    assert Quality.BAD_NO_COMMUNICATION not in quality
    assert played.plant.link.lost_samples > 0


def _twice(came: list[Delivery]) -> int:
    seen = [(one.samples.tags, int(one.samples.source_time[0])) for one in came]
    return len(seen) - len(set(seen))


@pytest.mark.parametrize("seed", SEEDS)
def test_noisy_link_delivers_late_twice_and_out_of_order_but_everything(seed):
    played = Played("noisy-link", seed)
    stamps = [int(one.samples.source_time[0]) for one in played.came if "TK101.LT01" in one.samples.tags]
    assert stamps != sorted(stamps)
    assert _twice(played.came) > 100
    assert played.plant.link.lost_samples == 0
    assert played.plant.link.cuts >= 4
    at, _, _ = played.column("TK101.LT01")
    assert at.tolist() == list(range(1, 1501))
    slow, _, _ = played.column("GA2.GD01")
    skew = played.event("clock_skew").details["offset_s"]
    assert slow[-1] - 1500 == pytest.approx(skew - 2 * 1440 / 3600, abs=2.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_leak_during_an_outage_comes_with_its_own_stamps(seed):
    played = Played("stored-burst", seed)
    _, end = played.span(played.event("link_outage"))
    leak_begin, _ = played.span(played.event("gas_leak"))
    hidden = [
        one for one in played.came
        if leak_begin * SECOND_NS < int(one.samples.source_time[0]) - START < (end - 1) * SECOND_NS
    ]  # fmt: skip
    assert hidden
    assert all(one.due - START >= (end - 1) * SECOND_NS for one in hidden)
    assert played.plant.link.lost_samples == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_retained_message_comes_every_minute_with_its_first_stamp(seed):
    played = Played("retained-stale", seed)
    kept = [one for one in played.came if one.retained]
    assert len(kept) == 20
    assert {int(one.samples.source_time[0]) - START for one in kept} == {22 * SECOND_NS}
    assert [one.due - START for one in kept[:3]] == [22 * SECOND_NS, 82 * SECOND_NS, 142 * SECOND_NS]


@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_clock_stamps_the_future_while_the_tank_fills(seed):
    played = Played("wrong-clock", seed)
    ahead = np.array([(int(one.samples.source_time[0]) - one.due) / SECOND_NS for one in played.came])
    assert ahead[:100].max() == 0
    assert 30 < ahead[-1] < 130
    assert played.event("overfill").reached.keys() >= {"H", "HH"}


@pytest.mark.parametrize("seed", SEEDS)
def test_gauge_is_off_by_its_bias_from_one_reading_to_the_next(seed):
    played = Played("bias-jump", seed, 1200)
    begin, _ = played.span(played.event("bias_jump"))
    at, first, _ = played.column("TK301.LT01")
    _, second, quality = played.column("TK301.LT02")
    apart = first - second
    assert apart[at > begin + 1].mean() == pytest.approx(played.event("bias_jump").details["bias"], abs=0.002)
    assert apart[at <= begin].mean() == pytest.approx(0.0, abs=0.002)
    assert (quality == Quality.GOOD).all()


def test_damped_gauge_loses_its_noise():
    played = Played("raised-damping", 0, 2400)
    begin, _ = played.span(played.event("damping"))
    at, value, _ = played.column("TK301.LT01")
    assert value[at > begin + 300].std() < 0.3 * value[at <= begin].std()


def test_another_gas_passes_the_first_level_and_is_no_danger():
    played = Played("cross-sensitivity", 0)
    _, value, quality = played.column("GA2.GD02")
    assert value.max() > 28.2
    assert (quality == Quality.GOOD).all()
    assert {line.danger for line in played.truth} == {"none"}


def test_spikes_are_single_readings_below_the_limits():
    played = Played("spiking-gauge", 0, 1800)
    _, value, _ = played.column("V201.PT01")
    jumps = np.abs(value - np.median(value)) > 0.25
    assert 2 <= jumps.sum() <= 40
    assert value.max() < 1.6


def _wire(name: str) -> bytes:
    plant = Plant(load_scenario(name, 5), 5, START)
    return b"".join(
        repr((one.due, one.retained, one.with_time, one.samples.tags)).encode()
        + one.samples.source_time.tobytes() + one.samples.value.tobytes() + one.samples.quality.tobytes()
        for one in deliveries(plant, 420)
    )  # fmt: skip


@pytest.mark.parametrize("name", ["noisy-link", "stored-burst", "power-dip", "retained-stale"])
def test_same_seed_gives_the_same_deliveries_to_the_byte(name):
    assert _wire(name) == _wire(name)
