"""Vessel of a pressurised liquefied gas: a sphere, a bullet or a column, between a feed pump and an outlet.

    P = Psat(T) + n_pad·R·T / V_vapour,  V_vapour = V − m/ρ(T)     the pad is squeezed as the liquid rises
    dm/dt = ṁfeed − ṁoutlet − ṁrelief − ṁleak
    dT/dt = (T_air − T)/τ + (T_feed − T)·ṁfeed/m + a·I·A/(m·cp)    I: the sun's radiation on the shell
    ρ(T) = ρ25·(1 − β·(T − 25 °C))

So a blocked outlet raises the pressure ever faster, until the relief valve (`relief_valve`) lifts or the
pump can give no more; the sun does the same within hours. Left out: the mass of the vapour (1 % of the
liquid's), the cold of evaporation, and vapour that condenses more slowly than the liquid rises.
"""

import math

from simulators.parameters import Celsius, Fraction, NonNegative, Parameters, Positive
from simulators.processes.gases import (
    ATMOSPHERE_PA,
    MOLAR_GAS_CONSTANT,
    ZERO_CELSIUS_K,
    Gas,
    gases,
    liquid_density,
    vapour_pressure,
)
from simulators.processes.geometry import Shape, of_volume
from simulators.processes.orifice import SHARP_EDGED, gas_flow, liquid_flow
from simulators.processes.relief_valve import RELIEF_DISCHARGE, ReliefValve

SHORT_STEP_S, LONG_STEP_S = 0.2, 60.0
"""Inner steps near the relief valve's set pressure, and far from it."""
NEAR_RELIEF = 0.95
SQUEEZED_A_STEP = 0.02
"""Share of the vapour space that one inner step may fill or free."""
LEAST_VAPOUR = 0.005
"""Share of the volume that stays vapour, so that a full vessel has a pressure and not a pole."""
PUMP_WEAKENS = 0.8
"""Share of the pump's shut-off pressure from which its flow falls, straight to nothing."""


class VesselDesign(Parameters, frozen=True, kw_only=True):
    id: str
    gas: str
    volume_m3: Positive
    shape: Shape = "horizontal"
    slenderness: Positive = 5.0
    """Length (or height) by diameter, of a cylinder."""
    filled: Fraction
    """Liquid share of the volume at the start."""
    pad_mpa: NonNegative = 0.0
    """Partial pressure of the inert gas at the start."""
    temperature_c: Celsius = 25.0
    feed_m3_h: NonNegative = 0.0
    """Liquid in; the outlet valve lets the same out unless it is blocked or `drawn_m3_h` says how much."""
    drawn_m3_h: NonNegative | None = None
    feed_c: Celsius = 25.0
    feed_shutoff_mpa: Positive
    """Gauge pressure against which the pump gives nothing any more."""
    relief_set_mpa: Positive
    """Gauge."""
    relief_hole_mm: NonNegative
    relief_reseats: Fraction = 0.93
    """Share of the set pressure at which the relief valve closes: a blowdown of 7 to 10 % is usual."""
    warming_h: Positive = 24.0
    """Time constant of the heat exchange with the air; a default without a source."""
    absorbs: Fraction = 0.25
    """Share of the sun's radiation that the shell takes up: white paint; weathered or dark 0.6 and more.
    Textbook figures."""


