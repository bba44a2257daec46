"""The application before there is a site: health, the steps of the first start, the page. Nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.keys import read_intake_token
from api.auth.request_limit import RequestLimit
from api.bilingual import both
from api.headers import BodyLimit, DoorKeeper
from api.history import history_client
from api.problems import Problem, answer_errors_as_problems
from api.routes.page import router as page_router
from api.routes.setup import router as setup_router
from api.schemas import Liveness
from api.screens import Screens
from api.settings import ApiSettings
from api.setup.code import SetupCode
from api.setup.gateway_side import GatewaySide
from api.setup.service import Advance, SetUp, Stage
from api.starting import database_url
from api.store.database import Database
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.writer import Clock, Reader, Writer

NOT_SET_UP = both(
    "本服务尚未安装，请打开首页并输入安装码（在服务日志和数据目录的 setup.code 中）。",
    "This service is not set up yet: open its page and give the set-up code "
    "(it is in the service's log, and in setup.code in the data folder).",
)
SERVED = ("/setup", "/health", "/app", "/favicon.ico")
ASK_AGAIN_S = 2
GATEWAY_TIMEOUT_S = 5.0


class NotSetUp:
    """Answers 503 to everything that needs a site; `because` says why there is none yet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_served(scope.get("path", "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
        else:
            await not_set_up().response(scope)(scope, receive, send)


def not_set_up(detail: str = NOT_SET_UP, **more: object) -> Problem:
    """What every other request is told."""
    return Problem(503, "not-set-up", detail, **more)


def _is_served(path: str) -> bool:
    return path == "/" or any(path == start or path.startswith(f"{start}/") for start in SERVED)


def create_first_app(settings: ApiSettings, clock: Clock, code: SetupCode, advance: Advance) -> FastAPI:
    """Compose it. `advance` is awaited when the site has been written."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            database = await asyncio.to_thread(Database.open, database_url(settings))
            stack.callback(database.close)
            reader, writer = Reader(database), Writer(database, clock)
            stack.callback(reader.close)
            stack.callback(writer.close)
            token = read_intake_token(settings.intake_token_file)
            client = history_client(settings.gateway_url, token, GATEWAY_TIMEOUT_S)
            await stack.enter_async_context(client)
            stage = Stage(writer=writer, reader=reader, gateway=GatewaySide(client), advance=advance)
            app.state.screens = Screens(settings.dashboard)
            app.state.set_up = SetUp(settings, code, stage)
            yield

    app = FastAPI(
        title="Hazardwatch first start",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    known = {StoreConflict: (503, "store-conflict"), StoreUnavailable: (503, "store-unavailable")}
    answer_errors_as_problems(app, known)
    app.include_router(setup_router)
    app.include_router(page_router)
    _add_health(app)
    app.add_middleware(NotSetUp)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, own_limit_under="/intake/")
    app.add_middleware(RequestLimit, settings=settings, clock=clock, count=lambda _scope, _by: None)
    app.add_middleware(DoorKeeper, allowed_hosts=(*settings.allowed_hosts, settings.host))
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/health")
    async def show_health() -> None:
        """Never ready: a service without a site watches nothing."""
        raise not_set_up(live=True, ready=False, reasons=[NOT_SET_UP])

    @app.get("/health/live")
    async def show_liveness() -> Liveness:
        """The process answers."""
        return Liveness(live=True, set_up=False)
