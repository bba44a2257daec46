"""The platforms that values and events are forwarded to, from a YAML file.

```yaml
platforms:
  - id: province
    realtime_url: https://platform.example/api/rtsData
    events_url: https://platform.example/api/eventsData
    envelope: sm4_cbc_hex          # plain, des_cbc_base64_hex, sm4_cbc_hex
    key_file: secrets/key.hex      # hexadecimal, as issued; beside this file unless absolute
    iv_file: secrets/iv.hex
    app_id: A1
    app_secret_file: secrets/app
    enterprises: {E001: {code: "120000000001", gateway: "12000000000101"}}
    point_codes: codes.csv         # point,code; without it our own point ids are sent
```
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from api.publish.envelopes import ENVELOPES, KEY_BYTES, Identity, Secrets

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class PlatformsRefused(Exception):
    """The file is not right; the message names the place and the remedy."""


class PlatformEnterprise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which codes a platform knows an enterprise."""

    code: str
    gateway: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a platform says yes inside a 200: this member of its JSON answer has this value."""

    field: str = "code"
    value: int | str = 200


class PlatformFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One platform as it stands in the file."""

    id: str
    realtime_url: str
    events_url: str
    envelope: str = "plain"
    key_file: str = ""
    iv_file: str = ""
    app_id: str = ""
    app_secret_file: str = ""
    enterprises: dict[str, PlatformEnterprise]
    point_codes: str = ""
    interval_s: float = 30.0
    """How often values are sent; the Hebei interface asks for once in 5 minutes at least."""
    batch: int = 500
    """Items in one post at most."""
    keep_h: float = 72.0
    """Values that could not be sent for so long are dropped and counted; events never are."""
    accepted: Accepted = Accepted()
    plain_http: bool = False
    """Send over http beyond this machine, too."""


class PlatformsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    platforms: list[PlatformFile]


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """A platform with everything read that its entry names."""

    entry: PlatformFile
    secrets: Secrets
    codes: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.entry.id

    def identity(self, enterprise: str) -> Identity:
        """By which codes it knows the enterprise."""
        known = self.entry.enterprises[enterprise]
        return Identity(known.code, known.gateway)

    def code(self, point: str) -> str | None:
        """Its code of a point; None if it has none."""
        return self.codes.get(point) if self.entry.point_codes else point


def load_platforms(file: Path) -> tuple[Platform, ...]:
    """Every platform of the file. PlatformsRefused with the place of the first mistake."""
    try:
        read = msgspec.yaml.decode(file.read_bytes(), type=PlatformsFile)
    except (OSError, msgspec.MsgspecError) as error:
        raise PlatformsRefused(f"{file}: {error}") from error
    platforms = tuple(_platform(entry, file) for entry in read.platforms)
    if len({platform.id for platform in platforms}) < len(platforms):
        raise PlatformsRefused(f"{file}: two platforms have the same id: give each its own")
    return platforms


def _platform(entry: PlatformFile, file: Path) -> Platform:
    place = f"{file}: platform {entry.id}"
    if entry.envelope not in ENVELOPES:
        raise PlatformsRefused(f"{place}: envelope {entry.envelope!r} is none of {', '.join(ENVELOPES)}")
    if entry.interval_s <= 0 or entry.batch < 1 or entry.keep_h <= 0:
        raise PlatformsRefused(f"{place}: interval_s, batch and keep_h are above 0")
    for url in (entry.realtime_url, entry.events_url):
        _check_url(url, place, plain_http=entry.plain_http)
    size = KEY_BYTES[entry.envelope]
    secrets = Secrets(
        key=_hex(entry.key_file, "key_file", size, file, place),
        iv=_hex(entry.iv_file, "iv_file", size, file, place),
        app_id=entry.app_id,
        app_secret=_text(entry.app_secret_file, "app_secret_file", file, place),
    )
    return Platform(entry=entry, secrets=secrets, codes=_codes(entry.point_codes, file, place))


def _check_url(url: str, place: str, *, plain_http: bool) -> None:
    parts = urlsplit(url)
    local = parts.hostname in LOOPBACK
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PlatformsRefused(f"{place}: {url!r} is no http address")
    if parts.scheme == "http" and not local and not plain_http:
        raise PlatformsRefused(f"{place}: {url} is not encrypted: use https, or set plain_http: true")


def _text(name: str, key: str, file: Path, place: str) -> str:
    if not name:
        return ""
    try:
        return (file.parent / name).read_text().strip()
    except OSError as error:
        raise PlatformsRefused(f"{place}: {key}: {error}") from error


def _hex(name: str, key: str, size: int, file: Path, place: str) -> bytes:
    text = _text(name, key, file, place)
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise PlatformsRefused(f"{place}: {key} does not hold hexadecimal digits") from error
    if len(value) != size:
        raise PlatformsRefused(f"{place}: {key} holds {len(value)} bytes, the envelope needs {size}")
    return value


def _codes(name: str, file: Path, place: str) -> dict[str, str]:
    if not name:
        return {}
    path = file.parent / name
    codes: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if not {"point", "code"} <= set(rows.fieldnames or ()):
                raise PlatformsRefused(f"{path}:1: the columns are point,code")
            for line, row in enumerate(rows, 2):
                if not row["point"] or not row["code"]:
                    raise PlatformsRefused(f"{path}:{line}: a point without code, or a code without point")
                codes[row["point"]] = row["code"]
    except (OSError, UnicodeDecodeError) as error:
        raise PlatformsRefused(f"{place}: point_codes: {error}") from error
    return codes
