"""Scenarios: what happens on a layout, read from YAML and refused at the door when anything is odd."""

from pathlib import Path
from typing import Any

import msgspec

from simulators.draws import Draws
from simulators.errors import ScenarioInvalid
from simulators.event import Danger
from simulators.events import ProcessEvent
from simulators.fault_events import FaultEvent
from simulators.layout import Layout, Mistake, check_layout
from simulators.leak_events import LeakEvent
from simulators.link_events import AnyLinkEvent
from simulators.parameters import Parameters, Positive
from simulators.processes.pressure_vessel import VesselDesign
from simulators.processes.pump_line import LineDesign
from simulators.processes.storage_tank import TankDesign
from simulators.processes.weather import WeatherModel
from simulators.watch import Watched, WatchLevels, check_levels
from simulators.yaml_file import YamlFile

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
LAYOUTS = HERE / "layouts"

AnyEvent = LeakEvent | ProcessEvent | FaultEvent | AnyLinkEvent


class ScenarioFile(Parameters, frozen=True, kw_only=True):
    """The keys of a scenario file."""

    title: str
    title_zh: str
    description: str = ""
    layout: str
    """Name of a file in `simulators/layouts/`, or a path from the scenario's folder."""
    duration_s: Positive
    """Of the plant's own time; how long a run takes when nobody says otherwise."""
    step_s: Positive = 1.0
    danger: Danger = "none"
    """Class of what its events that expect an alarm are; see `event.Danger`."""
    watch_levels: WatchLevels = msgspec.field(default_factory=dict)
    """True values whose passing the truth notes for every event of the same unit; see `watch`."""
    weather: dict[str, float] = msgspec.field(default_factory=dict)
    """Instead of the layout's: keys of `WeatherModel`."""
    units: tuple[dict[str, Any], ...] = ()
    """Instead of the layout's: a tank's, vessel's or line's id and the keys to change."""
    events: tuple[AnyEvent, ...] = ()


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A checked scenario with its layout as it is in it."""

    name: str
    title: str
    title_zh: str
    description: str
    duration_s: float
    step_s: float
    danger: Danger
    layout: Layout
    events: tuple[AnyEvent, ...]
    watch_levels: WatchLevels
    seed: int
    """That its ranges were drawn from."""
    drawn: dict[str, Any]
    """What was drawn, by its key in the file."""

    @property
    def watched(self) -> list[Watched]:
        """What each event waits for, in the order of the events."""
        return [Watched(event.at_s, event.levels(self.watch_levels)) for event in self.events]


def load_scenario(scenario: str | Path, seed: int = 0) -> Scenario:
    """By the name of one that is delivered, or by the path of a YAML file; its ranges drawn from `seed`.

    Raises ScenarioInvalid with file, line and key, whatever the seed.
    """
    file = YamlFile(_path(scenario))
    draws = Draws(file)
    data, drawn = draws.drawn(seed)
    bare = _layout(file, file.convert(ScenarioFile, data).layout)
    for corner in draws.corners():
        _checked(file, corner, bare)
    written, layout = _checked(file, data, bare)
    return Scenario(
        name=file.path.stem,
        title=written.title,
        title_zh=written.title_zh,
        description=written.description,
        duration_s=written.duration_s,
        step_s=written.step_s,
        danger=written.danger,
        layout=layout,
        events=written.events,
        watch_levels=written.watch_levels,
        seed=seed,
        drawn=drawn,
    )


def _checked(file: YamlFile, data: Any, bare: Layout) -> tuple[ScenarioFile, Layout]:
    """The file as `data` has it, and the `bare` layout as it is in it."""
    written = file.convert(ScenarioFile, data)
    layout = _changed(file, bare, written)
    check_layout(file, layout)
    _check_events(file, written, layout)
    _check_levels(file, written, layout)
    return written, layout


def list_scenarios() -> list[Scenario]:
    """All that are delivered, by name."""
    return [load_scenario(path) for path in sorted(SCENARIOS.glob("*.yaml"))]


def _path(scenario: str | Path) -> Path:
    delivered = SCENARIOS / f"{scenario}.yaml"
    path = Path(scenario)
    if isinstance(scenario, str) and path.suffix not in (".yaml", ".yml"):
        if delivered.is_file():
            return delivered
        names = ", ".join(sorted(one.stem for one in SCENARIOS.glob("*.yaml")))
        raise ScenarioInvalid(
            scenario, 1, "", f"no such scenario; there are {names}, or give a path ending in .yaml"
        )
    return path


def _layout(file: YamlFile, name: str) -> Layout:
    delivered = LAYOUTS / f"{name}.yaml"
    path = delivered if delivered.is_file() else file.path.parent / name
    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in LAYOUTS.glob("*.yaml")))
        raise file.invalid(("layout",), f"no such layout {name!r}; there are {names}, or give a file's path")
    found = YamlFile(path)
    layout = found.convert(Layout)
    check_layout(found, layout)
    return layout


def _changed(file: YamlFile, layout: Layout, written: ScenarioFile) -> Layout:
    """The layout with the scenario's weather and units laid over it."""
    weather = msgspec.to_builtins(layout.weather) | written.weather
    designs: dict[str, TankDesign | VesselDesign | LineDesign] = {}
    designs.update((design.id, design) for design in layout.tanks)
    designs.update((design.id, design) for design in layout.vessels)
    designs.update((design.id, design) for design in layout.lines)
    for index, change in enumerate(written.units):
        name = change.get("id")
        if name not in designs:
            known = ", ".join(designs)
            wrong = f"the layout has no tank, vessel or line {name!r}; known: {known}"
            raise file.invalid(("units", index, "id"), wrong)
        before = designs[name]
        designs[name] = file.convert(type(before), msgspec.to_builtins(before) | change, ("units", index))
    return msgspec.structs.replace(
        layout,
        weather=file.convert(WeatherModel, weather, ("weather",)),
        tanks=tuple(one for one in designs.values() if isinstance(one, TankDesign)),
        vessels=tuple(one for one in designs.values() if isinstance(one, VesselDesign)),
        lines=tuple(one for one in designs.values() if isinstance(one, LineDesign)),
    )


