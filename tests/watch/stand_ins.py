"""Real local servers for self-watch to look at: a gateway's figures, and an address that takes pings."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[str, str], tuple[int, str]]
"""(method, path) -> status and text."""


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Its address, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answer(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815 (the server asks for this name)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its own name)
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def figures(
    name: str = "gw1",
    waiting_bytes: int = 0,
    journal: int = 0,
    history: int = 0,
    delivered: int = 0,
    undelivered: int = 0,
) -> str:
    """What a gateway's `/metrics` says."""
    return (
        f'hazardwatch_gateway{{name="{name}"}} 1\n'
        f"hazardwatch_waiting_bytes {waiting_bytes}\n"
        f"hazardwatch_journal_position {journal}\n"
        f"hazardwatch_history_position {history}\n"
        f"hazardwatch_changes_delivered_total {delivered}\n"
        f"hazardwatch_changes_undelivered {undelivered}\n"
    )
