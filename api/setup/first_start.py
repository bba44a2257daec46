"""A service that begins without a site, and goes over to watching one as soon as it has been written.

It is one ASGI application that holds another: first the one of the first start, then the whole service.
Both are opened and closed in the task of the lifespan, because what is opened in one task of asyncio must
be closed there.
"""

import asyncio
import time
from contextlib import AbstractAsyncContextManager

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alarm_rules.site_files import nothing_begun
from api.app import create_app
from api.auth.keys import read_operators
from api.bilingual import both
from api.settings import ApiSettings
from api.setup.code import SetupCode
from api.setup.first_app import ASK_AGAIN_S, create_first_app, not_set_up
from api.starting import database_url
from api.store.database import Database
from api.store.users import all_users
from api.store.writer import Clock

log = structlog.get_logger(__name__)

PAGE = "/app/setup"
STARTING = both(
    "安装完成，服务正在启动，请稍候重试。",
    "The site was written, and the service is starting: ask again in a moment.",
)


def is_first_start(settings: ApiSettings) -> bool:
    """Is there no site, and nobody who could have had one? A set-up that was broken off counts as well.

    A service that has persons and no site has lost it: that is told as any other mistake. Raises
    StoreUnavailable, StoreInUse, OperatorsRefused.
    """
    if not nothing_begun(settings.site):
        return False
    if SetupCode(settings.data_folder, time.time_ns).is_open:
        return True
    if read_operators(settings.operators_file):
        return False
    database = Database.open(database_url(settings))
    try:
        with database.read() as connection:
            return not all_users(connection)
    finally:
        database.close()


class FirstStart:
    """Serves the first start until `advance`, then the whole service."""

    def __init__(self, settings: ApiSettings, clock: Clock = time.time_ns) -> None:
        self._settings = settings
        self._clock = clock
        self._code = SetupCode(settings.data_folder, clock)
        self._app: ASGIApp = _starting
        self._wanted = asyncio.Event()
        self._outcome: asyncio.Future[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        lives: AbstractAsyncContextManager[object] | None = None
        try:
            lives = await self._open_first()
        except BaseException as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        ending = asyncio.ensure_future(receive())
        lives = await self._live(lives, ending)
        self._app = _starting
        await lives.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})

    async def advance(self) -> None:
        """Take up the site that has been written; returns when the whole service serves it.

        Raises what keeps it from starting; then the first start is served again.
        """
        self._outcome = asyncio.get_running_loop().create_future()
        self._wanted.set()
        await self._outcome

    async def _open_first(self) -> AbstractAsyncContextManager[object]:
        code = self._code.ensure()
        app = create_first_app(self._settings, self._clock, self._code, self.advance)
        lives = await _enter(app)
        self._app = app
        host = "127.0.0.1" if self._settings.host in ("0.0.0.0", "::") else self._settings.host
        log.warning(
            "not set up yet: open the page and give the code",
            page=f"http://{host}:{self._settings.port}{PAGE}",
            code=code,
            file=str(self._code.file),
        )
        return lives

    async def _live(
        self, lives: AbstractAsyncContextManager[object], ending: asyncio.Future[Message]
    ) -> AbstractAsyncContextManager[object]:
        """Serve until the end is wished, and change over when that is; returns what is to be closed."""
        while not ending.done():
            wanted = asyncio.create_task(self._wanted.wait(), name="first-start-over")
            await asyncio.wait((wanted, ending), return_when=asyncio.FIRST_COMPLETED)
            wanted.cancel()
            if ending.done():
                break
            self._wanted.clear()
            lives = await self._change_over(lives)
        return lives

    async def _change_over(
        self, lives: AbstractAsyncContextManager[object]
    ) -> AbstractAsyncContextManager[object]:
        """Close the first start, open the whole service; back to the first start if that fails."""
        assert self._outcome is not None
        self._app = _starting
        await lives.__aexit__(None, None, None)
        try:
            app = await asyncio.to_thread(create_app, self._settings, clock=self._clock)
            lives = await _enter(app)
        except Exception as error:  # noqa: BLE001 (told to whoever wrote the site)
            log.error("the service cannot take up the site", error=str(error))  # noqa: TRY400
            lives = await self._open_first()
            self._outcome.set_exception(error)
            return lives
        self._app = app
        self._outcome.set_result(None)
        return lives


async def _enter(app: FastAPI) -> AbstractAsyncContextManager[object]:
    lives: AbstractAsyncContextManager[object] = app.router.lifespan_context(app)
    await lives.__aenter__()
    return lives


async def _starting(scope: Scope, receive: Receive, send: Send) -> None:
    """While one application gives way to the other."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    await not_set_up(STARTING, retry_after_s=ASK_AGAIN_S).response(scope)(scope, receive, send)
