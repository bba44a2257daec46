"""The labelled truth of a run: what began when, and which points ought to alarm because of it."""

import os
from pathlib import Path
from typing import Any, Literal

import msgspec

from simulators.plant import SECOND_NS, Plant

HEAD = frozenset({"event", "at_s", "duration_s", "expected_points", "expected", "unit"})


class TruthEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a truth file."""

    event: str
    unit: str
    start_ns: int
    end_ns: int | None
    """None: to the end of the run."""
    expected_points: tuple[str, ...]
    """`{enterprise}/{tag}`."""
    expected: Literal["all", "any"]
    enterprise: str
    gateway: str
    scenario: str
    seed: int
    details: dict[str, Any]
    """The event's own keys, as the scenario gives them."""


def truth(plant: Plant) -> list[TruthEvent]:
    """All events of the plant's scenario, by their beginning; known before the run."""
    layout = plant.scenario.layout
    lines = []
    for event in plant.scenario.events:
        keys = msgspec.to_builtins(event)
        start = plant.start_ns + round(event.at_s * SECOND_NS)
        lines.append(
            TruthEvent(
                event=keys["event"],
                unit=event.place_name,
                start_ns=start,
                end_ns=None if event.duration_s is None else start + round(event.duration_s * SECOND_NS),
                expected_points=tuple(f"{layout.enterprise}/{tag}" for tag in event.expected_points),
                expected=event.expected,
                enterprise=layout.enterprise,
                gateway=layout.gateway,
                scenario=plant.scenario.name,
                seed=plant.seed,
                details=_given({key: value for key, value in keys.items() if key not in HEAD}),
            )
        )
    return sorted(lines, key=lambda line: line.start_ns)


def _given(keys: dict[str, Any]) -> dict[str, Any]:
    """Without what the scenario left open."""
    return {
        key: _given(value) if isinstance(value, dict) else value
        for key, value in keys.items()
        if value is not None
    }


def write_truth(plant: Plant, path: str | Path) -> None:
    """JSON lines, complete or not there at all."""
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    with partial.open("wb") as file:
        file.write(msgspec.json.Encoder().encode_lines(truth(plant)))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
