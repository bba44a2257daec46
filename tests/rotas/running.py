"""A running service with receivers, and persons who may change rotas or only swap."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from alarm_rules.model import Site
from api.auth.keys import add_operator
from api.rotas.wall_clock import DAY_NS
from api.starting import database_url
from api.store.database import Database
from api.store.tables.notify import outbox, receiver, target
from api.store.tables.rotas import rota, rota_feed, rota_note, rota_override, rota_swap, rota_version
from tests.api.plant import SITE
from tests.api.serving import Api, running_api, settings_in
from tests.rotas.rosters import at

NOW = at("2026-03-02T10:00+08:00")
RECEIVERS = {
    "duty-phone": ("值班电话", "", ""),
    "zhang-wei": ("张伟", "张伟", "acme"),
    "li-na": ("李娜", "李娜", "acme"),
    "wang-fang": ("王芳", "", "acme"),
    "stranger": ("外厂人员", "", "other"),
}
"""Id: name, login, enterprise. All but 王芳 can be reached."""


class Desk:
    """The service, and clients of two persons on call and of the supervisor."""

    def __init__(self, api: Api, clients: dict[str, httpx.Client]) -> None:
        self.api = api
        self.supervisor = clients["主管"]
        self.zhang = clients["张伟"]
        self.li = clients["李娜"]

    def as_somebody(self, name: str, role: str) -> httpx.Client:
        """A client of one more person."""
        key = add_operator(self.api.settings.operators_file, name, role)
        return httpx.Client(base_url=self.api.url, headers={"Authorization": f"Bearer {key}"})

    def told(self) -> list[dict[str, Any]]:
        """What was handed to the outbox, oldest first."""
        database = Database.open(database_url(self.api.settings), sole=False)
        with database.read() as connection:
            rows = connection.execute(select(outbox).order_by(outbox.c.number)).mappings().all()
        database.close()
        return [dict(row) | {"detail": json.loads(row["detail"])} for row in rows]

    def forget_rotas(self) -> None:
        """As if none had ever been made."""
        database = Database.open(database_url(self.api.settings), sole=False)
        with database.write() as connection:
            for table in (rota, rota_version, rota_override, rota_swap, rota_note, rota_feed):
                connection.execute(table.delete())
        database.close()


@contextmanager
def running_desk(
    folder: Path, clock: Callable[[], int] = lambda: NOW, *, site: Site = SITE, **more: Any
) -> Iterator[Desk]:
    settings, _, key = settings_in(folder, **more)
    database = Database.open(database_url(settings))
    with database.write() as connection:
        for one, (name, login, enterprise) in RECEIVERS.items():
            connection.execute(receiver.insert().values(_receiver(one, name, login, enterprise)))
            if one != "wang-fang":
                connection.execute(target.insert().values(_target(one)))
    database.close()
    keys = {
        "张伟": key,
        "李娜": add_operator(settings.operators_file, "李娜", "on_call"),
        "主管": add_operator(settings.operators_file, "主管", "enterprise_supervisor"),
    }
    with running_api(folder, clock=clock, site=site, **more) as api:
        clients = {
            name: httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {secret}"})
            for name, secret in keys.items()
        }
        yield Desk(api, clients)
        for client in clients.values():
            client.close()


def body(**more) -> dict:
    """A rota in which two persons change each week."""
    layer = {"name": "每周", "start_date": "2026-03-02", "turns": ["zhang-wei", "li-na"]}
    fields = {"id": "control-room", "enterprise": "acme", "name": "中控室", "fallback": "duty-phone"}
    return fields | {"layers": [layer]} | more


def days(first: float, last: float) -> dict[str, int]:
    """Span in days after NOW, as query of a schedule."""
    return {"from": NOW + int(first * DAY_NS), "to": NOW + int(last * DAY_NS)}


def _receiver(one: str, name: str, login: str, enterprise: str) -> dict:
    return {
        "id": one,
        "enterprise": enterprise,
        "kind": "person",
        "name": name,
        "name_en": "",
        "login": login,
        "enabled": True,
        "note": "",
        "version": 1,
        "changed_at": 0,
        "changed_by": "",
    }


def _target(one: str) -> dict:
    return {
        "receiver": one,
        "number": 1,
        "channel": "sandbox",
        "label": "",
        "sealed_address": "",
        "sealed_secret": "",
        "hint": "",
        "lane": one,
        "options": "{}",
        "enabled": True,
        "version": 1,
        "changed_at": 0,
        "changed_by": "",
    }
