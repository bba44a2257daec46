"""The alarm life on a real store against its naive twin: any acts in any order end in the same states."""

import asyncio
import itertools
import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from prometheus_client import CollectorRegistry

from alarm_rules.model import Priority
from api.alarms.agreement import Proposal
from api.alarms.follow_up import RE_ALARM, FollowUp
from api.alarms.holding import Wish
from api.alarms.lifecycle import ActionRefused, confirm, state_name
from api.alarms.policy import default_policy
from api.alarms.putting_aside import HOLD_EXPIRY, PROPOSAL_EXPIRY, PuttingAside
from api.alarms.quality.recorder import FLOOD_END, QualityMetrics, Recorder
from api.alarms.work import Work
from api.auth.principal import Principal
from api.catalogue import Catalogue
from api.metrics import Metrics
from api.service import AlarmService
from api.store.alarms import AlarmQuery, page_of_alarms
from api.store.annunciations import rebuild_told
from api.store.database import Database
from api.store.holds import waiting_proposal
from api.store.tables.annunciations import annunciation
from api.store.writer import Reader, Writer
from api.timers import TimerMetrics, TimerWorker
from tests.api.naive_lifecycle import NaivePlant, NaiveRule, Refused
from tests.api.plant import SECOND, SITE, T0, _rule, change, delivery

PLANT = msgspec.structs.replace(
    SITE,
    rules=(
        _rule("TK101.LT01", "HH", "液位高高", Priority.CRITICAL, latched=True),
        _rule("TK101.TT01", "H", "温度高", Priority.MEDIUM, suppressed_by=("acme/TK101.LT01/HH",)),
        _rule("A1.GT01", "HH", "可燃气体二级报警", Priority.CRITICAL),
        _rule("A1.GT01", "H", "可燃气体探测器失联", Priority.MEDIUM, alarm_class="instrument"),
    ),
)
CATALOGUE = Catalogue(PLANT, ())
RULES = {"level": "TK101.LT01/HH", "temperature": "TK101.TT01/H", "gas": "A1.GT01/HH", "dead": "A1.GT01/H"}
PEOPLE = ("张伟", "李娜")
NAMES, PERSONS = st.sampled_from(sorted(RULES)), st.sampled_from(PEOPLE)
KINDS = st.sampled_from(("shelved", "out_of_service"))
SECONDS = st.sampled_from((60, 300, 1800, 3600, 14400, 20000, 90000))


