"""Alarms and their journal in the database, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import Engine, event, text

from alarm_rules.model import Priority
from api.alarms import lifecycle
from api.alarms.lifecycle import Origin
from api.alarms.model import Alarm
from api.alarms.work import Work
from api.auth.principal import Scope
from api.catalogue import Catalogue
from api.intake import Position
from api.store.alarms import (
    AlarmQuery,
    Count,
    Cursor,
    alarm_by_id,
    count_open,
    entries_of,
    page_of_alarms,
    positions_of,
    related_alarms,
    write_work,
)
from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.rows import alarm_of, row_of
from tests.api.plant import SECOND, SITE, T0, change

COPY_OF = Catalogue(SITE, ()).copy_of


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def commit(store: Database, work: Work) -> None:
    with store.write() as connection:
        write_work(connection, work)


def read(store: Database, ask, *args):
    with store.read() as connection:
        return ask(connection, *args)


def raised(onset_s: int = 0, rule: str = "acme/TK101.LT01/HH", **more) -> lifecycle.Step:
    told = change(1, onset=T0 + onset_s * SECOND, rule=rule, **more)
    return lifecycle.raise_alarm(told, Origin("gw1", "j1"), COPY_OF(rule, told.point), T0)


def keep(store: Database, *steps: lifecycle.Step) -> list[Alarm]:
    commit(store, Work(new=[step.alarm for step in steps], entries=[step.entry for step in steps]))
    return [step.alarm for step in steps]


def change_one(store: Database, before: Alarm, step: lifecycle.Step) -> None:
    commit(store, Work(changed=[step.alarm], before={before.id: before}, entries=[step.entry]))


def test_store_gives_back_what_was_committed(store: Database) -> None:
    (alarm,) = keep(store, raised(value=None, quality="bad", figure=3.5, text="详情"))
    found, lines = read(store, alarm_by_id, alarm.id), read(store, entries_of, alarm.id)
    assert found == alarm
    assert [line.kind for line in lines] == ["raised"]
    assert read(store, alarm_by_id, "nothing") is None


def test_store_keeps_every_fact_of_a_change(store: Database) -> None:
    (alarm,) = keep(store, raised())
    step = lifecycle.acknowledge(alarm, "张伟", "去看", T0 + 5)
    change_one(store, alarm, step)
    found, lines = read(store, alarm_by_id, alarm.id), read(store, entries_of, alarm.id)
    assert found == step.alarm
    assert [(line.kind, line.actor, line.text) for line in lines][1:] == [
        ("acknowledged", "operator:张伟", "去看")
    ]


def test_store_refuses_a_change_decided_on_an_older_version_and_keeps_nothing_of_it(
    store: Database,
) -> None:
    (alarm,) = keep(store, raised())
    step = lifecycle.acknowledge(alarm, "张伟", "", T0)
    change_one(store, alarm, step)
    with pytest.raises(StoreConflict):
        change_one(store, alarm, lifecycle.acknowledge(alarm, "李娜", "", T0))
    found, lines = read(store, alarm_by_id, alarm.id), read(store, entries_of, alarm.id)
    assert found.facts.acknowledged.by == "张伟"
    assert len(lines) == 2


def test_store_pages_by_onset_without_repeating_or_missing(store: Database) -> None:
    alarms = keep(store, *(raised(onset_s=s // 2, rule=f"acme/r{s % 2}") for s in range(20)))
    seen: list[Alarm] = []
    after = None
    while page := read(store, page_of_alarms, AlarmQuery(), after, 3):
        seen += page
        after = Cursor(page[-1].onset, page[-1].id)
    assert seen == sorted(alarms, key=lambda a: (a.onset, a.id), reverse=True)


def test_store_filters_by_state_priority_point_time_and_openness(store: Database) -> None:
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
        return {alarm.id for alarm in read(store, page_of_alarms, AlarmQuery(**query), None, 10)}

    assert ids(states=frozenset({"NORM"})) == {medium.id}
    assert ids(states=frozenset({"UNACK", "RTNUN"})) == {high.id, other.id}
    assert ids(priorities=frozenset({Priority.CRITICAL})) == {high.id}
    assert ids(point="acme/A1.GT01") == {other.id}
    assert ids(since=T0 + 2 * SECOND) == {medium.id, other.id}
    assert ids(open_only=True) == {high.id, other.id}


def test_store_counts_open_alarms_only(store: Database) -> None:
    first, _ = keep(store, raised(1), raised(2))
    change_one(store, first, lifecycle.acknowledge(first, "x", "", T0))
    assert set(read(store, count_open)) == {
        Count("ACKED", Priority.CRITICAL, 1),
        Count("UNACK", Priority.CRITICAL, 1),
    }


def test_store_finds_related_alarms_by_id_and_active_ones_by_rule(store: Database) -> None:
    active, other = keep(store, raised(1), raised(2, rule="acme/TK101.LT01/H"))
    over = raised(3, active=False)
    keep(store, over)
    related = read(store, related_alarms, {over.alarm.id, "nothing"}, {(active.point, active.rule)})
    assert related.episodes == {over.alarm.id: over.alarm}
    assert related.active == [active]
    assert other not in related.active


def test_store_knows_one_current_journal_of_each_gateway(store: Database) -> None:
    for position in (
        Position("gw1", "j1", 5, current=True),
        Position("gw2", "k1", 9, current=True),
        Position("gw1", "j2", 1, current=True),
        Position("gw1", "j2", 2, current=True),
    ):
        commit(store, Work(positions=[position]))
    assert set(read(store, positions_of, "gw1")) == {
        Position("gw1", "j1", 5, False),
        Position("gw1", "j2", 2, True),
    }
    assert set(read(store, positions_of, "gw2")) == {Position("gw2", "k1", 9, True)}


def test_store_refuses_an_episode_twice_and_keeps_nothing_of_it(store: Database) -> None:
    (alarm,) = keep(store, raised())
    with pytest.raises(StoreConflict):
        commit(store, Work(positions=[Position("gw1", "j1", 5, current=True)], new=[alarm]))
    assert read(store, alarm_by_id, alarm.id) == alarm
    assert read(store, positions_of, "gw1") == []


def test_store_shows_nothing_of_another_enterprise(store: Database) -> None:
    (alarm,) = keep(store, raised())
    for scope, seen in ((Scope(frozenset({"acme"})), True), (Scope(frozenset({"other"})), False)):
        assert (read(store, alarm_by_id, alarm.id, scope) is not None) is seen
        assert (read(store, page_of_alarms, AlarmQuery(scope=scope), None, 9) != []) is seen
        assert (read(store, count_open, scope) != []) is seen


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        ((page_of_alarms, AlarmQuery(open_only=True), Cursor(T0, "x"), 9), "alarm_open"),
        ((page_of_alarms, AlarmQuery(), Cursor(T0, "x"), 9), "alarm_by_onset"),
        ((page_of_alarms, AlarmQuery(point="a"), None, 9), "alarm_by_point"),
        ((related_alarms, (), {("a", "b"), ("c", "d")}), "alarm_active"),
        ((alarm_by_id, "a"), "sqlite_autoindex_alarm_1"),
        ((count_open,), "alarm_open"),
    ],
)
def test_sqlite_answers_from_its_indices(tmp_path, ask, index: str) -> None:
    store = Database.open(f"sqlite:///{tmp_path / 'alarms.sqlite'}")
    asked = []
    listen = ("before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
    event.listen(Engine, *listen)
    read(store, *ask)
    event.remove(Engine, *listen)
    query, values = next(found for found in asked if found[0].startswith("SELECT"))
    with store.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        plan = " ".join(str(row) for row in rows)
    store.close()
    assert index in plan
    assert "ORDER BY" not in plan, "sorting would read everything that matches"


def test_rows_of_version_0_1_are_taken_over(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    made = Database.open(url)
    (alarm,) = keep(made, raised())
    with made.write() as connection:
        connection.execute(text("CREATE TABLE old AS SELECT * FROM alarm"))
    made.close()
    # Only what version 0.1 had: its four tables, and no word of a version.
    import sqlite3
    from importlib import import_module

    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import create_engine

    file = sqlite3.connect(tmp_path / "alarms.sqlite")
    names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        if name not in {"old", "sqlite_sequence"}:
            file.execute(f"DROP TABLE {name}")
    file.commit()
    file.close()
    engine = create_engine(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        import_module("api.store.migrations.versions.alarms").upgrade()
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(alarm)")]
        connection.exec_driver_sql(f"INSERT INTO alarm SELECT {', '.join(columns)} FROM old")
        connection.exec_driver_sql("DROP TABLE old")
    engine.dispose()
    again = Database.open(url)
    then = msgspec.structs.replace(
        alarm.copy, consequence_en="", response_en="", limit_side="", setpoint=None
    )
    assert read(again, alarm_by_id, alarm.id) == msgspec.structs.replace(alarm, copy=then)
    again.close()


def test_alarm_row_holds_every_field() -> None:
    step = raised(figure=1.5, text="x")
    answered = lifecycle.acknowledge(step.alarm, "张伟", "c", T0)
    for alarm in (step.alarm, answered.alarm, msgspec.structs.replace(answered.alarm, value=None)):
        assert alarm_of(row_of(alarm)) == alarm
