"""Rules become rows: one set of columns for each kind, sorted by point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors import catalogue
from detectors.columns import integers, make_edges, make_index
from detectors.contract import MOST_SLOTS, NEVER, DetectorKind, Edges, Index, Int32
from detectors.delay_columns import DelayParameters, SignsOfLife, make_delay_parameters
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
    members: tuple[int, ...] = ()
    """Rows of the point table that it watches beside its own, in the order of `watched_points(params)`."""
    watched: tuple[int, ...] = ()
    """Of a kind over rules: rows of the rules that it watches, in the order of `watched_rules(params)`."""


def check_rows(rules: Sequence[RuleRow], points: int) -> None:
    """ValueError for an id that stands twice, a point that is not there or is watched twice, and a rule over
    rules that are none or watch rules themselves."""
    ids = {row.rule for row in rules}
    if len(ids) != len(rules):
        raise ValueError(f"{len(rules) - len(ids)} rule ids stand twice: every rule needs an id of its own")
    for row in rules:
        for point in (row.point, *row.members):
            if not 0 <= point < points:
                raise ValueError(f"rule {row.rule}: point row {point} is not in 0..{points - 1}")
        if len({row.point, *row.members}) != 1 + len(row.members) or len(row.members) >= MOST_SLOTS:
            raise ValueError(
                f"rule {row.rule} watches the point rows {(row.point, *row.members)}: "
                f"at most {MOST_SLOTS}, each once"
            )
        for other in row.watched:
            if not 0 <= other < len(rules) or catalogue.kind(rules[other].kind).over_rules:
                raise ValueError(
                    f"rule {row.rule} watches rule row {other}: it must be one of 0..{len(rules) - 1} "
                    "that watches points itself"
                )


@dataclass(slots=True)
class KindRows:
    """The rows of one kind, sorted by point."""

    kind: DetectorKind
    rules: Int32  # row here -> row of the rule
    points: Int32  # [rows, slots]: which points it watches, its own first; -1: no such member
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
    mine = [rules[i] for _, i in own]
    for row in mine:
        if not isinstance(row.params, kind.params):
            raise TypeError(
                f"rule {row.rule}: {name} needs its own Params, not {type(row.params).__qualname__}"
            )
    if kind.over_rules:
        pairs = [(rule, i, 1 + k) for i, row in enumerate(mine) for k, rule in enumerate(row.watched)]
        index = make_index(pairs, len(rules))
    else:
        pairs = [(p, i, k) for i, row in enumerate(mine) for k, p in enumerate((row.point, *row.members))]
        index = make_index(pairs, points)
    return KindRows(
        kind=kind,
        rules=integers(i for _, i in own),
        points=_points(mine),
        index=index,
        parameters=kind.make_parameters([row.params for row in mine]),
        state=kind.make_state(len(mine)),
        ids=rule_ids([row.rule for row in mine]),
    )


def _points(rules: Sequence[RuleRow]) -> Int32:
    """[rows, slots], -1 where a rule has fewer members than the others."""
    table = np.full((len(rules), 1 + max(len(row.members) for row in rules)), -1, dtype=np.int32)
    for i, row in enumerate(rules):
        table[i, : 1 + len(row.members)] = (row.point, *row.members)
    return table


def make_delays(rules: Sequence[RuleRow]) -> DelayParameters:
    """The parameters of the stage of delays, one element a rule."""
    kinds = [catalogue.kind(row.kind) for row in rules]
    return make_delay_parameters(
        (row.on_delay_s for row in rules),
        (row.off_delay_s for row in rules),
        (row.latched for row in rules),
        (row.point for row in rules),
        (kind.over_rules for kind in kinds),
        (kind.judges_silence for kind in kinds),
        [_signs_of_life(row, kind, rules) for row, kind in zip(rules, kinds, strict=True)],
    )


def _signs_of_life(row: RuleRow, kind: DetectorKind, rules: Sequence[RuleRow]) -> SignsOfLife:
    if not kind.over_rules:
        return [(point, int(kind.sees_bad)) for point in (row.point, *row.members)]
    watched = (rules[other] for other in row.watched)
    every = (sign for other in watched for sign in _signs_of_life(other, catalogue.kind(other.kind), rules))
    return list(dict.fromkeys(every))
