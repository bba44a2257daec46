"""The labelled truth of a run: what began when, and which points ought to alarm because of it."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from simulators.event import Danger
from simulators.plant import SECOND_NS, Plant

HEAD = frozenset(
    {"event", "at_s", "duration_s", "expected_points", "expected", "unit", "danger", "watch_levels"}
)


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
    """The event's own keys, as the scenario gives them or as they were drawn."""
    danger: Danger = "none"
    """The scenario's class, of an event that some point ought to alarm for, unless the event says its own."""
    reached: dict[str, int] = msgspec.field(default_factory=dict)
    """Watched level -> when the noise-free value first passed it after the event began, ns UTC."""
    drawn: dict[str, Any] = msgspec.field(default_factory=dict)
    """Everything that the seed chose in this scenario, by its key in the file."""


def truth(plant: Plant) -> list[TruthEvent]:
    """All events of the plant's scenario but those of the history before it, by their beginning. Known before
    the run, but for `reached`, which holds what has been passed so far."""
    layout = plant.scenario.layout
    lines = []
    for event, reached in zip(plant.scenario.events, plant.reached, strict=True):
        if event.at_s < 0:
            continue
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
                danger=event.danger or (plant.scenario.danger if event.expected_points else "none"),
                reached=dict(reached),
                drawn=plant.scenario.drawn,
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


def write_truth(plants: Iterable[Plant], path: str | Path) -> None:
    """JSON lines, plant after plant, complete or not there at all."""
    lines = [line for plant in plants for line in truth(plant)]
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    with partial.open("wb") as file:
        file.write(msgspec.json.Encoder().encode_lines(lines))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
