"""Keeps every installation's level: derived anew when its alarms change, and when a moment has come.

Nothing is polled. A change of alarms is looked at in its own transaction; the passing of time by one
durable timer an installation; the whole register once at the start, in parts, by a timer that moves on.

In a flood of active alarms installations are looked at every few seconds only (`looking`), because reading
them all for each single change would hold up the writer. A second-level gas alarm is always looked at at
once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from api.alarms.model import Alarm
from api.alarms.work import AlarmChange
from api.auth.people import actor_name
from api.auth.principal import Principal
from api.bilingual import both
from api.desks.colours import WarningLevel
from api.desks.errors import NotOnDesk, StepRefused
from api.desks.explaining import why_changed
from api.desks.levels import Bearing, Derivation, Seen, derive
from api.desks.looking import Looked, share_out
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.policy import DeskPolicy
from api.desks.register import DeskRegister, Place
from api.desks.standing import Adjustment, Standing, adjust, settle, withdraw
from api.desks.warning_desk import LevelNews, WarningDesk, gone
from api.store.levels import (
    KeptLevel,
    LevelChange,
    RuleMarks,
    active_bearings,
    add_changes,
    all_places,
    forget_levels,
    keep_levels,
    kept_levels,
    service_bearings,
)
from api.store.timers import Timer, drop_timer, set_timers
from api.store.writer import Transaction, Writer

LOOK, SWEEP = "level.look", "level.sweep"
AT_ONCE = 200
"""Installations in one step of a sweep."""
Settling = Callable[[Standing, Derivation], Standing]


class LevelWatch:
    """A `Follower` of the alarm service."""

    def __init__(
        self,
        writer: Writer,
        policy: DeskPolicy,
        register: DeskRegister,
        desk: WarningDesk,
        metrics: DeskMetrics,
    ) -> None:
        self._writer = writer
        self._policy = policy.levels
        self._marks = RuleMarks(frozenset(policy.levels.offline_rules), register.beyond_range)
        self._fingerprint = policy.fingerprint
        self._register = register
        self._desk = desk
        self._metrics = metrics
        self.changed: DeskHook = nobody_listens

    def alarms_changed(self, tx: Transaction, changes: Sequence[AlarmChange]) -> None:
        """Look at the installations whose alarms matter differently now."""
        places: set[Place] = set()
        at_once: set[Place] = set()
        for change in changes:
            if not _matters(change):
                continue
            found = set(self._register.places_of(change.after))
            places |= found
            if change.after.copy.second_level_gas or change.after.rule in self._marks.beyond_range:
                at_once |= found
            if self._concerns_everything(change.after):
                self.sweep(tx)
        if places:
            self._look_unless_flooded(tx, places, at_once)

    def sweep(self, tx: Transaction) -> None:
        """Look at the whole register, beginning now."""
        self._sweep_on(tx, None)

    def on_sweep(self, tx: Transaction, timer: Timer) -> None:
        """Handler of SWEEP: the next part of the register."""
        after = tuple(timer.detail["after"]) if timer.detail.get("after") else None
        order = self._register.order
        rest = [place for place in order if after is None or place > after][:AT_ONCE]
        if rest:
            self.look(tx, rest)
            self._sweep_on(tx, rest[-1])
        else:
            self._drop_gone(tx)

    def on_look(self, tx: Transaction, timer: Timer) -> None:
        """Handler of LOOK: a hold, a duration or an adjustment of one installation is over."""
        place = (timer.detail["enterprise"], timer.detail["installation"])
        if place in self._register.places:
            self.look(tx, [place])

    def look(self, tx: Transaction, places: Iterable[Place]) -> None:
        """Derive the levels of these installations of the register anew."""
        wanted = sorted(set(places))
        self._look_at(tx, wanted, kept_levels(tx.connection, wanted))

    def _look_at(self, tx: Transaction, wanted: Sequence[Place], kept: Mapping[Place, KeptLevel]) -> None:
        seen = self._see(tx, wanted)
        tx.then(lambda: self._metrics.level_look.observe(len(wanted)))
        self._keep(
            tx,
            {
                place: (kept.get(place), derive(self._policy, seen[place], tx.now), len(seen[place].bearings))
                for place in wanted
            },
            lambda standing, derivation: settle(standing, derivation, self._policy, tx.now),
            "service",
        )

    async def set_by_hand(
        self, by: Principal, place: Place, level: WarningLevel, reason: str, until: int, *, lower: bool
    ) -> KeptLevel:
        """A bureau officer raises the level, or lowers it, until a time (ns UTC).

        Raises NotOnDesk, or StepRefused when that is not the direction, or a floor stands against it.
        """
        return await self._writer.run(
            lambda tx: self.set_in(tx, by, place, level, reason, until, lower=lower)
        )

    def set_in(
        self,
        tx: Transaction,
        by: Principal,
        place: Place,
        level: WarningLevel,
        reason: str,
        until: int,
        *,
        lower: bool,
    ) -> KeptLevel:
        """The same as `set_by_hand`, within somebody's transaction."""

        def setting(standing: Standing, derivation: Derivation) -> Standing:
            now = settle(standing, derivation, self._policy, tx.now)
            if lower != (level < now.settled):
                raise StepRefused(
                    both(
                        f"无人工调整时为{now.settled.chinese}，此操作只能{'降低' if lower else '提高'}级别。",
                        f"Without an adjustment it is {now.settled.word}: "
                        f"this can only {'lower' if lower else 'raise'} it.",
                    )
                )
            adjustment = Adjustment(
                level=level,
                by=by.name,
                reason=reason,
                at=tx.now,
                until=until,
                settled=now.settled,
                derived=now.derived,
            )
            return adjust(now, derivation, adjustment, self._policy, tx.now)

        tx.audit(actor_name(by), "level.adjust", "/".join(place), f"{level.word}: {reason}", place[0])
        return self._by_hand(tx, by, place, setting)

    async def withdraw_adjustment(self, by: Principal, place: Place) -> KeptLevel:
        """End what was set by hand. Raises NotOnDesk or StepRefused."""

        def job(tx: Transaction) -> KeptLevel:
            tx.audit(actor_name(by), "level.withdraw", "/".join(place), "", place[0])
            return self._by_hand(
                tx, by, place, lambda standing, found: withdraw(standing, found, self._policy, tx.now)
            )

        return await self._writer.run(job)

    def _by_hand(self, tx: Transaction, by: Principal, place: Place, settling: Settling) -> KeptLevel:
        if place not in self._register.places or not by.sees(place[0]):
            raise NotOnDesk(
                both(f"没有重大危险源 {'/'.join(place)}。", f"There is no installation {'/'.join(place)}.")
            )
        seen = self._see(tx, [place])[place]
        derivation = derive(self._policy, seen, tx.now)
        kept = kept_levels(tx.connection, [place]).get(place)
        found = {place: (kept, derivation, len(seen.bearings))}
        return self._keep(tx, found, settling, actor_name(by))[place]

    def _look_unless_flooded(
        self, tx: Transaction, places: Collection[Place], at_once: Collection[Place]
    ) -> None:
        kept = kept_levels(tx.connection, places)
        looked = {place: Looked(row.looked_at, row.active_alarms) for place, row in kept.items()}
        now, later = share_out(places, looked, at_once, tx.now)
        if later:
            set_timers(tx, [_timer(place, moment, "later") for place, moment in later.items()])
            tx.then(lambda: self._metrics.levels_put_off.inc(len(later)))
        if now:
            self._look_at(tx, now, kept)

    def _see(self, tx: Transaction, places: Sequence[Place]) -> dict[Place, Seen]:
        inside, beside = active_bearings(tx.connection, places, self._marks)
        everywhere = service_bearings(tx.connection, self._marks)
        through: dict[Place, list[Bearing]] = {}
        for device, bearings in beside.items():
            for place in self._register.places_of_device(device):
                through.setdefault(place, []).extend(bearings)
        return {
            place: Seen(
                hazard_class=self._register.places[place].hazard_class,
                points_in_use=self._register.places[place].points_in_use,
                bearings=(*inside.get(place, ()), *through.get(place, ()), *everywhere),
            )
            for place in places
        }

    def _keep(
        self,
        tx: Transaction,
        found: Mapping[Place, tuple[KeptLevel | None, Derivation, int]],
        settling: Settling,
        actor: str,
    ) -> dict[Place, KeptLevel]:
        rows: dict[Place, KeptLevel] = {}
        lines: list[LevelChange] = []
        news: list[LevelNews] = []
        timers: list[Timer] = []
        fresh: list[KeptLevel] = []
        for place, (kept, derivation, active) in found.items():
            before = kept.standing if kept else Standing()
            after = settling(before, derivation)
            row = self._row(place, kept, after, derivation, active, tx.now)
            rows[place] = row
            if _differs(row, kept):
                fresh.append(row)
            timers += self._clock(tx, place, before, after)
            if after.level != before.level:
                cause, why = why_changed(before, after, derivation, self._policy)
                lines.append(self._line(row, before, cause, actor, why, tx.now))
                news.append(LevelNews(self._register.places[place], before.level, after.level, why))
        keep_levels(tx.connection, fresh)
        set_timers(tx, timers)
        self._announce(tx, lines, news)
        return rows

    def _announce(self, tx: Transaction, lines: Sequence[LevelChange], news: Sequence[LevelNews]) -> None:
        if not lines:
            return
        add_changes(tx.connection, lines)
        self._desk.levels_changed(tx, news)
        deltas = [
            DeskDelta(
                kind="level",
                enterprise=line.enterprise,
                installation=line.installation,
                level=line.level.word,
                since=line.time,
            )
            for line in lines
        ]
        tx.then(lambda: self._count(lines))
        tx.then(lambda: self.changed(deltas))

    def _count(self, lines: Sequence[LevelChange]) -> None:
        for line in lines:
            self._metrics.level_changes.labels(line.level.word, line.cause).inc()

    def _row(
        self,
        place: Place,
        kept: KeptLevel | None,
        after: Standing,
        derivation: Derivation,
        active: int,
        now: int,
    ) -> KeptLevel:
        facts = self._register.places[place]
        same = kept is not None and kept.level == after.level
        return KeptLevel(
            enterprise=facts.enterprise,
            installation=facts.installation,
            district=facts.district,
            city=facts.city,
            since=kept.since if kept is not None and same else now,
            standing=after,
            grounds=derivation.grounds,
            policy=self._fingerprint,
            active_alarms=active,
            looked_at=now,
        )

    def _line(
        self, row: KeptLevel, before: Standing, cause: str, actor: str, why: str, now: int
    ) -> LevelChange:
        return LevelChange(
            enterprise=row.enterprise,
            installation=row.installation,
            time=now,
            level_before=before.level,
            level=row.level,
            cause=cause,
            actor=actor,
            text=why,
            grounds=row.grounds,
            policy=self._fingerprint,
        )

    def _clock(self, tx: Transaction, place: Place, before: Standing, after: Standing) -> list[Timer]:
        if after.due_at is not None:
            return [_timer(place, after.due_at)]
        if before.due_at is not None:
            drop_timer(tx, _timer(place, 0).key)
        return []

    def _concerns_everything(self, alarm: Alarm) -> bool:
        return not alarm.copy.place.enterprise and alarm.rule.partition("/")[2] in self._policy.offline_rules

    def _sweep_on(self, tx: Transaction, after: Place | None) -> None:
        detail = {"after": list(after) if after else []}
        set_timers(tx, [Timer(key="level/sweep", kind=SWEEP, subject="", due_at=tx.now, detail=detail)])

    def _drop_gone(self, tx: Transaction) -> None:
        """Installations that the register has no more end without a level; the journal says so."""
        rows = kept_levels(tx.connection, sorted(all_places(tx.connection) - self._register.places.keys()))
        text = both("已不在台账中", "no longer in the register")
        raised = [row for row in rows.values() if row.level]
        nothing = Standing()
        self._announce(
            tx,
            [
                self._line(
                    msgspec.structs.replace(row, standing=nothing, grounds=()),
                    row.standing,
                    "register",
                    "service",
                    text,
                    tx.now,
                )
                for row in raised
            ],
            [LevelNews(gone(row.place), row.level, WarningLevel.NONE, text) for row in raised],
        )
        forget_levels(tx.connection, list(rows))


def _matters(change: AlarmChange) -> bool:
    """Can this change make a level another?"""
    if change.before is None:
        return change.after.facts.active
    return _bearing_of(change.before) != _bearing_of(change.after)


def _bearing_of(alarm: Alarm) -> tuple[bool, bool, bool, bool]:
    facts = alarm.facts
    held = facts.out_of_service is not None
    return (facts.active, facts.acknowledged is None, held, bool(facts.suppressed_by))


def _differs(row: KeptLevel, kept: KeptLevel | None) -> bool:
    return kept is None or msgspec.structs.replace(kept, looked_at=row.looked_at) != row


def _timer(place: Place, due_at: int, more: str = "due") -> Timer:
    detail = {"enterprise": place[0], "installation": place[1]}
    key = f"level/{more}/{place[0]}/{place[1]}"
    return Timer(key=key, kind=LOOK, subject=f"{place[0]}/{place[1]}", due_at=due_at, detail=detail)
