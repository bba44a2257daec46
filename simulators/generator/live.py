"""A generated plant, published: one connection and one outbox a gateway device, all of one clock."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from simulators.errors import SimulatorError
from simulators.generator.files import device_key
from simulators.generator.incident_truth import IncidentTruth
from simulators.generator.plan import load_plan
from simulators.generator.population import Population, device_id, enterprise_id
from simulators.generator.traffic import MILLISECOND_NS, RATE, Traffic, device_offset_ms
from simulators.link import Link
from simulators.plant import PlantSamples
from simulators.publisher import PublishReport, publish, sum_of
from simulators.simulate import head_start_ns
from simulators.target import Target

HOUR_S, DAY_S = 3600.0, 86_400.0


class GeneratedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was published and what became of it; the figures are sums over all devices."""

    points: int
    devices: int
    seed: int
    start_ns: int
    incidents: int
    """That begin within the run, or within the first day of one without an end."""
    published: PublishReport


OnProgress = Callable[[PublishReport], None]


class DeviceSource:
    """One gateway device of a generated plant, as the publisher wants it."""

    step_s = 1.0

    def __init__(
        self, population: Population, enterprise: int, device: int, rows: slice, start_ns: int, rate: float
    ) -> None:
        self.enterprise = enterprise_id(enterprise)
        self.gateway = device_id(device)
        self.link = Link()
        self._traffic = Traffic(
            population, start_ns=start_ns, rate=rate, rows=np.arange(rows.start, rows.stop)
        )
        self._tags = np.array([population.tag(row) for row in range(rows.start, rows.stop)], dtype=object)
        self._first = rows.start

    @property
    def elapsed_s(self) -> float:
        return float(self._traffic.elapsed_s)

    @property
    def now_ns(self) -> int:
        return self._traffic.now_ns

    def advance(self) -> PlantSamples:
        samples = self._traffic.advance()
        tags = tuple(self._tags[samples.row - self._first])
        return PlantSamples(tags, samples.source_time, samples.value, samples.quality)


async def simulate_generated(
    folder: Path,
    target: Target,
    *,
    speed: float = 1.0,
    seconds: float | None = None,
    rate: float = RATE,
    start_ns: int | None = None,
    truth_file: Path | None = None,
    stop: asyncio.Event | None = None,
    on_progress: OnProgress | None = None,
) -> GeneratedReport:
    """Publish the plant of `folder` for `seconds` of its own time (None: until `stop`, or an hour if faster).

    `target` without user name: every device proves itself by its own generated key. With one, as at a broker
    of the site, all of them use that account. The truth of a run without an end is that of its first day. The
    run starts, as that of `simulate` does, so far in the past that a fast one ends in the present.
    Raises PlanInvalid, PublishRefused, ValueError for a bad speed or rate.
    """
    if not speed > 0 or not 0 <= rate <= 1:
        raise ValueError(f"speed {speed} must be above 0, and rate {rate} between 0 and 1")
    if target.outbox is not None:
        raise ValueError("a generated plant has one outbox a device, in memory: leave the outbox out")
    population = Population(load_plan(folder))
    seconds = HOUR_S if seconds is None and speed > 1 else seconds
    if start_ns is None:
        start_ns = time.time_ns() - head_start_ns(speed, seconds)
    start_ns -= start_ns % MILLISECOND_NS
    truth = IncidentTruth(population, seconds or DAY_S, start_ns=start_ns, rate=rate)
    if truth_file is not None:
        truth.write(truth_file)
    reports = await _publish_all(population, target, speed, seconds, rate, start_ns, stop, on_progress)
    return GeneratedReport(
        points=population.plan.points,
        devices=len(reports),
        seed=population.plan.seed,
        start_ns=start_ns,
        incidents=len(truth),
        published=sum_of(reports),
    )


async def _publish_all(
    population: Population,
    target: Target,
    speed: float,
    seconds: float | None,
    rate: float,
    start_ns: int,
    stop: asyncio.Event | None,
    on_progress: OnProgress | None,
) -> list[PublishReport]:
    latest: dict[str, PublishReport] = {}
    firsts = np.array([rows.start for _, _, rows in population.devices()])
    waits_s = (1000 - device_offset_ms(population, firsts)) / 1000 / max(speed, 1.0)

    async def one(source: DeviceSource, own: Target, wait_s: float) -> PublishReport:
        def note(report: PublishReport) -> None:
            latest[own.username or source.enterprise] = report
            if on_progress is not None:
                on_progress(sum_of(list(latest.values())))

        await asyncio.sleep(wait_s)  # devices do not stamp, connect and send in step
        return await publish(source, own, speed=speed, seconds=seconds, stop=stop, on_progress=note)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(one(source, own, wait_s), name=f"device {source.enterprise}")
                for wait_s, (source, own) in zip(
                    waits_s.tolist(), _devices(population, target, start_ns, rate), strict=True
                )
            ]
    except* SimulatorError as refused:  # of one device, and the others were ended: all the same to the caller
        raise refused.exceptions[0] from None
    return [task.result() for task in tasks]


def _devices(
    population: Population, target: Target, start_ns: int, rate: float
) -> Iterator[tuple[DeviceSource, Target]]:
    """What every device makes, and where it sends it."""
    for enterprise, device, rows in population.devices():
        source = DeviceSource(population, enterprise, device, rows, start_ns, rate)
        name = f"{source.enterprise}/{source.gateway}"
        own = {"client_id": f"{target.client_id or 'generated'}.{source.enterprise}.{source.gateway}"}
        if target.username is None:
            own |= {"username": name, "password": device_key(population.plan, name)}
        yield source, msgspec.structs.replace(target, **own)
