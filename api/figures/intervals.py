"""Lengths of times that may overlap. Pure."""

import numpy as np

from api.figures.columns import Codes, Times
from api.figures.spans import SECOND_NS


def union_s(point: Codes, begin: Times, end: Times) -> float:
    """Seconds in which at least one interval of a point holds, summed over the points.

    Two troubles of one point at the same time count once.
    """
    if not point.size:
        return 0.0
    order = np.lexsort((begin, point))
    point, begin, end = point[order], begin[order], end[order]
    total = 0
    current, until = -1, 0
    for of, start, stop in zip(point.tolist(), begin.tolist(), end.tolist(), strict=True):
        if of != current:
            current, until = of, start
        if stop > max(start, until):
            total += stop - max(start, until)
            until = stop
    return total / SECOND_NS
