"""A process line under control: loops that hunt, a spare pump that takes over, another set-point."""

import numpy as np

from evaluation.quiet_figures import HOUR_S, figure
from evaluation.quiet_signals import Signal
from evaluation.quiet_walks import Bursts, Clock, Cycle, Float64, Lag, Wander, shown
from evaluation.quiet_weather import Air


class Loop:
    """One controlled value about its set-point, in its own unit; `size` is one percent of the span."""

    def __init__(self, clock: Clock, name: str, columns: int, size: float) -> None:
        f = _line
        self._cycle = Cycle(
            clock, f"{name} cycle", columns, f("cycle") * size, (f("cycle_shortest"), f("cycle_longest")),
            f("cycle_memory") * HOUR_S,
        )  # fmt: skip
        self._noise = Wander(clock, f"{name} noise", columns, f("noise") * size, f("noise_memory"))
        self._dips = Bursts(
            clock, f"{name} pumps", columns, f("pump_changes"), f("pump_change") * size,
            f("pump_change_spread"), (f("pump_change_shortest"), f("pump_change_longest")), signs=(-1.0,),
        )  # fmt: skip
        self._moves = Bursts(
            clock, f"{name} moves", columns, f("moves"), f("move") * size, f("move_spread"),
            (f("move_shortest"), f("move_longest")), signs=(-1.0, 1.0),
        )  # fmt: skip
        self._lag = Lag(clock, f("move_lag"))

    def take(self, steps: int) -> Float64:
        """Departure from the usual set-point."""
        moved = self._lag.take(self._moves.take(steps))
        return moved + self._dips.take(steps) + self._cycle.take(steps) + self._noise.take(steps)


class LineFamily:
    kind = "process_line"
    name, units = "P", 1
    signals = (
        Signal(
            "PT01", "pressure", "control loop", "MPa", 0, 1.6, {"LL": 0.3, "L": 0.4, "H": 0.75, "HH": 0.9}
        ),
        Signal("FT01", "flow", "control loop", "m3/h", 0, 80, resolution=0.1),
        Signal(
            "TT01",
            "temperature",
            "heated process",
            "degC",
            0,
            150,
            {"LL": 50, "L": 60, "H": 95, "HH": 105},
            resolution=0.1,
        ),
        Signal("XS01", "state", "valve that stays open", "-", 0, 1),
    )

    def __init__(self, clock: Clock, sites: int) -> None:
        n = sites * self.units
        self._columns = n
        self._pressure = Loop(clock, "line pressure", n, 0.016)
        self._flow = Loop(clock, "line flow", n, 0.8)
        t = _temperature
        self._cycle = Cycle(
            clock, "line heat", n, t("cycle"), (t("cycle_shortest"), t("cycle_longest")),
            _line("cycle_memory") * HOUR_S,
        )  # fmt: skip
        self._wander = Wander(clock, "line heat wander", n, t("wander"), t("wander_memory") * HOUR_S)
        self._noise = Wander(clock, "line heat noise", n, t("noise"))
        self._moves = Bursts(
            clock, "line heat moves", n, t("moves"), t("move"), t("move_spread"),
            (_line("move_shortest"), _line("move_longest")), signs=(-1.0, 1.0),
        )  # fmt: skip
        self._lag = Lag(clock, t("move_lag"))

    def take(self, air: Air, steps: int) -> list[Float64]:
        heat = 80 + self._lag.take(self._moves.take(steps)) + self._cycle.take(steps)
        heat += self._wander.take(steps) + self._noise.take(steps)
        return [
            shown(0.6 + self._pressure.take(steps), 0.001),
            shown(50 + self._flow.take(steps), 0.1),
            shown(heat, 0.1),
            np.ones((steps, self._columns)),
        ]


def _line(name: str) -> float:
    return figure(f"line.{name}")


def _temperature(name: str) -> float:
    return figure(f"temperature.{name}")
