"""A pump and its line: how much flows follows from the pump's curve and what resists.

    pump    H = s²·H0·(1 − (Q/(s·Qmax))²)         affinity laws: head with the square of the speed s
    line    H = z + Δp/(ρ·g) + (k + kv/x²)·Q²     lift, pressure difference, pipe and valve opened to x
    flow    Q = √( (s²·H0 − z − Δp/(ρ·g)) / (H0/Qmax² + k + kv/x²) ),  none backwards: a check valve holds
    inertia dQ/dt = (Q∞ − Q)/τ                    first order, stepped exactly

Textbook hydraulics with turbulent losses. The valve moves at its own pace.
"""

import math

from simulators.parameters import Fraction, NonNegative, Parameters, Positive, Tag
from simulators.processes.orifice import GRAVITY

OUTSIDE = "outside"
"""A ship, a lorry, a neighbour: gives and takes whatever the pump moves, at atmospheric pressure."""
SHUT = 1e-3
"""A valve opened less than this lets nothing through."""


class LineDesign(Parameters, frozen=True, kw_only=True):
    id: Tag
    source: Tag = OUTSIDE
    sink: Tag = OUTSIDE
    """Ids of tanks or vessels, or outside."""
    shutoff_head_m: Positive
    """H0: what the pump lifts without flow."""
    runout_m3_h: Positive
    """Qmax: what it moves against nothing."""
    lift_m: float = 0.0
    """From the source's bottom to the sink's bottom, or to the free end outside."""
    line_head_m: NonNegative = 5.0
    """Lost in the pipe at `runout_m3_h`: gives k."""
    valve_head_m: NonNegative = 2.0
    """Lost in the open valve at `runout_m3_h`: gives kv."""
    enters_at_top: bool = True
    """The sink is filled from above: its level does not press against the pump."""
    stroke_s: Positive = 30.0
    """The valve from shut to open."""
    inertia_s: Positive = 3.0
    running: bool = False
    opening: Fraction = 1.0
    """At the start. Stroke and inertia are defaults without a source."""


class PumpLine:
    """Set `running`, `speed` and `wanted_opening`; call `step`, read `flow_m3_h`."""

    def __init__(self, design: LineDesign, density_kg_m3: float) -> None:
        """`density_kg_m3` of the liquid, to turn heads into pressures."""
        self._design = design
        self._density = density_kg_m3
        per_flow = 1 / design.runout_m3_h**2
        self._pump_k = design.shutoff_head_m * per_flow
        self._line_k = design.line_head_m * per_flow
        self._valve_k = design.valve_head_m * per_flow
        self.running = design.running
        self.speed = 1.0
        """Share of the nominal speed."""
        self.wanted_opening = self.opening = design.opening
        self.flow_m3_h = 0.0
        self.settled = False

    def step(
        self,
        dt_s: float,
        *,
        source_level_m: float = 0.0,
        sink_level_m: float = 0.0,
        against_pa: float = 0.0,
        available_m3: float = math.inf,
    ) -> None:
        """`against_pa`: gauge pressure of the sink less the source's; `available_m3`: all in the source."""
        travel = dt_s / self._design.stroke_s
        self.opening += min(max(self.wanted_opening - self.opening, -travel), travel)
        steady = self.steady_m3_h(source_level_m, sink_level_m, against_pa)
        kept = math.exp(-dt_s / self._design.inertia_s) if self.settled else 0.0
        self.settled = True
        flow = steady + (self.flow_m3_h - steady) * kept
        self.flow_m3_h = min(flow, available_m3 / dt_s * 3600) if self.opening > SHUT else 0.0

    def steady_m3_h(self, source_level_m: float, sink_level_m: float, against_pa: float) -> float:
        """What flows when nothing changes any more."""
        if not self.running or self.opening <= SHUT:
            return 0.0
        height_m = sink_level_m if not self._design.enters_at_top else 0.0
        static_m = self._design.lift_m + height_m - source_level_m
        head_m = self.speed**2 * self._design.shutoff_head_m - static_m
        head_m -= against_pa / (self._density * GRAVITY)
        resists = self._pump_k + self._line_k + self._valve_k / self.opening**2
        return math.sqrt(head_m / resists) if head_m > 0 else 0.0

    @property
    def discharge_kpa(self) -> float:
        """Gauge pressure that the pump adds, before the valve."""
        if not self.running:
            return 0.0
        head_m = self.speed**2 * self._design.shutoff_head_m - self._pump_k * self.flow_m3_h**2
        return self._density * GRAVITY * head_m / 1000
