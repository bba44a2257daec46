"""An HTTP proxy before a real server that goes wrong on demand."""

import http.client
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """Answer by itself; the server behind never hears of the request."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Hang:
    """Say nothing until the proxy closes."""


class Drop:
    """Close the connection without an answer."""


class DropAnswer:
    """Let the server behind do the work, and close the connection instead of giving its answer."""


class FaultProxy:
    """Takes one fault from `faults` for each request to `path`; with none left it passes all on."""

    def __init__(self, port: int, path: str = "/api/v2/write") -> None:
        self.faults: deque[object] = deque()
        self.requests = 0
        self._closing = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fault: object = None
                if self.path.startswith(path):
                    proxy.requests += 1
                    fault = proxy.faults.popleft() if proxy.faults else None
                proxy.handle(self, body, fault, port)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def handle(self, request: BaseHTTPRequestHandler, body: bytes, fault: object, port: int) -> None:
        if isinstance(fault, Answer):
            _answer(request, fault.status, fault.headers, fault.body)
            return
        if isinstance(fault, Hang):
            self._closing.wait(60)
        if isinstance(fault, Hang | Drop):
            request.close_connection = True
            return
        try:
            status, headers, answer = _forward(request, body, port)
        except OSError:
            request.close_connection = True  # the server behind is away
            return
        if isinstance(fault, DropAnswer):
            request.close_connection = True
            return
        _answer(request, status, headers, answer)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _forward(request: BaseHTTPRequestHandler, body: bytes, port: int) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "connection")}
        connection.request("POST", request.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        skip = ("content-length", "transfer-encoding", "connection")
        return response.status, {k: v for k, v in response.getheaders() if k.lower() not in skip}, answer
    finally:
        connection.close()


def _answer(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    if status != 204:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if status != 204:
        request.wfile.write(body)
