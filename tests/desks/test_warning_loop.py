"""The closed loop of a warning: its steps in order, its clocks, and what a rise of the level does."""

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from api.desks import warning_loop as loop
from api.desks.colours import WarningLevel
from api.desks.errors import DeskRefused, StepRefused, WrongEntry
from api.desks.policy import load_policy
from api.desks.warning_loop import Transition, WarningEpisode, state_name
from api.desks.warning_policy import AUTHORITIES
from tests.desks.times import HOUR, MINUTE, T0, S

POLICY = load_policy().warnings
NONE, BLUE, YELLOW, ORANGE, RED = WarningLevel


def begun(level: WarningLevel = YELLOW, at: int = T0) -> WarningEpisode:
    return loop.begin("w1", ("acme", "tank-farm"), level, POLICY, at, "工艺报警").warning


def take(warning: WarningEpisode, *steps: str, at: int = T0) -> WarningEpisode:
    """Take these steps, all at one moment."""
    for step in steps:
        warning = getattr(loop, step)(warning, "李雷", "已核对", POLICY, at).warning
    return warning


def level(warning: WarningEpisode, to: WarningLevel, at: int) -> WarningEpisode:
    changed = loop.level_changed(warning, to, POLICY, at, "")
    return changed.warning if changed else warning


def test_whole_loop_leads_from_beginning_to_closing() -> None:
    states = [state_name(begun())]
    warning = begun()
    for step in ("sign", "ask", "answer", "verify"):
        warning = take(warning, step)
        states.append(state_name(warning))
    warning = take(level(warning, NONE, T0 + MINUTE), "close", at=T0 + HOUR)
    assert [*states, state_name(warning)] == list(loop.WARNING_STATES)
    assert warning.due_at is None
    assert warning.overdue == 0


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        ((), "ask"),
        ((), "answer"),
        ((), "verify"),
        ((), "close"),
        (("sign",), "sign"),
        (("sign",), "answer"),
        (("sign", "ask"), "ask"),
        (("sign", "ask"), "verify"),
        (("sign", "ask"), "send_back"),
        (("sign", "ask", "answer"), "answer"),
        (("sign", "ask", "answer"), "close"),
        (("sign", "ask", "answer", "verify"), "verify"),
    ],
)
def test_step_out_of_turn_is_refused_with_the_reason(done: tuple[str, ...], refused: str) -> None:
    warning = take(begun(), *done)
    with pytest.raises(StepRefused, match=r"[\u4e00-\u9fff]+.*[a-z]"):
        take(warning, refused)


def test_warning_is_not_closed_while_the_level_stands() -> None:
    warning = take(begun(), "sign", "ask", "answer", "verify")
    with pytest.raises(StepRefused, match="still yellow"):
        take(warning, "close")
    assert warning.due_at is None  # the clock of closing starts when the level falls
    fallen = level(warning, BLUE, T0 + HOUR)
    assert fallen.due_at == T0 + HOUR + round(POLICY.deadline_s.close.yellow * S)


@pytest.mark.parametrize("step", ["answer", "verify", "send_back"])
def test_step_without_words_is_refused(step: str) -> None:
    before = {
        "answer": ("sign", "ask"),
        "verify": ("sign", "ask", "answer"),
        "send_back": ("sign", "ask", "answer"),
    }
    warning = take(begun(), *before[step])
    with pytest.raises(WrongEntry):
        getattr(loop, step)(warning, "李雷", "  ", POLICY, T0)


def test_returned_answer_is_owed_again_with_a_new_deadline() -> None:
    warning = take(take(begun(), "sign", "ask", "answer"), "send_back", at=T0 + HOUR)
    assert (state_name(warning), warning.returned) == ("asked", 1)
    assert warning.due_at == T0 + HOUR + round(POLICY.deadline_s.answer.yellow * S)


def test_rise_asks_for_everything_anew_with_the_shorter_clock() -> None:
    warning = take(begun(), "sign", "ask", "answer", "verify")
    risen = level(warning, RED, T0 + HOUR)
    assert state_name(risen) == "unsigned"
    assert risen.due_at == T0 + HOUR + round(POLICY.deadline_s.sign.red * S)
    assert risen.reached == "province"


def test_rise_never_gives_more_time_than_was_left() -> None:
    late = T0 + round(POLICY.deadline_s.sign.yellow * S) - MINUTE
    risen = level(begun(), ORANGE, late)
    assert risen.due_at == T0 + round(POLICY.deadline_s.sign.yellow * S)
    assert level(begun(), RED, T0 + MINUTE).due_at == T0 + MINUTE + round(POLICY.deadline_s.sign.red * S)


def test_fall_keeps_the_warnings_level_and_its_clocks() -> None:
    warning = begun(ORANGE)
    fallen = level(warning, YELLOW, T0 + MINUTE)
    assert (fallen.level, fallen.current, fallen.due_at) == (ORANGE, YELLOW, warning.due_at)


