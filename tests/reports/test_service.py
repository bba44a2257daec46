"""Reports made by themselves, over HTTP, and what becomes of one that fails."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import httpx
import pytest

from api.store.database import Database
from tests.api.serving import Api, running_api, wait_until
from tests.auth.accounts import Accounts, client, of
from tests.figures.plant import DAY, HOUR, SITE
from tests.reports.events import DESK, MIDNIGHT, TODAY, alarms, logs

MORNING = MIDNIGHT + DAY + HOUR
DOWNLOAD = {"day": TODAY, "desk": DESK}


class Clock:
    """Time that the test sets; never back."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Office(NamedTuple):
    """A service, persons, and its clock."""

    api: Api
    clock: Clock
    bureau: httpx.Client
    room: httpx.Client
    """Of the control room of e1."""
    other: httpx.Client
    """Of that of e2."""
    folder: Path

    def audit(self, action: str) -> list[tuple[str, str, str]]:
        """(actor, subject, text) of what the audit keeps of an action."""
        with sqlite3.connect(self.folder / "alarms.sqlite") as connection:
            return connection.execute(
                "SELECT actor, subject, text FROM audit WHERE action = ? ORDER BY number", (action,)
            ).fetchall()

    def made(self) -> list[dict]:
        """The list as the store has it: asking the service again and again would run into its rate limit."""
        with sqlite3.connect(self.folder / "alarms.sqlite") as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM daily_report ORDER BY day, desk, language")
            return [dict(row) for row in rows]

    def open_conditions(self) -> list[str]:
        with sqlite3.connect(self.folder / "alarms.sqlite") as connection:
            return [rule for (rule,) in connection.execute("SELECT rule FROM alarm WHERE active")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    clock = Clock(MIDNIGHT + DAY - HOUR)
    with Accounts(folder, clock.now) as accounts:
        users = {
            "bureau": accounts.user("局长", "bureau_duty_officer"),
            "room": accounts.user("中控", "operator", grant=of("e1")),
            "other": accounts.user("别厂", "operator", grant=of("e2")),
        }
        keys = {name: accounts.key("personal", name, owner=user.id) for name, user in users.items()}
    database = Database.open(f"sqlite:///{folder / 'alarms.sqlite'}", sole=False)
    with database.write() as connection:
        alarms(connection)
        logs(connection)
    database.close()
    more = {"figures_count_samples": False, "report_desks": ("all:", DESK), "report_keep_days": 3}
    with running_api(folder, site=SITE, clock=clock, **more) as api:
        clients = {name: client(api, key) for name, key in keys.items()}
        yield Office(api, clock, folder=folder, **clients)
        for one in clients.values():
            one.close()


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF-1.4"), ("xlsx", b"PK\x03\x04"), ("json", b'{"desk":"enterprise:e1"')]
)
def test_a_report_is_made_on_request_and_the_audit_keeps_who_took_it(
    office: Office, form: str, begins: bytes
) -> None:
    answer = office.room.get("/reports/daily", params=DOWNLOAD | {"format": form})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(begins)
    assert unquote(answer.headers["content-disposition"]).endswith(f"值班日报 {TODAY} 示例企业1.{form}")
    assert office.audit("report.download") == [("person:中控", DESK, f"{TODAY} {form} zh")]


@pytest.mark.parametrize(
    "desk", ["enterprise:e2", "all:", "district:东区", "city:示例市", "moon:1", "", "e1"]
)
def test_a_desk_out_of_sight_is_not_found(office: Office, desk: str) -> None:
    answer = office.room.get("/reports/daily", params=DOWNLOAD | {"desk": desk})
    assert answer.status_code == 404, answer.text
    assert office.audit("report.download") == []


def test_a_bureau_s_desk_is_not_for_control_rooms_even_if_they_see_all_of_it(office: Office) -> None:
    assert office.bureau.get("/reports/daily", params=DOWNLOAD | {"desk": "all:"}).status_code == 200
    assert office.other.get("/reports/daily", params=DOWNLOAD).status_code == 404


def test_a_day_that_has_not_begun_is_refused(office: Office) -> None:
    answer = office.room.get("/reports/daily", params=DOWNLOAD | {"day": "2025-06-18"})
    assert (answer.status_code, "has not begun" in answer.json()["detail"]) == (422, True)


