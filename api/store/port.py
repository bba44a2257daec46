"""The port to the alarm store. One service writes through it, from one thread.

Reading methods may be called from any thread at any time and see committed work only.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

import msgspec

from alarm_rules.model import Priority
from api.alarms.model import Alarm, AuditEntry, Entry, StateName
from api.intake import Position


class AlarmQuery(NamedTuple):
    """Which alarms a page shows. Empty fields do not restrict."""

    states: frozenset[StateName] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    point: str | None = None
    since: int | None = None
    """Only episodes that began at or after this time, ns UTC."""
    open_only: bool = False
    """Active or unacknowledged."""


class Cursor(NamedTuple):
    """The last alarm of the page before: the next page begins right after it."""

    onset: int
    id: str


class Count(NamedTuple):
    """How many open alarms are in one state with one priority."""

    state: StateName
    priority: Priority
    alarms: int


class Work(msgspec.Struct, kw_only=True):
    """What is committed together: all of it or nothing."""

    new: list[Alarm] = msgspec.field(default_factory=list)
    changed: list[Alarm] = msgspec.field(default_factory=list)
    """Each one version above what the store holds, or more."""
    changed_from: dict[str, int] = msgspec.field(default_factory=dict)
    """Alarm id -> the version that the decision was made on."""
    entries: list[Entry] = msgspec.field(default_factory=list)
    audit: list[AuditEntry] = msgspec.field(default_factory=list)
    positions: list[Position] = msgspec.field(default_factory=list)


class StoreConflict(Exception):
    """Somebody else has written what this work was decided on: decide again. Nothing was stored."""


class StoreUnavailable(Exception):
    """The store cannot be read or written now (disk full, file damaged). Nothing of this work was stored."""


class Related(NamedTuple):
    """Alarms that a delivery may touch."""

    episodes: dict[str, Alarm]
    """By id, of those asked for."""
    active: list[Alarm]
    """Every active alarm of the (point, rule) pairs asked for."""


class AlarmStore(Protocol):
    """What the alert service needs of a store. Every method but `close` may raise StoreUnavailable."""

    def positions(self, gateway: str) -> Sequence[Position]:
        """How far each journal of this gateway was taken."""
        ...

    def related(self, ids: Collection[str], pairs: Collection[tuple[str, str]]) -> Related:
        """Alarms by id, and the active ones of these (point, rule) pairs; for deciding on a delivery."""
        ...

    def commit(self, work: Work) -> None:
        """Store durably; what was committed survives a power cut. Raises StoreConflict."""
        ...

    def alarm(self, alarm_id: str) -> tuple[Alarm, list[Entry]] | None:
        """One alarm with its journal, oldest line first."""
        ...

    def page(self, query: AlarmQuery, after: Cursor | None, limit: int) -> list[Alarm]:
        """Newest onset first, at most `limit`, beginning after `after`."""
        ...

    def counts(self) -> list[Count]:
        """The open alarms by state and priority. Closed ones are too many to count on each look."""
        ...

    def close(self) -> None:
        """Give everything free. Calling it twice is harmless."""
        ...
