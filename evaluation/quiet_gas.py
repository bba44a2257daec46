"""Gas detectors in air without a leak: zero, drift, weather, background, and the puffs of ordinary work."""

import math
from typing import NamedTuple

import numpy as np

from evaluation.quiet_figures import DAY_S, HOUR_S, figure
from evaluation.quiet_signals import Signal
from evaluation.quiet_walks import Bursts, Clock, Float64, Lag, Wander, shown, spread_over
from evaluation.quiet_weather import Air

CALIBRATED_AT_C, CALIBRATED_AT_RH = 20.0, 60.0
MONTH_DAYS = 30.0


class Detector(NamedTuple):
    """How one sort of detector is built: its section in the figures, and what it shows."""

    section: str
    signal: Signal


class GasFamily:
    """Detectors that clamp their zero: combustible gas, hydrogen sulfide, ammonia."""

    kind = "gas_area"

    def __init__(self, clock: Clock, sites: int, name: str, units: int, detector: Detector) -> None:
        self.name, self.units, self.signals = name, units, (detector.signal,)
        self._detector, self._clock = detector, clock
        n = sites * units
        where = f"{name} {detector.section}"
        f = self._figure
        self._zero = spread_over(clock, f"{where} zero", n, f("zero"))
        self._drift = spread_over(clock, f"{where} drift", n, f("drift")) / MONTH_DAYS
        self._kelvin = spread_over(clock, f"{where} kelvin", n, f("per_kelvin"))
        self._humid = spread_over(clock, f"{where} humid", n, f("per_humidity"))
        self._wander = Wander(clock, f"{where} wander", n, f("drift_wander"), 2 * DAY_S)
        self._background = Wander(
            clock, f"{where} background", n, f("background_spread"), f("background_memory") * HOUR_S
        )
        self._noise = Wander(clock, f"{where} noise", n, 1.0, f("t90") / math.log(10))
        self._noise_size = f("noise")
        lasting = (f("puff_shortest"), f("puff_longest"))
        self._puffs = Bursts(clock, f"{where} puffs", n, f("puffs"), f("puff"), f("puff_spread"), lasting)
        self._lag = Lag(clock, f("t90") / math.log(10))
        self._done = 0

    def _figure(self, name: str) -> float:
        return figure(f"{self._detector.section}.{name}")

    def take(self, air: Air, steps: int) -> list[Float64]:
        air = air.over(self.units)
        days = (np.arange(self._done, self._done + steps) * self._clock.period_s / DAY_S)[:, None]
        self._done += steps
        in_air = self._figure("background") * np.exp(self._background.take(steps)) + self._puffs.take(steps)
        zero = self._zero + self._drift * days + self._wander.take(steps)
        zero += self._kelvin * (air.temperature - CALIBRATED_AT_C)
        zero += self._humid * (air.humidity - CALIBRATED_AT_RH)
        value = self._lag.take(in_air) + zero + self._noise_size * self._noise.take(steps)
        return [shown(np.maximum(value, 0.0), self._detector.signal.resolution)]


class OxygenFamily:
    """Oxygen in a ventilated room: water vapour thins the air, the cell ages."""

    kind = "gas_area"
    name, units = "OX", 2
    signals = (Signal("OD01", "oxygen", "ventilated room", "%VOL", 0, 25, resolution=0.1),)

    def __init__(self, clock: Clock, sites: int) -> None:
        n = sites * self.units
        self._clock = clock
        self._zero = spread_over(clock, "oxygen zero", n, figure("oxygen.zero"))
        self._drift = -np.abs(spread_over(clock, "oxygen drift", n, figure("oxygen.drift"))) / MONTH_DAYS
        self._kelvin = spread_over(clock, "oxygen kelvin", n, figure("oxygen.per_kelvin"))
        memory_s = figure("oxygen.t90") / math.log(10)
        self._noise = Wander(clock, "oxygen noise", n, figure("oxygen.noise"), memory_s)
        self._done = 0

    def take(self, air: Air, steps: int) -> list[Float64]:
        air = air.over(self.units)
        days = (np.arange(self._done, self._done + steps) * self._clock.period_s / DAY_S)[:, None]
        self._done += steps
        room = np.maximum(air.temperature, 5.0)
        vapour = air.humidity / 100 * water_vapour_hpa(np.minimum(air.temperature, room))
        value = figure("oxygen.dry_air") * (1 - vapour / air.barometer)
        value += figure("oxygen.per_barometer") * (air.barometer - figure("weather.barometer_mean"))
        value += self._zero + self._drift * days + self._kelvin * (room - CALIBRATED_AT_C)
        return [shown(value + self._noise.take(steps), 0.1)]


def water_vapour_hpa(temperature_c: Float64) -> Float64:
    """Saturation over water: Magnus formula with the WMO's coefficients (CIMO guide, annex 4.B)."""
    saturated: Float64 = 6.112 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))
    return saturated


METHANE, HYDROGEN_SULFIDE, AMMONIA = "74-82-8", "7783-06-4", "7664-41-7"
FINE = Detector(
    "combustible_gas",
    Signal(
        "GD01", "combustible_gas", "outdoors, shows 0.1 %LEL", "%LEL", 0, 100, cas=METHANE, resolution=0.1
    ),
)
COARSE = Detector(
    "combustible_gas",
    Signal("GD01", "combustible_gas", "outdoors, shows 1 %LEL", "%LEL", 0, 100, cas=METHANE),
)
SULFIDE = Detector(
    "hydrogen_sulfide",
    Signal(
        "GD01", "toxic_gas", "H2S outdoors, shows 0.1 ppm", "ppm", 0, 50, cas=HYDROGEN_SULFIDE, resolution=0.1
    ),
)
AMMONIAC = Detector(
    "ammonia", Signal("GD01", "toxic_gas", "NH3 outdoors, shows 1 ppm", "ppm", 0, 100, cas=AMMONIA)
)