class PressureVessel:
    """Set `outlet_opening` (0 blocked, 1 free), `hole_m2` (in the vapour space) and `liquid_hole_m2` (at the
    bottom), call `step`, read on.

    Always true: fed − delivered − relieved − leaked = mass − mass at the start (kg, of the stored gas).
    """

    def __init__(self, design: VesselDesign) -> None:
        self.gas: Gas = gases()[design.gas]
        if self.gas.liquid_density_kg_m3 is None:
            raise ValueError(
                f"{design.gas} has no liquid density in gases.yaml: it cannot be stored as a liquid"
            )
        self._design = design
        self._geometry = of_volume(design.shape, design.volume_m3, design.slenderness)
        self.relief = ReliefValve(design.relief_set_mpa, design.relief_hole_mm, design.relief_reseats)
        self.temperature_c = design.temperature_c
        self.mass_kg = design.filled * design.volume_m3 * self.density_kg_m3
        self._pad_mol = (
            design.pad_mpa
            * 1e6
            * self._vapour_m3()
            / (MOLAR_GAS_CONSTANT * (design.temperature_c + ZERO_CELSIUS_K))
        )
        self.feed_m3_h = design.feed_m3_h
        self.drawn_m3_h = design.drawn_m3_h
        self.piped_in_m3_h = self.piped_out_m3_h = 0.0
        """Through the lines of the site, beside the flows above."""
        self.absorbs = design.absorbs
        self.outlet_opening = 1.0
        self.hole_m2 = self.liquid_hole_m2 = 0.0
        self.leak_kg_s = self.liquid_leak_kg_s = 0.0
        self.flow_in_m3_h = self.flow_out_m3_h = 0.0
        """What really flowed in the last step."""
        self.fed_kg = self.delivered_kg = self.relieved_kg = self.leaked_kg = self.spilt_kg = 0.0
        """`spilt_kg` is the part of `leaked_kg` that left as a liquid."""

    def step(self, dt_s: float, air_c: float, sun_w_m2: float = 0.0) -> None:
        leaked, spilt, fed, delivered = self.leaked_kg, self.spilt_kg, self.fed_kg, self.delivered_kg
        parts = max(1, math.ceil(dt_s / self._longest_step_s() - 1e-9))
        for _ in range(parts):
            self._small_step(dt_s / parts, air_c, sun_w_m2)
        self.liquid_leak_kg_s = (self.spilt_kg - spilt) / dt_s
        self.leak_kg_s = (self.leaked_kg - leaked) / dt_s - self.liquid_leak_kg_s
        per_hour = 3600 / dt_s / self.density_kg_m3
        self.flow_in_m3_h = (self.fed_kg - fed) * per_hour
        self.flow_out_m3_h = (self.delivered_kg - delivered) * per_hour

    @property
    def pressure_mpa(self) -> float:
        """Gauge."""
        return (self._absolute_pa() - ATMOSPHERE_PA) / 1e6

    @property
    def density_kg_m3(self) -> float:
        return liquid_density(self.gas, self._kelvin())

    @property
    def filled(self) -> float:
        """Liquid share of the volume."""
        return min(self.mass_kg / self.density_kg_m3 / self._design.volume_m3, 1.0)

    @property
    def liquid_m3(self) -> float:
        return self.mass_kg / self.density_kg_m3

    @property
    def level_m(self) -> float:
        return self._geometry.level_at(self.filled * self._design.volume_m3)

    @property
    def relieving(self) -> bool:
        return self.relief.open

    def _longest_step_s(self) -> float:
        """Short near the relief valve's set pressure; else what fills or frees little of the vapour space."""
        if self.relief.open or self.relief.share(self.pressure_mpa) > NEAR_RELIEF:
            return SHORT_STEP_S
        leaks = self._through(self.hole_m2, SHARP_EDGED) + self._liquid_leak()
        moved = abs(self._fed_m3_h() - self._drawn_m3_h()) / 3600 + leaks / self.density_kg_m3
        slow = SQUEEZED_A_STEP * self._vapour_m3() / moved if moved > 0 else LONG_STEP_S
        return min(max(slow, SHORT_STEP_S), LONG_STEP_S)

    def _fed_m3_h(self) -> float:
        return self.feed_m3_h + self.piped_in_m3_h

    def _drawn_m3_h(self) -> float:
        drawn = self.feed_m3_h if self.drawn_m3_h is None else self.drawn_m3_h
        return (drawn + self.piped_out_m3_h) * self.outlet_opening

    def _small_step(self, dt_s: float, air_c: float, sun_w_m2: float) -> None:
        density = self.density_kg_m3
        to_kg = density / 3600 * dt_s
        relieved, pad_lost = self._split(self._relief() * dt_s)
        spilt = self._liquid_leak() * dt_s
        wanted = (
            self._drawn_m3_h() * to_kg,
            relieved,
            self._through(self.hole_m2, SHARP_EDGED) * dt_s + spilt,
        )
        pumped = self.feed_m3_h * self._pump_share() + self.piped_in_m3_h
        fed = min(pumped * to_kg, max(self._room_kg(), 0.0) + sum(wanted))
        scale = min(1.0, (self.mass_kg + fed) / max(sum(wanted), 1e-12))
        self._warm(fed, air_c, sun_w_m2, dt_s)
        self._pad_mol -= min(pad_lost, self._pad_mol)
        self.mass_kg += fed - scale * sum(wanted)
        self.fed_kg += fed
        self.delivered_kg += scale * wanted[0]
        self.relieved_kg += scale * wanted[1]
        self.leaked_kg += scale * wanted[2]
        self.spilt_kg += scale * spilt

    def _warm(self, fed_kg: float, air_c: float, sun_w_m2: float, dt_s: float) -> None:
        mixed = self.temperature_c
        if fed_kg > 0:
            mixed += (self._design.feed_c - mixed) * fed_kg / (self.mass_kg + fed_kg)
        if sun_w_m2 > 0 and self.filled > LEAST_VAPOUR:
            taken_up_kj = self.absorbs * sun_w_m2 * self._geometry.shadow_m2 * dt_s / 1000
            mixed += taken_up_kj / (self.mass_kg * self.gas.liquid_heat_capacity_kj_kg_k)
        self.temperature_c = air_c + (mixed - air_c) * math.exp(-dt_s / (self._design.warming_h * 3600))

    def _vapour_m3(self) -> float:
        free = self._design.volume_m3 - self.mass_kg / self.density_kg_m3
        return max(free, LEAST_VAPOUR * self._design.volume_m3)

    def _room_kg(self) -> float:
        """Liquid that still finds place; a vessel full of liquid takes no more than it gives."""
        return (1 - LEAST_VAPOUR) * self._design.volume_m3 * self.density_kg_m3 - self.mass_kg

    def _pad_pa(self) -> float:
        return self._pad_mol * MOLAR_GAS_CONSTANT * self._kelvin() / self._vapour_m3()

    def _absolute_pa(self) -> float:
        return vapour_pressure(self.gas, self._kelvin()) + self._pad_pa()

    def _kelvin(self) -> float:
        return self.temperature_c + ZERO_CELSIUS_K

    def _pump_share(self) -> float:
        shutoff = self._design.feed_shutoff_mpa
        return min(max((shutoff - self.pressure_mpa) / (shutoff * (1 - PUMP_WEAKENS)), 0.0), 1.0)

    def _relief(self) -> float:
        """kg/s through the relief valve; decides whether it is open."""
        return self._through(self.relief.area_m2(self.pressure_mpa), RELIEF_DISCHARGE)

    def _split(self, vented_kg: float) -> tuple[float, float]:
        """What a vented mass takes along: (kg of the stored gas, mol of the pad), by partial pressure."""
        pad_share = self._pad_pa() / self._absolute_pa()
        return vented_kg * (1 - pad_share), vented_kg * pad_share / self.gas.molar_mass

    def _through(self, area_m2: float, discharge: float) -> float:
        if area_m2 <= 0:
            return 0.0
        return gas_flow(area_m2, self._absolute_pa(), self._kelvin(), self.gas, discharge)

    def _liquid_leak(self) -> float:
        if self.liquid_hole_m2 <= 0:
            return 0.0
        over_pa = self.pressure_mpa * 1e6
        return liquid_flow(self.liquid_hole_m2, over_pa, self.density_kg_m3, self.level_m)
