"""The steps of the first start. Which are done is read from what is there; nothing else is remembered.

The first two run before there is a site, the others in the service as it then runs: `Stage` says what is
there at the moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import structlog

from alarm_rules.model import Enterprise, Point
from api.auth.caller import Caller
from api.auth.errors import PasswordRefused, PlainHttpRefused
from api.auth.grant import Grant
from api.auth.hashing import Hashing
from api.auth.passwords import Passwords, password_faults
from api.auth.people import People, console
from api.auth.powers import ADMINISTRATOR
from api.auth.records import User
from api.bilingual import both, joined
from api.settings import ApiSettings
from api.setup.code import SetupCode
from api.setup.errors import DeviceRefused, GatewayAway, GatewayRefused, SiteNotWritten, StepRefused
from api.setup.first_publish import (
    door_of,
    first_point,
    mosquitto_line,
    python_lines,
    sample_of,
    topic_of,
)
from api.setup.gateway_side import GatewaySide, NewDevice
from api.setup.schemas import (
    CredentialsView,
    DoorsView,
    EnterpriseRequest,
    FirstSampleView,
    SetupSteps,
    WrittenSiteView,
)
from api.setup.site_draft import Draft, draft_site, write_site
from api.store.access import count_access_change
from api.store.users import change_user, users_with_role
from api.store.writer import Reader, Transaction, Writer
from api.values import LatestValues

log = structlog.get_logger(__name__)

ACTOR = "first-start"
Advance = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """What there is to set up with at the moment."""

    writer: Writer
    reader: Reader
    gateway: GatewaySide
    enterprises: tuple[Enterprise, ...] = ()
    """Empty: nobody has written a site yet."""
    points: tuple[Point, ...] = ()
    values: LatestValues | None = None
    advance: Advance | None = None
    """Take the site up that was just written."""


class SetUp:
    """Each method is one step; the routes have checked the code before."""

    def __init__(self, settings: ApiSettings, code: SetupCode, stage: Stage) -> None:
        self.settings = settings
        self.code = code
        self._stage = stage
        self._one = asyncio.Lock()
        """Steps change what others ask about: one at a time."""

    def admit(self, given: str, caller: Caller) -> None:
        """Raises SetUpOver, CodeRequired, CodeThrottled, PlainHttpRefused."""
        self.code.check_open()
        if not (caller.local or caller.encrypted or self.settings.allow_plain_http):
            raise PlainHttpRefused(
                both(
                    "安装码和密码会在途中被读到：请用 HTTPS，或用本机上的浏览器",
                    "code and password would be readable on the way: use HTTPS, or a browser on this machine",
                )
            )
        self.code.check(given, caller.address)

    async def steps(self) -> SetupSteps:
        """Which steps are done."""
        return SetupSteps(
            administrator=await self._has_administrator(),
            enterprise=bool(self._stage.enterprises),
            gateway=await self._has_device(),
            first_sample=self._sample() is not None,
            gateway_ready=await self._stage.gateway.is_ready(),
        )

    async def make_administrator(self, name: str, password: str) -> User:
        """The first account: a system administrator who sees everything.

        Raises PasswordRefused, StepRefused, RightsRefused.
        """
        async with self._one:
            if await self._has_administrator():
                raise StepRefused(
                    both(
                        "已有管理员，请登录后在“用户”中添加其他人员。",
                        "There is an administrator already: log in, and add others under users.",
                    )
                )
            if faults := password_faults(password, name.strip()):
                raise PasswordRefused(joined(faults))
            kept = await Hashing(Passwords(), 1).hash(password)
            return await self._stage.writer.run(lambda tx: _administrator(tx, name, kept))

    async def write_enterprise(self, wish: EnterpriseRequest) -> WrittenSiteView:
        """Write the register and its rules, and take them up.

        Raises StepRefused, DraftRefused, SiteNotWritten.
        """
        async with self._one:
            stage = self._stage
            if stage.enterprises or stage.advance is None:
                raise StepRefused(
                    both(
                        "已有台账，请修改其文件或导入新的台账。",
                        "There is a register already: change it in its files, or import another.",
                    )
                )
            if not await self._has_administrator():
                raise StepRefused(
                    both("请先建立管理员。", "The administrator comes first: POST /setup/administrator.")
                )
            draft = await asyncio.to_thread(draft_site, wish)
            await asyncio.to_thread(write_site, draft, self.settings.site)
            text = f"{len(draft.site.points)} points in {self.settings.site}"
            await stage.writer.run(lambda tx: tx.audit(f"console:{ACTOR}", "setup.enterprise", wish.id, text))
            log.info("first site written", enterprise=wish.id, points=len(draft.site.points))
            try:
                await stage.advance()
            except Exception as error:
                raise SiteNotWritten(
                    both(
                        f"站点已写入，但服务无法以此启动：{error}：请改正后重新启动服务",
                        f"the site was written, but the service cannot start with it: {error}: "
                        "mend that, and "
                        "start the service again",
                    )
                ) from error
            return self._written(draft)

    async def enter_gateway(self, gateway: str) -> CredentialsView:
        """Credentials for the first device; entering it again gives new ones.

        Raises StepRefused, DeviceRefused, GatewayAway, GatewayRefused.
        """
        async with self._one:
            stage = self._stage
            if not stage.enterprises:
                raise StepRefused(
                    both(
                        "请先填企业：POST /setup/enterprise",
                        "the enterprise comes first: POST /setup/enterprise",
                    )
                )
            enterprise = stage.enterprises[0].id
            made = await stage.gateway.add(enterprise, gateway, replace=True)
            await stage.writer.run(
                lambda tx: tx.audit(f"console:{ACTOR}", "setup.gateway", made.name, enterprise=enterprise)
            )
            return credentials_view(stage.points, enterprise, gateway, made, stage.gateway.host)

    async def first_sample(self) -> FirstSampleView:
        """The newest value of the first point that has one, or what is known as long as none has."""
        gateway_ready = await self._stage.gateway.is_ready()
        found = self._sample()
        if found is None:
            return await self._waiting(gateway_ready)
        point, value, quality, source_time = found
        return FirstSampleView(
            state="arrived",
            point=point.id,
            tag=point.tag,
            name=point.name or None,
            value=value,
            engineering_unit=point.engineering_unit,
            quality=quality,
            source_time=source_time,
            gateway_ready=gateway_ready,
        )

    async def finish(self) -> None:
        """End the set-up. Raises StepRefused while nobody could go on without it."""
        async with self._one:
            if not self._stage.enterprises or not await self._has_administrator():
                raise StepRefused(
                    both(
                        "请先设管理员和企业：缺一则无法运行",
                        "administrator and enterprise come first: without them nothing can run",
                    )
                )
            await self._stage.writer.run(lambda tx: tx.audit(f"console:{ACTOR}", "setup.finish", "setup"))
            self.code.forget()
            log.info("set-up finished")

    async def _waiting(self, gateway_ready: bool) -> FirstSampleView:
        heard = connections = 0
        refused = ""
        if gateway_ready and self._stage.enterprises:
            try:
                devices = (await self._stage.gateway.devices()).devices
                heard = max((device.heard_time for device in devices), default=0)
                connections = sum(device.connections for device in devices)
                latest = max(devices, key=lambda device: device.heard_time, default=None)
                refused = await self._stage.gateway.refusal(latest.name) if latest else ""
            except (GatewayAway, GatewayRefused, DeviceRefused) as error:
                log.warning("the gateway cannot be asked for its devices", error=str(error))
                gateway_ready = False
        return FirstSampleView(
            state="waiting",
            gateway_ready=gateway_ready,
            device_heard=heard,
            device_connections=connections,
            refused=refused,
        )

    def _sample(self) -> tuple[Point, float, str, int] | None:
        values = self._stage.values
        for point in self._stage.points if values else ():
            row = values.of(point.id) if values else None
            if row is not None and row.source_time and row.value is not None:
                return point, row.value, row.quality, row.source_time
        return None

    async def _has_administrator(self) -> bool:
        return await self._stage.reader.run(lambda c: bool(users_with_role(c, ADMINISTRATOR)))

    async def _has_device(self) -> bool:
        try:
            return bool((await self._stage.gateway.devices()).devices)
        except (GatewayAway, GatewayRefused, DeviceRefused):
            return False

    def _written(self, draft: Draft) -> WrittenSiteView:
        return WrittenSiteView(
            folder=str(self.settings.site),
            files=sorted(draft.texts),
            points=len(draft.site.points),
            rules=len(draft.site.rules),
            packs=draft.packs,
        )


def credentials_view(
    points: Iterable[Point], enterprise: str, gateway: str, made: NewDevice, gateway_host: str
) -> CredentialsView:
    """A device's new key with the lines that use it; the lines are empty when no door is open."""
    point = first_point(points, enterprise, gateway)
    message = sample_of(point) if point else '{"v": {}}'
    doors = {name: getattr(made.doors, name) for name in made.doors.__struct_fields__}
    door = door_of(doors, gateway_host)
    return CredentialsView(
        name=made.name,
        key=made.key,
        topic=topic_of(made.name),
        sample=message,
        point=point.id if point else "",
        doors=DoorsView(**doors),
        mosquitto_pub=mosquitto_line(door, made.name, made.key, message) if door else "",
        python=python_lines(door, made.name, made.key, message) if door else "",
    )


def _administrator(tx: Transaction, name: str, kept: str) -> User:
    people, grant = People(()), Grant(everything=True)
    added = people.add(tx, console(ACTOR), name, frozenset({ADMINISTRATOR}), grant, kept).user
    # He chose it himself just now: it is no one-time password.
    chosen = change_user(tx.connection, added, password_changed=tx.now)
    count_access_change(tx.connection)
    return chosen
