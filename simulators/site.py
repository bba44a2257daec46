"""The processes of one site, stepped together: weather, lines, tanks, vessels, and gas on its way."""

import math
from collections.abc import Callable

import numpy as np

from simulators.layout import GasDetector, Layout
from simulators.processes.gas_plume import GasPlume
from simulators.processes.gas_puffs import GasPuffs
from simulators.processes.gases import Float64, Gas, gases, percent_lel, ppm
from simulators.processes.pressure_vessel import PressureVessel
from simulators.processes.pump_line import OUTSIDE, LineDesign, PumpLine
from simulators.processes.storage_tank import StorageTank
from simulators.processes.weather import Weather
from simulators.releases import Cloud, Release

Streams = Callable[[str], np.random.Generator]
"""A stream of random numbers by name: adding a process never changes what another one draws."""

WATER_KG_M3 = 1000.0
"""Of a line that joins nothing of the site."""


class Site:
    """Call `step`, then `true_values`. Events set the processes' public attributes between steps."""

    def __init__(self, layout: Layout, streams: Streams, begins_s: float = 0.0) -> None:
        """`begins_s`: the plant's clock now."""
        self.layout = layout
        self.streams = streams
        self.weather = Weather(layout.weather, streams("weather"), begins_s)
        self.tanks = {design.id: StorageTank(design) for design in layout.tanks}
        self.vessels = {design.id: PressureVessel(design) for design in layout.vessels}
        self._holders: dict[str, StorageTank | PressureVessel] = {**self.tanks, **self.vessels}
        self.lines = {design.id: PumpLine(design, self._density(design)) for design in layout.lines}
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
        self.processes = {"weather": self.weather, **self._holders, **self.lines}
        """By the names that `Transmitter.measures` uses."""
        self._measured = [
            (self.processes[process], quantity)
            for process, _, quantity in (one.measures.partition(".") for one in layout.transmitters)
        ]

    def step(self, dt_s: float) -> None:
        self.weather.step(dt_s)
        self._pump(dt_s)
        self._open_holes(dt_s)
        air_c, sun_w_m2 = self.weather.air_c, self.weather.sun_w_m2
        for holder in self._holders.values():
            holder.step(dt_s, air_c, sun_w_m2)
        self._smelt_ppm = [ppm(release.spread(dt_s, self.weather), release.gas) for release in self.releases]

    def cloud(self, name: str, gas: Gas, source_m: Float64, *, puffs: bool) -> Cloud:
        """What is to spread over the detectors of its gas; `name` is that of its random numbers."""
        kind = GasPuffs if puffs else GasPlume
        return kind(gas, source_m, self.detectors_m[self._smells[gas.name]], self.streams(name))

    def _pump(self, dt_s: float) -> None:
        """Moves liquid along the lines."""
        for holder in self._holders.values():
            holder.piped_in_m3_h = holder.piped_out_m3_h = 0.0
        for design in self.layout.lines:
            line = self.lines[design.id]
            source, sink = self._holders.get(design.source), self._holders.get(design.sink)
            line.step(
                dt_s,
                source_level_m=source.level_m if source else 0.0,
                sink_level_m=sink.level_m if sink else 0.0,
                against_pa=_gauge_pa(sink) - _gauge_pa(source),
                available_m3=source.liquid_m3 if source else math.inf,
            )
            if source:
                source.piped_out_m3_h += line.flow_m3_h
            if sink:
                sink.piped_in_m3_h += line.flow_m3_h

    def _open_holes(self, dt_s: float) -> None:
        for tank in self.tanks.values():
            tank.hole_m2 = 0.0
        for vessel in self.vessels.values():
            vessel.hole_m2 = vessel.liquid_hole_m2 = 0.0
        for release in self.releases:
            release.widen(dt_s)

    def _density(self, design: LineDesign) -> float:
        ends = [self._holders[name] for name in (design.source, design.sink) if name != OUTSIDE]
        return ends[0].density_kg_m3 if ends else WATER_KG_M3

    def true_values(self) -> Float64:
        """What a perfect instrument would show, in the order of `Layout.instruments`."""
        transmitted = [float(getattr(process, quantity)) for process, quantity in self._measured]
        return np.concatenate([np.array(transmitted, dtype=np.float64), self._at_detectors()])

    def _at_detectors(self) -> Float64:
        parts = self._background_ppm.copy()
        for release, smelt_ppm in zip(self.releases, self._smelt_ppm, strict=True):
            parts[self._smells[release.gas.name]] += smelt_ppm
        shown: Float64 = parts * self._per_ppm
        return shown


def _gauge_pa(holder: StorageTank | PressureVessel | None) -> float:
    if holder is None:
        return 0.0
    return holder.pressure_mpa * 1e6 if isinstance(holder, PressureVessel) else holder.pressure_kpa * 1000


def _per_ppm(detector: GasDetector) -> float:
    """What one ppm is in the detector's unit."""
    if detector.lel_authority is None or detector.engineering_unit != "%LEL":
        return 1.0
    return float(percent_lel(np.ones(1), gases()[detector.gas], detector.lel_authority)[0])
