"""What a scenario can hold, as files give it: instruments, events; and the scenarios that are delivered."""

import ast
import inspect
import textwrap
from types import UnionType
from typing import get_args

import msgspec

from hazardwatch.reference.markdown import code, table
from simulators.event import Event
from simulators.events import ProcessEvent
from simulators.fault_events import FaultEvent, InstrumentFault
from simulators.generator.mix import mix
from simulators.instruments import Instrument
from simulators.layout import QUANTITIES
from simulators.leak_events import LeakEvent
from simulators.link_events import AnyLinkEvent
from simulators.scenario import Scenario, ScenarioFile, list_scenarios

SHARED = (Event, InstrumentFault)
"""Their keys are those of every event, told once."""


def instrument_keys_table() -> str:
    return keys_table(Instrument)


def event_keys_table() -> str:
    return keys_table(Event)


def scenario_keys_table() -> str:
    return keys_table(ScenarioFile)


def keys_table(model: type[msgspec.Struct]) -> str:
    """Keys of a model with their defaults and what stands under them in the source."""
    docs = _docs(model)
    rows = [(code(field.name), _default(field), docs.get(field.name, "")) for field in _fields(model)]
    return table(("key", "default", "what"), rows)


def quantities_table() -> str:
    """What a transmitter can measure."""
    rows = [(kind, ", ".join(map(code, sorted(names)))) for kind, names in QUANTITIES.items()]
    return table(("process", "quantities"), rows)


def process_events_table() -> str:
    return _events(LeakEvent | ProcessEvent)


def fault_events_table() -> str:
    return _events(FaultEvent)


def link_events_table() -> str:
    return _events(AnyLinkEvent)


def happenings_table() -> str:
    """What happens in every delivered scenario, and who ought to alarm."""
    rows = [
        (code(one.name), one.layout.enterprise, one.danger, one.description, _expected(one), _levels(one))
        for one in list_scenarios()
    ]
    head = ("scenario", "site", "danger", "what happens", "ought to alarm", "watched levels")
    return table(head, rows)


def _expected(scenario: Scenario) -> str:
    parts = []
    for event in scenario.events:
        if event.expected_points:
            tags = ", ".join(event.expected_points)
            many = len(event.expected_points) > 1
            parts.append(f"{event.expected} of {tags}" if many else tags)
    return "; ".join(dict.fromkeys(parts)) or "nothing"


def _levels(scenario: Scenario) -> str:
    told = {what: levels for watched in scenario.watched for what, levels in watched.levels.items()}
    return "; ".join(
        f"{code(what)} " + ", ".join(f"{name} {level:g}" for name, level in levels.items())
        for what, levels in told.items()
    )


def incidents_table() -> str:
    """What goes wrong in the traffic of a generated plant."""
    points: dict[str, list[str]] = {}
    for point in mix().points:
        for name in dict.fromkeys(point.incidents):
            points.setdefault(name, []).append(point.id)
    rows = [
        (code(name), model.kind, model.danger, ", ".join(points.get(name, [])))
        for name, model in mix().incidents.items()
    ]
    return table(("incident", "kind", "danger", "at points of the kinds"), rows)


def _events(union: UnionType) -> str:
    shared = {field.name for model in SHARED for field in _fields(model)}
    rows = []
    for model in get_args(union):
        docs = _docs(model)
        keys = [field for field in _fields(model) if field.name not in shared]
        told = "; ".join(_key(field, docs.get(field.name, "")) for field in keys)
        rows.append((code(str(model.__struct_config__.tag)), docs[""], told))
    return table(("event", "what happens", "its own keys"), rows)


def _key(field: msgspec.structs.FieldInfo, doc: str) -> str:
    default = _default(field)
    given = f" ({default})" if default else ""
    return f"{code(field.name)}{given}" + (f": {doc.rstrip('.')}" if doc else "")


def _fields(model: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(model)


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else None
    return "" if value in (None, (), "") else code(f"{value:g}" if isinstance(value, float) else str(value))


def _docs(model: type[msgspec.Struct]) -> dict[str, str]:
    """What stands in the source under each key, its own under ""; a key of a base is told by the base."""
    docs: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if one.__module__.startswith("simulators."):
            docs |= _docs_of(one)
    return docs


def _docs_of(model: type) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    docs = {"": ast.get_docstring(body) or ""}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            text = following.value if isinstance(following, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                docs[statement.target.id] = text.value
    return docs
