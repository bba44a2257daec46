"""Warnings: begun and raised by the level, worked through by people, pushed up by durable timers."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.auth.people import actor_name
from api.auth.principal import EVERYTHING, Principal
from api.desks import explaining, warning_loop
from api.desks.colours import WarningLevel
from api.desks.errors import NotOnDesk
from api.desks.identity import new_id
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.register import DeskRegister, InstallationFacts, Place
from api.desks.shift_desk import ShiftDesk
from api.desks.telling import Concern, Notice, Teller, everybody_up_to, priority_of
from api.desks.warning_loop import Transition, WarningEpisode, state_name
from api.desks.warning_policy import AUTHORITIES, Authority, WarningPolicy
from api.store.timers import Timer, drop_timer, set_timer
from api.store.warnings import add_step, add_warning, change_warning, open_warnings, warning_by_id
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
        self._store(tx, transition)
        tx.audit(actor_name(by), f"warning.{step}", warning.id, text, warning.enterprise)
        if to := _to_be_told(transition):
            self._tell_step(tx, transition, to)
        return transition.warning

    def levels_changed(self, tx: Transaction, news: Sequence[LevelNews]) -> None:
        """Begin, raise and lower warnings; tell who has to learn of a rise or an end."""
        opened = open_warnings(tx.connection, [one.facts.place for one in news])
        for one in news:
            warning = opened.get(one.facts.place)
            if warning is not None:
                self._go_on(tx, warning, one)
            elif one.level >= self._policy.threshold and one.level > one.before:
                self._begin(tx, one)
            elif one.level > one.before:
                self._tell_level(tx, one, self._policy.told.of(one.level), f"level/{tx.now}")

    def remind(self, tx: Transaction, timer: Timer) -> None:
        """Handler of REMIND: a deadline or its repeat has come."""
        warning = warning_by_id(tx.connection, timer.subject, EVERYTHING)
        if warning is None:
            return
        transition = warning_loop.remind(warning, self._policy, tx.now)
        if transition is None:
            self._set_clock(tx, warning)  # the clock was set back, or the deadline has moved
            return
        self._store(tx, transition)
        tx.audit("service", "warning.overdue", warning.id, transition.step.text, warning.enterprise)
        self._tell_step(tx, transition, everybody_up_to(transition.warning.reached))

    def _begin(self, tx: Transaction, news: LevelNews) -> None:
        transition = warning_loop.begin(
            new_id(), news.facts.place, news.level, self._policy, tx.now, news.why
        )
        add_warning(tx.connection, transition.warning, news.facts)
        self._after(tx, transition)
        self._tell_level(tx, news, transition.warning.reached, _key(transition))

    def _go_on(self, tx: Transaction, warning: WarningEpisode, news: LevelNews) -> None:
        transition = warning_loop.level_changed(warning, news.level, self._policy, tx.now, news.why)
        if transition is None:
            return
        self._store(tx, transition)
        rose = transition.step.kind in ("raised", "rose_again")
        if rose or news.level is WarningLevel.NONE:
            self._tell_level(tx, news, transition.warning.reached, _key(transition))

    def _store(self, tx: Transaction, transition: Transition) -> None:
        change_warning(tx.connection, transition.warning)
        self._after(tx, transition)

    def _after(self, tx: Transaction, transition: Transition) -> None:
        warning, step = transition
        add_step(tx.connection, warning, step)
        if step.kind in LOGGED:
            text = f"{warning.level.chinese}预警{explaining.STEP_WORDS[step.kind]}: {step.text}"
            urgent = warning.level >= WarningLevel.ORANGE
            self._shifts.note(tx, warning.enterprise, text, warning.id, critical=urgent)
        self._set_clock(tx, warning)
        delta = DeskDelta(
            kind="warning",
            enterprise=warning.enterprise,
            installation=warning.installation,
            id=warning.id,
            state=state_name(warning),
            level=warning.level.word,
            since=step.time,
        )
        tx.then(lambda: self._metrics.warning_steps.labels(step.kind).inc())
        tx.then(lambda: self.changed([delta]))

    def _set_clock(self, tx: Transaction, warning: WarningEpisode) -> None:
        key = f"warning/{warning.id}"
        if warning.remind_at is None:
            drop_timer(tx, key)
        else:
            set_timer(tx, Timer(key=key, kind=REMIND, subject=warning.id, due_at=warning.remind_at))

    def _tell_level(self, tx: Transaction, news: LevelNews, up_to: Authority, key: str) -> None:
        body = explaining.level_body(news.facts, news.level, news.why, tx.now, self._zone)
        notice = Notice(
            key=f"{key}/{news.facts.enterprise}/{news.facts.installation}",
            kind="warning",
            to=everybody_up_to(up_to),
            about=concern_of(news.facts),
            priority=priority_of(max(news.level, news.before)),
            title=explaining.level_title(news.facts, news.level),
            body=body,
        )
        self._teller.tell(tx, [notice])

    def _tell_step(self, tx: Transaction, transition: Transition, to: tuple[Authority, ...]) -> None:
        warning, step = transition
        place: Place = (warning.enterprise, warning.installation)
        facts = self._register.places.get(place) or gone(place)
        lines = [
            f"{facts.enterprise_name} {facts.name}",
            f"{explaining.STEP_WORDS[step.kind]}: {step.text}".rstrip(": "),
            explaining.owed_text(warning, self._zone),
        ]
        notice = Notice(
            key=_key(transition),
            kind="warning",
            to=to,
            about=concern_of(facts),
            priority=priority_of(warning.level),
            title=f"【{warning.level.chinese}预警{explaining.STEP_WORDS[step.kind]}】{facts.name}",
            body="\n".join(line for line in lines if line),
        )
        self._teller.tell(tx, [notice])


def known_warning(tx: Transaction, warning_id: str, by: Principal) -> WarningEpisode:
    """The warning as this person may see it. NotOnDesk."""
    warning = warning_by_id(tx.connection, warning_id, by.scope)
    if warning is None:
        raise NotOnDesk(f"没有预警 {warning_id}。 There is no warning {warning_id}.")
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
