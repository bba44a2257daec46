"""Atmospheric tanks and a sphere: two gauges, breathing, temperature, and meters where they are worked."""

import numpy as np

from detectors.kernel import compiled
from evaluation.quiet_figures import DAY_S, HOUR_S, figure
from evaluation.quiet_signals import Signal
from evaluation.quiet_walks import Clock, Float64, Lag, Wander, shown, spread_over
from evaluation.quiet_weather import Air
from evaluation.quiet_work import TankWork
from simulators.processes.gases import ATMOSPHERE_PA, ZERO_CELSIUS_K, gases

MM = 0.001
TANK_LEVELS = {"LL": 0.8, "L": 1.5, "H": 10.0, "HH": 10.6}
TANK_PRESSURES = {"LL": -1.5, "L": -1.0, "H": 3.0, "HH": 5.0}
TANK_TEMPERATURES = {"H": 40.0, "HH": 50.0}
ATMOSPHERE_KPA = ATMOSPHERE_PA / 1000
CUT_OFF = 1.0
"""m3/h below which a meter shows none."""


class Gauges:
    """A radar and a servo gauge on the same surface."""

    def __init__(self, clock: Clock, name: str, columns: int) -> None:
        self._offset = [spread_over(clock, f"{name} offset {i}", columns, _mm("offset")) for i in (1, 2)]
        self._wander = [Wander(clock, f"{name} wander {i}", columns, _mm("wander"), DAY_S) for i in (1, 2)]
        self._noise = [Wander(clock, f"{name} noise {i}", columns, 1.0) for i in (1, 2)]
        memory_s = figure("level.turbulence_memory")
        self._turbulence = Wander(clock, f"{name} turbulence", columns, _mm("turbulence"), memory_s)

    def read(self, surface: Float64, air: Air, filling: Float64) -> list[Float64]:
        steps = surface.shape[0]
        ripples = np.hypot(_mm("radar_noise"), _mm("waves") * air.wind) * self._noise[0].take(steps)
        stirred = self._turbulence.take(steps) * (filling > 0)
        radar = surface + self._offset[0] + self._wander[0].take(steps) + ripples + stirred
        servo = surface + self._offset[1] + self._wander[1].take(steps) + 0.3 * stirred
        return [shown(radar, MM), shown(servo + _mm("servo_noise") * self._noise[1].take(steps), MM)]


class TankFamily:
    """Atmospheric tanks under nitrogen. Worked: flow meters and pumps as well; else they stand for weeks."""

    kind = "storage_tank"

    def __init__(self, clock: Clock, sites: int, name: str, units: int, *, worked: bool) -> None:
        self.name, self.units, self.worked = name, units, worked
        self.signals = _tank_signals("tank worked daily" if worked else "tank at rest", worked)
        n = sites * units
        rest_h = figure("work.rest") if worked else 1e9
        self._area = figure("level.tank_area")
        self._work = TankWork(
            clock, name, n, area=self._area, low=TANK_LEVELS["L"] + 0.3, high=TANK_LEVELS["H"], rest_h=rest_h
        )
        self._gauges = Gauges(clock, name, n)
        self._liquid = Lag(clock, figure("level.liquid_memory") * DAY_S)
        self._vapour = Lag(clock, figure("breathing.vapour_memory") * HOUR_S)
        self._keep = float(np.exp(-clock.period_s / figure("breathing.valve_memory")))
        self._hours = clock.period_s / HOUR_S
        self._kpa = clock.stream(f"{name} pressure").uniform(
            figure("breathing.blanket_low"), figure("breathing.blanket_high"), n
        )
        self._vapour_k = np.zeros(0)
        self._breath = Wander(clock, f"{name} breathing noise", n, figure("breathing.noise"))
        self._warmth = Wander(clock, f"{name} temperature noise", n, figure("temperature.noise"))
        self._gains = [1 + spread_over(clock, f"{name} meter {i}", n, _percent("flow_gain")) for i in (1, 2)]
        self._flows = [Wander(clock, f"{name} flow {i}", n, _percent("flow_noise")) for i in (1, 2)]

    def take(self, air: Air, steps: int) -> list[Float64]:
        air = air.over(self.units)
        level, inflow, outflow = self._work.take(steps)
        liquid = self._liquid.take(air.temperature)
        pressure = self._pressure(air, level, inflow - outflow)
        surface = level * (1 + figure("level.expansion") * (liquid - 15.0))
        values = self._gauges.read(surface, air, inflow)
        values.append(shown(pressure + self._breath.take(steps), 0.01))
        values.append(shown(liquid + self._warmth.take(steps), 0.1))
        if self.worked:
            values += [self._meter(0, inflow), self._meter(1, outflow)]
            values += [(inflow > 0).astype(np.float64), (outflow > 0).astype(np.float64)]
        return values

    def _pressure(self, air: Air, level: Float64, flow: Float64) -> Float64:
        """Gauge kPa of the vapour space: dp = P (dT/T + Q dt/V), held by blanket and breather."""
        kelvin = self._vapour.take(air.temperature + figure("breathing.sun_heats") * air.sun) + ZERO_CELSIUS_K
        before = kelvin[:1] if not len(self._vapour_k) else self._vapour_k[None, :]
        warming = np.diff(kelvin, axis=0, prepend=before) / kelvin
        self._vapour_k = kelvin[-1].copy()
        ullage = (figure("level.tank_height") - level) * self._area
        squeeze = flow * self._hours / np.maximum(ullage, figure("breathing.ullage"))
        pushed = ATMOSPHERE_KPA * (warming + squeeze)
        low, high = figure("breathing.blanket_low"), figure("breathing.blanket_high")
        _breathe(self._kpa, pushed, low, high, self._keep)
        return pushed

    def _meter(self, which: int, flow: Float64) -> Float64:
        read = flow * self._gains[which] * (1 + self._flows[which].take(flow.shape[0]))
        return shown(np.where(read < CUT_OFF, 0.0, read), 0.1)


