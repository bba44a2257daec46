"""The closed loop of a warning (预警闭环) as pure functions; `now` is ns UTC.

    begun ─► sign ─► ask ─► answer ─► verify ─► close
             desk    desk   enterprise desk      desk
                      ▲        │ return (退回)
                      └────────┘

Facts are stored, the step that is owed is derived. A fact counts only for the level at which, and the
rise after which, it was given: when the level rises, or rises anew after it had gone, signature, answer and
verification are owed again, because they were given for another danger. What is owed has a deadline
by colour; a rise never gives more time than was left.
"""

from typing import Literal, NamedTuple

import msgspec

from api.bilingual import both, joined
from api.desks.colours import WarningLevel
from api.desks.errors import StepRefused, WrongEntry
from api.desks.levels import SECOND_NS
from api.desks.warning_policy import AUTHORITIES, Authority, StepName, WarningPolicy

WarningState = Literal["unsigned", "signed", "asked", "answered", "verified", "closed"]
WARNING_STATES: tuple[WarningState, ...] = ("unsigned", "signed", "asked", "answered", "verified", "closed")
StepKind = Literal[
    "begun",
    "raised",
    "rose_again",
    "fell",
    "signed",
    "asked",
    "answered",
    "returned",
    "verified",
    "closed",
    "overdue",
]
STEP_NAMES: dict[StepName, str] = {
    "sign": both("签收", "sign"),
    "ask": both("要求反馈", "ask"),
    "answer": both("企业反馈", "answer"),
    "verify": both("核实", "verify"),
    "close": both("闭环", "close"),
}
OWED: dict[WarningState, StepName | None] = {
    "unsigned": "sign",
    "signed": "ask",
    "asked": "answer",
    "answered": "verify",
    "verified": "close",
    "closed": None,
}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a person has taken."""

    by: str
    at: int
    level: WarningLevel
    """The warning's level at which it was taken."""
    text: str = ""


class WarningEpisode(msgspec.Struct, frozen=True, kw_only=True):
    """A warning from its beginning until the desk closes it, and for ever after."""

    id: str
    enterprise: str
    installation: str
    begun_at: int
    level: WarningLevel
    """The highest so far: it never falls within a warning."""
    current: WarningLevel
    """The installation's level now."""
    risen_at: int
    """When it last rose; facts from before do not count any more."""
    fell_at: int | None = None
    """Since when the installation is below the threshold; None while it is not."""
    signed: Fact | None = None
    asked: Fact | None = None
    answered: Fact | None = None
    verified: Fact | None = None
    closed: Fact | None = None
    returned: int = 0
    """How often the desk was not content with an answer."""
    due_at: int | None = None
    """Deadline of the step that is owed; None while it cannot be taken yet."""
    remind_at: int | None = None
    """When the next authority is told, if the step is still owed then."""
    overdue: int = 0
    """How often a deadline passed, repeats included."""
    late: tuple[StepName, ...] = ()
    """Steps whose deadline was missed, each once a time it was owed."""
    reached: Authority = "enterprise"
    """The highest authority that has been told."""
    version: int = 1


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a warning's journal."""

    kind: StepKind
    time: int
    actor: str
    level: WarningLevel
    text: str = ""


class Transition(NamedTuple):
    """What a step makes of a warning, and what the journal keeps."""

    warning: WarningEpisode
    step: Step


def state_name(warning: WarningEpisode) -> WarningState:
    """The one name of these facts."""
    if warning.closed is not None:
        return "closed"
    if not _counts(warning, warning.signed):
        return "unsigned"
    if warning.asked is None or not _counts(warning, warning.asked):
        return "signed"
    if not _counts(warning, warning.answered):
        return "asked"
    return "verified" if _counts(warning, warning.verified) else "answered"


def is_overdue(warning: WarningEpisode, now: int) -> bool:
    """Is the step that is owed late?"""
    return warning.due_at is not None and warning.due_at <= now


