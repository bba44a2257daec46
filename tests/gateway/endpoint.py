"""A whole gateway in a thread with an event loop of its own, as the tests of its MQTT endpoint meet it."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import uvloop

from alarm_rules.load import load_site
from detectors.quality import quality_name
from gateway.journal_format import QuarantineRow
from gateway.journal_reader import JournalReader
from gateway.mqtt.devices import add_device
from gateway.process import Gateway
from gateway.settings import GatewaySettings
from tests.gateway.mqtt_client import RawClient, connect

T = TypeVar("T")
DEADLINE_S = 15.0
OFFLINE = "E1/system/device_offline"
DATA = "hazardwatch/v1/E1/GW1/data"

REGISTER = """\
enterprises:
  - id: E1
    installations:
      - id: H1
        units:
          - id: U1
            points:
              - {tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 1e+9, gateway: GW1}
              - {tag: LT2, quantity: level, engineering_unit: m, range_low: 0, range_high: 1e+9, gateway: GW1}
              - {tag: 液位3, quantity: level, engineering_unit: m, range_low: 0, range_high: 1.0e+9}
              - {tag: OTHER, quantity: level, engineering_unit: m, range_low: 0, range_high: 9, gateway: GW2}
  - id: E2
    installations:
      - id: H2
        units:
          - id: U2
            points:
              - {tag: LT1, quantity: level, engineering_unit: m, range_low: 0, range_high: 12}
"""


def write_site(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.yaml").write_text(REGISTER, encoding="utf-8")
    (folder / "rules.yaml").write_text("packs: []\n", encoding="utf-8")
    return folder


class Endpoint:
    """The gateway of enterprise E1 with devices GW1 and GW2, and of E2 with GW1."""

    def __init__(self, folder: Path, *, loop: str = "uvloop", **settings: Any) -> None:
        data = folder / "data"
        self.devices_file = data / "devices.yaml"
        self.keys = {
            name: add_device(self.devices_file, *name.split("/")) for name in ("E1/GW1", "E1/GW2", "E2/GW1")
        }
        given: dict[str, Any] = {
            "data_folder": data,
            "site": write_site(folder / "site"),
            "mqtt_port": 0,
            "http_port": 0,
            "alert_service_url": "",
        }
        self.settings = GatewaySettings(**(given | settings))
        self._loop_factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
        self._moved = threading.Condition()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gateway under test")

    # --- life -------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60), "the gateway did not start"
        if self._failure:
            self._thread.join()
            raise self._failure
        self.reader = JournalReader(self.settings.journal_file)
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.close()
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the gateway did not stop"
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._main())
        except BaseException as error:  # noqa: BLE001 (raised again in the test)
            self._failure = error
        finally:
            self._ready.set()
            self._notify()

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.gateway = Gateway(self.settings, load_site(self.settings.site))
        self.gateway.journal.follow("test")  # nothing is released while the tests look at it
        self.gateway.pipeline.on_commit(lambda _: self._notify())
        self.gateway.pipeline.on_pause(lambda _: self._notify())
        try:
            await self.gateway.start()
            self._ready.set()
            await self._stop.wait()
        finally:
            await self.gateway.stop()

    def _notify(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def until(self, condition: Callable[[], T]) -> T:
        """Wait until something is true; looked at after every commit and every pause."""
        found: list[T] = []

        def true() -> bool:
            found.append(condition())
            return bool(found[-1])

        with self._moved:
            assert self._moved.wait_for(true, DEADLINE_S), f"not true within {DEADLINE_S} s: {found[-1]}"
        return found[-1]

    def call(self, function: Callable[[], T]) -> T:
        """Run something in the gateway's own loop, after what is under way there."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(DEADLINE_S)

    # --- what it holds ----------------------------------------------------------------------------

    @property
    def port(self) -> int:
        return self.gateway.mqtt_port

    def samples(self) -> list[tuple[str, float]]:
        """(point, value) of everything journalled, in order."""
        found = self.reader.samples_after(0, 1 << 40)
        names = self.reader.names()
        if found is None:
            return []
        return [(names[int(p)], float(v)) for p, v in zip(found[1].point, found[1].value, strict=True)]

    def values(self, point: str = "E1/LT1") -> list[float]:
        return [value for name, value in self.samples() if name == point]

    def qualities(self, point: str = "E1/LT1") -> list[str]:
        found = self.reader.samples_after(0, 1 << 40)
        assert found is not None
        wanted = self.gateway.engine.number[point]
        return [quality_name(int(q)) for q in found[1].quality[found[1].point == wanted]]

    def offline(self, device: str = "E1/GW1") -> list[bool]:
        """Every change of the device's offline condition."""
        changes = self.reader.changes_after(0, 100_000)
        return [
            c.active
            for c in changes
            if c.rule == f"{device.split('/')[0]}/system/device_offline" and c.point == device
        ]

    def quarantine(self) -> list[QuarantineRow]:
        return self.reader.quarantine(limit=10_000)

    def metric(self, name: str, **labels: str) -> float:
        """As `/metrics` shows it."""
        answer = httpx.get(f"http://127.0.0.1:{self.gateway.http_port}/metrics", trust_env=False)
        for line in answer.text.splitlines():
            if line.startswith(f"hazardwatch_{name}") and all(
                f'{k}="{v}"' in line for k, v in labels.items()
            ):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    # --- from outside -----------------------------------------------------------------------------

    def connect(self, version: int = 5, device: str = "E1/GW1", **more: Any) -> RawClient:
        """A client that was let in."""
        client = RawClient(self.port, receive_buffer=more.pop("receive_buffer", 0))
        client.send(self.hello(version, device, **more))
        header, body = client.receive()
        assert (header, body[1]) == (0x20, 0), (header, body)
        return client

    def hello(self, version: int = 5, device: str = "E1/GW1", **more: Any) -> bytes:
        """CONNECT of a known device."""
        return connect(version, more.pop("client_id", "raw"), device, self.keys[device], **more)

    @contextlib.contextmanager
    def journal_blocked(self) -> Iterator[None]:
        """Another connection holds the journal's write lock: nothing can be committed meanwhile."""
        other = sqlite3.connect(self.settings.journal_file, isolation_level=None, timeout=DEADLINE_S)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
