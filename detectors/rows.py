"""Rules become rows: one set of columns for each kind, sorted by point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors import catalogue
from detectors.columns import make_edges, make_index
from detectors.contract import NEVER, DetectorKind, Edges, Index, Int32
from detectors.snapshot import rule_ids


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as the bank needs it. Its place in the sequence is its row."""

    rule: str
    """Unique id; a snapshot is keyed by it."""
    point: int
    """Row of the point table."""
    kind: str
    params: Any
    """The kind's `Params`."""
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    latched: bool = False


@dataclass(slots=True)
class KindRows:
    """The rows of one kind, sorted by point."""

    kind: DetectorKind
    rules: Int32  # row here -> row of the rule
    index: Index
    parameters: Any
    state: Any
    ids: bytes
    edges: Edges = field(default_factory=lambda: make_edges(0))
    due: int = NEVER
    """No timer of this kind fires before. A sample only postpones deadlines unless it gives an edge."""

    def edges_for(self, room: int) -> Edges:
        if self.edges.row.shape[0] < room:
            self.edges = make_edges(room + room // 2)
        return self.edges


def make_kind_rows(name: str, rules: Sequence[RuleRow], points: int) -> KindRows:
    """The rows of the rules of this kind. Raises UnknownDetector, or TypeError for foreign Params."""
    kind = catalogue.kind(name)
    own = [(row.point, i) for i, row in enumerate(rules) if row.kind == name]
    own.sort()
    where = np.array(own, dtype=np.int32)
    mine = [rules[i] for _, i in own]
    for row in mine:
        if not isinstance(row.params, kind.params):
            raise TypeError(
                f"rule {row.rule}: {name} needs its own Params, not {type(row.params).__qualname__}"
            )
    return KindRows(
        kind=kind,
        rules=np.ascontiguousarray(where[:, 1]),
        index=make_index(np.ascontiguousarray(where[:, 0]), points),
        parameters=kind.make_parameters([row.params for row in mine]),
        state=kind.make_state(len(mine)),
        ids=rule_ids([row.rule for row in mine]),
    )
