"""`hazardwatch generate` and `hazardwatch simulate --generated`: plants of any size."""

import asyncio
import json
import resource
from pathlib import Path

from hazardwatch.output import console
from simulators.errors import PlanInvalid
from simulators.generator.files import DEVICES, write_plant
from simulators.generator.live import GeneratedReport, simulate_generated
from simulators.generator.plan import Plan, make_plan
from simulators.target import Target


def plan_of(points: int, seed: int, centre: str, radius_km: float, *, names: bool, period_s: int) -> Plan:
    """The plan as the command line gives it. Raises PlanInvalid."""
    return make_plan(
        points=points,
        seed=seed,
        centre=_degrees(centre),
        radius_km=radius_km,
        names=names,
        period_s=period_s or None,
    )


def generate_plant(plan: Plan, folder: Path, *, as_json: bool) -> None:
    """Write the plant and say how to go on. Raises PlanInvalid, OSError."""
    population = write_plant(plan, folder)
    figures = {
        "folder": str(folder),
        "points": plan.points,
        "enterprises": population.enterprises,
        "units": int(population.unit[-1]) + 1,
        "devices": len(population.devices()),
        "samples_per_second": round(float((1 / population.period_s).sum()), 1),
    }
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for line in (
        f"{plan.points} points of {figures['enterprises']} enterprises, {figures['devices']} devices, "
        f"{figures['samples_per_second']} samples a second",
        f"check it:  hazardwatch check {folder}",
        f"watch it:  HAZARDWATCH_GATEWAY_SITE={folder} HAZARDWATCH_GATEWAY_DEVICES_FILE={folder / DEVICES} "
        "hazardwatch gateway",
        f"play it:   hazardwatch simulate --generated {folder}",
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


async def publish_generated(
    folder: Path,
    target: Target,
    speed: float,
    seconds: float | None,
    rate: float,
    truth: Path | None,
    stop: asyncio.Event,
) -> GeneratedReport:
    """Publish the plant in `folder`; every device of it needs a connection."""
    _allow_connections()
    return await simulate_generated(
        folder, target, speed=speed, seconds=seconds, rate=rate, truth_file=truth, stop=stop
    )


def _allow_connections() -> None:
    """As many open files as this process may have: a connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _degrees(centre: str) -> list[float] | None:
    if not centre:
        return None
    try:
        longitude, latitude = map(float, centre.split(","))
    except ValueError:
        raise PlanInvalid(f"centre {centre!r} is no LONGITUDE,LATITUDE: write 117.70,38.95") from None
    return [longitude, latitude]
