"""A running service with an alarm, receivers, a rota, and links to answer it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import func, insert, select

from api.answering.service import hash_of
from api.starting import database_url
from api.store.database import Database
from api.store.tables.answering import answer_link
from api.store.tables.escalation import told
from tests.api.plant import T0, change, delivery
from tests.rotas.running import Desk, body, running_desk

HOUR = 3600 * 10**9
NOW = T0 + 60 * 10**9


class Phone:
    """A desk with one open alarm, and a browser without a login."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.browser = httpx.Client(base_url=desk.api.url)
        self.database = Database.open(database_url(desk.api.settings), sole=False)
        self.clock = [NOW]
        self.raised = 0
        self.alarm: dict = {}
        self.raise_alarm()

    def raise_alarm(self, **facts: str) -> None:
        """A new episode of the tank's level, which nobody has answered yet."""
        self.raised += 1
        new = change(self.raised, onset=T0 + self.raised * 10**9, **facts)
        assert self.desk.api.post("/intake/conditions", delivery(new)).status_code == 200
        listed = self.desk.zhang.get("/alarms?open=true&priority=CRITICAL").json()["alarms"]
        [self.alarm] = [alarm for alarm in listed if alarm["onset"] == new.onset]

    def link(self, receiver: str = "zhang-wei", **more) -> str:
        """A link for this receiver, as `make_link` writes it; its path."""
        token = f"token-of-{receiver}-{len(self.rows()):04d}-{'x' * 8}"
        row = {
            "id": f"link-{len(self.rows())}",
            "token_hash": hash_of(token),
            "kind": "alarm",
            "subject": self.alarm["id"],
            "receiver": receiver,
            "enterprise": "acme",
            "purposes": "acknowledge cannot_come hand_over",
            "channel": "feishu",
            "base_url": self.desk.api.url,
            "made_at": self.clock[0],
            "expires_at": self.clock[0] + HOUR,
            "revoked_by": "",
            "nonce": "first-nonce",
        }
        with self.database.write() as connection:
            connection.execute(insert(answer_link).values(row | more))
        return f"/answer/{token}"

    def rows(self) -> list:
        with self.database.read() as connection:
            return list(connection.execute(select(answer_link)).mappings())

    def told(self) -> int:
        """How often the ladder of the alarm told somebody."""
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(told)).scalar_one()

    def nonce(self, path: str) -> str:
        """As the page's form has it."""
        page = self.browser.get(path).text
        return page.partition('name="nonce" value="')[2].partition('"')[0]

    def answer(self, path: str, choice: str = "acknowledge", **more) -> httpx.Response:
        fields = {"choice": choice, "nonce": self.nonce(path)} | more
        return self.browser.post(path, data=fields)

    def alarm_now(self) -> dict:
        return self.desk.zhang.get(f"/alarms/{self.alarm['id']}").json()


@contextmanager
def running_phone(folder: Path) -> Iterator[Phone]:
    now = [NOW]
    with running_desk(folder, clock=lambda: now[0]) as desk:
        rota = body(layers=[{"name": "每周", "start_date": "2025-06-02", "turns": ["zhang-wei", "li-na"]}])
        assert desk.supervisor.post("/rotas", json=rota).status_code == 201
        phone = Phone(desk, folder)
        phone.clock = now
        yield phone
        phone.browser.close()
        phone.database.close()
