"""The parameters of detectors as keys of a rule, by introspection of each kind's `Params`.

Nothing here knows a detector by name: a new file in `detectors/kinds/` brings its keys with it.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from alarm_rules.detector_words import chinese_parameter
from alarm_rules.findings import Entry, Findings, Wrong, meant
from alarm_rules.keys import Read, choice, flag, kind_in_chinese, number, one_of, shown, text, whole
from alarm_rules.model import Point
from alarm_rules.rule_keys import rule_name
from alarm_rules.wording import Both, Text, both
from detectors.catalogue import kinds
from detectors.parameters import Refused

DETECTOR = "detector"
_WATCHED = {"point": ("tag", "tags"), "rule": ("rule id", "rule ids")}
KEPT = 10_000
"""Of a kind's `Params` that were made: so many different ones are remembered."""


class Parameter(NamedTuple):
    """One field of a kind's `Params`."""

    name: str
    kind: str
    """For the documentation."""
    read: Read
    many: bool
    """A list of values: a YAML list, or one CSV cell with `;` between them."""
    required: bool
    default: Any
    from_point: str
    """Attribute of the point that fills it when the rule says nothing; empty if none."""
    from_members: str
    """Attribute of the watched points, in their order, that fills it; empty if none."""
    doc: str
    unit: str
    watches: str
    """"point" or "rule" where the values are ids of what the rule watches beside its own point."""
    quantity: str
    """The only quantity that a watched point may have; empty if any."""
    units: tuple[str, ...]
    """Engineering units that a watched point may have; empty if any."""
    like_point: bool
    """A watched point must have quantity and engineering unit of the rule's own point."""


def detector_names() -> tuple[str, ...]:
    """All kinds of detectors, in alphabetical order."""
    return tuple(sorted(kinds()))


@cache
def parameters_of(detector: str) -> Mapping[str, Parameter]:
    """The parameters of one kind by name."""
    params = kinds()[detector].params
    hints = typing.get_type_hints(params)
    return {field.name: _parameter(field, hints[field.name]) for field in dataclasses.fields(params)}


@cache
def all_parameter_names() -> frozenset[str]:
    """Names of all parameters of all kinds: the columns that a CSV of rules may have."""
    return frozenset(name for detector in detector_names() for name in parameters_of(detector))


def _parameter(field: "dataclasses.Field[Any]", hint: Any) -> Parameter:
    missing = dataclasses.MISSING
    required = field.default is missing and field.default_factory is missing
    default = field.default_factory() if field.default_factory is not missing else field.default
    kind, read, many = _reader(hint)
    watches = str(field.metadata.get("watches", ""))
    if watches:
        kind, read = ("list of " if many else "") + _WATCHED[watches][many], rule_name
    from_point = str(field.metadata.get("from_point", ""))
    return Parameter(
        name=field.name,
        kind=kind,
        read=read,
        many=many,
        required=required and not from_point,
        default=None if default is missing else default,
        from_point=from_point,
        from_members=str(field.metadata.get("from_members", "")),
        doc=str(field.metadata.get("doc", "")),
        unit=str(field.metadata.get("unit", "")),
        watches=watches,
        quantity=str(field.metadata.get("quantity", "")),
        units=tuple(field.metadata.get("units", ())),
        like_point=bool(field.metadata.get("like_point", False)),
    )


def _reader(hint: Any) -> tuple[str, Read, bool]:
    origin = typing.get_origin(hint)
    arguments = [argument for argument in typing.get_args(hint) if argument is not type(None)]
    if origin in (typing.Union, types.UnionType) and len(arguments) == 1:
        return _reader(arguments[0])
    if origin in (tuple, list):
        kind, read, _ = _reader(arguments[0])
        return f"list of {kind}", read, True
    if origin is typing.Literal:
        return one_of(*map(str, arguments)), choice({str(name): name for name in arguments}), False
    plain: dict[Any, tuple[str, Read]] = {
        float: ("number", number),
        int: ("whole number", whole),
        bool: ("true or false", flag),
        str: ("text", text),
    }
    kind, read = plain[hint]
    return kind, read, False


