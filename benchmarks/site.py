"""A site of any size for measurements: level points with every kind of detector on each."""

import csv
from pathlib import Path

from benchmarks.traffic import tag

ENTERPRISE = "BENCH"
RULES = (
    ("HH", "limit", "side=HH; setpoint=950; deadband=5"),
    ("H", "limit", "side=H; setpoint=900; deadband=5"),
    ("RATE", "rate_of_change", "direction=either; rate=100000"),
    ("TO_HH", "time_to_limit", "side=HH; setpoint=950; horizon_s=600"),
    ("FLAT", "flatline", "window_s=600"),
    ("STALE", "stale", "timeout_s=600"),
    ("FAULT", "instrument_signal", "states=failure"),
)


def device(index: int) -> str:
    return f"D{index:03d}"


def write_register(path: Path, points: int, devices: int) -> list[tuple[int, int]]:
    """A CSV register; (first point, number) of each device."""
    share = points // devices
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                "enterprise", "installation", "unit", "unit_kind", "tag", "quantity",
                "engineering_unit", "range_low", "range_high", "period_s", "gateway",
            ]
        )  # fmt: skip
        for i in range(share * devices):
            owner = device(i // share)
            rows.writerow([ENTERPRISE, "I1", "U1", "tank", tag(i), "level", "mm", 0, 1000, 1, owner])
    return [(i * share, share) for i in range(devices)]


def write_rules(path: Path, points: int) -> None:
    """Every kind of detector on every point, as YAML."""
    with path.open("w") as file:
        file.write("rules:\n")
        for i in range(points):
            for suffix, kind, params in RULES:
                pairs = ", ".join(pair.strip().replace("=", ": ", 1) for pair in params.split(";"))
                pairs = pairs.replace("states: failure", "states: [failure]")
                file.write(
                    f"  - {{id: {tag(i)}.{suffix}, point: {tag(i)}, priority: LOW, name: x, consequence: x,"
                    f" response: x, when: {{detector: {kind}, {pairs}}}}}\n"
                )
