"""What a rota is. Everything here is frozen, and nothing of it is ever rewritten.

A rota answers two questions: who must be told now, and who had to be told then. So a change makes a new
`Version` that is valid from a time on, an override counts only from the moment it was entered until the
moment it was withdrawn, and the past stays what it was. Times are ns UTC unless they are named wall or date.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec

Source = Literal["override", "layer", "fallback"]
RotationUnit = Literal["hour", "day", "week"]
OverrideOrigin = Literal["entered", "swap", "import"]

HOURS_OF: dict[RotationUnit, int] = {"hour": 1, "day": 24, "week": 168}
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """How long one turn lasts and when the first begins: every turn is handed over at wall-clock time.

    Weekly is one week, daily one day, a three-shift day eight hours.
    """

    every: int
    unit: RotationUnit
    start_date: date
    handover: time
    """Wall time of the first handover; turns of whole days are always handed over then."""

    @property
    def length(self) -> timedelta:
        """Of one turn, on the wall clock."""
        return timedelta(hours=self.every * HOURS_OF[self.unit])

    @property
    def start(self) -> datetime:
        """Wall time at which the first turn begins."""
        return datetime.combine(self.start_date, self.handover)


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """When a layer counts at all: from a time to a time on these weekdays, wall clock.

    An end at or before its start means the next day: 20:00 to 08:00 is a night, 00:00 to 00:00 a whole
    day. The weekday is that on which the time begins, so Friday's night ends on Saturday morning.
    """

    weekdays: tuple[int, ...] = EVERY_DAY
    """0 is Monday."""
    start: time = time(0)
    end: time = time(0)


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A rotation of persons or crews. Of several layers the last one that has somebody wins."""

    name: str
    rotation: Rotation
    turns: tuple[tuple[str, ...], ...]
    """Receivers of each turn, in order, then again from the first. A crew may come up several times; an
    empty turn leaves the time to the layers below."""
    restrictions: tuple[Restriction, ...] = ()
    """None: always. Several: whenever one of them counts."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a person writes down about a rota."""

    name: str
    name_en: str = ""
    zone: str = "Asia/Shanghai"
    layers: tuple[Layer, ...] = ()
    """The lowest first."""
    fallback: str
    """The receiver that is told when nobody else is on call: the 24-hour duty phone."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A definition and the time from which it counts. Of those that count already the last entered wins."""

    number: int
    valid_from: int
    definition: Definition
    entered_by: str = ""
    entered_at: int
    reason: str = ""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else for a span. It never reaches back before it was entered, nor beyond its withdrawal."""

    id: str
    receivers: tuple[str, ...]
    start: int
    end: int
    reason: str
    entered_by: str
    entered_at: int
    instead_of: str = ""
    """Only this receiver is replaced, and only where he would be on call; empty: everybody is."""
    origin: OverrideOrigin = "entered"
    uid: str = ""
    """Of the calendar event that it came from, with its recurrence."""
    withdrawn_by: str = ""
    withdrawn_at: int | None = None

    @property
    def counts_from(self) -> int:
        return max(self.start, self.entered_at)

    @property
    def counts_until(self) -> int:
        return self.end if self.withdrawn_at is None else min(self.end, self.withdrawn_at)

    def covers(self, instant: int) -> bool:
        """Does it say who is on call at this instant?"""
        return self.counts_from <= instant < self.counts_until


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """A rota with all that was ever entered about it."""

    id: str
    enterprise: str = ""
    """Empty: of the bureau."""
    versions: tuple[Version, ...]
    """By number; at least one."""
    overrides: tuple[Override, ...] = ()
    """By the time they were entered."""
    retired_at: int | None = None

    def version_at(self, instant: int) -> Version:
        """The version that counts at this instant; before the first one, the first."""
        counting = [version for version in self.versions if version.valid_from <= instant]
        return counting[-1] if counting else self.versions[0]


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """Who must be told, and why they."""

    receivers: tuple[str, ...]
    """Never empty."""
    source: Source
    via: str = ""
    """Name of the layer, or id of the override that came last."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time with the same people on call, from `start` until just before `end`."""

    start: int
    end: int
    on_call: OnCall
