"""What a kind of detector is: parameters, columns, one kernel.

A kind is one file in `detectors/kinds/`; its presence registers it. It offers a module constant
`KIND = DetectorKind(...)`. Rules for every kind, held by the contract suite in the tests:

* rows never see each other;
* splitting a batch differently changes nothing;
* compiled, plain Python and the naive twin in `tests/naive.py` agree;
* a snapshot restores bit for bit.

A kernel reports *edges* of a row's truth, nothing else. Delays, latch and the identity of an
episode are settled afterwards, once for all kinds, in `detectors/delays.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

SECOND_NS = 1_000_000_000
NEVER = np.iinfo(np.int64).max
"""A deadline that does not come."""
NO_SAMPLE = -1
"""`Edges.sample` of an edge that a timer made."""
MOST_SLOTS = 8
"""Points that a rule may watch, its own among them: so many elements have the records of such kinds."""


class Samples(NamedTuple):
    """Columns of one batch, n samples in the order of arrival; per point strictly rising source_time.

    Kinds that do not set `sees_bad` are given samples whose quality is GOOD or UNCERTAIN only.
    """

    point: Int32  # row of the point table
    source_time: Int64  # ns UTC
    value: Float64  # engineering unit of the point; meaningless where quality is BAD
    quality: UInt8  # detectors.quality.Quality


class Index(NamedTuple):
    """Which rows watch a point: `rows[starts[point]:starts[point + 1]]`.

    A row of a kind that watches several points stands there once for each of them, and `slots` beside it
    says which of them this is: 0 the rule's own point, from 1 on the others in the order of the rule. A
    row never watches a point twice. In a kind over rules the "points" are rows of rules.
    """

    starts: Int64  # points + 1
    rows: Int32
    slots: UInt8


class Edges(NamedTuple):
    """Output buffer of a kernel: the i-th edge is at index i of every column.

    The caller gives room for one edge for each (sample, row) pair, and for one a row in `advance`.
    """

    row: Int32
    sample: Int32  # index into the batch, or NO_SAMPLE
    source_time: Int64  # ns UTC: of the sample, or the deadline that passed
    truth: Bool
    figure: Float64  # what the kind has to say: seconds to the limit, rate a minute, ...; NaN if nothing


Judge = Callable[[Samples, Index, Any, Any, int, Edges], int]
"""(samples, index, parameters, state, received_time, edges) -> number of edges written.

`parameters` and `state` are NamedTuples of one-dimensional arrays, one element a row; only `state`
is written. `received_time` is the batch's, ns UTC.
"""


@dataclass(frozen=True)
class Timer:
    """For kinds whose truth can change with no sample (only `stale` so far).

    A sample may only postpone deadlines, unless it gives an edge: the bank looks at them anew then.
    """

    advance: Callable[[Any, Any, int, Edges], int]
    """(parameters, state, received_time, edges) -> edges: fire what is due at or before received_time."""
    deadline: Callable[[Any, Any], int]
    """(parameters, state) -> the earliest received_time at which `advance` would fire, or NEVER."""
    resume: Callable[[Any, Any, int], None]
    """(parameters, state, received_time): the gateway was away until now and could not hear anyone."""


@dataclass(frozen=True)
class DetectorKind:
    """One kind of detector, complete."""

    name: str
    params: type
    """Frozen dataclass; validates in `__post_init__` (ValueError that names field and remedy).

    Each field has `metadata`: `doc` (one sentence), `unit` ("s", "point" for the point's own
    engineering unit, "point/min", "" ...), and optionally `from_point`: the name of the point's
    attribute that fills it when the rule says nothing (`period_s`, `range_low`, `range_high`,
    `engineering_unit`). A field of type `tuple[str, ...]` or `str | None` may say `watches`: "point" or
    "rule": ids of what the rule watches beside its own point (`detectors.parameters.watched_points`).
    `from_members` names the attribute of the watched points, in the order of their slots, that fills a tuple.
    Watched points may be bound to a `quantity`, to some `units`, or by `like_point` to quantity and
    engineering unit of the rule's own point.
    """
    make_parameters: Callable[[Sequence[Any]], Any]
    """params of all rows -> NamedTuple of arrays; seconds become ns here."""
    make_state: Callable[[int], Any]
    """number of rows -> NamedTuple of arrays in the state of "nothing seen yet".

    An element may be a record (structured dtype) where a sample touches many columns at once. Give the
    NamedTuples names of their own: numba's dispatcher takes two classes of one name and the same fields
    for each other, and then every call is thirty times slower.
    """
    judge: Judge
    sees_bad: bool = False
    timer: Timer | None = None
    figure: str = ""
    """What `Edges.figure` means and its unit; empty if the kind has none."""
    judges_silence: bool = False
    """For kinds that watch several points: the kernel itself decides what a silent one among them means, so
    one that speaks is enough for an off-delay to pass. Else every one that was alive must go on speaking."""
    over_rules: bool = False
    """The kind watches rules, not points: the bank feeds it with their truth after delays, value 1 or 0, and
    `Samples.point` is the row of the rule. Its state has an int64 column `members`: bit `slot - 1` is set
    while that rule is active. Its `Params` have `without(rules)`: the same without some of them, or None."""
