"""Gateway devices: who may publish, when each was heard, new credentials, and taking them back."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path

from api.auth.people import actor_name
from api.auth.principal import Principal
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.schemas import ProblemView
from api.setup.errors import UnknownDevice
from api.setup.first_publish import topic_of
from api.setup.gateway_side import DeviceRow
from api.setup.schemas import CredentialsView, DevicePage, DeviceView, DeviceWish, DoorsView
from api.setup.service import credentials_view
from api.store.writer import Transaction

router = APIRouter(
    prefix="/devices",
    tags=["devices"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422, 502, 503)},
)
Reader = Annotated[Principal, Depends(require("device.read"))]
Manager = Annotated[Principal, Depends(require("device.manage"))]
GatewayName = Annotated[str, Path(description="Name of the device, a level of its topics.")]


@router.get("")
async def list_devices(parts: PartsOf, reader: Reader) -> DevicePage:
    """The devices of the caller's enterprises, as their gateway knows them now."""
    found = await parts.gateway.devices()
    seen = [device for device in found.devices if reader.sees(device.enterprise)]
    return DevicePage(
        devices=[_view(parts, device) for device in sorted(seen, key=lambda one: one.name)],
        doors=DoorsView(**msgspec.structs.asdict(found.doors)),
    )


@router.post("", status_code=201)
async def add_device(body: DeviceWish, parts: PartsOf, manager: Manager) -> CredentialsView:
    """Let a device publish; its key is shown only now, with a line that sends a first sample."""
    _check_sight(parts, manager, body.enterprise)
    made = await parts.gateway.add(
        body.enterprise, body.gateway, certificate_cn=body.certificate_cn, replace=False
    )
    await parts.writer.run(_audited(manager, "device.add", made.name, body.enterprise))
    points = parts.catalogue.points.values()
    return credentials_view(points, body.enterprise, body.gateway, made, parts.gateway.host)


@router.post("/{enterprise}/{gateway}/credentials", status_code=201)
async def renew_device(
    enterprise: str, gateway: GatewayName, parts: PartsOf, manager: Manager
) -> CredentialsView:
    """New credentials; the old ones are worth nothing from now on, and its connections end."""
    known = await _device(parts, manager, enterprise, gateway)
    made = await parts.gateway.add(enterprise, gateway, certificate_cn=known.certificate_cn, replace=True)
    await parts.writer.run(_audited(manager, "device.renew", made.name, enterprise))
    points = parts.catalogue.points.values()
    return credentials_view(points, enterprise, gateway, made, parts.gateway.host)


@router.delete("/{enterprise}/{gateway}", status_code=204)
async def remove_device(enterprise: str, gateway: GatewayName, parts: PartsOf, manager: Manager) -> None:
    """Take a device's credentials back; its connections end."""
    known = await _device(parts, manager, enterprise, gateway)
    await parts.gateway.remove(enterprise, gateway)
    await parts.writer.run(_audited(manager, "device.remove", known.name, enterprise))


def _check_sight(parts: Parts, person: Principal, enterprise: str) -> None:
    known = {one.id for one in parts.catalogue.enterprises}
    if enterprise not in known or not person.sees(enterprise):
        raise UnknownDevice(both(f"没有企业 {enterprise!r}", f"there is no enterprise {enterprise!r}"))


async def _device(parts: Parts, person: Principal, enterprise: str, gateway: str) -> DeviceRow:
    if person.sees(enterprise):
        for device in (await parts.gateway.devices()).devices:
            if (device.enterprise, device.gateway) == (enterprise, gateway):
                return device
    raise UnknownDevice(
        both(f"没有设备 {enterprise}/{gateway}", f"there is no device {enterprise}/{gateway}")
    )


def _audited(person: Principal, action: str, name: str, enterprise: str) -> Callable[[Transaction], None]:
    def write(tx: Transaction) -> None:
        tx.audit(actor_name(person), action, name, enterprise=enterprise)

    return write


def _view(parts: Parts, device: DeviceRow) -> DeviceView:
    own = [
        point
        for point in parts.catalogue.points.values()
        if point.enterprise == device.enterprise and point.gateway in ("", device.gateway)
    ]
    return DeviceView(
        enterprise=device.enterprise,
        gateway=device.gateway,
        topic=topic_of(device.name),
        has_key=device.has_key,
        certificate_cn=device.certificate_cn,
        connections=device.connections,
        heard_time=device.heard_time,
        messages=device.messages,
        points=len(own),
    )
