"""Spring-loaded relief valve: pops at its set pressure, reseats below it.

Opens to 70 % of its lift at the set pressure, straight to full lift 10 % above, and closes 7 to 10 %
below: usual figures of safety valves, without a source here. Between, it chatters when it is larger than
what has to go out: the saw-tooth of the pressure.
"""

from simulators.processes.orifice import hole_area

POPS_OPEN, FULL_LIFT = 0.7, 1.10
"""Lift when it opens; share of the set pressure where it is fully open."""
RELIEF_DISCHARGE = 0.975
"""Kd of API 520 for a certified relief valve."""


class ReliefValve:
    """Ask `area_m2` with the pressure of each step: it remembers whether it is open."""

    def __init__(self, set_mpa: float, hole_mm: float, reseats: float) -> None:
        """`reseats` is the share of the set pressure (gauge) at which it closes."""
        self._set_mpa = set_mpa
        self._full_m2 = hole_area(hole_mm)
        self._reseats = reseats
        self.open = False
        self.lifts = 0
        """How often it has popped."""

    def share(self, pressure_mpa: float) -> float:
        """Of the set pressure."""
        return pressure_mpa / self._set_mpa

    def area_m2(self, pressure_mpa: float) -> float:
        """Open area at this gauge pressure."""
        share = self.share(pressure_mpa)
        opened = share >= 1.0 or (self.open and share > self._reseats)
        self.lifts += opened and not self.open
        self.open = opened
        if not opened:
            return 0.0
        lift = POPS_OPEN + (1 - POPS_OPEN) * (share - 1) / (FULL_LIFT - 1)
        return min(max(lift, POPS_OPEN), 1.0) * self._full_m2
