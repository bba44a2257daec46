"""Facts, holds, annunciations and floods in the database, on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import select, update

from api.alarms import lifecycle
from api.alarms.agreement import Proposal
from api.alarms.holding import Hold, Wish
from api.alarms.horn import horns
from api.alarms.lifecycle import Origin, state_name
from api.alarms.model import Acknowledgement, Facts, Held, Proposed
from api.alarms.quality.flood import Flood
from api.alarms.quality.recording import told_of
from api.alarms.work import Work
from api.auth.principal import EVERYTHING, Scope
from api.catalogue import Catalogue
from api.store import annunciations as told_store
from api.store import holds as hold_store
from api.store.alarms import AlarmQuery, page_of_alarms, related_alarms, write_work
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.tables.alarms import alarm as alarm_table
from tests.api.plant import SECOND, SITE, T0, change

COPY_OF = Catalogue(SITE, ()).copy_of
ORIGIN = Origin("gw1", "j1")
HELD = Held(hold="h1", by="张伟", time=T0, reason="标定", until=T0 + SECOND, agreed_by="李娜")
ANSWER = Acknowledgement(by="张伟", time=T0 + SECOND, comment="看过")
PROPOSED = Proposed(proposal="p1", action="shelved", by="张伟", time=T0, reason="标定", expires=T0 + SECOND)
OTHERS = Scope(frozenset({"other"}))


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def raised(at_s: int, **more) -> lifecycle.Step:
    told = change(1, onset=T0 + at_s * SECOND, **more)
    return lifecycle.raise_alarm(told, ORIGIN, COPY_OF(told.rule, told.point), told.source_time)


def keep(store: Database, *steps: lifecycle.Step) -> None:
    with store.write() as connection:
        write_work(
            connection, Work(new=[step.alarm for step in steps], entries=[step.entry for step in steps])
        )
        rows = [row for step in steps for row in told_of(step.alarm, [step.entry])]
        told_store.add_told(connection, rows)


def every_facts() -> Iterator[Facts]:
    flags = itertools.product((False, True), repeat=7)
    for active, answered, latched, shelved, out, suppressed, quiet in flags:
        yield Facts(
            active=active,
            acknowledged=ANSWER if answered else None,
            confirmed=ANSWER if answered else None,
            latched=latched,
            reset_wanted=ANSWER if latched else None,
            shelved=HELD if shelved else None,
            out_of_service=HELD if out else None,
            suppressed_by=("acme/r1", "acme/r2") if suppressed else (),
            proposed=PROPOSED if quiet else None,
            quiet=quiet,
            annunciated_time=0 if quiet else T0,
        )


def test_store_gives_back_all_facts_and_finds_them_by_the_state_of_the_lifecycle(store: Database) -> None:
    kept = {}
    for number, facts in enumerate(every_facts()):
        step = raised(number)
        kept[step.alarm.id] = msgspec.structs.replace(step.alarm, facts=facts)
    with store.write() as connection:
        write_work(connection, Work(new=list(kept.values())))
    with store.read() as connection:
        everything = page_of_alarms(connection, AlarmQuery(), None, 1000)
        assert {alarm.id: alarm for alarm in everything} == kept
        for state in ("NORM", "RTNUN", "OOSRV", "DSUPR", "SHLVD", "LUNACK", "LACKED", "UNACK", "ACKED"):
            found = page_of_alarms(connection, AlarmQuery(states=frozenset({state})), None, 1000)
            expected = {each.id for each in kept.values() if state_name(each.facts) == state}
            assert {alarm.id for alarm in found} == expected, state
        still_open = page_of_alarms(connection, AlarmQuery(open_only=True), None, 1000)
        assert {a.id for a in still_open} == {a.id for a in kept.values() if lifecycle.is_open(a.facts)}


def a_hold(hold_id: str, **more) -> Hold:
    fields = {
        "id": hold_id,
        "kind": "shelved",
        "point": "acme/A1.GT01",
        "rule": "acme/A1.GT01/H",
        "enterprise": "acme",
        "by": "张伟",
        "time": T0,
        "reason": "标定",
        "until": T0 + SECOND,
    }
    return Hold(**(fields | more))


def page(store: Database, scope: Scope = EVERYTHING, *, lasting: bool = True, after=None) -> list[str]:
    with store.read() as connection:
        found = hold_store.page_of_holds(
            connection, scope, lasting=lasting, kind=None, enterprise=None, after=after, limit=2
        )
    return [hold.id for hold in found]


def test_hold_lasts_until_it_is_ended_once_and_only_one_of_a_kind(store: Database) -> None:
    with store.write() as connection:
        hold_store.add_hold(connection, a_hold("h1"))
        hold_store.add_hold(connection, a_hold("h2", kind="out_of_service"))
    with pytest.raises(StoreConflict), store.write() as connection:
        hold_store.add_hold(connection, a_hold("h3"))
    with store.write() as connection:
        pair = ("acme/A1.GT01", "acme/A1.GT01/H")
        held = related_alarms(connection, (), {pair}).held
        assert {kind: each.hold for kind, each in held[pair].items()} == {
            "shelved": "h1",
            "out_of_service": "h2",
        }
        assert hold_store.end_hold(connection, "h1", T0 + 5, "service", "到期")
        assert not hold_store.end_hold(connection, "h1", T0 + 6, "service", "到期")
        hold_store.add_hold(connection, a_hold("h3", time=T0 + 7))
    assert page(store) == ["h3", "h2"]
    assert page(store, lasting=False, after=hold_store.After(T0 + 7, "h3")) == ["h2", "h1"]
    assert page(store, OTHERS) == []
    with store.read() as connection:
        assert hold_store.hold_by_id(connection, "h1", OTHERS) is None


def test_proposal_waits_until_it_is_decided_once(store: Database) -> None:
    wish = Wish(kind="shelved", point="p", rule="r", by="张伟", reason="标定", until=T0 + SECOND)
    proposal = Proposal(id="p1", wish=wish, enterprise="acme", time=T0, expires=T0 + SECOND)
    with store.write() as connection:
        hold_store.add_proposal(connection, proposal)
        assert hold_store.waiting_proposal(connection, "p", "r") == proposal
        assert hold_store.proposal_by_id(connection, "p1", OTHERS) is None
        assert hold_store.decide_proposal(connection, "p1", "agreed", "李娜", T0 + 1)
        assert not hold_store.decide_proposal(connection, "p1", "refused", "李娜", T0 + 2)
        assert hold_store.waiting_proposal(connection, "p", "r") is None
        decided = hold_store.proposal_by_id(connection, "p1")
    assert (decided.outcome, decided.decided_by) == ("agreed", "李娜")


def test_horn_of_a_desk_hears_its_own_alarms_and_those_of_the_service(store: Database) -> None:
    keep(store, raised(0), raised(5, rule="service/system/outbox_late", point="outbox"))
    with store.write() as connection:
        hold_store.add_silence(connection, "acme", "张伟", T0 + 2 * SECOND)
    with store.read() as connection:
        own, watch = horns(connection, EVERYTHING, ["acme"])
        assert (own.enterprise, own.sounding, own.unanswered) == ("acme", True, 2)
        assert (watch.enterprise, watch.sounding, watch.unanswered) == ("", True, 1)
        assert [horn.enterprise for horn in horns(connection, OTHERS, ["acme", "other"])] == ["other"]


def test_annunciations_come_back_in_columns_and_from_the_journal_alike(store: Database) -> None:
    first, second = raised(0), raised(60, rule="acme/A1.GT01/H", point="acme/A1.GT01")
    keep(store, first, second)
    answer = lifecycle.acknowledge(first.alarm, "张伟", "", T0 + 9 * SECOND)
    end = lifecycle.apply_change(answer.alarm, change(2, active=False, after_s=20), ORIGIN, T0 + 21 * SECOND)
    work = Work(changed=[end.alarm], before={first.alarm.id: first.alarm}, entries=[answer.entry, end.entry])
    with store.write() as connection:
        write_work(connection, work)
        told_store.answer_told(connection, [answer.entry])
        told_store.end_told(connection, [end.entry])

    def read() -> list:
        with store.read() as connection:
            told = told_store.read_told(connection, "acme", T0, T0 + 3600 * SECOND)
        columns = (told.time, told.acknowledged_time, told.returned_time, told.returned_at, told.source)
        return [[column.tolist() for column in columns], list(told.sources), list(told.people)]

    recorded = read()
    (time, acknowledged, returned, returned_at, _), sources, people = recorded
    assert (time, people) == ([T0, T0 + 60 * SECOND], ["张伟"])
    assert sources == [("acme/TK101.LT01", "acme/TK101.LT01/HH"), ("acme/A1.GT01", "acme/A1.GT01/H")]
    assert (acknowledged[0], returned[0], returned_at[0]) == (
        T0 + 9 * SECOND,
        T0 + 20 * SECOND,
        T0 + 21 * SECOND,
    )
    with store.write() as connection:
        assert told_store.rebuild_told(connection) == 2
    assert read() == recorded
    with store.read() as connection:
        assert len(told_store.read_told(connection, "other", T0, T0 + 3600 * SECOND)) == 0
        assert told_store.told_rows(connection, OTHERS, None, None, T0, T0 + 3600 * SECOND, 10) == []


def test_only_process_alarms_that_last_or_lasted_long_are_looked_at_as_stale(store: Database) -> None:
    day = 86400
    keep(store, raised(0), raised(10), raised(20, rule="acme/system/x", point="acme/d"), raised(30))
    spans = {10: 5, 30: 2 * day}
    with store.write() as connection:
        for onset, lasts in spans.items():
            at = T0 + onset * SECOND
            ended = {"active": False, "returned_time": at + lasts * SECOND}
            connection.execute(update(alarm_table).where(alarm_table.c.onset == at).values(**ended))
    with store.read() as connection:
        assert len(connection.execute(select(alarm_table.c.id)).all()) == 4
        found = told_store.read_episodes(connection, "acme", T0, T0 + 5 * day * SECOND)
    assert sorted(found.onset.tolist()) == [T0, T0 + 30 * SECOND]


def test_flood_is_kept_once_while_it_goes_on(store: Database) -> None:
    with store.write() as connection:
        told_store.begin_flood(connection, "acme", T0)
    with pytest.raises(StoreConflict), store.write() as connection:
        told_store.begin_flood(connection, "acme", T0 + 1)
    with store.write() as connection:
        assert told_store.open_flood(connection, "acme") == Flood(T0, None)
        assert told_store.open_floods(connection, OTHERS) == {}
        assert told_store.finish_flood(connection, "acme", T0 + 9)
        assert not told_store.finish_flood(connection, "acme", T0 + 10)
        told_store.begin_flood(connection, "acme", T0 + 20)
        found = told_store.floods_between(connection, EVERYTHING, "acme", T0 + 9, T0 + 30, 10)
    assert found == [("acme", Flood(T0 + 20, None))]
