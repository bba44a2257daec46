"""The gateway as administration sees it: its devices, its state, what it could not use.

The gateway keeps the devices file, also where it runs on another machine; this side only asks it, with the
token that both share.
"""

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from alarm_rules.gateway_status import GatewayStatus
from api.bilingual import both, joined
from api.setup.errors import DeviceRefused, GatewayAway, GatewayRefused, UnknownDevice

LARGEST = 2**62
"""Above the number of every row of the quarantine."""
RUNNING = ("ok", "trouble")
"""What `/health` of a gateway says that has its site; before that it says that it waits."""
T = TypeVar("T")


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """Where devices publish; a port of 0 is closed."""

    mqtt_host: str = ""
    mqtt_port: int = 0
    mqtt_tls_host: str = ""
    mqtt_tls_port: int = 0
    broker: str = ""


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One device of the gateway's file and what it did since the gateway started."""

    enterprise: str
    gateway: str
    has_key: bool
    certificate_cn: str = ""
    connections: int = 0
    heard_time: int = 0
    """ns UTC; 0: never since the gateway started."""
    messages: int = 0

    @property
    def name(self) -> str:
        return f"{self.enterprise}/{self.gateway}"


class DeviceList(msgspec.Struct, frozen=True, kw_only=True):
    devices: list[DeviceRow]
    doors: Doors


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device's key, which the gateway tells once."""

    name: str
    key: str
    doors: Doors


class _Refusal(msgspec.Struct):
    id: int
    device: str
    reason: str


class GatewaySide:
    """Client of one gateway. The HTTP client belongs to whoever made it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @property
    def host(self) -> str:
        """The name under which this service reaches the gateway."""
        return self._client.base_url.host

    async def devices(self) -> DeviceList:
        """Every device. Raises GatewayAway, GatewayRefused."""
        return _read(await self._ask("GET", "/devices"), DeviceList)

    async def add(
        self, enterprise: str, gateway: str, *, certificate_cn: str = "", replace: bool
    ) -> NewDevice:
        """A new device, or with `replace` new credentials for one.

        Raises DeviceRefused, GatewayAway, GatewayRefused.
        """
        wish = {
            "enterprise": enterprise,
            "gateway": gateway,
            "certificate_cn": certificate_cn,
            "replace": replace,
        }
        return _read(await self._ask("POST", "/devices", json=wish), NewDevice)

    async def remove(self, enterprise: str, gateway: str) -> None:
        """Take a device's credentials back. Raises UnknownDevice, GatewayAway, GatewayRefused."""
        path = f"/devices/{quote(enterprise, safe='')}/{quote(gateway, safe='')}"
        await self._ask("DELETE", path)

    async def is_ready(self) -> bool:
        """Does it answer, and has it taken its site?"""
        try:
            answer = await self._client.get("/health")
        except httpx.TransportError:
            return False
        return any(f'"status":"{word}"' in answer.text.replace(" ", "") for word in RUNNING)

    async def refusal(self, device: str) -> str:
        """Why the newest message of this device could not be used; empty if none was refused."""
        query = {"device": device, "before": str(LARGEST), "limit": "1"}
        rows = _read(await self._ask("GET", "/quarantine", params=query), list[_Refusal])
        return rows[0].reason if rows else ""

    async def status(self) -> GatewayStatus:
        """What it says of itself. Raises GatewayAway, GatewayRefused."""
        return _read(await self._ask("GET", "/status"), GatewayStatus)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, **more)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise GatewayAway(
                both(
                    f"网关 {self._client.base_url} 没有应答：{reason}：请启动网关，或设置 "
                    "HAZARDWATCH_API_GATEWAY_URL",
                    f"the gateway at {self._client.base_url} does not answer: {reason}: start it, or "
                    "set HAZARDWATCH_API_GATEWAY_URL",
                )
            ) from error
        if answer.is_success:
            return answer
        detail = _detail(answer)
        if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
            raise DeviceRefused(detail)
        if answer.status_code == httpx.codes.NOT_FOUND and path.startswith("/devices/"):
            raise UnknownDevice(detail)
        said = both(f"网关回答 {answer.status_code}", f"the gateway answered {answer.status_code}")
        raise GatewayRefused(joined([said, detail], "：", ": "))


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError as error:
        raise GatewayRefused(
            both(f"网关的回答无法读取：{error}", f"what the gateway answers cannot be read: {error}")
        ) from error


def _detail(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    detail = body.get("detail") if isinstance(body, dict) else None
    return str(detail or answer.text[:300] or "nothing")
