"""The labelled truth of a generated plant's traffic: the lines of a truth file, as scenarios write them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simulators.event import Danger
from simulators.generator.counted import Int64
from simulators.generator.incidents import Calendar, Incidents
from simulators.generator.mix import IncidentModel, PointKind
from simulators.generator.population import Population, device_id, enterprise_id
from simulators.generator.signals import Signals
from simulators.generator.traffic import MILLISECOND_NS, RATE, SECOND_NS
from simulators.truth import TruthEvent

NAME = "generated"
HIGH_SIDES = ("H", "HH")


class IncidentTruth:
    """What goes wrong within `seconds` at the points of `rows` (None: all), known before the run."""

    def __init__(
        self,
        population: Population,
        seconds: float,
        *,
        start_ns: int = 0,
        rate: float = RATE,
        rows: Int64 | None = None,
    ) -> None:
        """`start_ns` and `rate` as `Traffic` has them."""
        self._population = population
        self._start_ns = start_ns - start_ns % MILLISECOND_NS
        own = np.arange(population.plan.points) if rows is None else rows
        calendar = Calendar(population, own, rate)
        self._names, self._models = calendar.names, calendar.models
        self._days = calendar.until(seconds)

    def __len__(self) -> int:
        return sum(len(day.row) for day in self._days)

    def lines(self) -> Iterator[TruthEvent]:
        """By their beginning."""
        for day in self._days:
            signals = Signals(self._population, day.row)
            for which in range(len(day.row)):
                yield self._line(day, which, signals)

    def write(self, path: Path) -> None:
        """JSON lines, complete or not there at all."""
        encoder = msgspec.json.Encoder()
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as file:
            for line in self.lines():
                file.write(encoder.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def _line(self, day: Incidents, which: int, signals: Signals) -> TruthEvent:
        population, row = self._population, int(day.row[which])
        model, kind = self._models[day.name[which]], population.mix.points[population.kind[row]]
        reached = self._reached(day, which, signals, kind) if model.kind == "process" else {}
        alarms = model.expected or bool(reached)
        if (
            model.kind == "stuck"
        ):  # the packs look for a value that does not move at levels and pressures only
            alarms = kind.quantity in ("level", "pressure")
        enterprise = enterprise_id(int(population.enterprise[row]))
        return TruthEvent(
            event=self._names[day.name[which]],
            unit=population.unit_name(int(population.unit[row])),
            start_ns=self._start_ns + int(day.begin_s[which]) * SECOND_NS,
            end_ns=self._start_ns + int(day.end_s[which]) * SECOND_NS,
            expected_points=(population.point_id(row),) if alarms else (),
            expected="all",
            enterprise=enterprise,
            gateway=device_id(int(population.device[row])),
            scenario=NAME,
            seed=population.plan.seed,
            details=_details(population.tag(row), day, which),
            danger=_danger(model, reached),
            reached=reached,
        )

    def _reached(self, day: Incidents, which: int, signals: Signals, kind: PointKind) -> dict[str, int]:
        """When the value without noise and wandering passed H and HH, ns UTC."""
        seconds = np.arange(day.begin_s[which], day.end_s[which] + 1)
        quiet = signals.smooth(np.full(len(seconds), which), seconds)
        share = day.taken(np.array([which])).share(seconds)
        value = quiet + (day.peak[which] - quiet) * share
        levels = kind.levels | kind.limits
        passed = {side: np.flatnonzero(value >= levels[side]) for side in HIGH_SIDES if side in levels}
        return {
            side: self._start_ns + int(seconds[places[0]]) * SECOND_NS
            for side, places in passed.items()
            if len(places)
        }


def _details(tag: str, day: Incidents, which: int) -> dict[str, Any]:
    details: dict[str, Any] = {"point": tag}
    if day.rise_s[which] > 0:
        details |= {"rise_s": round(float(day.rise_s[which]), 3), "peak": round(float(day.peak[which]), 4)}
    return details


def _danger(model: IncidentModel, reached: dict[str, int]) -> Danger:
    """A process incident is as dangerous as what it reaches: below HH there is time."""
    return model.danger if model.kind != "process" or "HH" in reached else "slow"
