"""One running service with two persons whose clock the test moves, for timelines of an alarm's life."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec

from alarm_rules.model import Priority
from api.auth.keys import add_operator
from tests.api.plant import SECOND, SITE, T0, _rule, change, delivery
from tests.api.serving import Api, running_api, settings_in, wait_until

GAS = {"rule": "acme/A1.GT01/HH", "point": "acme/A1.GT01"}
TEMPERATURE = {"rule": "acme/TK101.TT01/H", "point": "acme/TK101.TT01"}
STOPPED = {"rule": "acme/TK101.LT01/H", "point": "acme/TK101.LT01"}
PLANT = msgspec.structs.replace(
    SITE,
    rules=(
        *SITE.rules,
        _rule("A1.GT01", "HH", "可燃气体二级报警", Priority.CRITICAL, latched=True),
        _rule("TK101.TT01", "H", "温度高", Priority.MEDIUM, suppressed_by=("acme/TK101.LT01/H",)),
    ),
)


class Clock:
    """The service's clock, moved by the test."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


class Gateway(ThreadingHTTPServer):
    """The gateway's side of a reset: keeps what it was asked, and answers 202 unless told otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, Any, str | None]] = []
        self.answer: tuple[int, Any] | None = (202, {})
        """Status and body; None: the line breaks before the answer."""


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers["Authorization"]))
        if self.server.answer is None:
            return
        status, said = self.server.answer
        content = msgspec.json.encode(said)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def gateway_side() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Life:
    """One service with two persons, 张伟 and 李娜, whose clock the test moves."""

    def __init__(self, api: Api, clock: Clock, second_key: str) -> None:
        self.api = api
        self.clock = clock
        self.sequence = 0
        self.zhang = api.person
        self.li = httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {second_key}"})

    def tell(self, *, active: bool = True, onset: int | None = None, **more: Any) -> str:
        """A change of the gateway now; the id of its alarm."""
        self.sequence += 1
        now = self.clock()
        told = change(
            self.sequence,
            active=active,
            onset=now if onset is None else onset,
            source_time=now,
            received_time=now,
            **more,
        )
        assert self.api.post("/intake/conditions", delivery(told)).status_code == 200
        found = self.zhang.get("/alarms", params={"rule": told.rule, "limit": 1}).json()
        return str(found["alarms"][0]["id"])

    def alarm(self, alarm_id: str) -> dict[str, Any]:
        return self.zhang.get(f"/alarms/{alarm_id}").json()

    def state(self, alarm_id: str) -> str:
        return str(self.alarm(alarm_id)["state"])

    def kinds(self, alarm_id: str) -> list[str]:
        return [line["kind"] for line in self.alarm(alarm_id)["history"]]

    def act(self, alarm_id: str, act: str, by: httpx.Client | None = None, **body: Any) -> httpx.Response:
        return (by or self.zhang).post(f"/alarms/{alarm_id}/{act}", json=body)

    def becomes(self, alarm_id: str, state: str) -> dict[str, Any]:
        wait_until(lambda: self.state(alarm_id) == state, f"the alarm to be {state}")
        return self.alarm(alarm_id)


@contextmanager
def living(folder: Path, **more: Any) -> Iterator[Life]:
    settings, _, _ = settings_in(folder)
    second = folder / "second.key"
    if not second.exists():
        second.write_text(add_operator(settings.operators_file, "李娜"))
    clock = Clock()
    with running_api(folder, site=PLANT, clock=clock, **more) as api:
        life = Life(api, clock, second.read_text())
        try:
            yield life
        finally:
            life.li.close()
