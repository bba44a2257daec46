"""Weather over many sites at once: seasons, days, fronts, clouds and gusts."""

from typing import NamedTuple

import numpy as np

from evaluation.quiet_figures import DAY_S, HOUR_S, figure
from evaluation.quiet_walks import Clock, Float64, Wander

WARMEST_HOUR = 15.0
SEASONS = ("winter", "spring", "summer", "autumn")
SUNRISE = {"winter": 7.5, "spring": 5.5, "summer": 4.8, "autumn": 6.3}
"""Local hour, of a place at 39 degrees north; sunset lies as far behind noon."""


class Air(NamedTuple):
    """Some steps of weather, each [steps, sites]."""

    temperature: Float64  # degC
    sun: Float64  # 0 at night and under cloud, 1 at a clear noon
    humidity: Float64  # %RH
    barometer: Float64  # hPa
    wind: Float64  # m/s

    def over(self, units: int) -> "Air":
        """The same for columns of `units` units at each site."""
        return Air(*(np.repeat(column, units, axis=1) for column in self))


class QuietWeather:
    """Sites in the order of the seasons, again and again: each has its own days."""

    def __init__(self, clock: Clock, sites: int) -> None:
        self._clock = clock
        self.seasons = tuple(SEASONS[site % len(SEASONS)] for site in range(sites))
        self._mean = np.array([figure(f"weather.mean_{season}") for season in self.seasons])
        self._rise = np.array([SUNRISE[season] for season in self.seasons])
        fronts_s = figure("weather.front_memory") * DAY_S
        self._fronts = Wander(clock, "fronts", sites, figure("weather.front_deviation"), fronts_s)
        gusts_s = figure("weather.gust_memory") * HOUR_S
        self._gusts = Wander(clock, "gusts", sites, figure("weather.gust_deviation"), gusts_s)
        self._pressure = Wander(clock, "barometer", sites, figure("weather.barometer_deviation"), fronts_s)
        self._damp = Wander(clock, "humidity", sites, figure("weather.humidity_deviation"), fronts_s)
        wind_s = figure("weather.wind_memory") * HOUR_S
        self._wind = Wander(clock, "wind", sites, figure("weather.wind_deviation"), wind_s)
        cloud_s = figure("weather.cloud_memory") * HOUR_S
        self._clouds = Wander(clock, "clouds", sites, 1.0, cloud_s)
        self._done = 0

    def take(self, steps: int) -> Air:
        """The next steps."""
        passed_s = (np.arange(self._done, self._done + steps) + 1) * self._clock.period_s
        self._done += steps
        hour = (passed_s % DAY_S / HOUR_S)[:, None]
        daily = np.cos(2 * np.pi * (hour - WARMEST_HOUR) / 24)
        clear = 1 / (1 + np.exp(-2 * self._clouds.take(steps)))
        fronts = self._fronts.take(steps)
        swing = figure("weather.daily_swing") * (0.5 + clear)
        height = np.sin(np.pi * (hour - self._rise) / (24 - 2 * self._rise))
        lit = (hour > self._rise) & (hour < 24 - self._rise)
        humidity = figure("weather.humidity_mean") + self._damp.take(steps)
        tide = figure("weather.barometer_tide") * np.cos(4 * np.pi * (hour - 10) / 24)
        return Air(
            temperature=self._mean + swing * daily + fronts + self._gusts.take(steps),
            sun=np.where(lit, np.maximum(height, 0.0), 0.0) * clear,
            humidity=np.clip(humidity - figure("weather.humidity_swing") * daily, 15, 100),
            barometer=figure("weather.barometer_mean") + self._pressure.take(steps) + tide,
            wind=np.maximum(figure("weather.wind_mean") + self._wind.take(steps), 0.2),
        )
