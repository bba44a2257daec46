"""The gateway's HTTP server as one task among others: its door, and a server that leaves signals alone."""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.doors import port_of
from gateway.settings import GatewaySettings

KEEP_ALIVE_S = 30
"""Longer than any client of ours keeps an idle connection: it is the client that gives one up, which cannot
cost a request."""


class HttpServer(uvicorn.Server):
    """uvicorn as one task among others: signals are the process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(app: ASGIApp) -> HttpServer:
    """A server of this application; `serve(sockets=[door])` runs it until `should_exit`."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )
    return HttpServer(config)


def http_door(settings: GatewaySettings) -> socket.socket:
    """The port of the HTTP side, open. OSError that names the setting when it cannot be had."""
    with port_of("http", settings.http_host, settings.http_port):
        family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
        return socket.create_server((settings.http_host, settings.http_port), family=family)


def ensure_token(path: Path) -> None:
    """Make the token that gateway and alert service share, once; only its owner may read it.

    Both processes may start at the same moment: the file appears with its whole content or not at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)
