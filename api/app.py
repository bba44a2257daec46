"""The alert service in one view: which parts there are, and what stands before them.

gateway ─► routes/intake ─► service (decide in alarms/, commit to store/) ─► live ─► screens
people  ─► routes/*      ─┘    └─ followers in the same transaction: escalation (ladders, call-ups),
                                  desks (warning levels), publish (platforms)
timers  ─► their handlers ─► outbox ─► notify's adapters ─► people, who answer by page, link or key

`starting.py` puts the parts together, `routers.py` finds the routes.
"""

import gc
import time
from collections.abc import AsyncIterator, Iterable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from alarm_rules.collector import collector_paused
from alarm_rules.load import load_site
from alarm_rules.model import Site, SystemRule
from alarm_rules.pack_files import load_system_rules
from api.alarms.lifecycle import ActionRefused
from api.alarms.part import KNOWN_ERRORS as ALARM_ERRORS
from api.answering.part import KNOWN_ERRORS as ANSWERING_ERRORS
from api.approvals.model import NotEntitled, ProposalRefused, UnknownProposal
from api.auth.request_limit import RequestLimit
from api.back_testing.part import KNOWN_ERRORS as BACK_TEST_ERRORS
from api.catalogue import Catalogue
from api.description.document import describe
from api.desks.part import KNOWN_ERRORS as DESK_ERRORS
from api.escalation.part import KNOWN_ERRORS as ESCALATION_ERRORS
from api.figures.assembly import KNOWN_ERRORS as FIGURE_ERRORS
from api.guards import OPEN, refuse_unguarded
from api.headers import BodyLimit, DoorKeeper
from api.intake import BrokenSequence
from api.limits.model import UnknownLimitChange
from api.notify.part import KNOWN_ERRORS as NOTIFY_ERRORS
from api.problems import answer_errors_as_problems
from api.publish.press import KNOWN_ERRORS as PRESS_ERRORS
from api.register.part import FILE_PATHS as REGISTER_FILE_PATHS
from api.register.part import KNOWN_ERRORS as REGISTER_ERRORS
from api.rotas.part import FILE_PATHS as ROTA_FILE_PATHS
from api.rotas.part import KNOWN_ERRORS as ROTA_ERRORS
from api.routers import ROUTERS
from api.screens import Screens
from api.service import UnknownAlarm
from api.settings import ApiSettings
from api.setup.part import set_up_of
from api.starting import start
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.writer import Clock

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownAlarm: (404, "unknown-alarm"),
    UnknownProposal: (404, "unknown-proposal"),
    UnknownLimitChange: (404, "unknown-limit-change"),
    ProposalRefused: (409, "proposal-refused"),
    NotEntitled: (403, "permission-required"),
    ActionRefused: (409, "action-refused"),
    BrokenSequence: (422, "broken-sequence"),
    StoreConflict: (503, "store-conflict"),
    StoreUnavailable: (503, "store-unavailable"),
    **ALARM_ERRORS,
    **BACK_TEST_ERRORS,
    **ROTA_ERRORS,
    **ANSWERING_ERRORS,
    **NOTIFY_ERRORS,
    **ESCALATION_ERRORS,
    **DESK_ERRORS,
    **FIGURE_ERRORS,
    **PRESS_ERRORS,
    **REGISTER_ERRORS,
}


def create_app(
    settings: ApiSettings,
    *,
    clock: Clock = time.time_ns,
    site: Site | None = None,
    system_rules: Iterable[SystemRule] | None = None,
) -> FastAPI:
    """Compose the service. Site and system rules are loaded from the settings' files if not given.

    Errors of the configuration come from here, before anything is opened; the store is opened when the
    application starts.
    """
    catalogue = _catalogue(settings, site, system_rules)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.parts = await start(settings, clock, catalogue, stack)
            app.state.set_up = set_up_of(app.state.parts)
            # Register and rules live as long as the process: a collector that walks them stops everything
            # meanwhile, and it is 0.6 million objects at ten thousand points.
            gc.freeze()
            stack.callback(gc.unfreeze)
            yield

    app = FastAPI(
        title="Hazardwatch alert service",
        version="1",
        lifespan=lifespan,
        openapi_url=None,  # served by routes/operations behind a key
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.screens = Screens(settings.dashboard)
    answer_errors_as_problems(
        app, KNOWN_ERRORS, lambda kind: app.state.parts.metrics.answers_failed.labels(kind).inc()
    )
    for router in ROUTERS:
        refuse_unguarded(router)
        app.include_router(router)
    describe(app, OPEN)
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_bytes,
        own_limit_under="/intake/",
        larger=dict.fromkeys(ROTA_FILE_PATHS, settings.rota_file_bytes)
        | dict.fromkeys(REGISTER_FILE_PATHS, settings.register_file_bytes),
    )
    app.add_middleware(RequestLimit, settings=settings, clock=clock, count=_count_limited)
    app.add_middleware(
        DoorKeeper,
        allowed_hosts=(*settings.allowed_hosts, settings.host),
        tile_origins=settings.map_origins,
    )
    return app


def _catalogue(
    settings: ApiSettings, site: Site | None, system_rules: Iterable[SystemRule] | None
) -> Catalogue:
    if site is None:
        site = load_site(settings.site)
    if system_rules is None:
        system_rules = load_system_rules().values()
    with collector_paused():
        return Catalogue(site, system_rules)


def _count_limited(scope: MutableMapping[str, Any], by: str) -> None:
    scope["app"].state.parts.auth.metrics.requests_limited.labels(by).inc()
