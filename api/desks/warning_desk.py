"""Warnings: begun and raised by the level, worked through by people, pushed up by durable timers."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from api.auth.people import actor_name
from api.auth.principal import EVERYTHING, Principal
from api.bilingual import both, joined
from api.desks import explaining, warning_loop
from api.desks.colours import WarningLevel
from api.desks.errors import NotOnDesk
from api.desks.identity import new_id
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.register import DeskRegister, InstallationFacts, Place
from api.desks.shift_desk import Event, ShiftDesk
from api.desks.telling import Concern, Notice, Teller, everybody_up_to, priority_of
from api.desks.warning_loop import Transition, WarningEpisode, state_name
from api.desks.warning_policy import AUTHORITIES, Authority, WarningPolicy
from api.store.timers import Timer, drop_timer, set_timers
from api.store.warnings import add_steps, add_warnings, change_warnings, open_warnings, warning_by_id
from api.store.writer import Transaction, Writer

REMIND = "warning.remind"
LOGGED = frozenset({"begun", "raised", "rose_again", "overdue", "closed"})
"""Steps that stand in the shift logs too; from orange on as critical, so that no hand-over passes them by."""
Taking = Callable[[WarningEpisode, str, str, WarningPolicy, int], Transition]
STEPS: Mapping[str, Taking] = {
    "sign": warning_loop.sign,
    "ask": warning_loop.ask,
    "answer": warning_loop.answer,
    "return": warning_loop.send_back,
    "verify": warning_loop.verify,
    "close": warning_loop.close,
}


class LevelNews(NamedTuple):
    """The level of an installation has changed, and why."""

    facts: InstallationFacts
    before: WarningLevel
    level: WarningLevel
    why: str


class WarningDesk:
    """Writes warnings. Its clock is the transaction's."""

    def __init__(
        self,
        writer: Writer,
        policy: WarningPolicy,
        register: DeskRegister,
        teller: Teller,
        shifts: ShiftDesk,
        metrics: DeskMetrics,
        zone: ZoneInfo,
    ) -> None:
        self._writer = writer
        self._policy = policy
        self._register = register
        self._teller = teller
        self._shifts = shifts
        self._metrics = metrics
        self._zone = zone
        self.changed: DeskHook = nobody_listens

    async def take(self, step: str, by: Principal, warning_id: str, text: str) -> WarningEpisode:
        """A person takes a step of STEPS. Raises NotOnDesk, StepRefused or WrongEntry."""
        return await self._writer.run(lambda tx: self.take_in(tx, step, by, warning_id, text))

    def take_in(
        self, tx: Transaction, step: str, by: Principal, warning_id: str, text: str
    ) -> WarningEpisode:
        """The same as `take`, within somebody's transaction."""
        warning = known_warning(tx, warning_id, by)
        transition = STEPS[step](warning, by.name, text, self._policy, tx.now)
        to = _to_be_told(transition)
        notices = [self._step_notice(transition, to)] if to else []
        self._write(tx, Written(changed=[transition], notices=notices))
        tx.audit(actor_name(by), f"warning.{step}", warning.id, text, warning.enterprise)
        return transition.warning

    def levels_changed(self, tx: Transaction, news: Sequence[LevelNews]) -> None:
        """Begin, raise and lower warnings; tell who has to learn of a rise or an end."""
        opened = open_warnings(tx.connection, [one.facts.place for one in news])
        written = Written()
        for one in news:
            warning = opened.get(one.facts.place)
            if warning is not None:
                self._go_on(tx, warning, one, written)
            elif one.level >= self._policy.threshold and one.level > one.before:
                self._begin(tx, one, written)
            elif one.level > one.before:
                told = self._policy.told.of(one.level)
                written.notices.append(self._level_notice(tx, one, told, f"level/{tx.now}"))
        self._write(tx, written)

    def remind(self, tx: Transaction, timer: Timer) -> None:
        """Handler of REMIND: a deadline or its repeat has come."""
        warning = warning_by_id(tx.connection, timer.subject, EVERYTHING)
        if warning is None:
            return
        transition = warning_loop.remind(warning, self._policy, tx.now)
        if transition is None:
            set_timers(tx, _clocks([warning]))  # the clock was set back, or the deadline has moved
            return
        notice = self._step_notice(transition, everybody_up_to(transition.warning.reached))
        self._write(tx, Written(changed=[transition], notices=[notice]))
        tx.audit("service", "warning.overdue", warning.id, transition.step.text, warning.enterprise)

    def _begin(self, tx: Transaction, news: LevelNews, written: "Written") -> None:
        transition = warning_loop.begin(
            new_id(), news.facts.place, news.level, self._policy, tx.now, news.why
        )
        written.begun.append((transition, news.facts))
        reached = transition.warning.reached
        written.notices.append(self._level_notice(tx, news, reached, _key(transition)))

    def _go_on(self, tx: Transaction, warning: WarningEpisode, news: LevelNews, written: "Written") -> None:
        transition = warning_loop.level_changed(warning, news.level, self._policy, tx.now, news.why)
        if transition is None:
            return
        written.changed.append(transition)
        rose = transition.step.kind in ("raised", "rose_again")
        if rose or news.level is WarningLevel.NONE:
            reached = transition.warning.reached
            written.notices.append(self._level_notice(tx, news, reached, _key(transition)))

    def _write(self, tx: Transaction, written: "Written") -> None:
        """Everything in few statements, however many warnings there are."""
        begun = [transition for transition, _ in written.begun]
        taken = [*begun, *written.changed]
        add_warnings(tx.connection, [(transition.warning, facts) for transition, facts in written.begun])
        change_warnings(tx.connection, [transition.warning for transition in written.changed])
        add_steps(tx.connection, taken)
        set_timers(tx, _clocks([transition.warning for transition in taken]))
        for transition in written.changed:
            if transition.warning.remind_at is None:
                drop_timer(tx, _clock_key(transition.warning))
        self._shifts.note(tx, [_event(each) for each in taken if each.step.kind in LOGGED])
        self._teller.tell(tx, written.notices)
        tx.then(lambda: self._published(taken))

    def _published(self, taken: Sequence[Transition]) -> None:
        for transition in taken:
            self._metrics.warning_steps.labels(transition.step.kind).inc()
        if taken:
            self.changed([_delta(transition) for transition in taken])

    def _level_notice(self, tx: Transaction, news: LevelNews, up_to: Authority, key: str) -> Notice:
        return Notice(
            key=f"{key}/{news.facts.enterprise}/{news.facts.installation}",
            kind="warning",
            to=everybody_up_to(up_to),
            about=concern_of(news.facts),
            priority=priority_of(max(news.level, news.before)),
            title=explaining.level_title(news.facts, news.level),
            body=explaining.level_body(news.facts, news.level, news.why, tx.now, self._zone),
        )

    def _step_notice(self, transition: Transition, to: tuple[Authority, ...]) -> Notice:
        warning, step = transition
        place: Place = (warning.enterprise, warning.installation)
        facts = self._register.places.get(place) or gone(place)
        lines = [
            f"{facts.enterprise_name} {facts.name}",
            explaining.step_text(step.kind, step.text),
            explaining.owed_text(warning, self._zone),
        ]
        return Notice(
            key=_key(transition),
            kind="warning",
            to=to,
            about=concern_of(facts),
            priority=priority_of(warning.level),
            title=explaining.step_title(facts, warning, step.kind),
            body=joined((line for line in lines if line), "\n", "\n"),
        )


