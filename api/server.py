"""Runs the alert service until it is told to end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.auth.keys import OperatorsRefused
from api.auth.signing_keys import SigningKeysRefused
from api.call_up.sandbox import ScriptInvalid
from api.desks.errors import PolicyInvalid
from api.live_watch import MOST_BYTES
from api.notify.vault import VaultRefused
from api.publish.platforms import PlatformsRefused
from api.settings import ApiSettings
from api.setup.first_start import FirstStart, is_first_start
from api.store.errors import StoreConflict, StoreInUse, StoreUnavailable

log = structlog.get_logger(__name__)

STARTUP_FAILED = 3
MENDABLE = (
    OSError,
    ValueError,  # what the loaders of files raise: each message names the file and the remedy
    OperatorsRefused,
    PlatformsRefused,
    PolicyInvalid,
    ScriptInvalid,
    SigningKeysRefused,
    StoreConflict,
    StoreInUse,
    StoreUnavailable,
    VaultRefused,
)
"""Errors of files, settings and surroundings at the start: their messages are for who starts it."""
SWITCH_S = 0.001
"""How long a thread that computes may keep the event loop from running: Python's own 5 ms, a few times in
each request, would be most of the time in which an alarm reaches the screens."""
SAME_WISH_S = 0.5
GRACE_S = 1.5
"""How long open requests and screens may take to end; the process is gone within 3 s."""


class PlainStart:
    """The application, which says in a sentence what keeps it from starting when a person can mend that:
    a file, a setting, the store. Of anything else the stack trace is told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            error = sys.exc_info()[1]
            if message["type"] == "lifespan.startup.failed" and isinstance(error, MENDABLE):
                message = dict(message) | {"message": f"alert service: {error}"}
            await send(message)

        await self._app(scope, receive, tell if scope["type"] == "lifespan" else send)


class Server(uvicorn.Server):
    """uvicorn that ends with status 0 on SIGTERM and SIGINT; a second wish ends it at once."""

    _asked_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """OSError that names the setting when the port cannot be had; uvicorn would only exit."""
        try:
            await super().startup(sockets)
        except SystemExit as ended:
            error = ended.__context__
            if not isinstance(error, OSError):
                raise
            why = os.strerror(error.errno) if error.errno else str(error)
            raise OSError(
                f"port {self.config.port} on {self.config.host} cannot be opened: {why}: stop what uses it, "
                "or set HAZARDWATCH_API_PORT (the address is HAZARDWATCH_API_HOST)"
            ) from error
        log.info("alert service listens", host=self.config.host, port=self._port())

    def _port(self) -> int:
        """The port that was given, where a free one was asked for."""
        return next((server.sockets[0].getsockname()[1] for server in self.servers), self.config.port)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_end, number)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _asked_to_end(self, number: signal.Signals) -> None:
        now = asyncio.get_running_loop().time()
        if self._asked_at is None:
            self._asked_at = now
            log.info("alert service ends", signal=signal.Signals(number).name)
        # One wish to end often comes as two signals, to the process and to its group.
        self.force_exit = now - self._asked_at > SAME_WISH_S
        self.should_exit = True


def run(settings: ApiSettings, app: ASGIApp | None = None) -> None:
    """Serve until SIGTERM or SIGINT; `app` is composed from the settings if not given: the first start, where
    there is no site and nobody yet, which goes over to the whole service.

    Errors of the configuration are raised before the port is opened, OSError when it cannot be opened.
    SystemExit when the service could not start otherwise (the store is in use); the log says why.
    """
    if app is None:
        app = FirstStart(settings) if is_first_start(settings) else create_app(settings)
    server = Server(server_config(settings, app))
    sys.setswitchinterval(SWITCH_S)
    uvloop.run(server.serve())
    if not server.started:
        raise SystemExit(STARTUP_FAILED)


def server_config(settings: ApiSettings, app: ASGIApp) -> uvicorn.Config:
    """uvicorn as this service needs it."""
    return uvicorn.Config(
        PlainStart(app),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who is on this machine is decided by the socket, not by a header
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,  # a message is encoded once for all screens, not packed for each
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
        timeout_graceful_shutdown=GRACE_S,  # type: ignore[arg-type]  # declared int, used as seconds of any kind
    )
