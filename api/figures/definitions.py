"""Reads and checks the definitions of the figures: names, meanings, limits, each with its source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from alarm_rules.yaml_lines import SAFE_LOADER
from api.figures.model import Parameters, Unit, Words

BUILT_IN = Path(__file__).with_name("definitions.yaml")


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one figure means."""

    id: str
    name: Words
    unit: Unit
    better: Literal["higher", "lower"]
    definition: Words


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit of the parameters, with where it comes from."""

    value: object
    source: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    label: Words
    parameters: dict[str, Limit]
    bases: dict[str, Words]
    reasons: dict[str, Words]
    figures: list[Definition]


class Definitions(msgspec.Struct, frozen=True, kw_only=True):
    """The file, checked."""

    label: Words
    """How binding all this is."""
    parameters: Parameters
    sources: Mapping[str, str]
    """Where each parameter comes from."""
    bases: Mapping[str, Words]
    reasons: Mapping[str, Words]
    figures: Mapping[str, Definition]
    """In the order of the file."""


class DefinitionsInvalid(ValueError):
    """The file cannot be used; the message names place and remedy."""


def load_definitions(path: Path = BUILT_IN) -> Definitions:
    """Raises DefinitionsInvalid."""
    try:
        file = msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), SAFE_LOADER), _File)
        parameters = msgspec.convert(
            {name: limit.value for name, limit in file.parameters.items()}, Parameters
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise DefinitionsInvalid(f"{path}: {error}: compare with {BUILT_IN.name} of this release") from error
    _check_complete(path, file)
    return Definitions(
        label=file.label,
        parameters=_checked(path, parameters),
        sources={name: limit.source for name, limit in file.parameters.items()},
        bases=file.bases,
        reasons=file.reasons,
        figures={figure.id: figure for figure in file.figures},
    )


def _check_complete(path: Path, file: _File) -> None:
    """A site's own file says something of everything that may be shown."""
    if path == BUILT_IN:
        return
    shipped = load_definitions()
    given = {*file.bases, *file.reasons, *(figure.id for figure in file.figures)}
    missing = [name for name in (*shipped.bases, *shipped.reasons, *shipped.figures) if name not in given]
    if missing:
        raise DefinitionsInvalid(
            f"{path}: nothing is said of {', '.join(missing)}: copy it from {BUILT_IN.name} of this release"
        )


def _checked(path: Path, parameters: Parameters) -> Parameters:
    """Limits that would make figures meaningless are refused here."""
    limits = [
        *parameters.acknowledge_within_s.values(),
        *parameters.call_up_within_s,
        parameters.close_within_s,
        parameters.chatter_window_s,
        parameters.long_out_of_service_days,
    ]
    if set(parameters.acknowledge_within_s) != {"LOW", "MEDIUM", "HIGH", "CRITICAL"}:
        raise DefinitionsInvalid(
            f"{path}: acknowledge_within_s: give LOW, MEDIUM, HIGH and CRITICAL, and nothing else"
        )
    if not all(limit > 0 for limit in limits) or parameters.chatter_times < 2:
        raise DefinitionsInvalid(f"{path}: parameters: limits must be above 0, chatter_times 2 or more")
    if list(parameters.call_up_within_s) != sorted(parameters.call_up_within_s) or not (
        parameters.call_up_within_s
    ):
        raise DefinitionsInvalid(f"{path}: call_up_within_s: give one or more limits, the shortest first")
    return parameters
