"""The processes of one site, stepped together: weather, tanks, vessels, and gas on its way."""

from collections.abc import Callable

import numpy as np

from simulators.layout import GasDetector, Layout
from simulators.processes.gas_plume import GasPlume
from simulators.processes.gases import ATMOSPHERE_PA, ZERO_CELSIUS_K, Float64, Gas, gases, percent_lel, ppm
from simulators.processes.orifice import gas_flow, hole_area
from simulators.processes.pressure_vessel import PressureVessel
from simulators.processes.storage_tank import StorageTank
from simulators.processes.weather import Weather

Streams = Callable[[str], np.random.Generator]
"""A stream of random numbers by name: adding a process never changes what another one draws."""


class Site:
    """Call `step`, then `true_values`. Events set the processes' public attributes between steps."""

    def __init__(self, layout: Layout, streams: Streams) -> None:
        self.layout = layout
        self.streams = streams
        self.weather = Weather(layout.weather, streams("weather"))
        self.tanks = {design.id: StorageTank(design) for design in layout.tanks}
        self.vessels = {design.id: PressureVessel(design) for design in layout.vessels}
        self.releases: list[Release] = []
        self.detectors_m = np.array(
            [one.place.metres(layout.origin) for one in layout.gas_detectors], dtype=np.float64
        ).reshape(-1, 3)
        detectors = layout.gas_detectors
        self._smells = {
            name: np.array([one.gas == name for one in detectors], dtype=bool) for name in gases()
        }
        self._background_ppm = np.array([layout.background_ppm.get(one.gas, 0.0) for one in detectors])
        self._per_ppm = np.array([_per_ppm(one) for one in detectors])
        self._smelt_ppm: list[Float64] = []
        self.processes = {"weather": self.weather, **self.tanks, **self.vessels}
        """By the names that `Transmitter.measures` uses."""
        self._measured = [
            (self.processes[process], quantity)
            for process, _, quantity in (one.measures.partition(".") for one in layout.transmitters)
        ]

    def step(self, dt_s: float) -> None:
        self.weather.step(dt_s)
        air_c = self.weather.air_c
        for tank in self.tanks.values():
            tank.step(dt_s, air_c)
        for release in self.releases:
            release.widen(dt_s)
        for vessel in self.vessels.values():
            vessel.hole_m2 = sum(one.hole_m2 for one in self.releases if one.vessel is vessel)
            vessel.step(dt_s, air_c)
        self._smelt_ppm = [ppm(release.spread(dt_s), release.gas) for release in self.releases]

    def true_values(self) -> Float64:
        """What a perfect instrument would show, in the order of `Layout.instruments`."""
        transmitted = [float(getattr(process, quantity)) for process, quantity in self._measured]
        return np.concatenate([np.array(transmitted, dtype=np.float64), self._at_detectors()])

    def _at_detectors(self) -> Float64:
        parts = self._background_ppm.copy()
        for release, smelt_ppm in zip(self.releases, self._smelt_ppm, strict=True):
            parts[self._smells[release.gas.name]] += smelt_ppm[self._smells[release.gas.name]]
        shown: Float64 = parts * self._per_ppm
        return shown


def _per_ppm(detector: GasDetector) -> float:
    """What one ppm is in the detector's unit."""
    if detector.lel_authority is None or detector.engineering_unit != "%LEL":
        return 1.0
    return float(percent_lel(np.ones(1), gases()[detector.gas], detector.lel_authority)[0])


class Release:
    """A hole that gas comes out of, and its plume."""

    def __init__(
        self,
        *,
        site: Site,
        name: str,
        source_m: Float64,
        gas: Gas,
        hole_mm: float,
        grows_over_s: float,
        vessel: PressureVessel | None,
        line_mpa: float,
        line_c: float,
    ) -> None:
        """`vessel` gives the pressure, or, without one, a line of `line_mpa` (gauge) and `line_c`."""
        self.gas = gas
        self.vessel = vessel
        self.hole_m2 = 0.0
        self._weather = site.weather
        self._hole_mm = hole_mm
        self._grows_over_s = grows_over_s
        self._open_s = 0.0
        self._closed = False
        self._line_pa = line_mpa * 1e6 + ATMOSPHERE_PA
        self._line_k = line_c + ZERO_CELSIUS_K
        self._plume = GasPlume(gas, source_m, site.detectors_m, site.streams(name))

    def widen(self, dt_s: float) -> None:
        """The hole as it is in this step."""
        self._open_s += dt_s
        grown = min(self._open_s / self._grows_over_s, 1.0) if self._grows_over_s > 0 else 1.0
        self.hole_m2 = 0.0 if self._closed else hole_area(self._hole_mm * grown)

    def spread(self, dt_s: float) -> Float64:
        """Concentration in kg/m³ at every detector of the site."""
        return self._plume.step(dt_s, self.rate_kg_s, self._weather)

    def close(self) -> None:
        """No more comes out; what is out drifts away."""
        self._closed = True

    @property
    def rate_kg_s(self) -> float:
        if self.vessel is None:
            return gas_flow(self.hole_m2, self._line_pa, self._line_k, self.gas)
        return self.vessel.leak_kg_s * self.hole_m2 / self.vessel.hole_m2 if self.vessel.hole_m2 else 0.0
