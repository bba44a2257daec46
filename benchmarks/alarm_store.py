"""How quick the alarm store stays with millions of rows: python -m benchmarks.alarm_store --rows 10000000

Fills a new database with made-up alarms by SQL alone, then asks what the routes ask, through the functions
that they use. Prints one line a question: median and slowest of the repetitions, in milliseconds.

`--database` takes an empty database (`postgresql://...`); without it a SQLite file is made and taken away.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from alarm_rules.model import Priority
from api.alarms.model import Alarm
from api.auth.principal import Scope
from api.store.alarms import (
    AlarmQuery,
    Cursor,
    alarm_by_id,
    count_open,
    entries_of,
    page_of_alarms,
    related_alarms,
)
from api.store.database import Database
from api.store.tables import alarms as tables

FIRST_ONSET = 1_500_000_000_000_000_000
GAP = 3_000_000_000
"""One alarm each 3 s: 10 million are not quite a year of a city."""
ENTERPRISES, POINTS, OPEN_EACH = 500, 50_000, 1_000
PAGE = 100
REPETITIONS = 15

NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) ",
    "postgresql": "WITH s AS (SELECT generate_series({first}, {last}) AS n) ",
}
IDENTITY = {
    "sqlite": "lower(hex((n * 2654435761) % 4294967296)) || n",
    "postgresql": "md5(n::text)",
}
PART = 500_000


def values(dialect: str) -> dict[str, str]:
    """Expression of each column over the row's number n."""
    false, true = ("0", "1") if dialect == "sqlite" else ("false", "true")
    is_open = f"CASE WHEN n % {OPEN_EACH} = 0 THEN {true} ELSE {false} END"
    place = f"(n % {POINTS}) % {ENTERPRISES}"
    return {
        "id": IDENTITY[dialect],
        "point": f"'E' || ({place}) || '/P' || (n % {POINTS})",
        "rule": f"'E' || ({place}) || '/P' || (n % {POINTS}) || '.H'",
        "onset": f"{FIRST_ONSET} + n * {GAP}",
        "gateway": "'gw1'",
        "raised_time": f"{FIRST_ONSET} + n * {GAP}",
        "received_time": f"{FIRST_ONSET} + n * {GAP}",
        "active": is_open,
        "returned_time": f"CASE WHEN n % {OPEN_EACH} = 0 THEN NULL ELSE {FIRST_ONSET} + n * {GAP} + 60 END",
        "acknowledged_by": f"CASE WHEN n % {OPEN_EACH} = 0 THEN NULL ELSE 'zhang' END",
        "acknowledged_time": f"CASE WHEN n % {OPEN_EACH} = 0 THEN NULL ELSE {FIRST_ONSET} + n * {GAP} END",
        "is_open": is_open,
        "version": "1",
        "name": "'液位高'",
        "name_en": "'Level high'",
        "priority": "1 + (n * 7 / 10) % 4",
        "alarm_class": "CASE WHEN n % 10 = 0 THEN 'instrument' ELSE 'process' END",
        "consequence": "'储罐可能冒顶。'",
        "response": "'停止进料，查看现场。'",
        "latched": false,
        "known": true,
        "enterprise": f"'E' || ({place})",
        "installation": "'H' || (n % 3)",
        "unit": "'TK' || (n % 7)",
        "value": "n % 100",
        "quality": "'good'",
        "text": "''",
    }