def read_params(when: Entry, detector: str, what: Text, findings: Findings) -> dict[str, Any] | None:
    """The parameters that `when` gives, by name; None if one is unknown or cannot be read."""
    known = parameters_of(detector)
    sound = True
    result: dict[str, Any] = {}
    for name, raw in when.values.items():
        if name == DETECTOR or raw == "":
            continue
        if name not in known:
            findings.add(
                when.at(name),
                Both(
                    f"{both(what).chinese}：检测方法 {detector} 没有参数 {shown(name)}",
                    f"{what}: detector {detector} has no parameter {shown(name)}",
                ),
                meant(findings.nearest(name, known), _takes(known)),
            )
            sound = False
            continue
        try:
            result[name] = _value(known[name], raw)
        except Wrong as wrong:
            findings.add(when.at(name), wrong.within(name, what), wrong.right)
            sound = False
    return result if sound else None


def _value(parameter: Parameter, raw: Any) -> Any:
    if isinstance(raw, dict) or (isinstance(raw, list) and not parameter.many):
        raise Wrong(
            Both("此处应为一个值，却是列表或键值表", "a list or mapping instead of a value"),
            _write(parameter.kind),
        )
    if not parameter.many:
        return parameter.read(raw)
    items = (
        raw if isinstance(raw, list) else [part for part in raw.replace("|", ";").split(";") if part.strip()]
    )
    if not all(isinstance(item, str) for item in items):
        raise Wrong(Both("列表中又有列表", "a list within a list"), _write(parameter.kind))
    return tuple(parameter.read(item) for item in items)


def _write(kind: str) -> Both:
    return Both(f"请写{kind_in_chinese(kind)}", f"write {kind}")


def _takes(names: Iterable[str]) -> Both:
    listed = list(names)
    return Both(f"它的参数有 {'、'.join(listed)}", f"it takes {', '.join(listed)}")


def make_params(detector: str, given: Mapping[str, Any], point: Point) -> Any:
    """The kind's validated `Params`, completed from the point. Raises Wrong with the kind's own words."""
    complete = dict(given)
    for parameter in parameters_of(detector).values():
        if parameter.name in complete:
            continue
        if parameter.from_point:
            complete[parameter.name] = getattr(point, parameter.from_point)
        elif parameter.required:
            raise Wrong(
                Both(
                    f"检测方法 {detector} 需要 {parameter.name}",
                    f"detector {detector} needs {parameter.name}",
                ),
                Both(
                    f"补上 {parameter.name}：{kind_in_chinese(parameter.kind)}；"
                    f"{chinese_parameter(detector, parameter.name)}",
                    f"add {parameter.name}: {parameter.kind}; {parameter.doc}",
                ),
            )
    try:
        return _params(detector, tuple(complete.items()), tuple(map(type, complete.values())))
    except (ValueError, TypeError, OverflowError) as error:
        english, _, remedy = str(error).rpartition(": ")
        chinese, _, remedy_zh = (error.chinese if isinstance(error, Refused) else str(error)).rpartition("：")
        raise Wrong(
            Both(
                f"检测方法 {detector} 不接受：{chinese or remedy_zh}",
                f"detector {detector} refuses {english or remedy}",
            ),
            Both(remedy_zh, remedy) if english and chinese else _takes(parameters_of(detector)),
        ) from error


@lru_cache(maxsize=KEPT)
def _params(detector: str, values: tuple[tuple[str, Any], ...], kinds_of_values: tuple[type, ...]) -> Any:
    """Frozen, so rules of hundreds of points that say the same share it. `kinds_of_values` keeps 1 and 1.0
    apart, which are one key otherwise."""
    return kinds()[detector].params(**dict(values))
