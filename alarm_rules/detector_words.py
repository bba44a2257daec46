"""The kinds of detectors in Chinese: what a kind finds, how it judges, what each parameter means.

Data beside this module (`detector_kinds.yaml`), because people who know the field write and review it; the
English is each kind's own docstring and metadata.
"""

from collections.abc import Mapping
from functools import cache

import msgspec

from alarm_rules.tables import FOLDER, read_data


class ChineseKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of detector as Chinese readers are told of it."""

    meaning: str = ""
    paragraphs: tuple[str, ...] = ()
    """When to choose it and when another, how it judges, what quality does."""
    evidence: tuple[str, ...] = ()
    """Formula, measured false alarms, example, source; its figures are those of the English."""
    figure: str = ""
    """What its alarms carry beside the value."""
    parameters: dict[str, str] = {}


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parameters: dict[str, str]
    kinds: dict[str, ChineseKind]


@cache
def chinese_kinds() -> Mapping[str, ChineseKind]:
    """The kinds that are described in Chinese, by name."""
    return _file().kinds


def chinese_kind(detector: str) -> ChineseKind:
    """A kind in Chinese; empty for one that nobody has described yet."""
    return _file().kinds.get(detector, ChineseKind())


def chinese_parameter(detector: str, name: str) -> str:
    """What a parameter means; empty if nobody has written it."""
    return chinese_kind(detector).parameters.get(name) or shared_parameters().get(name, "")


def shared_parameters() -> Mapping[str, str]:
    """Parameters that mean the same in every kind that has them."""
    return _file().parameters


@cache
def _file() -> _File:
    return read_data(FOLDER / "detector_kinds.yaml", _File)  # type: ignore[no-any-return]
