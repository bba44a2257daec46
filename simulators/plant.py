"""The simulated plant, from physics to samples: THE FILE TO READ FIRST of the simulators.

    events → site (weather, tanks, vessels, plumes) → instruments (lag, noise, range, faults) → samples
                                    samples → link (late, twice, out of order, outages) → deliveries

A plant has its own clock, so its time can run faster than real. It is deterministic: the same scenario,
seed and start give the same samples, to the byte.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.faults import Fault, UInt8
from simulators.imperfections import Index
from simulators.instruments import InstrumentBank
from simulators.link import Link
from simulators.processes.gases import Float64
from simulators.scenario import Scenario
from simulators.site import Site
from simulators.watch import Watch

SECOND_NS = 1_000_000_000
MILLISECOND_NS = 1_000_000


class PlantSamples(NamedTuple):
    """n samples of one moment; n is 0 when no instrument was due."""

    tags: tuple[str, ...]
    source_time: npt.NDArray[np.int64]  # ns UTC, whole milliseconds
    value: Float64  # NaN where no value came
    quality: UInt8  # detectors.quality.Quality


class Plant:
    """One run of a scenario."""

    def __init__(
        self, scenario: Scenario, seed: int | None = None, start_ns: int = 0, history_s: float = 0.0
    ) -> None:
        """`seed` None: the one that the scenario was drawn from. `start_ns` (UTC), when its clock shows 0, is
        taken down to the whole millisecond, as stamps on the wire are. `history_s`: how long before that it
        begins to run; the scenario's units are then as they were so long before."""
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.start_ns = start_ns - start_ns % MILLISECOND_NS
        self._tick = -round(history_s / scenario.step_s)
        self.site = Site(scenario.layout, self._stream, self.elapsed_s)
        self.link = Link()
        """Takes what `advance` gives to its receiver; see `link.deliveries`."""
        instruments = scenario.layout.instruments
        self._index = {one.tag: index for index, one in enumerate(instruments)}
        self._bank = InstrumentBank(instruments, self._stream("instruments"))
        self._every = np.array([round(one.period_s / scenario.step_s) for one in instruments], dtype=np.int64)
        self._tags = np.array([one.tag for one in instruments], dtype=object)
        self._faults: list[tuple[Index, Fault]] = []
        past = all(event.at_s >= self.elapsed_s for event in scenario.events)
        events = [one for one in enumerate(scenario.events) if past or one[1].at_s >= 0]
        self._waiting = sorted(events, key=lambda item: item[1].at_s)
        self._running: list[tuple[float, Iterator[None]]] = []
        self._watch = Watch(self.site, scenario.watched)

    @property
    def enterprise(self) -> str:
        return self.scenario.layout.enterprise

    @property
    def gateway(self) -> str:
        return self.scenario.layout.gateway

    @property
    def step_s(self) -> float:
        return self.scenario.step_s

    @property
    def elapsed_s(self) -> float:
        """The plant's own time since its start; below 0 in the history before it."""
        return self._tick * self.scenario.step_s

    @property
    def now_ns(self) -> int:
        """The plant's own time, ns UTC."""
        return self.start_ns + self._tick * round(self.scenario.step_s * 1000) * MILLISECOND_NS

    def advance(self) -> PlantSamples:
        """One step on; the samples of the instruments that are due at its end."""
        self._turn_events()
        self.site.step(self.scenario.step_s)
        self._tick += 1
        true = self.site.true_values()
        self._watch.look(true, self.elapsed_s, self.now_ns)
        air_c = self.site.weather.air_c
        reading = self._bank.read(true, self.scenario.step_s, self._faults, air_c=air_c)
        due = (self._tick % self._every == 0) & reading.sent
        stamps = np.full(int(due.sum()), self.now_ns, dtype=np.int64)
        return PlantSamples(tuple(self._tags[due]), stamps, reading.value[due], reading.quality[due])

    @property
    def reached(self) -> list[dict[str, int]]:
        """For each event of the scenario: the watched levels that the truth has passed so far, ns UTC."""
        return self._watch.reached

    def attach(self, point: str | Sequence[str], fault: Fault) -> None:
        """From now on these instruments are sick; several faults work in the order of their coming."""
        points = (point,) if isinstance(point, str) else point
        self._faults.append((np.array([self._index[one] for one in points], dtype=np.intp), fault))

    def detach(self, fault: Fault) -> None:
        """The instruments have been mended of this fault."""
        if fault.recalibrates:
            for at in [at for at, other in self._faults if other is fault]:
                self._bank.calibrate(at)
        self._faults = [pair for pair in self._faults if pair[1] is not fault]

    def _turn_events(self) -> None:
        now = self.elapsed_s
        for _, course in [one for one in self._running if one[0] <= now]:
            next(course, None)
        self._running = [one for one in self._running if one[0] > now]
        while self._waiting and self._waiting[0][1].at_s <= now:
            number, event = self._waiting.pop(0)
            course = event.begin(self, number)
            next(course)
            if event.duration_s is not None:
                self._running.append((event.at_s + event.duration_s, course))

    def _stream(self, name: str) -> np.random.Generator:
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, zlib.crc32(name.encode())]))
        )
