"""Parks: several scenarios at once, each of an enterprise with a gateway device of its own, from one process.

A park is a folder in `simulators/parks/`: `park.yaml` names the scenarios, which lie beside it with their
layouts. They are no part of the delivered scenarios: those are one danger each, a park is a story.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from simulators.errors import SimulatorError
from simulators.parameters import Parameters
from simulators.plant import SECOND_NS, Plant
from simulators.publisher import OnProgress, PublishReport, publish, sum_of
from simulators.scenario import Scenario, load_scenario
from simulators.simulate import head_start_ns, lead_ns
from simulators.target import Target
from simulators.truth import TruthEvent, truth, write_truth
from simulators.yaml_file import YamlFile

PARKS = Path(__file__).parent / "parks"
FILE = "park.yaml"


class ParkFile(Parameters, frozen=True, kw_only=True):
    """The keys of a park file."""

    title: str
    title_zh: str
    description: str = ""
    plants: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Scenario files, by their paths from the park's folder."""


class Park(msgspec.Struct, frozen=True, kw_only=True):
    """A checked park with its scenarios."""

    name: str
    title: str
    title_zh: str
    description: str
    scenarios: tuple[Scenario, ...]

    @property
    def devices(self) -> list[str]:
        """`{enterprise}/{gateway}` of each scenario, in their order."""
        return [device_of(one) for one in self.scenarios]


class ParkReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was simulated and what became of it; the figures are sums over all devices."""

    park: str
    devices: int
    seed: int
    start_ns: int
    """The plants' clock at the start, UTC."""
    published: PublishReport
    truth: list[TruthEvent]


def list_parks() -> list[str]:
    """Names of the delivered ones."""
    return sorted(path.parent.name for path in PARKS.glob(f"*/{FILE}"))


def device_of(scenario: Scenario) -> str:
    """`{enterprise}/{gateway}`, which is its user name at a gateway."""
    return f"{scenario.layout.enterprise}/{scenario.layout.gateway}"


def load_park(name: str, seed: int = 0) -> Park:
    """A delivered one. Raises ScenarioInvalid with file, line and key; KeyError for another name."""
    if name not in list_parks():
        raise KeyError(name)
    file = YamlFile(PARKS / name / FILE)
    written = file.convert(ParkFile)
    scenarios = tuple(load_scenario(file.path.parent / one, seed) for one in written.plants)
    devices = [device_of(one) for one in scenarios]
    for index, device in enumerate(devices):
        if device in devices[:index]:
            raise file.invalid(("plants", index), f"{device} sends for another plant already")
    return Park(
        name=name,
        title=written.title,
        title_zh=written.title_zh,
        description=written.description,
        scenarios=scenarios,
    )


async def simulate_park(
    park: Park,
    target: Target,
    keys: Mapping[str, str],
    *,
    seed: int = 0,
    speed: float = 1.0,
    seconds: float | None = None,
    history_s: float = 0.0,
    truth_file: str | Path | None = None,
    stop: asyncio.Event | None = None,
    on_progress: OnProgress | None = None,
) -> ParkReport:
    """Publish all plants of a park, as `simulate` does with one.

    `keys`: of each device, by its `{enterprise}/{gateway}`; one without a key uses the account of `target`.
    Raises PublishRefused and OutboxUnusable of any device (the others are ended), ValueError for a bad speed
    or for an outbox file: each device has one in memory.
    """
    if not speed > 0:
        raise ValueError(f"speed {speed} must be above 0; 1 is real time")
    if target.outbox is not None:
        raise ValueError("a park has one outbox a device, in memory: leave the outbox out")
    if seconds is None and speed > 1:
        seconds = max(one.duration_s for one in park.scenarios)
    start_ns = time.time_ns() - head_start_ns(speed, seconds) + lead_ns(history_s)
    before_s = history_s + lead_ns(history_s) / SECOND_NS
    plants = [Plant(one, seed, start_ns, before_s) for one in park.scenarios]
    if truth_file is not None:
        write_truth(plants, truth_file)
    latest: dict[str, PublishReport] = {}

    async def play(plant: Plant) -> PublishReport:
        device = device_of(plant.scenario)

        def note(report: PublishReport) -> None:
            latest[device] = report
            if on_progress is not None:
                on_progress(sum_of(list(latest.values())))

        own = _account(target, device, keys)
        return await publish(
            plant, own, speed=speed, seconds=seconds, stored_s=history_s, stop=stop, on_progress=note
        )

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(play(one), name=device_of(one.scenario)) for one in plants]
    except* SimulatorError as refused:  # of one device, and the others were ended: all the same to the caller
        raise refused.exceptions[0] from None
    if truth_file is not None:
        write_truth(plants, truth_file)
    return ParkReport(
        park=park.name,
        devices=len(plants),
        seed=seed,
        start_ns=plants[0].start_ns,
        published=sum_of([task.result() for task in tasks]),
        truth=[line for plant in plants for line in truth(plant)],
    )


def _account(target: Target, device: str, keys: Mapping[str, str]) -> Target:
    """Where this device sends, and as whom."""
    own = {"client_id": f"{target.client_id}.{device.replace('/', '.')}"} if target.client_id else {}
    if device in keys:
        own |= {"username": device, "password": keys[device]}
    return msgspec.structs.replace(target, **own)