@compiled
def _breathe(now: Float64, pushed: Float64, low: float, high: float, keep: float) -> None:
    for step in range(pushed.shape[0]):
        for column in range(pushed.shape[1]):
            kpa = now[column] + pushed[step, column]
            bound = min(max(kpa, low), high)
            now[column] = bound + (kpa - bound) * keep
            pushed[step, column] = now[column]


class SphereFamily:
    """A sphere of liquefied propane: its pressure is the vapour pressure of its surface."""

    kind = "pressure_vessel"
    name, units = "V", 1
    signals = (
        Signal("LT01", "level", "LPG sphere", "m", 0, 12, TANK_LEVELS, resolution=MM),
        Signal("LT02", "level", "LPG sphere", "m", 0, 12, TANK_LEVELS, resolution=MM),
        Signal("PT01", "pressure", "LPG sphere", "MPa", 0, 2.5, {"H": 1.6, "HH": 1.77}, resolution=0.001),
        Signal("TT01", "temperature", "LPG sphere", "degC", -40, 80, TANK_TEMPERATURES, resolution=0.1),
    )

    def __init__(self, clock: Clock, sites: int) -> None:
        n = sites * self.units
        rest_h = figure("work.sphere_rest")
        self._work = TankWork(
            clock, self.name, n, area=figure("level.tank_area"), low=TANK_LEVELS["L"] + 0.3,
            high=TANK_LEVELS["H"], rest_h=rest_h,
        )  # fmt: skip
        self._gauges = Gauges(clock, self.name, n)
        self._bulk = Lag(clock, figure("sphere.liquid_memory") * DAY_S)
        self._sun = Lag(clock, figure("sphere.surface_memory") * HOUR_S)
        self._pressure = Wander(clock, "sphere pressure noise", n, figure("sphere.noise"))
        self._warmth = Wander(clock, "sphere temperature noise", n, figure("temperature.noise"))

    def take(self, air: Air, steps: int) -> list[Float64]:
        air = air.over(self.units)
        level, inflow, _ = self._work.take(steps)
        liquid = self._bulk.take(air.temperature)
        surface = liquid + figure("sphere.sun_heats") * self._sun.take(air.sun)
        pressure = propane_gauge_mpa(surface) + self._pressure.take(steps)
        height = level * (1 + figure("level.expansion") * (liquid - 15.0))
        return [
            *self._gauges.read(height, air, inflow),
            shown(pressure, 0.001),
            shown(liquid + self._warmth.take(steps), 0.1),
        ]


def propane_gauge_mpa(temperature_c: Float64) -> Float64:
    """Vapour pressure above the atmosphere, Antoine (coefficients: `simulators/processes/gases.yaml`)."""
    coefficients = gases()["propane"].antoine
    assert coefficients is not None
    a, b, c = coefficients
    pascal: Float64 = 10 ** (a - b / (temperature_c + ZERO_CELSIUS_K + c))
    return (pascal - ATMOSPHERE_PA) / 1e6


def _tank_signals(situation: str, worked: bool) -> tuple[Signal, ...]:
    signals = (
        Signal("LT01", "level", f"{situation}, radar", "m", 0, 12, TANK_LEVELS, resolution=MM),
        Signal("LT02", "level", f"{situation}, servo gauge", "m", 0, 12, TANK_LEVELS, resolution=MM),
        Signal(
            "PT01", "pressure", f"{situation}, vapour space", "kPa", -5, 10, TANK_PRESSURES, resolution=0.01
        ),
        Signal(
            "TT01", "temperature", f"{situation}, liquid", "degC", -40, 80, TANK_TEMPERATURES, resolution=0.1
        ),
    )
    if not worked:
        return signals
    return (
        *signals,
        Signal("FT01", "flow", "on and off with the work", "m3/h", 0, 250, resolution=0.1),
        Signal("FT02", "flow", "on and off with the work", "m3/h", 0, 250, resolution=0.1),
        Signal("XS01", "state", "pump runs with the work", "-", 0, 1),
        Signal("XS02", "state", "pump runs with the work", "-", 0, 1),
    )


def _mm(name: str) -> float:
    return figure(f"level.{name}") * MM


def _percent(name: str) -> float:
    return figure(f"work.{name}") / 100
