"""Who may publish: the devices file, and what each device may say.

Keys are generated, never chosen: 192 random bits cannot be guessed from their SHA-256, so no slow hash
is needed, and a thousand devices can reconnect at once after a power dip.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import structlog
import yaml

from alarm_rules.wording import Both

log = structlog.get_logger()

TOPIC_ROOT = "hazardwatch/v1"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten thousand devices take the one in plain Python several seconds, in which nothing else is done."""


class Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gateway device of an enterprise; its user name is `{enterprise}/{gateway}`."""

    enterprise: str
    gateway: str
    key_sha256: str = ""
    """Hex; empty: no password is accepted."""
    certificate_cn: str = ""
    """Common name of a client certificate that proves the device; empty: none is accepted."""

    @property
    def name(self) -> str:
        return f"{self.enterprise}/{self.gateway}"

    @property
    def topic(self) -> str:
        """Everything the device publishes is below this topic."""
        return f"{TOPIC_ROOT}/{self.enterprise}/{self.gateway}"


class DevicesInvalid(Exception):
    """The devices file cannot be used; the message is English, `told` is for screens."""

    def __init__(self, told: Both) -> None:
        super().__init__(told.english)
        self.told = told.stored


class Devices:
    """The devices file, read again whenever it changed, so that adding one needs no restart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int] | None = None
        self._by_name: dict[str, Device] = {}
        self._by_certificate: dict[str, Device] = {}
        self.trouble = ""
        """Why the file as it stands cannot be used; empty when it can."""

    def look(self) -> str:
        """Read the file if it changed; `trouble`. For whoever watches over the gateway."""
        try:
            self._refresh()
        except DevicesInvalid as error:
            self.trouble = str(error)
        return self.trouble

    def _refresh(self) -> None:
        """Read the file if it changed.

        One that was spoilt by hand must not lock out every device that reconnects: what was good before
        stays in force, and the log says so at each change. Raises DevicesInvalid if nothing was good yet.
        """
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._by_name, self._by_certificate = None, {}, {}
            self.trouble = ""
            return
        except OSError as error:
            raise DevicesInvalid(
                Both(
                    f"{self.path}：“{error}”：请让网关能读取它",
                    f"{self.path}: {error}: let the gateway read it",
                )
            ) from error
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._stamp:
            return
        try:
            found = load_devices(self.path)
        except DevicesInvalid as error:
            self.trouble = str(error)
            if self._stamp is None:
                raise
            log.error("devices file cannot be used, the devices known before stay", error=str(error))  # noqa: TRY400
        else:
            self._by_name = {device.name: device for device in found}
            self._by_certificate = {d.certificate_cn: d for d in found if d.certificate_cn}
            self.trouble = ""
        self._stamp = stamp

    def by_key(self, user_name: str | None, password: bytes | None) -> Device | None:
        """The device that this user name and key prove, or None. Raises DevicesInvalid."""
        self._refresh()
        device = self._by_name.get(user_name or "")
        expected = device.key_sha256 if device and device.key_sha256 else "0" * 64
        given = hashlib.sha256(password or b"").hexdigest()
        return device if hmac.compare_digest(given.encode(), expected.lower().encode()) else None

    def by_certificate(self, common_name: str) -> Device | None:
        """The device that a verified client certificate proves, or None. Raises DevicesInvalid."""
        self._refresh()
        return self._by_certificate.get(common_name)


def load_devices(path: Path) -> list[Device]:
    """All devices of the file; an absent file holds none. Raises DevicesInvalid."""
    remedy = Both(
        "请改正，或用 `hazardwatch device add` 重新生成",
        "mend it, or make it anew with  hazardwatch device add",
    )
    try:
        parsed = yaml.load(path.read_text(), Loader=_LOADER)  # a safe loader either way
        devices = msgspec.convert(parsed or [], list[Device])
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise DevicesInvalid(
            Both(f"{path}：“{error}”：{remedy.chinese}", f"{path}: {error}: {remedy}")
        ) from error
    for what, values in (
        ("device", [device.name for device in devices]),
        ("certificate_cn", [device.certificate_cn for device in devices if device.certificate_cn]),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise DevicesInvalid(
                Both(
                    f"{path}：{what} {twice[0]!r} 出现两次：{remedy.chinese}",
                    f"{path}: {what} {twice[0]!r} stands there twice: {remedy}",
                )
            )
    return devices


def add_device(path: Path, enterprise: str, gateway: str, certificate_cn: str = "") -> str:
    """Add a device or give it a new key; returns the key, which is shown once and kept nowhere."""
    for part in (enterprise, gateway):
        if not part or not all(_may_stand(character) for character in part):
            raise DevicesInvalid(
                Both(
                    f"{part!r} 不能用在主题中：名称不能含 /、+、# 和空白",
                    f"{part!r} cannot be part of a topic: a name without /, +, # and white space is needed",
                )
            )
    key = secrets.token_urlsafe(24)
    device = Device(
        enterprise=enterprise,
        gateway=gateway,
        key_sha256=hashlib.sha256(key.encode()).hexdigest(),
        certificate_cn=certificate_cn,
    )
    devices = [known for known in load_devices(path) if known.name != device.name]
    _write(path, [*devices, device])
    return key


def _may_stand(character: str) -> bool:
    """In a level of a topic: as the register allows it in the names of enterprises and gateways."""
    return character.isprintable() and not character.isspace() and character not in "/+#"


def remove_device(path: Path, name: str) -> bool:
    """Forget a device; False if there was none of that name."""
    devices = load_devices(path)
    kept = [device for device in devices if device.name != name]
    if len(kept) == len(devices):
        return False
    _write(path, kept)
    return True


def _write(path: Path, devices: list[Device]) -> None:
    """Replace the file in one step; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            yaml.safe_dump(msgspec.to_builtins(devices), file, sort_keys=False, allow_unicode=True)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
