"""Wind that wanders, day and night, air temperature.

Speed and direction are Ornstein-Uhlenbeck walks; the stability class follows from the speed and from
whether the sun is up (`dispersion.stability_classes`). The sun's radiation is half a sine from sunrise to
sunset, weakened by clouds. The defaults of memory, deviation and radiation are plausible for open
ground, not taken from a source: change them freely.
"""

import math

import numpy as np

from simulators.parameters import Celsius, Degrees, Fraction, Hour, NonNegative, Parameters, Positive
from simulators.processes.dispersion import stability_classes
from simulators.processes.ornstein_uhlenbeck import OrnsteinUhlenbeck


class WeatherModel(Parameters, frozen=True, kw_only=True):
    mean_speed_m_s: Positive = 3.0
    speed_deviation_m_s: NonNegative = 0.5
    speed_memory_s: Positive = 60.0
    calm_m_s: Positive = 0.5
    """The wind never falls below this: a plume formula has no meaning in a calm."""
    mean_direction_deg: Degrees = 225.0
    """Where the wind comes *from*, clockwise from north."""
    direction_deviation_deg: NonNegative = 12.0
    direction_memory_s: Positive = 30.0
    start_hour: Hour = 10.0
    """Local hour when the plant starts; it then runs with the plant's clock."""
    sunrise_hour: Hour = 6.0
    sunset_hour: Hour = 18.0
    peak_sun_w_m2: NonNegative = 900.0
    """On a surface that faces the sun, under a clear sky at the middle of the day."""
    cloudiness: Fraction = 0.0
    """Share of the radiation that clouds keep away."""
    mean_air_c: Celsius = 20.0
    daily_swing_c: NonNegative = 5.0
    """Half of the difference between the day's extremes."""
    warmest_hour: Hour = 15.0

    def __post_init__(self) -> None:
        if not self.sunrise_hour < self.sunset_hour:
            raise ValueError(
                f"sunrise_hour {self.sunrise_hour} must be before sunset_hour {self.sunset_hour}"
            )


class Weather:
    """The air over one site. Call `step`, then read the properties."""

    def __init__(self, model: WeatherModel, random: np.random.Generator, begins_s: float = 0.0) -> None:
        """`begins_s`: the plant's clock now; below 0 before `start_hour`."""
        self._model = model
        self._elapsed_s = begins_s
        self._speed = OrnsteinUhlenbeck(
            model.mean_speed_m_s, model.speed_deviation_m_s, model.speed_memory_s, random
        )
        self._direction = OrnsteinUhlenbeck(
            model.mean_direction_deg, model.direction_deviation_deg, model.direction_memory_s, random
        )

    def step(self, dt_s: float) -> None:
        self._elapsed_s += dt_s
        self._speed.step(dt_s)
        self._direction.step(dt_s)

    def shift(self, direction_deg: float | None = None, speed_m_s: float | None = None) -> None:
        """New means; the wind turns to them the shorter way round, with its own memory."""
        if direction_deg is not None:
            turn = (direction_deg - self._direction.mean + 180) % 360 - 180
            self._direction.mean += turn
        if speed_m_s is not None:
            self._speed.mean[:] = speed_m_s

    @property
    def speed_m_s(self) -> float:
        return max(float(self._speed.value[0]), self._model.calm_m_s)

    @property
    def direction_deg(self) -> float:
        """Where the wind comes from, 0 ≤ direction < 360, clockwise from north."""
        return float(self._direction.value[0]) % 360.0

    @property
    def hour(self) -> float:
        return (self._model.start_hour + self._elapsed_s / 3600) % 24

    @property
    def day(self) -> bool:
        return self._model.sunrise_hour <= self.hour < self._model.sunset_hour

    @property
    def classes(self) -> tuple[str, ...]:
        return stability_classes(self.speed_m_s, day=self.day)

    @property
    def air_c(self) -> float:
        phase = 2 * math.pi * (self.hour - self._model.warmest_hour) / 24
        return self._model.mean_air_c + self._model.daily_swing_c * math.cos(phase)

    @property
    def sun_w_m2(self) -> float:
        model = self._model
        share = (self.hour - model.sunrise_hour) / (model.sunset_hour - model.sunrise_hour)
        if not 0 < share < 1:
            return 0.0
        return model.peak_sun_w_m2 * (1 - model.cloudiness) * math.sin(math.pi * share)
