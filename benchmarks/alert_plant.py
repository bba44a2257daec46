"""A made-up region for measurements of the alert service: its register, its people, and its alarms.

Twenty enterprises with five installations each; every point has the packs' rules, so that alarms come in all
priorities and are laddered as a site is that has set up nothing of its own.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

ENTERPRISES, INSTALLATIONS = 20, 5
RULES = ("HH", "H", "L", "LL", "STALE", "FAILURE", "OVER_RANGE", "CHECK", "NOT_ACCURATE", "FLATLINE")
"""Those of the packs that have a ladder: advice has none."""
ROLES = ("operator", "on_call", "enterprise_supervisor")
BUREAU = "bureau_duty_officer"
COLUMNS = (
    "enterprise", "installation", "unit", "unit_kind", "tag", "quantity", "engineering_unit",
    "range_low", "range_high", "period_s", "gateway", "LL", "L", "H", "HH",
)  # fmt: skip


def enterprise(number: int) -> str:
    return f"E{number % ENTERPRISES:02d}"


def point(number: int) -> str:
    """Full id of the point of this number."""
    return f"{enterprise(number)}/LT{number:05d}"


def write_site(folder: Path, points: int) -> None:
    """Register and rules of so many level points."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "register.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(points):
            place = [
                enterprise(number),
                f"I{number // ENTERPRISES % INSTALLATIONS}",
                f"TK{number % 7}",
                "tank",
            ]
            measured = [f"LT{number:05d}", "level", "mm", 0, 1000, 1, "gw1", 20, 50, 900, 950]
            rows.writerow([*place, *measured])
    (folder / "rules.yaml").write_text("packs: [level, instrument]\n")


def conditions(points: int) -> Iterator[tuple[str, str]]:
    """(point, rule) without end: neighbours are in different enterprises, and no pair comes twice before
    every pair has come."""
    while True:
        for rule in RULES:
            for number in range(points):
                yield point(number), f"{point(number)}.{rule}"


def add_people(client: httpx.Client) -> int:
    """A receiver for each role of each enterprise and one of the bureau, each with a robot as target and a
    login that holds the role. Returns how many."""
    wanted = [(enterprise(number), role) for number in range(ENTERPRISES) for role in ROLES]
    for place, role in [*wanted, ("", BUREAU)]:
        name = f"{place}.{role}".strip(".").replace("_", "-").lower()
        _post(client, "/receivers", {"id": name, "enterprise": place, "name": name, "login": name})
        target = {"channel": "dingtalk", "address": "0" * 60 + f"{len(name):04d}"}
        _post(client, f"/receivers/{name}/targets", target)
        seen = [place] if place else [enterprise(number) for number in range(ENTERPRISES)]
        _post(client, "/users", {"name": name, "roles": [role], "scope": {"enterprises": seen}})
    return len(wanted) + 1


def _post(client: httpx.Client, path: str, body: Mapping[str, object]) -> None:
    answer = client.post(path, json=body)
    if answer.status_code != httpx.codes.CREATED:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
