"""How many requests one caller may make."""

import asyncio
import time
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from api.auth.request_limit import RequestLimit
from api.auth.settings import AuthSettings
from tests.api.plant import change, delivery
from tests.api.serving import running_api

SECOND = 1_000_000_000


async def _passes(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "passed"})


class Door:
    """The middleware with a clock of its own."""

    def __init__(self, **settings: object) -> None:
        self.now = 0
        self.counted: list[str] = []
        self._limit = RequestLimit(
            _passes, AuthSettings(**settings), lambda: self.now, lambda _scope, by: self.counted.append(by)
        )

    def ask(
        self,
        address: str = "10.0.0.1",
        key: str = "",
        path: str = "/alarms",
        kind: str = "http",
        **headers: str,
    ) -> Message:
        given = headers | ({"authorization": f"Bearer {key}"} if key else {})
        scope: Scope = {
            "type": kind,
            "path": path,
            "scheme": "http",
            "server": ("x", 80),
            "query_string": b"",
            "client": (address, 1),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        }
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request"}

        asyncio.run(self._limit(scope, receive, send))
        return sent[0]

    def passes(self, **request: str) -> bool:
        return self.ask(**request)["type"] == "passed"


def test_caller_beyond_his_burst_waits_and_others_do_not() -> None:
    door = Door(requests_per_s=1.0, requests_burst=3.0)
    assert [door.passes(key="a") for _ in range(4)] == [True, True, True, False]
    assert door.passes(key="b")
    door.now += SECOND
    assert door.passes(key="a")
    assert door.counted == ["caller"]


def test_changing_keys_is_no_way_round_the_limit_of_the_address() -> None:
    door = Door(address_requests_per_s=1.0, address_requests_burst=10.0)
    assert sum(door.passes(key=f"guess{n}") for n in range(50)) == 10
    assert door.passes(address="10.0.0.2")
    assert set(door.counted) == {"address"}


def test_forwarded_address_counts_only_from_a_trusted_proxy() -> None:
    limits = {"address_requests_per_s": 1.0, "address_requests_burst": 2.0}
    liar = Door(**limits)
    assert sum(liar.passes(x_forwarded_for=f"192.0.2.{n}") for n in range(10)) == 2
    proxied = Door(**limits, trusted_proxies=("10.0.0.1",))
    assert sum(proxied.passes(x_forwarded_for=f"192.0.2.{n}") for n in range(10)) == 10
    assert sum(proxied.passes(x_forwarded_for=f"192.0.2.{n}, 198.51.100.1") for n in range(10)) == 2


def test_live_streams_count_and_intake_does_not() -> None:
    door = Door(address_requests_per_s=1.0, address_requests_burst=1.0)
    assert door.passes(kind="websocket", path="/live")
    assert door.ask(kind="websocket", path="/live")["type"] == "websocket.close"
    assert all(door.passes(path="/intake/conditions") for _ in range(20))


def test_limit_of_zero_is_none() -> None:
    door = Door(requests_per_s=0.0, address_requests_per_s=0.0)
    assert all(door.passes(key="a") for _ in range(5000))


def test_refusal_is_a_problem_that_says_when_to_come_again(tmp_path: Path) -> None:
    now = time.time_ns()
    limits = {"requests_per_s": 0.5, "requests_burst": 2.0}
    with running_api(tmp_path / "data", clock=lambda: now, **limits) as api:
        answers = [api.person.get("/alarms") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        refused = answers[-1]
        assert refused.headers["retry-after"] == "2"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert api.metric("hazardwatch_api_requests_limited_total", by="caller") == 1
        for number in range(1, 20):
            assert api.post("/intake/conditions", delivery(change(number, onset=number))).status_code == 200
