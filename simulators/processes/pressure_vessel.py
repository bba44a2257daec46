"""Vessel of a pressurised liquefied gas with an inert pad, between a feed pump and an outlet valve.

    P = Psat(T) + n_pad·R·T / V_vapour,  V_vapour = V − m/ρ        the pad is squeezed as the liquid rises
    dm/dt = ṁfeed − ṁoutlet − ṁrelief − ṁleak
    dT/dt = (T_air − T)/τ + (T_feed − T)·ṁfeed/m

So a blocked outlet raises the pressure ever faster, until the relief valve lifts or the pump can give no
more. The relief valve pops at its set pressure, is fully open 10 % above and reseats 7 % below: usual
figures without a source. Left out: the mass of the vapour (1 % of the liquid's), the cold of
evaporation, and the liquid's own expansion.
"""

import math

from simulators.parameters import Celsius, Fraction, NonNegative, Parameters, Positive
from simulators.processes.gases import (
    ATMOSPHERE_PA,
    MOLAR_GAS_CONSTANT,
    ZERO_CELSIUS_K,
    Gas,
    gases,
    vapour_pressure,
)
from simulators.processes.orifice import SHARP_EDGED, gas_flow, hole_area

LONGEST_STEP_S = 0.2
LEAST_VAPOUR = 0.005
"""Share of the volume that stays vapour, so that a full vessel has a pressure and not a pole."""
POPS_OPEN, FULL_LIFT, RESEATS = 0.7, 1.10, 0.93
"""Relief valve: lift when it opens; share of the set pressure where it is fully open; where it closes."""
RELIEF_DISCHARGE = 0.975
"""Kd of API 520 for a certified relief valve."""
PUMP_WEAKENS = 0.8
"""Share of the pump's shut-off pressure from which its flow falls, straight to nothing."""


class VesselDesign(Parameters, frozen=True, kw_only=True):
    id: str
    gas: str
    volume_m3: Positive
    filled: Fraction
    """Liquid share of the volume at the start."""
    pad_mpa: NonNegative = 0.0
    """Partial pressure of the inert gas at the start."""
    temperature_c: Celsius = 25.0
    feed_m3_h: NonNegative = 0.0
    """Liquid in; the outlet valve lets the same out unless it is blocked."""
    feed_c: Celsius = 25.0
    feed_shutoff_mpa: Positive
    """Gauge pressure against which the pump gives nothing any more."""
    relief_set_mpa: Positive
    """Gauge."""
    relief_hole_mm: NonNegative
    warming_h: Positive = 24.0
    """Time constant of the heat exchange with the air; a default without a source."""


class PressureVessel:
    """Set `outlet_opening` (0 blocked, 1 free) and `hole_m2` (in the vapour space), call `step`, read on.

    Always true: fed − delivered − relieved − leaked = mass − mass at the start (kg, of the stored gas).
    """

    def __init__(self, design: VesselDesign) -> None:
        self.gas: Gas = gases()[design.gas]
        if self.gas.liquid_density_kg_m3 is None:
            raise ValueError(
                f"{design.gas} has no liquid density in gases.yaml: it cannot be stored as a liquid"
            )
        self._design = design
        self._density = self.gas.liquid_density_kg_m3
        self.temperature_c = design.temperature_c
        self.mass_kg = design.filled * design.volume_m3 * self._density
        self._pad_mol = (
            design.pad_mpa
            * 1e6
            * self._vapour_m3()
            / (MOLAR_GAS_CONSTANT * (design.temperature_c + ZERO_CELSIUS_K))
        )
        self.feed_m3_h = design.feed_m3_h
        self.outlet_opening = 1.0
        self.hole_m2 = 0.0
        self.leak_kg_s = 0.0
        self.relieving = False
        self.fed_kg = self.delivered_kg = self.relieved_kg = self.leaked_kg = 0.0

    def step(self, dt_s: float, air_c: float) -> None:
        leaked_before = self.leaked_kg
        parts = max(1, math.ceil(dt_s / LONGEST_STEP_S - 1e-9))
        for _ in range(parts):
            self._small_step(dt_s / parts, air_c)
        self.leak_kg_s = (self.leaked_kg - leaked_before) / dt_s

    @property
    def pressure_mpa(self) -> float:
        """Gauge."""
        return (self._absolute_pa() - ATMOSPHERE_PA) / 1e6

    @property
    def filled(self) -> float:
        """Liquid share of the volume."""
        return self.mass_kg / self._density / self._design.volume_m3

    def _small_step(self, dt_s: float, air_c: float) -> None:
        nominal = self.feed_m3_h / 3600 * self._density
        vented, leaked = self._relief() * dt_s, self._through(self.hole_m2, SHARP_EDGED) * dt_s
        relieved, pad_lost = self._split(vented)
        wanted = (nominal * self.outlet_opening * dt_s, relieved, leaked)
        fed = min(nominal * self._pump_share() * dt_s, max(self._room_kg(), 0.0) + sum(wanted))
        scale = min(1.0, (self.mass_kg + fed) / max(sum(wanted), 1e-12))
        self._warm(fed, air_c, dt_s)
        self._pad_mol -= min(pad_lost, self._pad_mol)
        self.mass_kg += fed - scale * sum(wanted)
        self.fed_kg += fed
        self.delivered_kg += scale * wanted[0]
        self.relieved_kg += scale * wanted[1]
        self.leaked_kg += scale * wanted[2]

    def _warm(self, fed_kg: float, air_c: float, dt_s: float) -> None:
        mixed = self.temperature_c
        if fed_kg > 0:
            mixed += (self._design.feed_c - mixed) * fed_kg / (self.mass_kg + fed_kg)
        self.temperature_c = air_c + (mixed - air_c) * math.exp(-dt_s / (self._design.warming_h * 3600))

    def _vapour_m3(self) -> float:
        free = self._design.volume_m3 - self.mass_kg / self._density
        return max(free, LEAST_VAPOUR * self._design.volume_m3)

    def _room_kg(self) -> float:
        """Liquid that still finds place; a vessel full of liquid takes no more than it gives."""
        return (1 - LEAST_VAPOUR) * self._design.volume_m3 * self._density - self.mass_kg

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
        share = self.pressure_mpa / self._design.relief_set_mpa
        self.relieving = share >= 1.0 or (self.relieving and share > RESEATS)
        if not self.relieving:
            return 0.0
        lift = min(max(POPS_OPEN + (1 - POPS_OPEN) * (share - 1) / (FULL_LIFT - 1), POPS_OPEN), 1.0)
        return self._through(lift * hole_area(self._design.relief_hole_mm), RELIEF_DISCHARGE)

    def _split(self, vented_kg: float) -> tuple[float, float]:
        """What a vented mass takes along: (kg of the stored gas, mol of the pad), by partial pressure."""
        pad_share = self._pad_pa() / self._absolute_pa()
        return vented_kg * (1 - pad_share), vented_kg * pad_share / self.gas.molar_mass

    def _through(self, area_m2: float, discharge: float) -> float:
        return gas_flow(area_m2, self._absolute_pa(), self._kelvin(), self.gas, discharge)
