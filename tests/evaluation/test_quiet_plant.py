"""The quiet plant is what its figures say, and the same however it is cut."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from evaluation import quiet_figures
from evaluation.quiet_figures import all_figures, figure
from evaluation.quiet_plant import QuietPlant, QuietPoint
from evaluation.quiet_tanks import TANK_LEVELS, propane_gauge_mpa
from evaluation.quiet_walks import Bursts, Clock, Lag, Wander, shown
from evaluation.quiet_weather import SEASONS, QuietWeather
from evaluation.quiet_work import TankWork

PERIOD_S = 10.0
FOLDER = Path(quiet_figures.__file__).parent
FourSites = tuple[QuietPlant, np.ndarray]


def values(plant: QuietPlant, wanted: Callable[[QuietPoint], bool], piece: int = 500) -> np.ndarray:
    chosen = [i for i, point in enumerate(plant.points) if wanted(point)]
    return np.concatenate([one.value[:, chosen] for one in plant.pieces(piece)])


@pytest.fixture(scope="module")
def four_sites() -> FourSites:
    plant = QuietPlant(4, 3.0, PERIOD_S, 7)
    return plant, np.concatenate([piece.value for piece in plant.pieces()])


def of(four_sites: FourSites, tag: str) -> np.ndarray:
    plant, value = four_sites
    return value[:, [i for i, point in enumerate(plant.points) if point.tag == tag]]


def test_same_seed_gives_the_same_samples_however_the_time_is_cut() -> None:
    whole, cut = (list(QuietPlant(2, 0.2, PERIOD_S, 3).pieces(steps)) for steps in (10_000, 77))
    for column in ("value", "arrives", "listens", "restart"):
        joined = np.concatenate([getattr(piece, column) for piece in cut])
        assert np.array_equal(joined, getattr(whole[0], column))


def test_another_seed_gives_other_samples() -> None:
    first, second = (values(QuietPlant(1, 0.05, PERIOD_S, seed), lambda point: True) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_pieces_together_are_as_long_as_asked() -> None:
    plant = QuietPlant(1, 0.5, 60.0, 1)
    assert sum(piece.value.shape[0] for piece in plant.pieces(100)) == 720


def test_every_figure_has_a_unit_and_a_source() -> None:
    for name, each in all_figures().items():
        assert isinstance(each.unit, str), name
        assert len(each.source) > 10, f"{name} has no source"


def test_every_figure_is_used() -> None:
    tree = yaml.safe_load(FOLDER.joinpath("quiet_plant.yaml").read_text("utf-8"))
    source = "".join(path.read_text("utf-8") for path in FOLDER.glob("quiet_*.py"))
    for section, figures in tree.items():
        for name in figures:
            stem = "mean_" if name.startswith("mean_") else name
            assert stem in source, f"{section}.{name} is in the file and nowhere else"


@pytest.mark.parametrize("memory_s", [0.0, 30.0, 600.0])
def test_walk_has_its_deviation_and_its_memory(memory_s: float) -> None:
    clock = Clock(1, PERIOD_S, 1.0)
    walk = Wander(clock, "walk", 400, 2.0, memory_s).take(2000)
    expected = np.exp(-PERIOD_S / memory_s) if memory_s else 0.0
    neighbours = float(np.mean(walk[1:] * walk[:-1]) / np.mean(walk**2))
    assert float(walk.std()) == pytest.approx(2.0, rel=0.05)
    assert neighbours == pytest.approx(expected, abs=0.02)


def test_walk_has_the_spectrum_of_an_ornstein_uhlenbeck_process() -> None:
    steps, memory_s = 4096, 100.0
    walk = Wander(Clock(2, PERIOD_S, 1.0), "walk", 300, 1.0, memory_s).take(steps)
    power = np.mean(np.abs(np.fft.rfft(walk, axis=0)) ** 2, axis=1) / steps
    keep = np.exp(-PERIOD_S / memory_s)
    turn = 2 * np.pi * np.fft.rfftfreq(steps)
    expected = (1 - keep**2) / (1 - 2 * keep * np.cos(turn) + keep**2)
    ratio = power[5:-1] / expected[5:-1]
    for low, high in ((0, 50), (50, 500), (500, 2000)):
        assert float(np.mean(ratio[low:high])) == pytest.approx(1.0, rel=0.1)


def test_lag_follows_a_step_to_ninety_percent_in_its_t90() -> None:
    lag = Lag(Clock(0, 1.0, 1.0), 20 / np.log(10))
    step = np.concatenate((np.zeros((1, 1)), np.ones((30, 1))))
    assert lag.take(step)[20, 0] == pytest.approx(0.9)


def test_bursts_come_as_often_and_as_high_as_asked() -> None:
    bursts = Bursts(Clock(3, PERIOD_S, 20.0), "bursts", 200, 2.0, 5.0, 0.3, (10.0, 10.0))
    height = bursts.take(20 * 8640)
    many = np.count_nonzero(height)
    assert many == pytest.approx(2.0 * 20 * 200, rel=0.05)
    assert float(np.median(height[height > 0])) == pytest.approx(5.0, rel=0.03)


@pytest.mark.parametrize(("resolution", "text"), [(0.001, "5.321"), (0.1, "5.3"), (1.0, "5.0"), (5.0, "5.0")])
def test_value_is_shown_in_exact_decimals(resolution: float, text: str) -> None:
    assert repr(float(shown(np.array([5.3213]), resolution)[0])) == text
    assert repr(float(shown(np.array([-0.0]), resolution)[0])) == "0.0"


def test_seasons_differ_and_days_swing() -> None:
    air = QuietWeather(Clock(4, 60.0, 30.0), 8).take(30 * 1440)
    days = air.temperature.reshape(30, 1440, 8)
    noon, night = days[:, 900].mean(axis=0), days[:, 180].mean(axis=0)
    assert (noon - night > figure("weather.daily_swing")).all()
    means = air.temperature.mean(axis=0)
    for site, season in enumerate(SEASONS):
        assert means[site] == pytest.approx(figure(f"weather.mean_{season}"), abs=4)
    assert (air.sun >= 0).all()
    assert (air.sun[:60] == 0).all(), "there is no sun at midnight"


def test_tanks_are_worked_between_their_limits_and_lose_nothing() -> None:
    clock = Clock(5, PERIOD_S, 20.0)
    low, high = TANK_LEVELS["L"] + 0.3, TANK_LEVELS["H"]
    work = TankWork(clock, "tank", 30, area=100.0, low=low, high=high, rest_h=5.0)
    start = work.level.copy()
    level, inflow, outflow = work.take(clock.steps)
    moved = (inflow - outflow).sum(axis=0) * PERIOD_S / 3600 / 100.0
    assert level[-1] == pytest.approx(start + moved)
    assert low < level.min()
    assert level.max() < high
    assert (level.max(axis=0) - level.min(axis=0) > 1.0).all(), "every tank has work within twenty days"
    assert not ((inflow > 0) & (outflow > 0)).any()


def test_gas_detectors_never_show_less_than_zero_and_little_in_clean_air(four_sites: FourSites) -> None:
    fine, coarse = of(four_sites, "GA01.GD01"), of(four_sites, "GB01.GD01")
    assert fine.min() == 0.0
    assert float(np.quantile(fine, 0.99)) < 6.0
    assert set(np.unique(np.round(coarse % 1.0, 9))) == {0.0}


def test_oxygen_of_a_room_is_that_of_air_with_its_vapour(four_sites: FourSites) -> None:
    oxygen = of(four_sites, "OX01.OD01")
    assert 19.5 < float(oxygen.mean()) < 20.95


def test_gauges_of_a_resting_tank_agree_but_only_the_radar_is_alive(four_sites: FourSites) -> None:
    radar, servo = of(four_sites, "TR01.LT01"), of(four_sites, "TR01.LT02")
    assert float(np.abs(radar - servo).max()) < 0.03
    still = [float((np.diff(gauge, axis=0) == 0).mean()) for gauge in (radar, servo)]
    assert still[0] < 0.4
    assert still[1] > 0.8
    steps = np.diff(radar, axis=0).std() / np.sqrt(2)
    assert steps == pytest.approx(0.001, rel=0.3)


def test_tank_breathes_between_blanket_and_breather(four_sites: FourSites) -> None:
    pressure = of(four_sites, "TR01.PT01")
    margin = 5 * figure("breathing.noise") + 0.01
    assert pressure.min() > figure("breathing.blanket_low") - margin
    assert pressure.max() < figure("breathing.blanket_high") + margin
    assert float(pressure.std(axis=0).min()) > figure("breathing.noise"), "it breathes"


def test_pump_runs_while_its_meter_shows_flow(four_sites: FourSites) -> None:
    flow, runs = of(four_sites, "TW01.FT02"), of(four_sites, "TW01.XS02")
    assert set(np.unique(runs)) == {0.0, 1.0}
    assert (flow[runs == 0] == 0).all()


def test_propane_has_the_vapour_pressure_of_the_table() -> None:
    absolute = propane_gauge_mpa(np.array([25.0, 40.0])) + 0.101325
    assert absolute == pytest.approx((0.939, 1.341), abs=0.002)


def test_link_loses_as_much_as_asked_and_the_gateway_comes_back() -> None:
    plant = QuietPlant(4, 30.0, 600.0, 11)
    pieces = list(plant.pieces())
    arrives = np.concatenate([piece.arrives for piece in pieces])
    lost = 1 - float(arrives.mean())
    assert figure("link.lost") * 0.5 < lost < 0.01
    listens = np.concatenate([piece.listens for piece in pieces])
    assert not arrives[~listens].any()
    restarts = np.flatnonzero(np.concatenate([piece.restart for piece in pieces]))
    assert set(restarts) <= set(np.flatnonzero(~listens) + 1)
