"""The life of an alarm as timelines, and the promise that redelivery changes nothing."""

import contextlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.condition import ConditionDelivery
from alarm_rules.model import Priority
from api.alarms import lifecycle
from api.alarms.delivery import decide, keys_of
from api.alarms.holding import Wish, check_wish
from api.alarms.lifecycle import ActionRefused, Origin
from api.alarms.model import Acknowledgement, Alarm, Episode, Facts, Held, Proposed
from api.alarms.policy import DEFAULT, default_policy, load_policy
from api.alarms.resetting import want_reset
from api.alarms.suppression import suppress
from api.catalogue import Catalogue
from api.intake import SequenceGap, admit
from tests.api.alarms_in_memory import AlarmsInMemory
from tests.api.plant import SECOND, SITE, T0, change, delivery

ORIGIN = Origin("gw1", "j1")
COPY_OF = Catalogue(SITE, ()).copy_of


class Timeline:
    """One alarm; times are seconds after its onset."""

    def __init__(self) -> None:
        self.alarm: Alarm | None = None
        self.kinds: list[str] = []

    def _at(self, s: float) -> int:
        return T0 + int(s * SECOND)

    def begins(self, at: float) -> "Timeline":
        return self._change(at, active=True)

    def ends(self, at: float) -> "Timeline":
        return self._change(at, active=False)

    def _change(self, at: float, *, active: bool, **more) -> "Timeline":
        told = change(1, active=active, after_s=at, **more)
        if self.alarm is None:
            copy = COPY_OF(told.rule, told.point)
            step = lifecycle.raise_alarm(told, ORIGIN, copy, self._at(at))
        else:
            step = lifecycle.apply_change(self.alarm, told, ORIGIN, self._at(at))
        self.alarm, _ = step
        self.kinds.append(step.entry.kind)
        return self

    def latches(self, at: float) -> "Timeline":
        return self._change(at, active=True, cause="latched")

    def acknowledged(self, at: float, by: str = "张伟") -> "Timeline":
        self.alarm, entry = lifecycle.acknowledge(self.alarm, by, "看过了", self._at(at))
        self.kinds.append(entry.kind)
        return self

    @property
    def state(self) -> str:
        return lifecycle.state_name(self.alarm.facts)


def test_alarm_acknowledged_and_then_normal_is_closed() -> None:
    line = Timeline().begins(at=0)
    assert line.state == "UNACK"
    assert line.acknowledged(at=5).state == "ACKED"
    assert line.ends(at=60).state == "NORM"
    assert not lifecycle.is_open(line.alarm.facts)
    assert line.alarm.facts.returned_time == T0 + 60 * SECOND
    assert line.alarm.facts.acknowledged.time == T0 + 5 * SECOND
    assert line.kinds == ["raised", "acknowledged", "returned_to_normal"]


def test_alarm_that_returns_unanswered_stays_open_until_acknowledged() -> None:
    line = Timeline().begins(at=0).ends(at=3)
    assert line.state == "RTNUN"
    assert lifecycle.is_open(line.alarm.facts)
    assert line.acknowledged(at=100).state == "NORM"


def test_second_acknowledgement_is_refused_and_names_the_first() -> None:
    line = Timeline().begins(at=0).acknowledged(at=1, by="李娜")
    with pytest.raises(ActionRefused, match="李娜 has acknowledged it already"):
        line.acknowledged(at=2, by="张伟")


def test_repeated_change_is_written_down_and_changes_nothing() -> None:
    line = Timeline().begins(at=0)
    before = line.alarm
    assert line.begins(at=0).alarm is before
    assert line.kinds == ["raised", "repeated"]


def test_episode_active_again_needs_a_new_answer() -> None:
    line = Timeline().begins(at=0).acknowledged(at=1).ends(at=2).begins(at=3)
    assert line.state == "UNACK"
    assert line.kinds[-1] == "raised_again"


def test_condition_that_is_over_is_held_by_its_latch_until_the_reset() -> None:
    line = Timeline().begins(at=0).latches(at=5)
    assert line.state == "LUNACK"
    assert line.acknowledged(at=6).state == "LACKED"
    assert lifecycle.is_open(line.alarm.facts)
    assert line.ends(at=9).state == "NORM"
    assert line.kinds == ["raised", "latched", "acknowledged", "returned_to_normal"]