def _check_levels(file: YamlFile, written: ScenarioFile, layout: Layout) -> None:
    units = {event.place_name for event in written.events}
    for watched in written.watch_levels:
        if watched.partition(".")[0] not in units:
            wrong = f"no event happens where {watched!r} is: give it to an event as its own watch_levels"
            raise file.invalid(("watch_levels", watched), wrong)
    try:
        check_levels(written.watch_levels, layout, once=False)
    except Mistake as mistake:
        raise file.invalid((mistake.key,), mistake.wrong) from None
    for index, event in enumerate(written.events):
        try:
            check_levels(event.levels(written.watch_levels), layout)
        except Mistake as mistake:
            raise file.invalid(("events", index, mistake.key), mistake.wrong) from None


def _check_events(file: YamlFile, written: ScenarioFile, layout: Layout) -> None:
    for index, event in enumerate(written.events):
        try:
            event.check(layout)
        except Mistake as mistake:
            raise file.invalid(("events", index, mistake.key), mistake.wrong) from None
        if event.at_s < 0 and (event.duration_s is None or event.at_s + event.duration_s > 0):
            wrong = "an event of the history before the run is over at 0 s: give it a shorter duration_s"
            raise file.invalid(("events", index, "at_s"), wrong)
        if event.at_s < 0 and event.expected_points:
            wrong = "belongs to the history before the run, of which no alarm is expected"
            raise file.invalid(("events", index, "expected_points"), wrong)
        if event.at_s >= written.duration_s:
            wrong = f"begins at {event.at_s} s, after the scenario's end at {written.duration_s} s"
            raise file.invalid(("events", index, "at_s"), wrong)
    if written.step_s * 1000 != round(written.step_s * 1000):
        raise file.invalid(("step_s",), "must be whole milliseconds: stamps on the wire are")
    for one in layout.instruments:
        if abs(one.period_s / written.step_s - round(one.period_s / written.step_s)) > 1e-9:
            wrong = f"{one.tag} reports every {one.period_s} s, which is no multiple of the step"
            raise file.invalid(("step_s",), wrong)
