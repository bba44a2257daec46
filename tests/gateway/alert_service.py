"""Stand-ins for the alert service: a real HTTP server whose behaviour a test scripts, and the rules of
the real one (`api.intake.admit`) about what it takes."""

import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from alarm_rules.condition import ConditionChange, ConditionDelivery, ValueDelivery
from api.intake import Position, SequenceGap, admit

Answer = str | tuple[int, str]
"""`drop` the connection, `lose` the answer after taking, `hang`, or (status, body)."""


class Intake:
    """Takes what the real service would take, unless the script says otherwise."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.taken: list[ConditionChange] = []
        self.deliveries: list[list[int]] = []
        self.values: list[ValueDelivery] = []
        self.positions: dict[str, int] = {}
        self.tokens: set[str] = set()
        self.changed = threading.Condition()
        self.ending = threading.Event()

    def take(self, delivery: ConditionDelivery) -> tuple[int, str]:
        known = [Position(delivery.gateway, j, n, current=True) for j, n in self.positions.items()]
        try:
            admission = admit(known, delivery)
        except SequenceGap as gap:
            return 409, json.dumps({"title": "sequence-gap", "expected": gap.expected})
        with self.changed:
            self.taken += admission.fresh
            self.positions[delivery.journal] = admission.through
            self.changed.notify_all()
        return 200, json.dumps({"accepted_through": admission.through})

    def forget(self, through: int) -> None:
        """The store was set back: nothing behind `through` is known any more."""
        with self.changed:
            self.taken = [change for change in self.taken if change.sequence <= through]
            self.positions = {journal: min(n, through) for journal, n in self.positions.items() if through}

    def wait(self, count: int, deadline_s: float = 30.0) -> list[int]:
        """Sequence numbers taken, once there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count, deadline_s), self.deliveries
            return [change.sequence for change in self.taken]

    def wait_for_deliveries(self, count: int, deadline_s: float = 30.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.deliveries) >= count, deadline_s)


def _handler(intake: Intake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            intake.tokens.add(self.headers["Authorization"])
            if self.path == "/intake/values":
                intake.values.append(msgspec.json.decode(body, type=ValueDelivery))
                self._answer(200, '{"accepted": 0, "unknown": 0}')
                return
            delivery = msgspec.json.decode(body, type=ConditionDelivery)
            with intake.changed:
                intake.deliveries.append([change.sequence for change in delivery.changes])
                scripted = intake.script.popleft() if intake.script else None
                intake.changed.notify_all()
            self._act(scripted, delivery)

        def _act(self, scripted: Answer | None, delivery: ConditionDelivery) -> None:
            if isinstance(scripted, tuple):
                self._answer(*scripted)
            elif scripted == "hang":
                intake.ending.wait(60)
                self.close_connection = True
            elif scripted in ("drop", "lose"):
                if scripted == "lose":
                    intake.take(delivery)
                self.close_connection = True
            else:
                self._answer(*intake.take(delivery))

        def _answer(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its own name)
            """Silence: the test says what happened."""

    return Handler


class _Server(ThreadingHTTPServer):
    """Ends its connections with itself, as the end of a process does."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._sockets: list[socket.socket] = []

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self._sockets.append(request)
        super().process_request(request, client_address)

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(intake: Intake, port: int = 0) -> Iterator[str]:
    """The stand-in on a port; its address."""
    server = _Server(("127.0.0.1", port), _handler(intake))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        intake.ending.set()
        server.end()
        thread.join(10)
        intake.ending.clear()
