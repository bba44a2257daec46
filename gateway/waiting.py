"""A gateway before its first site: it says that it waits, lets devices be entered, and begins by itself.

Only a gateway that never ran waits. One that has a journal had a site: that its site is gone is a mistake,
told at the start as any other.
"""

import asyncio
from collections.abc import Mapping

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from alarm_rules.findings import SiteInvalid
from alarm_rules.load import load_site
from alarm_rules.model import Site
from alarm_rules.site_files import nothing_begun
from gateway.device_http import Activity, DeviceHttp
from gateway.doors import doors_of
from gateway.http import PROBLEMS
from gateway.mqtt.devices import Devices
from gateway.serving import ensure_token, http_door, http_server
from gateway.settings import GatewaySettings

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
WAITING = "waiting for a site"


def has_to_wait(settings: GatewaySettings) -> bool:
    """Is this a gateway that never ran, and nobody has begun a site for it?"""
    return not settings.journal_file.exists() and nothing_begun(settings.site)


class SiteWait:
    """Looks for the site again and again; `reason` says what keeps it from beginning."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self.reason = (
            f"there is no register in {settings.site}: write one, or use the page of the first start"
        )

    def look(self) -> Site | None:
        """The site, once it is whole. One that is being written may be half there: that is no error yet."""
        if nothing_begun(self._settings.site):
            return None
        try:
            return load_site(self._settings.site)
        except SiteInvalid as error:
            if (reason := str(error)) != self.reason:
                log.warning("the site cannot be used yet", reason=reason)
            self.reason = reason
            return None

    async def health(self, _request: Request) -> Response:
        """503 with the reason: a gateway without a site watches nothing."""
        return JSONResponse({"status": WAITING, "troubles": {"site": self.reason}}, 503)


async def site_when_there(settings: GatewaySettings, ending: asyncio.Event) -> Site | None:
    """The site, as soon as there is one; None if the wish to end came first. Raises OSError for the port."""
    ensure_token(settings.intake_token_file)
    wait = SiteWait(settings)
    devices = DeviceHttp(
        Devices(settings.devices_file),
        settings.intake_token_file,
        lambda: doors_of(settings, settings.mqtt_port or 0, settings.mqtt_tls_port or 0),
        _nobody,
        lambda _device, _reason: None,
    )
    routes = [Route("/health", wait.health), *devices.routes]
    server = http_server(Starlette(routes=routes, exception_handlers=PROBLEMS))
    door = http_door(settings)
    log.warning(WAITING, site=str(settings.site), http_port=door.getsockname()[1])
    serving = asyncio.create_task(server.serve(sockets=[door]), name="http")
    try:
        while not ending.is_set():
            if (site := await asyncio.to_thread(wait.look)) is not None:
                log.info("there is a site now", points=len(site.points))
                return site
            await _pause(ending)
        return None
    finally:
        server.should_exit = True
        await serving
        door.close()


async def _pause(ending: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await ending.wait()
    except TimeoutError:
        return


def _nobody() -> Mapping[str, Activity]:
    """While there is no endpoint, no device can be heard."""
    return {}