def test_condition_that_comes_back_while_latched_needs_a_new_answer() -> None:
    line = Timeline().begins(at=0).latches(at=5).acknowledged(at=6).begins(at=7)
    assert line.state == "UNACK"
    assert line.kinds[-1] == "raised_again"


def test_alarm_that_becomes_known_while_only_its_latch_holds_it_is_latched_and_unanswered() -> None:
    """Its beginning went to a store that was lost."""
    line = Timeline().latches(at=5)
    assert line.state == "LUNACK"
    assert line.kinds == ["raised"]
    assert line.latches(at=5).kinds == ["raised", "repeated"]
    assert line.begins(at=9).state == "UNACK"


def test_condition_that_comes_back_while_latched_keeps_what_people_have_under_way() -> None:
    line = Timeline().begins(at=0).latches(at=5).acknowledged(at=6)
    wanted = want_reset(line.alarm, "李娜", "", T0 + 7).alarm
    proposed = Proposed(
        proposal="p", action="shelved", by="李娜", time=T0, reason="标定", expires=T0 + 900 * SECOND
    )
    line.alarm = msgspec.structs.replace(
        wanted, facts=msgspec.structs.replace(wanted.facts, proposed=proposed)
    )
    facts = line.begins(at=8).alarm.facts
    assert (facts.proposed, facts.reset_wanted.by, facts.acknowledged) == (proposed, "李娜", None)


def test_alarm_id_is_the_same_in_every_process_and_another_for_every_episode() -> None:
    assert (
        Episode("acme/P", "acme/R", 7).alarm_id
        == Episode("acme/P", "acme/R", 7).alarm_id
        == "e57llqu4zqh3m7ze"
    )
    ids = {Episode(p, r, o).alarm_id for p in "ab" for r in "ab" for o in range(50)}
    assert len(ids) == 200


HELD = Held(hold="h", by="李娜", time=T0, reason="标定", until=T0 + SECOND)
ANSWER = Acknowledgement(by="x", time=T0)
HIDING = {
    "out_of_service": {"out_of_service": HELD},
    "suppressed": {"suppressed_by": ("r",)},
    "shelved": {"shelved": HELD},
}


def _hiding(names: tuple[str, ...]) -> dict:
    return {field: value for name in names for field, value in HIDING[name].items()}


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("hidden", "state"),
    [
        (("out_of_service", "suppressed", "shelved"), "OOSRV"),
        (("suppressed", "shelved"), "DSUPR"),
        (("shelved",), "SHLVD"),
    ],
)
def test_what_hides_an_active_alarm_names_its_state_in_this_order(hidden, state, answered) -> None:
    facts = Facts(active=True, acknowledged=ANSWER if answered else None, latched=True, **_hiding(hidden))
    assert lifecycle.state_name(facts) == state


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts(active=True), "UNACK"),
        (Facts(active=True, acknowledged=ANSWER), "ACKED"),
        (Facts(active=True, latched=True), "LUNACK"),
        (Facts(active=True, latched=True, acknowledged=ANSWER), "LACKED"),
        (Facts(active=False), "RTNUN"),
        (Facts(active=False, acknowledged=ANSWER), "NORM"),
        (Facts(active=False, quiet=True), "NORM"),
        (Facts(active=False, shelved=HELD), "NORM"),
        (Facts(active=False, out_of_service=HELD), "NORM"),
    ],
)
def test_state_name_is_derived_from_facts(facts: Facts, state: str) -> None:
    assert lifecycle.state_name(facts) == state
    assert lifecycle.is_open(facts) == (state != "NORM")


def test_alarm_that_was_told_and_then_suppressed_still_needs_a_person() -> None:
    line = Timeline().begins(at=0)
    line.alarm = suppress(line.alarm, ("acme/r",), T0 + 1).alarm
    assert line.state == "DSUPR"
    assert line.ends(at=5).state == "RTNUN"


