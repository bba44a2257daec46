"""The history side of a gateway, as the alert service sees it: a real HTTP server that keeps requests."""

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OTHERS: dict[str, object] = {
    "/quarantine": [],
    "/unknown-tags": [],
    "/devices": {"devices": [], "doors": {}},
    "/status": {},
}
"""What a gateway without troubles says besides."""


class HistorySide(ThreadingHTTPServer):
    """Answers with one wave from 5 to 95; `answer` replaces status and body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.answer: tuple[int, bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: HistorySide

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        self.server.asked.append((parts.path, query, self.headers["Authorization"]))
        status, body = self.server.answer or (200, _said(parts.path, query))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


def _said(path: str, query: dict[str, str]) -> bytes:
    if path in OTHERS:
        return json.dumps(OTHERS[path]).encode()
    return _wave(int(query["start"]), int(query["end"]))


def _wave(start: int, end: int) -> bytes:
    times = [start + (end - start) * step // 300 for step in range(300)]
    level = [50 + 45 * math.sin(2 * math.pi * step / 300) for step in range(300)]
    gap = range(120, 130)
    columns = {
        "source_time": times,
        "value": [None if at in gap else value for at, value in enumerate(level)],
        "quality": [0x82 if at in gap else 0 for at in range(300)],
    }
    return json.dumps(columns).encode()


@contextmanager
def history_side() -> Iterator[HistorySide]:
    server = HistorySide()
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="history-side"
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
