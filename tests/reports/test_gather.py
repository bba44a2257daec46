"""What stands in a daily report, on both databases; and that a past day is always told the same."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import update

from api.auth.principal import EVERYTHING
from api.reports.days import span_of
from api.reports.gather import Order, gather
from api.reports.model import DailyReport, Table
from api.store.database import Database
from api.store.tables.alarms import alarm
from api.store.tables.desks import supervision, warning, warning_step
from api.store.tables.figures import enterprise_hour, point_hour
from tests.figures.plant import DAY, HOUR, alarm_row, line_row, write
from tests.reports.events import DESK, HOSTILE, MIDNIGHT, MINUTE, TODAY, add, figures_of, fill

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    with opened.write() as connection:
        fill(connection)
    yield opened
    opened.close()


def report(
    store: Database, *, rows: int = 200, now: int = MIDNIGHT + 2 * DAY, desk: str = DESK, **more
) -> DailyReport:
    figures = figures_of(CollectorRegistry())
    kind, _, name = desk.partition(":")
    level = kind if kind != "all" else "city"
    group = figures.population.group(level, name, EVERYTHING)
    span = span_of(TODAY, "00:00", ZONE, now)
    fields = {"language": "zh"} | more
    order = Order(desk=desk, group=group, day=TODAY, span=span, zone=ZONE, rows=rows, **fields)
    with store.read() as connection:
        return gather(connection, figures, order, lambda: None)


def section(found: DailyReport, key: str) -> Table:
    return next(table for table in found.tables if table.key == key)


def test_report_tells_the_alarms_by_class_priority_and_hour(store: Database) -> None:
    found = report(store)
    by_class = {row[0]: row[1:] for row in section(found, "by_priority").rows}
    assert by_class["过程报警"] == (1, 2, 0, 0, 3, 1)
    assert by_class["仪表报警"] == (0, 1, 0, 0, 1, 0)
    chart = next(chart for chart in found.charts if chart.key == "by_hour")
    assert len(chart.categories) == 24
    assert sum(values[9] for _, values in chart.series) == 3
    assert sum(values[10] for _, values in chart.series) == 1
    assert "发出报警 4 次（上一日 1 次），其中过程报警 3 次" in found.summary[0]


def test_report_tells_who_holds_each_open_alarm(store: Database) -> None:
    rows = section(report(store), "open_alarms").rows
    assert [(row[0], row[2], row[4], row[5]) for row in rows] == [
        ("e1/PT01", "紧急", "已确认，未恢复", "李娜"),
        ("e1/GT01", "高", "未确认", ""),
    ]
    assert "其中 1 条无人确认" in report(store).summary[1]


def test_report_tells_bad_actors_with_their_share(store: Database) -> None:
    rows = section(report(store), "bad_actors").rows
    assert [(row[0], row[2]) for row in rows] == [("e1/GT01", 1), ("e1/LT01", 1), ("e1/PT01", 1)]
    assert rows[0][3] == pytest.approx(1 / 3)


def test_report_tells_what_the_desks_did(store: Database) -> None:
    found = report(store)
    (warned,) = section(found, "warnings").rows
    assert warned[:3] == ("示例企业1", "储罐区", "橙")
    assert warned[4:] == ("待反馈", 1, None)
    (called,) = section(found, "call_ups").rows
    assert (called[1], called[3], called[4], called[5]) == ("张伟", 240.0, 2, "已应答")
    assert [row[-1] for row in section(found, "duty_checks").rows] == ["按时", "未应答"]
    assert section(found, "commitments").rows == (("示例企业1", TODAY, "未按时公告"),)
    (order,) = section(found, "supervision").rows
    assert order[1:3] == (HOSTILE[0], "王芳")
    assert order[4:] == ("黄", "办理中")


def test_report_tells_offline_points_holds_and_the_log(store: Database) -> None:
    found = report(store)
    assert section(found, "offline").rows == (("e1/LT01", "", 7200.0, 2 / 24),)
    (held,) = section(found, "out_of_service").rows
    assert (held[0], held[1], held[4], held[5]) == ("e1/GT01/H", "报警搁置", "李娜", "标定")
    log = section(found, "log").rows
    assert [row[3] for row in log] == [f"（重要）{HOSTILE[0]}", *HOSTILE[1:]]
    assert found.persons == (("张伟", MIDNIGHT + 8 * HOUR, None, ""),)


def test_report_of_the_whole_area_has_the_register_s_points_out_of_service(store: Database) -> None:
    rows = section(report(store, desk="all:"), "out_of_service").rows
    assert ("e3/OLD1", "台账停用", "2025-03-01", None, "李明", "大修") in rows


def test_report_of_a_past_day_does_not_change_with_what_comes_later(store: Database) -> None:
    before = report(store)
    later = MIDNIGHT + DAY + HOUR
    with store.write() as connection:
        write(
            connection,
            [alarm_row("new", "e1/LT01", "H", later)],
            [
                line_row("new", "raised", later),
                line_row("alone", "acknowledged", later, actor="operator:王芳"),
                line_row("alone", "returned_to_normal", later),
                line_row("held", "returned_to_normal", later),
            ],
        )
        closed = update(alarm).where(alarm.c.id.in_(["alone", "held"]))
        connection.execute(closed.values(active=False, is_open=False, returned_time=later))
        step = {"warning_id": "w1", "enterprise": "e1", "kind": "closed", "level": 3, "actor": "x"}
        add(connection, warning_step, **step, time=later)
        connection.execute(update(warning).values(closed_at=later, is_open=False, state="closed"))
        connection.execute(update(supervision).values(closed_at=later, is_open=False, state="closed"))
    assert report(store, now=MIDNIGHT + 30 * DAY) == before


def test_report_of_a_day_before_the_service_ran_says_so_instead_of_zeros(database_url: str) -> None:
    empty = Database.open(database_url)
    try:
        found = report(empty, desk="all:")
    finally:
        empty.close()
    assert [line[:5] for line in found.summary] == ["本日未运行"]
    assert not found.charts
    assert {(table.rows, table.total) for table in found.tables} == {((), 0)}
    assert all(table.note is not None and "未运行" in table.note.zh for table in found.tables)


def test_report_of_a_running_day_ends_now(store: Database) -> None:
    found = report(store, now=MIDNIGHT + 9 * HOUR + 90 * 10**9)
    assert found.as_of == MIDNIGHT + 9 * HOUR + 90 * 10**9
    held = [row for row in section(found, "open_alarms").rows if row[0] == "e1/PT01"]
    assert held[0][4:] == ("未确认", ""), "it is acknowledged only after two minutes"


def test_long_lists_are_cut_and_say_so(store: Database) -> None:
    with store.write() as connection:
        many = [(f"m{n:03}", MIDNIGHT + n * MINUTE) for n in range(30)]
        write(
            connection,
            [alarm_row(id_, "e1/LT01", "HH", at) for id_, at in many],
            [line_row(id_, "raised", at) for id_, at in many],
        )
    table = section(report(store, rows=10), "open_alarms")
    assert (len(table.rows), table.total) == (10, 32)


def test_report_in_english_says_it_in_english(store: Database) -> None:
    found = report(store, language="en")
    assert found.summary[0].startswith("4 announcements of alarms (1 the day before)")
    assert section(found, "open_alarms").rows[0][4] == "answered, still active"
    assert found.say(section(found, "figures").title) == "1. Figures"


def test_points_with_bad_data_are_not_said_to_be_none_when_nobody_counted(store: Database) -> None:
    uncounted = section(report(store), "bad_data")
    assert uncounted.note is not None
    with store.write() as connection:
        hour = (MIDNIGHT + 3 * HOUR) // HOUR
        one = {"hour": hour, "enterprise": "e1", "expected": 60.0, "received": 60}
        add(connection, point_hour, point="e1/LT01", good=15, **one)
        add(connection, enterprise_hour, good=15.0, counted_at=1, **one)
    counted = section(report(store), "bad_data")
    assert counted.note is None
    assert counted.rows == (("e1/LT01", "", 0.25, 15, 60.0),)


def test_figures_in_the_report_have_denominators_and_the_day_before(store: Database) -> None:
    rows = {row[0]: row for row in section(report(store), "figures").rows}
    assert rows["报警及时确认率"][1:3] == ("33.33 %", "1 ÷ 3")
    assert rows["报警及时确认率"][4] == "100.00 %"
    assert rows["报警及时确认率"][5] == "−66.67 pp"
    assert rows["误报率"][1] == "暂无"
    assert rows["查岗应答率"][2] == "1 ÷ 2"
