"""The contract of the alarm store, on every implementation."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, event

from alarm_rules.model import Priority
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin
from api.alarms.model import Alarm, AuditEntry
from api.catalogue import Catalogue
from api.intake import Position
from api.store.memory import MemoryAlarmStore
from api.store.port import AlarmQuery, AlarmStore, Count, Cursor, StoreConflict, StoreUnavailable, Work
from api.store.rows import alarm_of, row_of
from api.store.sql import SqlAlarmStore, StoreInUse
from tests.api.plant import SECOND, SITE, T0, change

COPY_OF = Catalogue(SITE, ()).copy_of


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path: Path) -> Iterator[AlarmStore]:
    made = MemoryAlarmStore() if request.param == "memory" else SqlAlarmStore(tmp_path / "alarms.sqlite")
    yield made
    made.close()


def raised(onset_s: int = 0, rule: str = "acme/TK101.LT01/HH", **more) -> lifecycle.Step:
    told = change(1, onset=T0 + onset_s * SECOND, rule=rule, **more)
    return lifecycle.raise_alarm(told, Origin("gw1", "j1"), COPY_OF(rule, told.point), T0)


def keep(store: AlarmStore, *steps: lifecycle.Step) -> list[Alarm]:
    store.commit(Work(new=[step.alarm for step in steps], entries=[step.entry for step in steps]))
    return [step.alarm for step in steps]


def change_one(store: AlarmStore, before: Alarm, step: lifecycle.Step) -> None:
    store.commit(Work(changed=[step.alarm], changed_from={before.id: before.version}, entries=[step.entry]))


def test_store_gives_back_what_was_committed(store: AlarmStore) -> None:
    (alarm,) = keep(store, raised(value=None, quality="bad", figure=3.5, text="详情"))
    found, lines = store.alarm(alarm.id)
    assert found == alarm
    assert [line.kind for line in lines] == ["raised"]
    assert store.alarm("nothing") is None


def test_store_keeps_every_fact_of_a_change(store: AlarmStore) -> None:
    (alarm,) = keep(store, raised())
    step = lifecycle.acknowledge(alarm, "张伟", "去看", T0 + 5)
    change_one(store, alarm, step)
    found, lines = store.alarm(alarm.id)
    assert found == step.alarm
    assert [(line.kind, line.actor, line.text) for line in lines][1:] == [
        ("acknowledged", "operator:张伟", "去看")
    ]


def test_store_refuses_a_change_decided_on_an_older_version_and_keeps_nothing_of_it(
    store: AlarmStore,
) -> None:
    (alarm,) = keep(store, raised())
    step = lifecycle.acknowledge(alarm, "张伟", "", T0)
    change_one(store, alarm, step)
    with pytest.raises(StoreConflict):
        change_one(store, alarm, lifecycle.acknowledge(alarm, "李娜", "", T0))
    found, lines = store.alarm(alarm.id)
    assert found.facts.acknowledged.by == "张伟"
    assert len(lines) == 2


def test_store_pages_by_onset_without_repeating_or_missing(store: AlarmStore) -> None:
    alarms = keep(store, *(raised(onset_s=s // 2, rule=f"acme/r{s % 2}") for s in range(20)))
    seen: list[Alarm] = []
    after = None
    while page := store.page(AlarmQuery(), after, 3):
        seen += page
        after = Cursor(page[-1].onset, page[-1].id)
    assert seen == sorted(alarms, key=lambda a: (a.onset, a.id), reverse=True)


def test_store_filters_by_state_priority_point_time_and_openness(store: AlarmStore) -> None:
    high, medium, other = keep(
        store,
        raised(1),
        raised(2, rule="acme/TK101.LT01/H"),
        raised(3, rule="acme/A1.GT01/H", point="acme/A1.GT01"),
    )
    acked = lifecycle.acknowledge(medium, "x", "", T0)
    change_one(store, medium, acked)
    ended = lifecycle.apply_change(acked.alarm, change(2, active=False), Origin("gw1", "j1"), T0)
    change_one(store, acked.alarm, ended)

    def ids(**query) -> set[str]:
        return {alarm.id for alarm in store.page(AlarmQuery(**query), None, 10)}

    assert ids(states=frozenset({"NORM"})) == {medium.id}
    assert ids(states=frozenset({"UNACK", "RTNUN"})) == {high.id, other.id}
    assert ids(priorities=frozenset({Priority.CRITICAL})) == {high.id}
    assert ids(point="acme/A1.GT01") == {other.id}
    assert ids(since=T0 + 2 * SECOND) == {medium.id, other.id}
    assert ids(open_only=True) == {high.id, other.id}


def test_store_counts_open_alarms_only(store: AlarmStore) -> None:
    first, _ = keep(store, raised(1), raised(2))
    change_one(store, first, lifecycle.acknowledge(first, "x", "", T0))
    assert set(store.counts()) == {
        Count("ACKED", Priority.CRITICAL, 1),
        Count("UNACK", Priority.CRITICAL, 1),
    }


def test_store_finds_related_alarms_by_id_and_active_ones_by_rule(store: AlarmStore) -> None:
    active, other = keep(store, raised(1), raised(2, rule="acme/TK101.LT01/H"))
    over = raised(3, active=False)
    keep(store, over)
    related = store.related({over.alarm.id, "nothing"}, {(active.point, active.rule)})
    assert related.episodes == {over.alarm.id: over.alarm}
    assert related.active == [active]
    assert other not in related.active


def test_store_knows_one_current_journal_of_each_gateway(store: AlarmStore) -> None:
    for position in (
        Position("gw1", "j1", 5, current=True),
        Position("gw2", "k1", 9, current=True),
        Position("gw1", "j2", 1, current=True),
        Position("gw1", "j2", 2, current=True),
    ):
        store.commit(Work(positions=[position]))
    assert set(store.positions("gw1")) == {Position("gw1", "j1", 5, False), Position("gw1", "j2", 2, True)}
    assert set(store.positions("gw2")) == {Position("gw2", "k1", 9, True)}


def test_sqlite_store_keeps_everything_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "alarms.sqlite"
    store = SqlAlarmStore(file)
    (alarm,) = keep(store, raised())
    store.commit(Work(audit=[AuditEntry(time=T0, actor="service", action="x", subject="y")]))
    store.close()
    again = SqlAlarmStore(file)
    assert again.alarm(alarm.id)[0] == alarm
    again.close()


def test_sqlite_store_is_for_one_service_only(tmp_path: Path) -> None:
    store = SqlAlarmStore(tmp_path / "alarms.sqlite")
    with pytest.raises(StoreInUse, match=r"alarms\.sqlite"):
        SqlAlarmStore(tmp_path / "alarms.sqlite")
    store.close()


def test_sqlite_store_says_when_it_cannot_write_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    store = SqlAlarmStore(tmp_path / "alarms.sqlite")
    (alarm,) = keep(store, raised())
    work = Work(audit=[AuditEntry(time=T0, actor="a", action="b", subject="c")], new=[alarm])
    with pytest.raises(StoreUnavailable, match="UNIQUE"):
        store.commit(work)
    assert store.alarm(alarm.id)[0] == alarm
    store.close()


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda store: store.page(AlarmQuery(open_only=True), Cursor(T0, "x"), 9), "alarm_open"),
        (lambda store: store.page(AlarmQuery(), Cursor(T0, "x"), 9), "alarm_by_onset"),
        (lambda store: store.page(AlarmQuery(point="a"), None, 9), "alarm_by_point"),
        (lambda store: store.related((), {("a", "b"), ("c", "d")}), "alarm_active"),
        (lambda store: store.alarm("a"), "sqlite_autoindex_alarm_1"),
        (lambda store: store.counts(), "alarm_open"),
    ],
)
def test_sqlite_store_answers_from_its_indices(tmp_path: Path, ask, index: str) -> None:
    store = SqlAlarmStore(tmp_path / "alarms.sqlite")
    asked = []
    listen = ("before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
    event.listen(Engine, *listen)
    ask(store)
    event.remove(Engine, *listen)
    store.close()
    connection = sqlite3.connect(tmp_path / "alarms.sqlite")
    query, values = next(found for found in asked if found[0].startswith("SELECT"))
    plan = " ".join(str(row) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values))
    connection.close()
    assert index in plan
    assert "ORDER BY" not in plan, "sorting would read everything that matches"


def test_alarm_row_holds_every_field() -> None:
    step = raised(figure=1.5, text="x")
    answered = lifecycle.acknowledge(step.alarm, "张伟", "c", T0)
    for alarm in (step.alarm, answered.alarm, msgspec.structs.replace(answered.alarm, value=None)):
        assert alarm_of(row_of(alarm)) == alarm