def begin(
    warning_id: str,
    place: tuple[str, str],
    level: WarningLevel,
    policy: WarningPolicy,
    now: int,
    why: str,
) -> Transition:
    """The level has reached the policy's threshold and no warning of this installation is open."""
    enterprise, installation = place
    warning = WarningEpisode(
        id=warning_id,
        enterprise=enterprise,
        installation=installation,
        begun_at=now,
        level=level,
        current=level,
        risen_at=now,
        reached=policy.told.of(level),
    )
    return Transition(_clocked(warning, None, policy, now), _step("begun", now, "service", level, why))


def level_changed(
    warning: WarningEpisode, level: WarningLevel, policy: WarningPolicy, now: int, why: str
) -> Transition | None:
    """The installation's level is another now. None if that changes nothing in the warning."""
    if level == warning.current or warning.closed is not None:
        return None
    below = level < policy.threshold
    changed = msgspec.structs.replace(
        warning, current=level, fell_at=(warning.fell_at or now) if below else None
    )
    kind: StepKind = "fell"
    if level > warning.level:
        kind, changed = "raised", _risen(changed, level, policy, now)
    elif not below and warning.current < policy.threshold:
        kind, changed = "rose_again", _risen(changed, warning.level, policy, now)
    elif level > warning.current:
        return Transition(_next_version(changed), _step("raised", now, "service", level, why))
    return Transition(_clocked(changed, warning, policy, now), _step(kind, now, "service", level, why))