def test_alarm_that_was_told_and_then_shelved_was_answered_by_who_shelved_it() -> None:
    line = Timeline().begins(at=0)
    facts = msgspec.structs.replace(line.alarm.facts, shelved=HELD)
    line.alarm = msgspec.structs.replace(line.alarm, facts=facts)
    assert line.ends(at=5).state == "NORM"
    assert line.alarm.facts.shelved.by == "李娜"


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("kind", ["shelved", "out_of_service"])
def test_hold_may_last_as_long_as_the_policy_says_and_no_longer(kind, priority) -> None:
    longest = default_policy().longest_s(kind, priority) * SECOND
    wish = Wish(kind=kind, point="p", rule="r", by="张伟", reason="标定")
    assert check_wish(wish, None, priority, default_policy(), T0).until == T0 + longest
    exact = msgspec.structs.replace(wish, until=T0 + longest)
    assert check_wish(exact, None, priority, default_policy(), T0) == exact
    for until in (T0 + longest + 1, T0):
        with pytest.raises(ActionRefused):
            check_wish(msgspec.structs.replace(wish, until=until), None, priority, default_policy(), T0)
    with pytest.raises(ActionRefused, match="give a reason"):
        check_wish(msgspec.structs.replace(wish, reason=" "), None, priority, default_policy(), T0)


def test_policy_of_a_site_is_checked_and_named(tmp_path) -> None:
    file = tmp_path / "policy.yaml"
    text = DEFAULT.read_text("utf-8").replace("proposal_expires_s: 900", "proposal_expires_s: 0")
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"policy\.yaml.*must be above 0"):
        load_policy(file)
    file.write_text(text.replace("proposal_expires_s: 0", "proposal_expire_s: 9"), "utf-8")
    with pytest.raises(ValueError, match="proposal_expire_s"):
        load_policy(file)


def _take(store: AlarmsInMemory, sent: ConditionDelivery, now: int = T0) -> int:
    """What the service does with a delivery, without its threads. Returns the last number taken."""
    admission = admit(store.positions(sent.gateway), sent)
    related = store.related(*keys_of(admission.fresh))
    store.commit(decide(admission, Origin(sent.gateway, sent.journal), related, COPY_OF, now))
    return admission.through


POINTS = ("acme/TK101.LT01", "acme/A1.GT01", "acme/unknown")
RULES = ("acme/TK101.LT01/HH", "acme/system/device_offline")


@st.composite
def journals(draw) -> list:
    """A journal as a gateway writes it: each (point, rule) begins and ends in turn."""
    onsets: dict[tuple[str, str], int] = {}
    changes = []
    for sequence in range(1, draw(st.integers(1, 25)) + 1):
        key = draw(st.tuples(st.sampled_from(POINTS), st.sampled_from(RULES)))
        time = T0 + sequence * SECOND
        active = key not in onsets
        onset = time if active else onsets[key]
        changes.append(
            change(sequence, active=active, onset=onset, point=key[0], rule=key[1], source_time=time)
        )
        if active:
            onsets[key] = time
        else:
            del onsets[key]
    return changes


@settings(max_examples=60, deadline=None)
@given(changes=journals(), data=st.data())
def test_deliveries_in_any_order_and_number_give_the_alarms_of_one_in_order(changes, data) -> None:
    once, often = AlarmsInMemory(), AlarmsInMemory()
    for one in changes:
        _take(once, delivery(one))
    cut = st.tuples(st.integers(0, len(changes)), st.integers(0, len(changes)))
    for a, b in data.draw(st.lists(cut, max_size=12)):
        part = delivery(*changes[min(a, b) : max(a, b)])
        with contextlib.suppress(SequenceGap):
            _take(often, part)
    _take(often, delivery(*changes))
    assert often.alarms == once.alarms
    assert often.entries == once.entries


@settings(max_examples=40, deadline=None)
@given(changes=journals())
def test_replaced_journal_with_the_same_changes_gives_the_same_active_alarms(changes) -> None:
    store = AlarmsInMemory()
    _take(store, delivery(*changes, journal="j1"))
    before = {alarm.id for alarm in store.alarms.values() if alarm.facts.active}
    _take(store, delivery(*changes, journal="j2"), now=T0 + 1000 * SECOND)
    assert {alarm.id for alarm in store.alarms.values() if alarm.facts.active} == before
    assert [line.action for line in store.audit] == ["journal_replaced"]
