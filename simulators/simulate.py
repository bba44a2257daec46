"""`hazardwatch simulate`: one scenario, published from its beginning to its end."""

import asyncio
import math
import time
from pathlib import Path
from typing import Literal

import msgspec

from simulators.errors import SimulatorError
from simulators.plant import SECOND_NS, Plant
from simulators.publisher import OnProgress, PublishReport, publish
from simulators.scenario import Scenario, list_scenarios, load_scenario
from simulators.target import Target
from simulators.truth import TruthEvent, truth, write_truth

__all__ = ["Report", "Scenario", "SimulatorError", "list_scenarios", "load_scenario", "simulate"]

LEAD_S = 15.0
"""After the start of a run with a history, until its events begin to happen."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was simulated and what became of it."""

    scenario: str
    enterprise: str
    gateway: str
    seed: int
    start_ns: int
    """The plant's clock at the start, UTC."""
    published: PublishReport
    truth: list[TruthEvent]


async def simulate(
    scenario: str | Path,
    *,
    host: str = "127.0.0.1",
    port: int = 1883,
    username: str | None = None,
    password: str | None = None,
    ca_file: str | None = None,
    mqtt5: bool = True,
    seed: int = 0,
    speed: float = 1.0,
    seconds: float | None = None,
    start_ns: int | None = None,
    history_s: float = 0.0,
    truth_file: str | Path | None = None,
    outbox: str | Path | None = None,
    on_full: Literal["wait", "count"] = "wait",
    stop: asyncio.Event | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """Publish `scenario` (a delivered one's name, or a YAML file) for `seconds` of its own time.

    `seconds` None: at speed 1 without end, faster for the scenario's own duration. At speed 1 the plant's
    clock is the real one. Faster, it starts so far in the past that it arrives at the present when the run
    ends: stamps from the future would be refused as a wrong clock. `start_ns` (UTC) overrides both.
    `history_s`: the device was cut off for so long and has stored what it made; that goes first, at once, and
    the plant's clock shows 0 a little later than now (LEAD_S).
    The truth file is there before the first sample is sent; at the end of the run it is written again, with
    the levels that were reached. A `password` without `username` is that of the layout's device, whose user
    name at a gateway is `{enterprise}/{gateway}`.
    Raises ScenarioInvalid, PublishRefused, OutboxUnusable (all SimulatorError), ValueError for a bad speed.
    """
    if not speed > 0:
        raise ValueError(f"speed {speed} must be above 0; 1 is real time")
    loaded = load_scenario(scenario, seed)
    if seconds is None and speed > 1:
        seconds = loaded.duration_s
    if start_ns is None:
        start_ns = time.time_ns() - head_start_ns(speed, seconds) + lead_ns(history_s)
    plant = Plant(loaded, seed, start_ns, history_s + lead_ns(history_s) / SECOND_NS)
    if truth_file is not None:
        write_truth([plant], truth_file)
    if username is None and password is not None:
        username = f"{loaded.layout.enterprise}/{loaded.layout.gateway}"
    target = Target(
        host=host,
        port=port,
        username=username,
        password=password,
        ca_file=ca_file,
        mqtt5=mqtt5,
        outbox=outbox,
    )
    published = await publish(
        plant,
        target,
        speed=speed,
        seconds=seconds,
        stored_s=history_s,
        stop=stop,
        on_full=on_full,
        on_progress=on_progress,
    )
    if truth_file is not None:
        write_truth([plant], truth_file)
    return Report(
        scenario=loaded.name,
        enterprise=loaded.layout.enterprise,
        gateway=loaded.layout.gateway,
        seed=seed,
        start_ns=plant.start_ns,
        published=published,
        truth=truth(plant),
    )


def lead_ns(history_s: float) -> int:
    """How long after the beginning of a run the plant's clock shows 0: what was stored is away by then."""
    return round(LEAD_S * SECOND_NS) if history_s else 0


def head_start_ns(speed: float, seconds: float | None) -> int:
    """How far in the past a fast plant begins, so that it never overtakes the present."""
    if seconds is None or speed <= 1:
        return 0
    real_s = 0.0 if math.isinf(speed) else seconds / speed
    return math.ceil((seconds - real_s) * SECOND_NS)
