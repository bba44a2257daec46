"""The devices over HTTP: who may publish, when each was heard, new credentials, and taking them back.

For the alert service, which asks on behalf of an administrator; everything needs the shared token. The
routes are the same while the gateway waits for its site, because a device may be let in before that.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from alarm_rules.wording import Both
from gateway.mqtt.devices import Devices, DevicesInvalid, add_device, load_devices, remove_device

LONGEST_NAME = 200


class Doors(NamedTuple):
    """Where devices publish: for the line that an administrator copies."""

    mqtt_host: str = ""
    mqtt_port: int = 0
    """0: there is no endpoint without TLS."""
    mqtt_tls_host: str = ""
    mqtt_tls_port: int = 0
    broker: str = ""
    """`host:port` of the site's broker; it has accounts of its own."""


class Activity(NamedTuple):
    """What is known of one device since the gateway started."""

    connections: int = 0
    heard_time: int = 0
    """When it last said something, ns UTC; 0: never since the start."""
    messages: int = 0
    """Messages taken of it."""


Activities = Callable[[], Mapping[str, Activity]]


def admit(request: Request, token_file: Path) -> None:
    """HTTPException 401 without the token that gateway and alert service share."""
    expected = token_file.read_text().strip()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(401, "the token of the intake token file is needed: Authorization: Bearer")


class DeviceHttp:
    """Routes over a devices file and whoever knows its devices' doings."""

    def __init__(
        self,
        devices: Devices,
        token_file: Path,
        doors: Callable[[], Doors],
        activities: Activities,
        drop: Callable[[str, str], None],
    ) -> None:
        """drop: end the connections of a device, for a reason that it is told."""
        self._devices = devices
        self._token_file = token_file
        self._doors = doors
        self._activities = activities
        self._drop = drop
        self._writing = asyncio.Lock()
        self.routes = [
            Route("/devices", self.show, methods=["GET"]),
            Route("/devices", self.add, methods=["POST"]),
            Route("/devices/{enterprise}/{gateway}", self.remove, methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """Every device of the file with what it did since the start, and the doors."""
        admit(request, self._token_file)
        try:
            devices = await asyncio.to_thread(load_devices, self._devices.path)
        except DevicesInvalid as error:
            raise HTTPException(409, error.told) from error
        known = self._activities()
        rows = [
            {
                "enterprise": device.enterprise,
                "gateway": device.gateway,
                "has_key": bool(device.key_sha256),
                "certificate_cn": device.certificate_cn,
                **known.get(device.name, Activity())._asdict(),
            }
            for device in devices
        ]
        return JSONResponse({"devices": rows, "doors": self._doors()._asdict()})

    async def add(self, request: Request) -> Response:
        """`{"enterprise", "gateway", "certificate_cn", "replace"}` -> the key, shown only now.

        409 if there is such a device and `replace` is not true: the holder of the old key would be locked
        out. With `replace` its connections end, for the old key may be in wrong hands.
        """
        admit(request, self._token_file)
        wish = await _wish(request)
        name = f"{wish['enterprise']}/{wish['gateway']}"
        async with self._writing:
            try:
                known = await asyncio.to_thread(load_devices, self._devices.path)
                is_new = all(device.name != name for device in known)
                if not (is_new or wish["replace"]):
                    raise HTTPException(409, _exists(name))
                key = await asyncio.to_thread(
                    add_device,
                    self._devices.path,
                    wish["enterprise"],
                    wish["gateway"],
                    wish["certificate_cn"],
                )
            except DevicesInvalid as error:
                raise HTTPException(422, error.told) from error
        if not is_new:
            self._drop(name, "it was given new credentials")
        return JSONResponse({"name": name, "key": key, "doors": self._doors()._asdict()}, 201)

    async def remove(self, request: Request) -> Response:
        """Forget a device and end its connections."""
        admit(request, self._token_file)
        name = f"{request.path_params['enterprise']}/{request.path_params['gateway']}"
        async with self._writing:
            try:
                removed = await asyncio.to_thread(remove_device, self._devices.path, name)
            except DevicesInvalid as error:
                raise HTTPException(409, error.told) from error
        if not removed:
            raise HTTPException(404, Both(f"没有设备 {name}", f"there is no device {name}").stored)
        self._drop(name, "its credentials were withdrawn")
        return Response(status_code=204)


def _exists(name: str) -> str:
    return Both(
        f"设备 {name} 已存在：请改为更换口令",
        f"device {name} exists already: ask for new credentials instead",
    ).stored


async def _wish(request: Request) -> dict[str, Any]:
    form = 'give {"enterprise": "E001", "gateway": "GW1"}'
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or body.keys() - {"enterprise", "gateway", "certificate_cn", "replace"}:
        raise HTTPException(422, form)
    wish = {"certificate_cn": "", "replace": False, **body}
    texts = [wish.get(name) for name in ("enterprise", "gateway", "certificate_cn")]
    if not all(isinstance(text, str) and len(text) <= LONGEST_NAME for text in texts):
        raise HTTPException(422, form)
    if not isinstance(wish["replace"], bool):
        raise HTTPException(422, "replace is true or false")
    return wish
