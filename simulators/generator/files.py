"""A generated plant as files: register, rules, devices and plan.

    register-0001.csv ...   at most ROWS_OF_FILE points each, so that none is too large to be read
    rules.yaml              the packs
    devices.json            who may publish; a `devices_file` of the gateway as it stands
    plan.json               what all of it, and the traffic, follows from

The register is written row after row: memory holds the columns of the population, never the text.
"""

import csv
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simulators.errors import PlanInvalid
from simulators.generator import counted
from simulators.generator.mix import PointKind
from simulators.generator.names import Names
from simulators.generator.places import Places
from simulators.generator.plan import FILE, Plan
from simulators.generator.population import Population, device_id, enterprise_id

ROWS_OF_FILE = 100_000
PACKS = ("gas", "level", "pressure", "temperature", "instrument")
RULES = f"""\
# A generated plant: the packs as they are delivered, for every point.
packs: [{", ".join(PACKS)}]
"""
COLUMNS = (
    "enterprise", "enterprise_name", "district", "city",
    "installation", "installation_name", "hazard_class", "r_value",
    "unit", "unit_kind", "unit_name",
    "tag", "name", "quantity", "engineering_unit", "range_low", "range_high", "period_s", "gateway",
    "cas", "lel_authority", "longitude", "latitude", "LL", "L", "H", "HH",
)  # fmt: skip
DEVICES = "devices.json"
OnRows = Callable[[int], None]


def write_plant(plan: Plan, folder: Path, on_rows: OnRows | None = None) -> Population:
    """Write all files into `folder`, which is made, and may hold an older generated plant.

    `on_rows` hears now and then how many points are written. Raises PlanInvalid for a folder that holds
    something else, OSError.
    """
    _refuse_others(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).unlink(missing_ok=True)  # half a plant is none
    for old in folder.glob("register-*.csv"):
        old.unlink()
    population = Population(plan)
    rows = _rows(population)
    for number in range(1, -(-plan.points // ROWS_OF_FILE) + 1):
        path = folder / f"register-{number:04d}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            left = min(ROWS_OF_FILE, plan.points - (number - 1) * ROWS_OF_FILE)
            table.writerows(next(rows) for _ in range(left))
        if on_rows is not None:
            on_rows(min(number * ROWS_OF_FILE, plan.points))
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    _write_devices(population, folder / DEVICES)
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(plan)) + b"\n")
    return population


def device_key(plan: Plan, name: str) -> str:
    """The key of device `{enterprise}/{gateway}`. It follows from the seed, which anybody may guess: such
    devices are for tests, never for a gateway that others can reach."""
    return hashlib.sha256(f"hazardwatch generated {plan.seed} {name}".encode()).hexdigest()[:32]


def _refuse_others(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise PlanInvalid(f"{folder} is no folder: give another one")
    known = {FILE, DEVICES, "rules.yaml"}
    strange = sorted(
        path.name for path in folder.iterdir() if path.name not in known and not path.match("register-*.csv")
    )
    if strange:
        raise PlanInvalid(f"{folder} holds {strange[0]}, which no generated plant has: give an empty folder")
    if not (folder / FILE).is_file() and any(folder.iterdir()):
        raise PlanInvalid(f"{folder} holds a site but no {FILE}: give an empty folder")


def _rows(population: Population) -> Iterator[list[Any]]:
    """The register's rows, in the order of COLUMNS."""
    places, names = Places(population), Names(population)
    classes = _classes(population)
    kinds = [_kind_cells(kind) for kind in population.mix.points]
    suffixes = [list(unit.points) for unit in population.mix.units]
    units = population.units
    last_unit, unit_cells = -1, []
    devices = [device_id(number) for number in range(int(population.device.max()) + 1)]
    for row in range(population.plan.points):
        unit, kind = int(population.unit[row]), int(population.kind[row])
        if unit != last_unit:
            last_unit, unit_name = unit, population.unit_name(unit)
            enterprise, installation = int(units.enterprise[unit]), int(units.installation[unit])
            hazard_class, r_value = classes(enterprise, installation)
            name, district, city = names.enterprise(enterprise)
            installation_id = f"{enterprise_id(enterprise)}H{installation + 1:02d}"
            unit_kind = population.mix.units[units.kind[unit]]
            unit_cells = [
                enterprise_id(enterprise), name, district, city,
                installation_id, names.installation(installation), hazard_class, r_value,
                unit_name, unit_kind.kind, names.unit(unit_kind, unit_name),
            ]  # fmt: skip
        head, tail = kinds[kind]
        tag = f"{unit_name}.{suffixes[units.kind[unit]][population.place_in_unit[row]]}"
        yield [
            *unit_cells, tag, names.point(population.mix.points[kind], unit_name), *head,
            int(population.period_s[row]), devices[population.device[row]], *tail[:2],
            *places.of_point(row), *tail[2:],
        ]  # fmt: skip


def _kind_cells(kind: PointKind) -> tuple[list[Any], list[Any]]:
    """(quantity to range, gas and limits) of a kind of point."""
    limits = [kind.limits.get(side, "") for side in ("LL", "L", "H", "HH")]
    head = [kind.quantity, kind.engineering_unit, f"{kind.range_low:g}", f"{kind.range_high:g}"]
    return head, [kind.cas, kind.lel_authority, *limits]


def _classes(population: Population) -> Callable[[int, int], tuple[int, float]]:
    """(class, R value) by enterprise and installation."""
    seed, classes = population.plan.seed, population.mix.classes
    shares = np.cumsum([one.share for one in classes])

    def of(enterprise: int, installation: int) -> tuple[int, float]:
        chosen = counted.uniform(seed, "class", enterprise, installation) * shares[-1]
        one = classes[int(np.searchsorted(shares, chosen, side="right"))]
        spot = float(counted.uniform(seed, "r_value", enterprise, installation))
        return one.hazard_class, round(one.r_low + (one.r_high - one.r_low) * spot, 1)

    return of


def _write_devices(population: Population, path: Path) -> None:
    """JSON is YAML too, so the gateway reads it; and by its name nobody takes it for a part of the site."""
    entries = []
    for enterprise, device, _ in population.devices():
        owner, gateway = enterprise_id(enterprise), device_id(device)
        key = device_key(population.plan, f"{owner}/{gateway}")
        digest = hashlib.sha256(key.encode()).hexdigest()
        entries.append({"enterprise": owner, "gateway": gateway, "key_sha256": digest})
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(b"[\n" + b",\n".join(map(msgspec.json.encode, entries)) + b"\n]\n")
