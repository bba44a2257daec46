"""Looking ahead at every step of every ladder: whom does it lead to, and how would he be told?

The top contact of a ladder is looked after by `outlook`, which raises an alarm. The steps below it are shown
before an alarm comes, each with its cause, because an alarm that climbs past them loses time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.auth.principal import EVERYTHING
from api.escalation.outlook import Served
from api.escalation.ports import People
from api.escalation.telling import VOICE, ways_for
from api.rotas.duty import known_rota
from api.rotas.errors import UnknownRota
from api.rotas.holes import next_holes

SANDBOX = "sandbox"
ROTA = "rota:"

Place = Literal["unacked", "acked", "top"]
Cause = Literal["nobody", "no_way", "sandbox", "gap"]
"""nobody: its names lead to no receiver. no_way: to receivers without an enabled way that the step allows.
sandbox: only to such as nothing is sent to. gap: in the next days its rota has nobody."""
CAUSES: tuple[Cause, ...] = ("nobody", "no_way", "sandbox", "gap")


class WeakStep(NamedTuple):
    """A step that would tell nobody, now or soon."""

    ladder: str
    enterprise: str
    """Whose alarms; "": conditions of the service itself."""
    place: Place
    step: int
    """Counted from 0; of the top always 0."""
    to: tuple[str, ...]
    cause: Cause
    at: int | None = None
    """Of a gap: when it begins, ns UTC."""


class _Target(NamedTuple):
    to: tuple[str, ...]
    channels: tuple[str, ...]
    call_up: bool
    enterprise: str


def weak_steps(
    connection: Connection, served: Iterable[Served], people: People, now: int, *, sandbox_is_meant: bool
) -> tuple[WeakStep, ...]:
    """In the order of the ladders. people: a directory that is good for one look. sandbox_is_meant: nothing
    is to leave this machine anyway."""
    look = _Look(connection, people, now, sandbox_is_meant=sandbox_is_meant)
    found = []
    for ladder, enterprise in served:
        for place, number, target in _targets(ladder):
            wanted = _Target(target.to, target.channels, target.call_up, enterprise)
            if (weak := look.cause_of(wanted)) is not None:
                found.append(WeakStep(ladder.id, enterprise, place, number, target.to, *weak))
    return tuple(found)


def _targets(ladder: Ladder) -> Iterator[tuple[Place, int, LadderStep | LadderTop]]:
    for number, step in enumerate(ladder.steps):
        yield "unacked", number, step
    for number, step in enumerate(ladder.acked_steps):
        yield "acked", number, step
    yield "top", 0, ladder.top


class _Look:
    """One look: the same question is asked once."""

    def __init__(self, connection: Connection, people: People, now: int, *, sandbox_is_meant: bool) -> None:
        self._connection, self._people, self._now = connection, people, now
        self._sandbox_is_meant = sandbox_is_meant
        self._known: dict[_Target, tuple[Cause, int | None] | None] = {}
        self._gaps: dict[str, int | None] = {}

    def cause_of(self, target: _Target) -> tuple[Cause, int | None] | None:
        if target not in self._known:
            self._known[target] = self._find(target)
        return self._known[target]

    def _find(self, target: _Target) -> tuple[Cause, int | None] | None:
        cause = self._cause_now(target)
        if cause is not None:
            return cause, None
        gaps = {name: gap for name in target.to if (gap := self._gap(name)) is not None}
        others = tuple(name for name in target.to if name not in gaps)
        if gaps and self._cause_now(target._replace(to=others)) is not None:
            return "gap", min(gaps.values())
        return None

    def _cause_now(self, target: _Target) -> Cause | None:
        reached = self._people.reach(self._connection, target.to, target.enterprise, self._now)
        if not reached:
            return "nobody"
        ways = self._people.channels_of(self._connection, [person.receiver for person in reached])
        usable = {way for each in ways.values() for way in _usable(each, target)}
        if not usable:
            return "no_way"
        return "sandbox" if usable == {SANDBOX} and not self._sandbox_is_meant else None

    def _gap(self, name: str) -> int | None:
        """When this rota has nobody who can be told, in the days that are looked at."""
        if not name.startswith(ROTA):
            return None
        if name not in self._gaps:
            self._gaps[name] = self._first_hole(name.removeprefix(ROTA))
        return self._gaps[name]

    def _first_hole(self, rota: str) -> int | None:
        try:
            known = known_rota(self._connection, rota, EVERYTHING)
        except UnknownRota:
            return None
        found = next_holes(known, self._now, self._can_be_told)
        return max(found[0].start, self._now) if found else None

    def _can_be_told(self, receiver: str) -> bool:
        return bool(self._people.channels_of(self._connection, [receiver]))


def _usable(ways: Sequence[str], target: _Target) -> Iterator[str]:
    yield from ways_for(ways, target.channels)
    if target.call_up and VOICE in ways:
        yield VOICE
