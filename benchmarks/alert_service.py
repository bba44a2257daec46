"""What the alert service carries, through its doors: python -m benchmarks.alert_service --json

The real process (`hazardwatch api`) with everything that it does as delivered: ladders, messages (kept in the
sandbox), desks, warning levels, annunciations, audit, self-watch. Three measurements, in this order:

* live: alarms at `--live-rate` a second; from the moment each came up to its arrival at a screen;
* burst: `--rate` new alarms a second for `--seconds`; afterwards the store must hold every one, each with
  its journal, its ladder, its timer, its annunciation and its messages;
* pages: `--open` open alarms; each page of the list over HTTP, first, middle and last, whole region and one
  enterprise.
"""

import argparse
import contextlib
import json
import os
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.sync.client import connect

from api.auth.keys import add_operator
from benchmarks.alert_plant import add_people, conditions, enterprise, write_site
from benchmarks.alert_sender import Sender, Sent
from hazardwatch.processes import free_port

START_S = 600
ASKED_EACH = 200
"""Repetitions of each page."""


class Service:
    """The process under measurement, and clients of it."""

    def __init__(self, folder: Path, points: int, log: Path) -> None:
        self.folder = folder
        self.points = points
        self._log = log
        self.port = free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True)
        self.token = secrets.token_urlsafe(32)
        (folder / "intake.token").write_text(self.token)
        operators = folder / "operators.json"
        self.key = add_operator(operators, "bench", "operator")
        self.administrator = add_operator(operators, "bench-admin", "system_administrator")

    @contextlib.contextmanager
    def running(self) -> Iterator[psutil.Process]:
        """Start it; it ends with the block."""
        settings = {
            "DATA_FOLDER": self.folder,
            "SITE": self.folder / "site",
            "PORT": self.port,
            "NOTIFY_SANDBOX_ONLY": "true",
            "REQUESTS_PER_S": 0,
            "ADDRESS_REQUESTS_PER_S": 0,
        }
        environment = {f"HAZARDWATCH_API_{name}": str(value) for name, value in settings.items()}
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hazardwatch", "api"],
                env=os.environ | environment,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_up(process)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(60)

    def client(self, key: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def _wait_until_up(self, process: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/health/live", trust_env=False)
                return
            time.sleep(0.1)
        raise RuntimeError(f"the service did not start: {self._log.read_text()[-2000:]}")


class Screen:
    """A screen that notes when each alarm arrives."""

    def __init__(self, service: Service) -> None:
        self.arrived: list[float] = []
        """Seconds from the moment that an alarm came up (its onset) to its arrival, new alarms alone."""
        self.seen: set[str] = set()
        self._service = service
        self._began = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Screen":
        self._thread.start()
        if not self._began.wait(START_S):
            raise RuntimeError("the screen was given no snapshot")
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)

    def _listen(self) -> None:
        with connect(f"ws://127.0.0.1:{self._service.port}/live", max_size=None) as socket:
            socket.send(json.dumps({"type": "hello", "key": self._service.key}))
            while not self._ended.is_set():
                message = json.loads(socket.recv())
                self._note(message, time.time_ns())
                self._began.set()

    def _note(self, message: dict[str, Any], now: int) -> None:
        for alarm in message.get("alarms", ()):
            if alarm["gateway"] == "gw1" and alarm["id"] not in self.seen and message["type"] == "delta":
                self.seen.add(alarm["id"])
                self.arrived.append((now - alarm["onset"]) / 1e9)

    def wait_for(self, alarms: int, deadline_s: float = 20.0) -> None:
        end = time.monotonic() + deadline_s
        while len(self.seen) < alarms and time.monotonic() < end:
            time.sleep(0.05)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the most, in milliseconds."""
    ranked = sorted(seconds)
    place = {"p50": 0.5, "p99": 0.99}
    found = {name: ranked[min(len(ranked) - 1, int(len(ranked) * part))] for name, part in place.items()}
    return {f"{name}_ms": round(value * 1000, 1) for name, value in (found | {"max": ranked[-1]}).items()}


def measure_live(service: Service, sender: Sender, per_s: float, seconds: float) -> dict[str, Any]:
    """From condition arrival to the screen."""
    number = int(per_s * seconds)
    with Screen(service) as screen:
        sent = sender.send(number, per_s)
        screen.wait_for(number)
    return {"alarms": number, "arrived": len(screen.arrived), "deliveries": sent.deliveries} | percentiles(
        screen.arrived
    )


def measure_burst(process: psutil.Process, sender: Sender, per_s: float, seconds: float) -> dict[str, Any]:
    """A flood: how long deliveries take, and how much waits."""
    busy, began = sum(process.cpu_times()[:2]), time.monotonic()
    sent = sender.send(int(per_s * seconds), per_s)
    took = time.monotonic() - began
    return {
        "alarms": sent.changes,
        "seconds": round(sent.seconds, 2),
        "alarms_per_s": round(sent.changes / sent.seconds),
        "deliveries": sent.deliveries,
        "answer": percentiles(sent.answer_s),
        "until_stored": percentiles(sent.stored_s),
        "most_waiting": sent.most_waiting,
        "cpu_percent": round(100 * (sum(process.cpu_times()[:2]) - busy) / took),
    }


COUNTS = {
    "alarms": "SELECT count(*) FROM alarm WHERE gateway = 'gw1'",
    "journal_raised": "SELECT count(*) FROM journal WHERE kind = 'raised' AND gateway = 'gw1'",
    "climbs": "SELECT count(*) FROM climb JOIN alarm ON id = alarm_id WHERE gateway = 'gw1'",
    "living_timers": "SELECT count(*) FROM timer JOIN alarm ON id = subject "
    "WHERE kind = 'ladder' AND gateway = 'gw1'",
    "annunciations": "SELECT count(*) FROM annunciation JOIN alarm ON id = alarm_id WHERE gateway = 'gw1'",
    "alarms_with_message": "SELECT count(DISTINCT alarm_id) FROM outbox JOIN alarm ON id = alarm_id "
    "WHERE gateway = 'gw1'",
}


def count_rows(service: Service) -> dict[str, int]:
    """What the store holds of the alarms delivered."""
    with contextlib.closing(
        sqlite3.connect(f"file:{service.folder}/alarms.sqlite?mode=ro", uri=True)
    ) as store:
        found = {name: store.execute(query).fetchone()[0] for name, query in COUNTS.items()}
        states = store.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        levels = store.execute("SELECT level, count(*) FROM installation_level GROUP BY level").fetchall()
    return (
        found
        | {f"messages_{state}": count for state, count in states}
        | {f"installations_level_{level}": count for level, count in levels}
    )


def measure_pages(service: Service, open_alarms: int) -> dict[str, Any]:
    """Each page of the list over HTTP."""
    found: dict[str, Any] = {}
    with service.client(service.key) as client:
        for limit in (100, 500):
            for scope in ("", enterprise(3)):
                after = _cursors(client, limit, scope)
                for name, cursor in after.items():
                    params = {"open": "true", "limit": limit} | ({"enterprise": scope} if scope else {})
                    times = [
                        _asked(client, params | ({"after": cursor} if cursor else {}))
                        for _ in range(ASKED_EACH)
                    ]
                    found[f"{limit} {scope or 'all'} {name}"] = percentiles(times)
    return {
        "open_alarms": open_alarms,
        "p99_worst_ms": max(f["p99_ms"] for f in found.values()),
        "pages": found,
    }


def _cursors(client: httpx.Client, limit: int, scope: str) -> dict[str, str | None]:
    """Cursors of the first, the middle and the last page, found by going through the list."""
    after: list[str | None] = [None]
    while True:
        params: dict[str, Any] = {"open": "true", "limit": 500} | ({"enterprise": scope} if scope else {})
        page = client.get("/alarms", params=params | ({"after": after[-1]} if after[-1] else {})).json()
        if page["next"] is None:
            return {"first": None, "middle": after[len(after) // 2], "last": after[-1]}
        after.append(page["next"])


def _asked(client: httpx.Client, params: dict[str, Any]) -> float:
    began = time.perf_counter()
    answer = client.get("/alarms", params=params)
    took = time.perf_counter() - began
    answer.raise_for_status()
    return took


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All three measurements."""
    service = Service(folder / "data", options.points, folder / "api.log")
    write_site(service.folder / "site", options.points)
    figures: dict[str, Any] = {"points": options.points, "load_before": os.getloadavg()[0]}
    with service.running() as process:
        with service.client(service.administrator) as client:
            figures["receivers"] = add_people(client)
        sender = Sender(service.url, service.token, conditions(options.points))
        figures["live"] = measure_live(service, sender, options.live_rate, options.live_seconds)
        figures["burst"] = measure_burst(process, sender, options.rate, options.seconds)
        figures["stored"] = count_rows(service)
        more = options.open - figures["stored"]["alarms"]
        if more > 0:
            figures["filling"] = _summary(sender.send(more, 0))
        figures["pages"] = measure_pages(service, max(options.open, figures["stored"]["alarms"]))
        figures["memory_mb"] = round(process.memory_info().rss / 1e6)
        sender.close()
    figures["load_after"] = os.getloadavg()[0]
    return figures


def _summary(sent: Sent) -> dict[str, Any]:
    mean = statistics.fmean(sent.answer_s)
    return {"alarms": sent.changes, "seconds": round(sent.seconds, 1), "mean_answer_ms": round(mean * 1000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=1000.0, help="new alarms a second of the burst")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the burst")
    parser.add_argument("--live-rate", type=float, default=100.0)
    parser.add_argument("--live-seconds", type=float, default=30.0)
    parser.add_argument("--open", type=int, default=100_000, help="open alarms of which pages are asked")
    parser.add_argument("--folder", type=Path, default=Path(), help="where to work: on a disk")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hazardwatch-bench-", dir=options.folder) as folder:
        figures = run(options, Path(folder).absolute())
    print(json.dumps(figures, ensure_ascii=False, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