def test_reports_are_made_by_themselves_after_the_day_and_kept(office: Office) -> None:
    office.clock.now = MORNING
    wait_until(lambda: [r["state"] for r in office.made()] == ["made", "made"], "the reports to be made")
    assert {(r["desk"], r["day"]) for r in office.made()} == {("all:", TODAY), (DESK, TODAY)}
    assert [r["desk"] for r in office.room.get("/reports").json()["reports"]] == [DESK]
    assert office.other.get("/reports").json()["reports"] == []
    kept = office.folder / "reports" / TODAY / "enterprise%3Ae1.zh.pdf"
    assert office.room.get("/reports/daily", params=DOWNLOAD).content == kept.read_bytes()
    fresh = office.room.get("/reports/daily", params=DOWNLOAD | {"fresh": True})
    assert fresh.content == kept.read_bytes(), "a past day is told the same whenever it is made"
    assert office.api.metric("hazardwatch_api_reports_kept") == 4


def test_days_missed_during_a_stop_are_made_and_old_files_go(office: Office) -> None:
    old = office.folder / "reports" / "2025-01-01"
    old.mkdir(parents=True)
    (old / "all%3A.zh.pdf").write_bytes(b"%PDF")
    (office.folder / "reports" / "notes").mkdir()
    office.clock.now = MORNING + 2 * DAY
    wait_until(
        lambda: [r["state"] for r in office.made()] == ["made"] * 6, "the reports of three days to be made"
    )
    assert {r["day"] for r in office.made()} == {TODAY, "2025-06-17", "2025-06-18"}
    wait_until(lambda: not old.exists(), "the old file to go")
    assert (office.folder / "reports" / "notes").is_dir(), "what is not a day is not ours"


def test_the_list_pages(office: Office) -> None:
    office.clock.now = MORNING + 2 * DAY
    wait_until(lambda: len(office.made()) == 6, "the list")
    seen: list[tuple[str, str]] = []
    after: dict[str, str] = {}
    while True:
        page = office.bureau.get("/reports", params={"limit": 4} | after).json()
        seen += [(r["day"], r["desk"]) for r in page["reports"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)


def test_a_report_that_cannot_be_stored_raises_a_system_alarm_until_it_was_made(office: Office) -> None:
    blocked = office.folder / "reports" / TODAY
    blocked.parent.mkdir()
    blocked.write_text("a file where the folder should be")
    office.clock.now = MORNING
    wait_until(lambda: [r["attempts"] for r in office.made()] == [1, 1], "the first attempts")
    for attempt in (2, 3):
        waking = {"desk": DESK, "day": "2025-06-15", "language": "en"}
        assert office.bureau.post("/reports/daily", json=waking).status_code == 202
        wait_until(lambda n=attempt: max(r["attempts"] for r in office.made()) == n, "another attempt")
    wait_until(lambda: "service/system/report_failed" in office.open_conditions(), "the system alarm")
    failed = [r for r in office.made() if r["state"] == "failed"]
    assert failed
    assert TODAY in failed[0]["error"]
    blocked.unlink()
    for row in office.made():
        asked = {name: row[name] for name in ("desk", "day", "language")}
        assert office.bureau.post("/reports/daily", json=asked).status_code == 202
    wait_until(lambda: {r["state"] for r in office.made()} == {"made"}, "the reports to be made")
    wait_until(lambda: "service/system/report_failed" not in office.open_conditions(), "the alarm's end")
    assert ("person:局长", "all:", f"{TODAY} zh") in office.audit("report.make")


def test_only_a_day_that_is_over_is_kept(office: Office) -> None:
    answer = office.room.post("/reports/daily", json={"desk": DESK, "day": TODAY})
    assert (answer.status_code, "not over" in answer.json()["detail"]) == (422, True)


def test_a_report_that_is_too_large_is_refused_with_the_remedy(folder: Path) -> None:
    with running_api(folder, site=SITE, report_max_bytes=100_000, figures_count_samples=False) as api:
        answer = api.person.get("/reports/daily", params={"day": "2020-01-01", "desk": "enterprise:e1"})
        assert answer.status_code == 200
    with running_api(folder, site=SITE, report_longest_s=1e-9, figures_count_samples=False) as api:
        answer = api.person.get("/reports/daily", params={"day": "2020-01-01", "desk": "enterprise:e1"})
        assert answer.status_code == 503
        assert "report_longest_s" in answer.json()["detail"]


def test_a_desk_of_the_settings_that_nobody_knows_keeps_the_service_from_starting(folder: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="did not start"),
        running_api(folder, site=SITE, report_desks=("city:别处",)),
    ):
        pass


def test_report_as_json_is_made_of_tables_and_charts(office: Office) -> None:
    found = json.loads(office.room.get("/reports/daily", params=DOWNLOAD | {"format": "json"}).content)
    assert [t["key"] for t in found["tables"]][:3] == ["figures", "by_priority", "bad_actors"]
    assert found["as_of"] == MIDNIGHT + DAY - HOUR, "the day is not over: it ends now"