def test_danger_that_comes_back_needs_a_new_signature() -> None:
    warning = take(begun(), "sign", "ask", "answer", "verify")
    gone = level(warning, NONE, T0 + MINUTE)
    assert state_name(gone) == "verified"
    back = loop.level_changed(gone, YELLOW, POLICY, T0 + 2 * MINUTE, "")
    assert (back.step.kind, state_name(back.warning)) == ("rose_again", "unsigned")


def test_level_that_stays_changes_nothing() -> None:
    assert loop.level_changed(begun(), YELLOW, POLICY, T0 + MINUTE, "") is None


def test_overdue_step_is_counted_and_climbs_one_authority_a_time() -> None:
    warning = begun()
    assert loop.remind(warning, POLICY, warning.due_at - 1) is None
    reached = [warning.reached]
    for number in range(1, 5):
        warning = loop.remind(warning, POLICY, warning.remind_at).warning
        reached.append(warning.reached)
        assert warning.overdue == number
    assert reached == ["district", "city", "province", "province", "province"]
    assert warning.late == ("sign",)


def test_deadline_stays_while_reminders_repeat() -> None:
    warning = begun()
    again = loop.remind(warning, POLICY, warning.due_at).warning
    assert again.due_at == warning.due_at
    assert again.remind_at == warning.due_at + round(POLICY.repeat_s.yellow * S)
    assert loop.is_overdue(again, again.due_at)
    signed = take(again, "sign", at=again.remind_at)
    assert not loop.is_overdue(signed, again.remind_at)


@settings(max_examples=60, stateful_step_count=30, deadline=None)
class ClosingLoop(RuleBasedStateMachine):
    """Against a twin that keeps only the list of steps done since the last rise."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.warning = begun(YELLOW)
        self.done: list[str] = []
        self.closed = False
        self.journal: list[str] = ["begun"]

    @rule(seconds=st.integers(1, 4000))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * S
        changed = loop.remind(self.warning, POLICY, self.now)
        if changed:
            assert changed.warning.overdue == self.warning.overdue + 1
            self._keep(changed)

    @rule(to=st.sampled_from(list(WarningLevel)))
    def level_changes(self, to: WarningLevel) -> None:
        before = self.warning
        changed = loop.level_changed(before, to, POLICY, self.now, "")
        if changed is None:
            assert self.closed or to == before.current
            return
        self._keep(changed)
        came_back = before.current < YELLOW <= to
        if to > before.level or came_back:
            self.done = []
        if to > before.level and before.due_at and state_name(before) == "unsigned":
            assert self.warning.due_at <= before.due_at

    @rule(step=st.sampled_from(["sign", "ask", "answer", "send_back", "verify", "close"]))
    def person_takes(self, step: str) -> None:
        self.now += 1
        allowed = self._allowed(step)
        try:
            changed = getattr(loop, step)(self.warning, "李雷", "已核对", POLICY, self.now)
        except DeskRefused:
            assert not allowed
            return
        assert allowed
        self._keep(changed)
        if step == "send_back":
            self.done = ["sign", "ask"]
        else:
            self.done.append(step)
        self.closed = step == "close"

    def _allowed(self, step: str) -> bool:
        if self.closed:
            return False
        order = ["sign", "ask", "answer", "verify", "close"]
        if step == "send_back":
            return len(self.done) in (3, 4)
        if step == "close" and self.warning.current >= YELLOW:
            return False
        return self.done == order[: order.index(step)]

    def _keep(self, changed: Transition) -> None:
        assert changed.warning.version == self.warning.version + 1
        assert changed.step.time == self.now
        self.warning = changed.warning
        self.journal.append(changed.step.kind)

    @invariant()
    def state_follows_from_the_steps(self) -> None:
        states = ["unsigned", "signed", "asked", "answered", "verified", "closed"]
        assert state_name(self.warning) == states[len(self.done)]

    @invariant()
    def every_owed_step_has_a_clock(self) -> None:
        state = state_name(self.warning)
        waiting_for_the_fall = state == "verified" and self.warning.current >= YELLOW
        idle = state == "closed" or waiting_for_the_fall
        assert (self.warning.due_at is None) == idle
        assert (self.warning.remind_at is None) == idle
        if not idle:
            assert self.warning.remind_at >= self.warning.due_at

    @invariant()
    def level_and_authority_never_fall(self) -> None:
        assert self.warning.level >= max(YELLOW, self.warning.current)
        told = AUTHORITIES.index(POLICY.told.of(self.warning.level))
        assert AUTHORITIES.index(self.warning.reached) >= told

    @precondition(lambda self: self.closed)
    @invariant()
    def closed_is_for_ever(self) -> None:
        assert self.warning.closed is not None
        assert loop.level_changed(self.warning, RED, POLICY, self.now, "") is None
        assert loop.remind(self.warning, POLICY, self.now + 10**18) is None


TestClosingLoop = ClosingLoop.TestCase


def test_facts_survive_their_storage() -> None:
    warning = take(begun(), "sign", "ask", "answer")
    assert msgspec.json.decode(msgspec.json.encode(warning), type=WarningEpisode) == warning