class Written(msgspec.Struct, kw_only=True):
    """What one transaction does to warnings."""

    begun: list[tuple[Transition, InstallationFacts]] = msgspec.field(default_factory=list)
    changed: list[Transition] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)


def _clocks(warnings: Sequence[WarningEpisode]) -> list[Timer]:
    return [
        Timer(key=_clock_key(warning), kind=REMIND, subject=warning.id, due_at=warning.remind_at)
        for warning in warnings
        if warning.remind_at is not None
    ]


def _clock_key(warning: WarningEpisode) -> str:
    return f"warning/{warning.id}"


def _event(transition: Transition) -> Event:
    warning, step = transition
    return Event(
        enterprise=warning.enterprise,
        text=explaining.step_text(step.kind, step.text, warning.level),
        subject=warning.id,
        critical=warning.level >= WarningLevel.ORANGE,
    )


def _delta(transition: Transition) -> DeskDelta:
    warning, step = transition
    return DeskDelta(
        kind="warning",
        enterprise=warning.enterprise,
        installation=warning.installation,
        id=warning.id,
        state=state_name(warning),
        level=warning.level.word,
        since=step.time,
    )


def known_warning(tx: Transaction, warning_id: str, by: Principal) -> WarningEpisode:
    """The warning as this person may see it. NotOnDesk."""
    warning = warning_by_id(tx.connection, warning_id, by.scope)
    if warning is None:
        raise NotOnDesk(both(f"没有预警 {warning_id}。", f"There is no warning {warning_id}."))
    return warning


def concern_of(facts: InstallationFacts) -> Concern:
    """Whom a notice about an installation concerns."""
    return Concern(enterprise=facts.enterprise, district=facts.district, city=facts.city)


def gone(place: Place) -> InstallationFacts:
    """Stands for an installation that the register has no more."""
    return InstallationFacts(
        enterprise=place[0],
        installation=place[1],
        name=place[1],
        enterprise_name=place[0],
        district="",
        city="",
        hazard_class=None,
        points_in_use=0,
    )


def _key(transition: Transition) -> str:
    return f"warning/{transition.warning.id}/{transition.warning.version}"


def _to_be_told(transition: Transition) -> tuple[Authority, ...]:
    """Who has to do something now; those who told them know already."""
    match transition.step.kind:
        case "asked" | "returned":
            return ("enterprise",)
        case "answered":
            return AUTHORITIES[1 : AUTHORITIES.index(transition.warning.reached) + 1]
        case "closed":
            return ("enterprise",)
        case _:
            return ()