def fill(database: Database, rows: int) -> float:
    """Made-up alarms and one line of the journal for each; seconds."""
    began = time.monotonic()
    columns = values(database.dialect)
    indices = [*tables.alarm.indexes, *tables.entry.indexes]
    with database.write() as connection:  # made again at the end, in a fraction of the time
        for index in indices:
            index.drop(connection)
    names, expressions = ", ".join(columns), ", ".join(columns.values())
    for first in range(1, rows + 1, PART):
        numbers = NUMBERS[database.dialect].format(first=first, last=min(first + PART - 1, rows))
        with database.write() as connection:
            if database.dialect == "sqlite":
                connection.exec_driver_sql("PRAGMA cache_size = -2000000")
            into = f"INSERT INTO alarm ({names}) {numbers} SELECT {expressions} FROM s"
            connection.execute(text(into.replace(":", r"\:")))
            line = (
                "INSERT INTO journal (alarm_id, kind, time, actor, gateway, journal, quality, cause, text) "
                f"{numbers} SELECT {columns['id']}, 'raised', {columns['onset']}, "
                "'gateway:gw1', 'gw1', 'j1', 'good', 'sample', '' FROM s"
            )
            connection.execute(text(line.replace(":", r"\:")))
    with database.write() as connection:
        for index in indices:
            index.create(connection)
        connection.execute(text("ANALYZE"))
    return time.monotonic() - began


Question = Callable[[Connection], Any]


def questions(rows: int, some: Alarm) -> Iterator[tuple[str, Question]]:
    """What the routes ask, by name."""
    middle = Cursor(FIRST_ONSET + rows // 2 * GAP, "m")
    since = FIRST_ONSET + rows // 2 * GAP
    scope = Scope(frozenset(f"E{number}" for number in range(20)))

    def page(after: Cursor | None = None, **query: Any) -> Question:
        return lambda connection: page_of_alarms(connection, AlarmQuery(**query), after, PAGE)

    yield "newest page", page()
    yield "page in the middle", page(middle)
    yield "open ones", page(open_only=True)
    yield "open, CRITICAL", page(open_only=True, priorities=frozenset({Priority.CRITICAL}))
    yield "unanswered", page(states=frozenset({"UNACK"}))
    yield "one point", page(point=some.point)
    yield "one priority", page(priorities=frozenset({Priority.CRITICAL}))
    yield "since the middle", page(since=since)
    yield "one enterprise's sight", page(scope=Scope(frozenset({"E7"})))
    yield "sight of 20 enterprises", page(scope=scope)
    yield "sight of 20, from the middle", page(middle, scope=scope)
    yield "sight without any alarm", page(scope=Scope(frozenset({"F1", "F2"})))
    yield "sight without any, open", page(scope=Scope(frozenset({"F1", "F2"})), open_only=True)
    yield "count of the open", count_open
    yield "one alarm with its journal", lambda c: (alarm_by_id(c, some.id), entries_of(c, some.id))
    yield "what a delivery touches", lambda c: related_alarms(c, {some.id}, {(some.point, some.rule)})


def measure(database: Database, rows: int) -> list[dict[str, Any]]:
    """One entry for each question."""
    with database.read() as connection:
        (some,) = page_of_alarms(connection, AlarmQuery(), Cursor(FIRST_ONSET + rows // 3 * GAP, "x"), 1)
    found = []
    for name, question in questions(rows, some):
        times = [_time(database, question) for _ in range(REPETITIONS)]
        entry = {"question": name, "median_ms": statistics.median(times), "slowest_ms": max(times)}
        found.append({key: round(v, 2) if isinstance(v, float) else v for key, v in entry.items()})
    return found


def _time(database: Database, question: Question) -> float:
    began = time.perf_counter()
    with database.read() as connection:
        question(connection)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="alarm-store-", dir=".") as folder:
        database = Database.open(options.database or f"sqlite:///{Path(folder).absolute() / 'alarms.sqlite'}")
        filled_s = fill(database, options.rows)
        found = measure(database, options.rows)
        database.close()
    if options.json:
        print(json.dumps({"rows": options.rows, "filled_s": round(filled_s, 1), "questions": found}))
        return
    print(f"{options.rows} alarms, filled in {filled_s:.0f} s")
    for entry in found:
        print(f"{entry['question']:32}{entry['median_ms']:10.2f}{entry['slowest_ms']:10.2f} ms")


if __name__ == "__main__":
    main()