def sign(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """签收: the desk has seen it and takes it on."""
    _need(warning, ("unsigned",), both("签收", "sign"))
    return _take(warning, "signed", by, text, policy, now)


def ask(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """要求反馈: the desk asks the enterprise what is going on and what it does."""
    _need(warning, ("signed",), both("要求反馈", "ask"))
    return _take(warning, "asked", by, text, policy, now)


def answer(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """反馈: the enterprise says what it found and did."""
    _need(warning, ("asked",), both("反馈", "answer"))
    _need_text(text, both("反馈须写明原因和措施。", "An answer says the cause and what was done."))
    return _take(warning, "answered", by, text, policy, now)


def send_back(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """退回: the desk is not content, the enterprise answers again."""
    _need(warning, ("answered", "verified"), both("退回", "return"))
    _need_text(text, both("退回须说明理由。", "Say why the answer is not enough."))
    fact = Fact(by=by, at=now, level=warning.level, text=text)
    changed = msgspec.structs.replace(
        warning, asked=fact, answered=None, verified=None, returned=warning.returned + 1
    )
    step = _step("returned", now, f"user:{by}", warning.level, text)
    return Transition(_clocked(changed, warning, policy, now), step)


def verify(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """核实: the desk has checked the answer, by telephone, video or on the spot."""
    _need(warning, ("answered",), both("核实", "verify"))
    _need_text(text, both("核实须写明方式和结果。", "Say how it was checked and with what result."))
    return _take(warning, "verified", by, text, policy, now)


def close(warning: WarningEpisode, by: str, text: str, policy: WarningPolicy, now: int) -> Transition:
    """闭环（销号）: everything is done and the danger is over."""
    _need(warning, ("verified",), both("闭环", "close"))
    if warning.current >= policy.threshold:
        raise StepRefused(
            both(
                f"该重大危险源仍为{warning.current.chinese}预警，不能闭环。",
                f"The installation is still {warning.current.word}: "
                "it can be closed when the level has fallen.",
            )
        )
    return _take(warning, "closed", by, text, policy, now)


def remind(warning: WarningEpisode, policy: WarningPolicy, now: int) -> Transition | None:
    """The step owed is overdue: count it and tell the next authority. None if nothing is overdue now."""
    owed = OWED[state_name(warning)]
    if owed is None or warning.remind_at is None or now < warning.remind_at:
        return None
    higher = min(AUTHORITIES.index(warning.reached) + 1, len(AUTHORITIES) - 1)
    first_time = warning.remind_at == warning.due_at
    changed = msgspec.structs.replace(
        warning,
        overdue=warning.overdue + 1,
        late=(*warning.late, owed) if first_time else warning.late,
        reached=AUTHORITIES[higher],
        remind_at=now + round(policy.repeat_s.of(warning.level) * SECOND_NS),
    )
    late = both("超时", "overdue") if first_time else both("仍未完成", "still overdue")
    text = joined([STEP_NAMES[owed], late], "：", ": ")
    return Transition(_next_version(changed), _step("overdue", now, "service", warning.level, text))


def _risen(warning: WarningEpisode, level: WarningLevel, policy: WarningPolicy, now: int) -> WarningEpisode:
    told = max(warning.reached, policy.told.of(level), key=AUTHORITIES.index)
    facts = (warning.signed, warning.asked, warning.answered, warning.verified)
    newest = max((fact.at for fact in facts if fact is not None), default=now - 1)
    # Behind what was done in the same moment: it was done before the level rose.
    return msgspec.structs.replace(warning, level=level, risen_at=max(now, newest + 1), reached=told)


def _counts(warning: WarningEpisode, fact: Fact | None) -> bool:
    return fact is not None and fact.at >= warning.risen_at and fact.level >= warning.level


def _need(warning: WarningEpisode, states: tuple[WarningState, ...], wish: str) -> None:
    state = state_name(warning)
    if state not in states:
        raise StepRefused(joined([wish, _REFUSALS[state]], "：", ": "))


_REFUSALS: dict[WarningState, str] = {
    "unsigned": both("须先签收。", "The desk has to sign first (again after every rise of the level)."),
    "signed": both("已签收，下一步是要求企业反馈。", "It is signed; next the desk asks the enterprise."),
    "asked": both("等待企业反馈。", "The enterprise has to answer first."),
    "answered": both(
        "企业已反馈，下一步是核实或退回。", "It is answered; next the desk verifies or returns it."
    ),
    "verified": both("已核实，下一步是闭环或退回。", "It is verified; next the desk closes or returns it."),
    "closed": both("已闭环，记录不再改变。", "It is closed; nothing in it changes any more."),
}


def _need_text(text: str, why: str) -> None:
    if not text.strip():
        raise WrongEntry(why)


def _take(
    warning: WarningEpisode, kind: StepKind, by: str, text: str, policy: WarningPolicy, now: int
) -> Transition:
    fact = Fact(by=by, at=now, level=warning.level, text=text)
    changed = msgspec.structs.replace(warning, **{kind: fact})
    step = _step(kind, now, f"user:{by}", warning.level, text)
    return Transition(_clocked(changed, warning, policy, now), step)


def _clocked(
    warning: WarningEpisode, before: WarningEpisode | None, policy: WarningPolicy, now: int
) -> WarningEpisode:
    """Set the clock of the step that is owed now; a rise of the level never gives more time."""
    warning = _next_version(warning) if before is not None else warning
    owed = OWED[state_name(warning)]
    if owed is None or (owed == "close" and warning.fell_at is None):
        return msgspec.structs.replace(warning, due_at=None, remind_at=None)
    due_at = now + round(getattr(policy.deadline_s, owed).of(warning.level) * SECOND_NS)
    if before is not None and owed == OWED[state_name(before)] and before.due_at is not None:
        due_at = min(due_at, before.due_at)
        if before.remind_at != before.due_at:  # overdue already: the reminders go on
            repeat_at = now + round(policy.repeat_s.of(warning.level) * SECOND_NS)
            remind_at = min(repeat_at, before.remind_at or repeat_at)
            return msgspec.structs.replace(warning, due_at=due_at, remind_at=remind_at)
    return msgspec.structs.replace(warning, due_at=due_at, remind_at=due_at)


def _next_version(warning: WarningEpisode) -> WarningEpisode:
    return msgspec.structs.replace(warning, version=warning.version + 1)


def _step(kind: StepKind, time: int, actor: str, level: WarningLevel, text: str = "") -> Step:
    return Step(kind=kind, time=time, actor=actor, level=level, text=text)
