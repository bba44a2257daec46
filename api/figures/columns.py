"""The facts that figures are computed from, in columns: one named tuple of equally long arrays a source.

`enterprise` is always the code that `Population` gives. Times are ns UTC; NEVER where nothing happened.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from api.figures.spans import Span

NEVER = (1 << 63) - 1

Codes = npt.NDArray[np.int32]
Small = npt.NDArray[np.int8]
Times = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Points(NamedTuple):
    """The register, one row a point."""

    enterprise: Codes
    point: Codes
    in_use: Flags
    watched: Flags
    """A rule of the register tells when it falls silent."""
    period_s: Numbers
    out_since: Times
    """Since when it is out of service; NEVER: it is in use, or nobody wrote down since when."""


class Cases(NamedTuple):
    """Alarms that began in the span, from the first announcement until they were closed."""

    enterprise: Codes
    priority: Small
    process: Flags
    """Of class process: instrument faults, advisories and system alarms are not."""
    begun: Times
    acknowledged: Times
    closed: Times


class Outages(NamedTuple):
    """Times in which a point was silent, or sent what cannot be used, cut to the span."""

    enterprise: Codes
    point: Codes
    silent: Flags
    """No samples at all; else samples of no use."""
    begin: Times
    end: Times


class Joined(NamedTuple):
    """Points of the register, with the times from which they count."""

    enterprise: Codes
    point: Codes
    known: Times
    """This service first ran with the point in its register."""
    since: Times
    """From then on the point counts: it is known, and some value of its enterprise had come. NEVER: none
    ever came."""
    heard: Times
    """A value of the point itself first came; NEVER: none ever did."""


class Witnessed(NamedTuple):
    """Times of which this service can tell, cut to the span."""

    enterprise: Codes
    live: Flags
    """The enterprise's gateway was heard; else that this service ran at all."""
    begin: Times
    end: Times


class Reported(NamedTuple):
    """Points that have ever sent a sample that history counted."""

    enterprise: Codes
    point: Codes


class Samples(NamedTuple):
    """Counted samples of an enterprise in one hour."""

    enterprise: Codes
    hour: Times
    expected: Numbers
    received: Numbers
    good: Numbers
    """GOOD ones, of each point no more than were expected of it: one's excess hides no other's gap."""


class Chatter(NamedTuple):
    """Rules at points that were announced again and again in the span."""

    enterprise: Codes
    point: Codes
    times: Times
    """How often in the span."""


class Answers(NamedTuple):
    """Something that had to be answered by a time: a call-up, a duty check, a commitment, a supervision
    order."""

    enterprise: Codes
    asked: Times
    due: Times
    answered: Times


class Verdicts(NamedTuple):
    """What the verification of a case said."""

    enterprise: Codes
    false: Flags


C = TypeVar("C", Points, Joined, Witnessed, Cases, Outages, Reported, Samples, Chatter, Answers, Verdicts)

_TYPES = {
    "enterprise": np.int32,
    "point": np.int32,
    "priority": np.int8,
    "begun": np.int64,
    "acknowledged": np.int64,
    "closed": np.int64,
    "begin": np.int64,
    "end": np.int64,
    "hour": np.int64,
    "times": np.int64,
    "asked": np.int64,
    "due": np.int64,
    "answered": np.int64,
    "out_since": np.int64,
    "known": np.int64,
    "since": np.int64,
    "heard": np.int64,
    "expected": np.float64,
    "received": np.float64,
    "good": np.float64,
    "period_s": np.float64,
}


def columns_of(kind: type[C], rows: "list[tuple[object, ...]]") -> C:
    """Rows in the order of the fields, as columns. None stands for NEVER, as a time alone may."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kind._fields)
    arrays = [
        np.array([NEVER if v is None else v for v in column], dtype=_TYPES.get(name, np.bool_))
        for name, column in zip(kind._fields, columns, strict=True)
    ]
    make: Callable[..., C] = kind  # mypy cannot see that each field gets its own type
    return make(*arrays)


def chosen(columns: C, mask: Flags) -> C:
    """The rows where the mask is true."""
    make: Callable[..., C] = type(columns)
    return make(*(column[mask] for column in columns))


@dataclass(frozen=True)
class Facts:
    """Everything a family may look at. A source that was not asked for, or that this installation does
    not have, is None: then its figures are not available, which is not the same as nothing happened."""

    span: Span
    points: Points
    joined: Joined | None = None
    witnessed: Witnessed | None = None
    cases: Cases | None = None
    outages: Outages | None = None
    reported: Reported | None = None
    samples: Samples | None = None
    chatter: Chatter | None = None
    call_ups: Answers | None = None
    duty_checks: Answers | None = None
    commitments: Answers | None = None
    supervision: Answers | None = None
    verdicts: Verdicts | None = None

    def of(self, enterprises: Codes) -> "Facts":
        """The same about these enterprises alone."""
        picked = {}
        for field in fields(self):
            columns = getattr(self, field.name)
            if field.name != "span" and columns is not None:
                picked[field.name] = chosen(columns, np.isin(columns.enterprise, enterprises))
        return replace(self, **picked)
