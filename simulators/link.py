"""The way from the plant's gateway device to the receiver: what arrives, when, and in which order.

    plant → Link.carry → deliveries (due, samples) → publisher, or an engine without sockets

A link without faults delivers everything at the moment it was made. Faults are attached
and detached by the events of a scenario (`link_events`); each works on every message from then on, in the
order of their coming: a message may be split, held, copied or given another stamp on its way. All of it
follows from the plant's clock and the fault's own stream of random numbers, so the same seed gives the same
deliveries, published or not.
"""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from simulators.plant import Plant, PlantSamples

SECOND_NS = 1_000_000_000


class Delivery(NamedTuple):
    """Samples of one stamp on their way."""

    due: int
    """When they arrive, ns UTC of the plant's clock: the `received_time` of whoever needs no socket."""
    samples: "PlantSamples"
    retained: bool = False
    """The broker kept it, and gives it to whoever subscribes."""
    with_time: bool = True
    """False: the message says nothing of the time of its values."""


class LinkFault:
    """Passes everything on; one object is one episode.

    `points` limits it to these instruments (None: all): the rest of a message goes on without it.
    """

    def __init__(self, points: Sequence[str] | None = None) -> None:
        self.points = None if points is None else frozenset(points)
        self.lost_samples = 0

    @property
    def down(self) -> bool:
        """The line is cut: nothing can be sent, and the connection is gone."""
        return False

    def turn(self, now_ns: int) -> list[Delivery]:
        """Called once for each moment, before its messages: what comes without a new message."""
        return []

    def carry(self, delivery: Delivery) -> list[Delivery]:
        """What becomes of one message."""
        return [delivery]

    def release(self, now_ns: int) -> list[Delivery]:
        """At its end: what it still holds."""
        return []

    def behind(self, now_ns: int) -> int:
        """Until when later messages wait behind what `release` would send now."""
        return now_ns


class Link:
    """One device's line."""

    def __init__(self) -> None:
        self._faults: list[LinkFault] = []
        self._waiting: list[tuple[int, int, Delivery]] = []
        self._numbers = itertools.count()
        self._now_ns = 0
        self._behind = 0
        self._was_down = False
        self._lost_before = 0
        self.cuts = 0
        """How often the line went down."""

    def attach(self, fault: LinkFault) -> None:
        """From now on."""
        self._faults.append(fault)

    def detach(self, fault: LinkFault) -> None:
        """From now on no more; what it holds goes on its way."""
        if fault not in self._faults:  # the run has ended before the fault
            return
        place = self._faults.index(fault)
        self._behind = max(self._behind, fault.behind(self._now_ns))
        self._send(fault.release(self._now_ns), place + 1)
        self._faults.remove(fault)
        self._lost_before += fault.lost_samples
        self._note_cut()

    @property
    def down(self) -> bool:
        return any(fault.down for fault in self._faults)

    @property
    def lost_samples(self) -> int:
        """What no fault will ever give back."""
        return self._lost_before + sum(fault.lost_samples for fault in self._faults)

    def carry(self, samples: "PlantSamples", now_ns: int) -> list[Delivery]:
        """Take what was made at `now_ns`; all that arrives up to then, in the order of its arrival."""
        self._now_ns = now_ns
        for place, fault in enumerate(self._faults):
            self._send(fault.turn(now_ns), place + 1)
        if len(samples.tags):
            self._send([Delivery(max(now_ns, self._behind), samples)], 0)
        self._note_cut()
        return self._arrived(now_ns)

    def rest(self) -> list[Delivery]:
        """Everything still on its way or held, in the order of its arrival: the end of a run."""
        for fault in list(self._faults):
            self.detach(fault)
        return self._arrived(None)

    def _arrived(self, until_ns: int | None) -> list[Delivery]:
        arrived = []
        while self._waiting and (until_ns is None or self._waiting[0][0] <= until_ns):
            arrived.append(heapq.heappop(self._waiting)[-1])
        return arrived

    def _send(self, deliveries: Sequence[Delivery], first: int) -> None:
        """Through the faults from place `first` on, and on its way."""
        for fault in self._faults[first:]:
            deliveries = [out for one in deliveries for out in _through(fault, one)]
        for one in deliveries:
            heapq.heappush(self._waiting, (one.due, next(self._numbers), one))

    def _note_cut(self) -> None:
        down = self.down
        self.cuts += down and not self._was_down
        self._was_down = down


def _through(fault: LinkFault, delivery: Delivery) -> list[Delivery]:
    if fault.points is None:
        return fault.carry(delivery)
    hit = np.array([tag in fault.points for tag in delivery.samples.tags], dtype=np.bool_)
    parts = [delivery._replace(samples=taken(delivery.samples, mask)) for mask in (hit, ~hit)]
    own = fault.carry(parts[0]) if hit.any() else []
    return own + ([parts[1]] if not hit.all() else [])


def taken(samples: "PlantSamples", mask: npt.NDArray[np.bool_]) -> "PlantSamples":
    """The samples where `mask` is true."""
    tags = tuple(tag for tag, keep in zip(samples.tags, mask, strict=True) if keep)
    return samples._replace(
        tags=tags,
        source_time=samples.source_time[mask],
        value=samples.value[mask],
        quality=samples.quality[mask],
    )


def deliveries(plant: "Plant", seconds: float) -> Iterator[Delivery]:
    """Run a plant for `seconds` of its own time without a socket: what its receiver would get, in order.

    After the last step comes what is still on its way then, so nothing that was made is missing but
    `plant.link.lost_samples`.
    """
    while plant.elapsed_s + plant.scenario.step_s <= seconds + 1e-9:
        samples = plant.advance()
        yield from plant.link.carry(samples, plant.now_ns)
    yield from plant.link.rest()
