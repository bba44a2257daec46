"""Watches that somebody is on call: looks at every change, and once a day at every rota."""

from collections.abc import Callable, Mapping
from hashlib import blake2b

from sqlalchemy import Connection

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.rotas.holes import AHEAD_DAYS, Hole, next_holes
from api.rotas.metrics import RotaMetrics
from api.rotas.model import Rota
from api.rotas.people import People, Person
from api.rotas.wall_clock import DAY_NS
from api.store.rotas import living_rotas, rota_by_id
from api.store.timers import Timer, set_timer
from api.store.writer import Transaction

TIMER = "rota-holes"
CONDITION = "rota_hole"

Report = Callable[[Transaction, str, str, bool, str], None]
"""`AlarmService.report`: (transaction, kind, about, active, text)."""


class HoleWatch:
    """Raises and ends the system alarm `rota_hole`, one for each rota."""

    def __init__(self, people: People, report: Report, metrics: RotaMetrics) -> None:
        self._people = people
        self._report = report
        self._metrics = metrics

    def start(self, tx: Transaction) -> None:
        """Look at all rotas now, and from then on daily. At every start of the service."""
        self.look_at_all(tx)
        self._set(tx)

    def on_timer(self, tx: Transaction, _timer: Timer) -> None:
        """The daily look."""
        self.look_at_all(tx)
        self._set(tx)

    def look_at_all(self, tx: Transaction) -> None:
        """Every living rota."""
        people = self._people(tx.connection)
        rotas = living_rotas(tx.connection, EVERYTHING, tx.now, tx.now + AHEAD_DAYS * DAY_NS)
        with_holes = sum(self._tell(tx, rota, people) for rota in rotas)
        self._metrics.with_holes.set(with_holes)

    def look(self, tx: Transaction, rota_id: str) -> list[Hole]:
        """One rota, after something of it was changed; its holes of the next days."""
        rota = rota_by_id(tx.connection, rota_id, EVERYTHING, tx.now, tx.now + AHEAD_DAYS * DAY_NS)
        if rota is None:
            return []
        people = self._people(tx.connection)
        self._tell(tx, rota, people)
        return next_holes(rota, tx.now, reachable_in(people))

    def list_holes(self, connection: Connection, scope: Scope, now: int) -> list[tuple[Rota, list[Hole]]]:
        """The rotas in sight that have holes."""
        people = self._people(connection)
        rotas = living_rotas(connection, scope, now, now + AHEAD_DAYS * DAY_NS)
        found = [(rota, next_holes(rota, now, reachable_in(people))) for rota in rotas]
        return [(rota, holes) for rota, holes in found if holes]

    def _tell(self, tx: Transaction, rota: Rota, people: Mapping[str, Person]) -> bool:
        holes = next_holes(rota, tx.now, reachable_in(people))
        count = len(holes)
        text = both(
            f"未来{AHEAD_DAYS}天内有{count}段时间无人值班，届时只有24小时值班电话。",
            f"{count} spans of the next {AHEAD_DAYS} days have nobody on call but the fallback.",
        )
        self._report(
            tx, CONDITION, about_rota(rota.id), bool(holes), text if holes else both("已补齐", "Filled.")
        )
        return bool(holes)

    def _set(self, tx: Transaction) -> None:
        set_timer(tx, Timer(key=TIMER, kind=TIMER, subject="", due_at=tx.now + DAY_NS))


def reachable_in(people: Mapping[str, Person]) -> Callable[[str], bool]:
    """Whether a receiver exists and can be told anything."""
    return lambda receiver: receiver in people and people[receiver].reachable


def about_rota(rota_id: str) -> str:
    """What the system alarm is about: everybody sees it, so it does not tell whose rota it is."""
    return f"rota-{blake2b(rota_id.encode(), digest_size=4).hexdigest()}"
