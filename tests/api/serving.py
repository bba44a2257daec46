"""The real service on a real port, for tests: uvicorn in a thread of its own."""

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from websockets.sync.client import ClientConnection, connect

from alarm_rules.model import Site
from api.app import create_app
from api.auth.keys import add_operator
from api.server import server_config
from api.settings import ApiSettings
from api.starting import STORE_FILE
from tests.api.plant import SITE
from tests.store.databases import copy_sqlite

DEADLINE_S = 20.0


class Api:
    """A running service and clients of it."""

    def __init__(self, settings: ApiSettings, port: int, token: str, key: str) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.token = token
        self.key = key
        self.gateway = self._client({"Authorization": f"Bearer {token}"})
        self.person = self._client({"Authorization": f"Bearer {key}"})
        self.nobody = self._client({})

    def _client(self, headers: dict[str, str]) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=DEADLINE_S)

    def post(self, path: str, body: Any) -> httpx.Response:
        """Post as the gateway does."""
        return self.gateway.post(path, content=msgspec.json.encode(body))

    def metric(self, name: str, **labels: str) -> float:
        """A figure of /metrics; 0 if it has not been counted yet."""
        wanted = name + ("{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "}" if labels else "")
        for line in self.nobody.get("/metrics").text.splitlines():
            if line.startswith(wanted + " "):
                return float(line.rpartition(" ")[2])
        return 0.0

    @contextmanager
    def live(self, key: str | None = None, watch: dict[str, Any] | None = None) -> Iterator[ClientConnection]:
        """A screen that has said hello, and what it shows unless that is None."""
        with connect(f"ws://127.0.0.1:{self.port}/live", max_size=None) as socket:
            socket.send(json.dumps({"type": "hello", "key": key or self.key, "watch": watch}))
            yield socket

    def close(self) -> None:
        for client in (self.gateway, self.person, self.nobody):
            client.close()


def settings_in(folder: Path, **more: Any) -> tuple[ApiSettings, str, str]:
    """Settings, intake token and an operator's key in a folder; kept when they are there already."""
    # Self-watch looks only where a test asks for it: a busy machine is no alarm of the others.
    settings = ApiSettings(data_folder=folder, **({"port": 0, "watch_every_s": 3600.0} | more))
    folder.mkdir(parents=True, exist_ok=True)
    if not settings.intake_token_file.exists():
        settings.intake_token_file.write_text(secrets.token_urlsafe(32))
    kept_key = folder / "operator.key"
    if not kept_key.exists():
        kept_key.write_text(add_operator(settings.operators_file, "张伟"))
    if not settings.database_url:
        copy_sqlite(folder / STORE_FILE)
    return settings, settings.intake_token_file.read_text(), kept_key.read_text()


@contextmanager
def running_api(
    folder: Path, *, site: Site = SITE, clock: Callable[[], int] = time.time_ns, **more: Any
) -> Iterator[Api]:
    """Serve until the block ends."""
    settings, token, key = settings_in(folder, **more)
    app = create_app(settings, site=site, clock=clock)
    server = uvicorn.Server(server_config(settings, app))
    ended: list[BaseException] = []

    def serve() -> None:
        try:
            asyncio.run(server.serve())
        except BaseException as error:  # noqa: BLE001 (handed to the test below)
            ended.append(error)

    thread = threading.Thread(target=serve, name="api-under-test", daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the service to start")
    if not server.started:
        raise RuntimeError("the service did not start") from (ended[0] if ended else None)
    api = Api(settings, server.servers[0].sockets[0].getsockname()[1], token, key)
    try:
        yield api
    finally:
        api.close()
        server.should_exit = True
        thread.join(DEADLINE_S)
        assert not thread.is_alive(), "the service did not end"


def wait_until(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Look until the condition is true; fail after the deadline."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while time.monotonic() < end:
        if found := condition():
            return found
        pause.wait(0.005)
    raise AssertionError(f"waited {deadline_s:g} s in vain for {what}")


def receive(socket: ClientConnection, kind: str, deadline_s: float = DEADLINE_S) -> dict[str, Any]:
    """The next message of this kind; others are passed over."""
    end = time.monotonic() + deadline_s
    while (left := end - time.monotonic()) > 0:
        message = json.loads(socket.recv(timeout=left))
        if message["type"] == kind:
            return message
    raise AssertionError(f"no {kind} within {deadline_s:g} s")


def receive_alarms(socket: ClientConnection) -> list[dict[str, Any]]:
    """The alarms of the next delta that has any; others tell of values, or that something else is new."""
    while not (alarms := receive(socket, "delta")["alarms"]):
        pass
    return alarms
