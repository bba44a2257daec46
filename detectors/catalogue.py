"""Which kinds of detector there are: the files in `detectors/kinds/`."""

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from detectors import delay_columns, delays
from detectors import kinds as kinds_package
from detectors.changes import make_change_columns
from detectors.columns import NO_INTEGERS, NO_SAMPLES, make_edges, make_index, survey
from detectors.contract import DetectorKind


class UnknownDetector(LookupError):
    """A rule names a kind that does not exist. Says which do, and which was probably meant."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        meant = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {meant[0]}? " if meant else ""
        super().__init__(f"detector {name!r} is not known: {hint}there are {', '.join(known)}")


@cache
def kinds() -> Mapping[str, DetectorKind]:
    """All kinds by name, in the order of their names."""
    found = {}
    for module in sorted(pkgutil.iter_modules(kinds_package.__path__), key=lambda m: m.name):
        kind = importlib.import_module(f"{kinds_package.__name__}.{module.name}").KIND
        if kind.name != module.name:
            raise ValueError(
                f"detectors/kinds/{module.name}.py registers the name {kind.name!r}: give both one name"
            )
        found[kind.name] = kind
    return MappingProxyType(found)


def kind(name: str) -> DetectorKind:
    """The kind of this name. Raises UnknownDetector."""
    known = kinds()
    if name not in known:
        raise UnknownDetector(name, list(known))
    return known[name]


def compile_all(progress: Callable[[str, int, int], None] = lambda name, number, total: None) -> None:
    """Make every kernel ready that a bank calls: compiled, or loaded from the cache on disk.

    `progress(name, number, total)` is told before each kernel, the first of them number 1. A kernel is
    made ready by calling it on columns without rows, so its signature is the bank's own.
    """
    calls = list(_calls())
    for number, (name, kernel, arguments) in enumerate(calls, 1):
        progress(name, number, len(calls))
        kernel(*arguments)


def _calls() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...]]]:
    index, edges = make_index((), 0), make_edges(0)
    nothing = np.zeros(0, dtype=np.bool_)
    counts = np.zeros(0, dtype=np.int64)
    rows_of = np.zeros((0, 0), dtype=np.int32)
    heard = np.zeros((0, 2), dtype=np.int64)
    yield "survey", survey, (NO_SAMPLES, 0, rows_of, nothing, counts, heard)
    for name, each in kinds().items():
        parameters, state = each.make_parameters([]), each.make_state(0)
        yield name, each.judge, (NO_SAMPLES, index, parameters, state, 0, edges)
        if each.timer is not None:
            yield f"{name} timer", each.timer.advance, (parameters, state, 0, edges)
            yield f"{name} deadline", each.timer.deadline, (parameters, state)
            yield f"{name} resume", each.timer.resume, (parameters, state, 0)
    out, delay_state = make_change_columns(0), delay_columns.make_delay_state(0)
    settings = delay_columns.make_delay_parameters((), (), (), (), (), (), ())
    fed = delay_columns.make_fed((), (), ())
    mapping = NO_INTEGERS
    arguments = (edges, 0, mapping, NO_SAMPLES, mapping, 0, settings, delay_state, heard, out)
    yield "delays", delays.settle, arguments
    fed_edges = (edges, 0, mapping, NO_SAMPLES, fed, settings, delay_state, heard, out)
    yield "delays of rules over rules", delays.settle_fed, fed_edges
    yield "delay timers", delays.fire, (settings, delay_state, heard, 0, False, out)
    yield "delay deadlines", delays.earliest_pending, (delay_state,)
    yield "reset", delays.reset, (settings, delay_state, mapping, 0, 0, nothing, out)