class AlarmLife(RuleBasedStateMachine):
    """Real service, store and timers on one side, `NaivePlant` on the other."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.now = T0
        self.sequence = 0
        self.onsets: dict[str, int] = {}
        self.loop.run_until_complete(self._open())
        self.naive = NaivePlant(
            {
                "level": NaiveRule(1800, 86400, 900),
                "temperature": NaiveRule(14400, 1209600, 14400, suppressed_by="level"),
                "gas": NaiveRule(1800, 86400, 900, two_persons=True),
                "dead": NaiveRule(14400, 1209600, 14400, two_persons=True, shelved_alone=3600),
            },
            proposal_lasts=900,
        )

    async def _open(self) -> None:
        self.database = Database.open(f"sqlite:///{Path(self.folder.name) / 'alarms.sqlite'}")
        self.writer, self.reader = Writer(self.database, lambda: self.now), Reader(self.database)
        self.service = AlarmService(self.writer, self.reader, CATALOGUE, Metrics(), lambda _alarms: None)
        ids = (f"{number:016}" for number in itertools.count())
        policy = default_policy()
        self.aside = PuttingAside(
            self.writer,
            self.service.apply,
            policy,
            CATALOGUE.copy_of,
            CATALOGUE.watches_gas,
            lambda: next(ids),
        )
        follow_up = FollowUp(self.service.apply, policy)
        registry = CollectorRegistry()
        recorder = Recorder(QualityMetrics(registry))
        self.service.followers += [follow_up, recorder]
        handlers = {
            RE_ALARM: follow_up.on_re_alarm,
            HOLD_EXPIRY: self.aside.on_hold_expiry,
            PROPOSAL_EXPIRY: self.aside.on_proposal_expiry,
            FLOOD_END: recorder.on_flood_end,
        }
        clock = lambda: self.now  # noqa: E731
        self.timers = TimerWorker(
            self.writer, self.reader, clock, TimerMetrics(registry), handlers, self.service.report
        )

    def teardown(self) -> None:
        self.loop.run_until_complete(self._rebuilt_table_is_the_recorded_one())
        self.writer.close()
        self.reader.close()
        self.database.close()
        self.loop.close()
        self.folder.cleanup()

    async def _rebuilt_table_is_the_recorded_one(self) -> None:
        columns = [column for column in annunciation.c if column.name != "number"]
        query = annunciation.select().with_only_columns(*columns).order_by(*columns)
        recorded = await self.reader.run(lambda c: c.execute(query).all())
        await self.writer.run(lambda tx: rebuild_told(tx.connection))
        assert await self.reader.run(lambda c: c.execute(query).all()) == recorded

    def _both(self, real, naive) -> None:
        """Do it on both sides: both take it or both refuse it."""
        try:
            naive()
        except Refused:
            refused = True
        else:
            refused = False
        try:
            self.loop.run_until_complete(real())
        except ActionRefused:
            assert refused, "refused by the service alone"
        else:
            assert not refused, "refused by the twin alone"
        self._settle()

    def _settle(self) -> None:
        self.loop.run_until_complete(self.timers.fire_due())
        self.naive.settle()

    def _tell(self, name: str, active: bool, cause: str = "sample"):
        tag, side = RULES[name].split("/")
        self.sequence += 1
        told = change(
            self.sequence,
            active=active,
            onset=self.onsets[name],
            source_time=self.now,
            received_time=self.now,
            rule=f"acme/{tag}/{side}",
            point=f"acme/{tag}",
            cause=cause,
        )
        return self.service.take(delivery(told))

    def _alarms(self, name: str) -> list:
        query = AlarmQuery(rule=f"acme/{RULES[name]}")
        found = self.loop.run_until_complete(
            self.reader.run(lambda connection: page_of_alarms(connection, query, None, 1000))
        )
        return found[::-1]

    @precondition(lambda self: len(self.onsets) < len(RULES))
    @rule(data=st.data())
    def begins(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(set(RULES) - set(self.onsets))))
        self._pass(1)
        self.onsets[name] = self.now
        self._both(lambda: self._tell(name, True), lambda: self.naive.begin(name))

    @precondition(lambda self: self.onsets)
    @rule(data=st.data())
    def ends(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.onsets)))
        self._pass(1)
        self._both(lambda: self._tell(name, False), lambda: self.naive.end(name))
        del self.onsets[name]

    @precondition(lambda self: self.onsets)
    @rule(data=st.data())
    def latches(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.onsets)))
        self._pass(1)
        self._both(lambda: self._tell(name, True, "latched"), lambda: self.naive.latch(name))

    @precondition(lambda self: self.onsets)
    @rule(data=st.data())
    def comes_back(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.onsets)))
        self._pass(1)
        self._both(lambda: self._tell(name, True), lambda: self.naive.come_back(name))

    @rule(name=NAMES, by=PERSONS)
    def acknowledges(self, name: str, by: str) -> None:
        if alarms := self._alarms(name):
            person = Principal(by, frozenset({"operator"}))
            self._both(
                lambda: self.service.acknowledge(alarms[-1].id, person, ""),
                lambda: self.naive.acknowledge(name),
            )

    @rule(name=NAMES, by=PERSONS)
    def confirms(self, name: str, by: str) -> None:
        if not (alarms := self._alarms(name)):
            return

        def job(tx) -> None:
            step = confirm(alarms[-1], by, "已处置", tx.now)
            work = Work()
            work.add(alarms[-1], step.alarm, step.entry)
            self.service.apply(tx, work)

        self._both(lambda: self.writer.run(job), lambda: self.naive.confirm(name))

    @rule(name=NAMES, by=PERSONS, kind=KINDS, seconds=SECONDS, one_shot=st.booleans())
    def puts_aside(self, name: str, by: str, kind: str, seconds: int, one_shot: bool) -> None:
        one_shot = one_shot and kind == "shelved"
        tag = RULES[name].split("/")[0]
        wish = Wish(
            kind=kind,
            point=f"acme/{tag}",
            rule=f"acme/{RULES[name]}",
            by=by,
            reason="标定",
            until=self.now + seconds * SECOND,
            one_shot=one_shot,
        )
        self._both(
            lambda: self.aside.put_aside(Principal(by, frozenset({"operator"})), wish),
            lambda: self.naive.put_aside(name, kind, by, seconds, one_shot),
        )

    @rule(name=NAMES, by=PERSONS, kind=KINDS)
    def takes_back(self, name: str, by: str, kind: str) -> None:
        if alarms := self._alarms(name):
            person = Principal(by, frozenset({"operator"}))
            self._both(
                lambda: self.aside.take_alarm_back(person, alarms[-1].id, kind, ""),
                lambda: self.naive.take_back(name, kind),
            )

    @precondition(lambda self: any(rule.proposals for rule in self.naive.rules.values()))
    @rule(by=PERSONS, data=st.data())
    def agrees(self, by: str, data) -> None:
        waiting = [(name, kind) for name, rule in self.naive.rules.items() for kind in rule.proposals]
        name, kind = data.draw(st.sampled_from(sorted(waiting)))
        proposal = self._proposal(name)
        person = Principal(by, frozenset({"operator"}))
        self._both(lambda: self.aside.agree(person, proposal.id), lambda: self.naive.agree(name, kind, by))

    def _proposal(self, name: str) -> Proposal:
        found = self.loop.run_until_complete(
            self.reader.run(lambda c: waiting_proposal(c, "acme/A1.GT01", f"acme/{RULES[name]}"))
        )
        assert found is not None
        return found

    @rule(seconds=st.sampled_from((1, 59, 240, 899, 901, 1801, 14401, 90001)))
    def time_passes(self, seconds: int) -> None:
        self._pass(seconds)
        self._settle()

    def _pass(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.naive.wait(seconds)

    @invariant()
    def states_are_those_of_the_twin(self) -> None:
        expected = self.naive.states()
        for name in RULES:
            assert [state_name(alarm.facts) for alarm in self._alarms(name)] == expected[name], name

    @invariant()
    def nothing_stays_hidden_that_nobody_put_aside(self) -> None:
        for name in RULES:
            aside = self.naive.rules[name].asides
            for alarm in self._alarms(name):
                if alarm.facts.active:
                    assert (alarm.facts.shelved is not None) == ("shelved" in aside)
                    assert (alarm.facts.out_of_service is not None) == ("out_of_service" in aside)


AlarmLife.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_any_acts_in_any_order_end_in_the_states_of_the_naive_twin = AlarmLife.TestCase
