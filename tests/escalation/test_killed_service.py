"""The real process, killed: what became due meanwhile comes at its next start, each step once."""

import time
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from api.starting import STORE_FILE
from api.store.database import Database
from api.store.tables.alarms import alarm
from api.store.tables.escalation import climb
from api.store.tables.notify import outbox
from tests.api.plant import change, delivery
from tests.api.serving import settings_in
from tests.escalation.timeline import people_in
from tests.gateway.plant import make_folder
from tests.gateway.processes import Program, free_port, started, wait_until

pytestmark = pytest.mark.slow

RULE = "E001/X"
LADDERS = """\
ladders:
  - id: quick
    steps:
      - {after_s: 0, to: zhang}
      - {after_s: 2, to: wang}
      - {after_s: 3, to: li, channels: [sms]}
    top: {to: chief, every_s: 3600}
"""


class Service(Program):
    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        site = make_folder(folder / "site")
        (site / "ladders.yaml").write_text(LADDERS)
        _, self.token, _ = settings_in(self.data)
        port = free_port()
        settings = {
            "HAZARDWATCH_API_DATA_FOLDER": self.data,
            "HAZARDWATCH_API_SITE": site,
            "HAZARDWATCH_API_PORT": port,
            "HAZARDWATCH_API_NOTIFY_SANDBOX_ONLY": "true",
        }
        super().__init__("alert service", folder / "api.log", ["api"], settings)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10)

    def start(self) -> None:
        self.spawn()
        self.until_it_answers(self.client, "/health/live")

    def raise_alarm(self) -> None:
        now = time.time_ns()
        body = msgspec.json.encode(delivery(change(1, rule=RULE, point="E001/LT1", onset=now)))
        headers = {"Authorization": f"Bearer {self.token}"}
        self.client.post("/intake/conditions", content=body, headers=headers).raise_for_status()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.data.absolute() / STORE_FILE}"

    def told(self) -> list[str]:
        """To whom messages about the alarm went, in order."""
        database = Database.open(self.url, sole=False)
        try:
            with database.read() as connection:
                o = outbox.c
                query = (
                    select(o.receiver)
                    .join(alarm, alarm.c.id == o.alarm_id)
                    .where(alarm.c.rule == RULE)
                    .order_by(o.number)
                )
                return list(connection.execute(query).scalars())
        finally:
            database.close()

    def climbing(self) -> int:
        database = Database.open(self.url, sole=False)
        try:
            with database.read() as connection:
                query = select(func.count()).select_from(climb).join(alarm, alarm.c.id == climb.c.alarm_id)
                return connection.execute(query.where(alarm.c.rule == RULE)).scalar_one()
        finally:
            database.close()


def test_steps_due_while_the_service_was_dead_come_once_each_and_in_order(tmp_path: Path) -> None:
    service = Service(tmp_path)
    database = Database.open(service.url)
    with database.write() as connection:
        people_in(connection)
    database.close()
    with started(service):
        service.raise_alarm()
        assert service.climbing() == 1
        service.kill()
        raised_at = time.monotonic()
        assert service.told() == ["zhang"]
        wait_until(lambda: time.monotonic() > raised_at + 3.5, "the steps to be due")
        service.start()
        wait_until(lambda: len(service.told()) == 3, "the overdue steps")
        service.kill()
        service.start()
        assert service.told() == ["zhang", "wang", "li"]
