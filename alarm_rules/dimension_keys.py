"""Keys of what is kept ready at an installation: plans, responsible persons, teams, materials, cameras.

Together with monitoring and warning these are the five dimensions (五维一体) that the bureau looks at.
"""

import re
from datetime import date
from typing import get_args
from urllib.parse import urlsplit

from alarm_rules.findings import Wrong
from alarm_rules.keys import Key, Read, choice, not_negative, one_of, shown, text, whole
from alarm_rules.model import (
    EmergencyMaterial,
    EmergencyPlan,
    EmergencyTeam,
    PersonRole,
    ResponsiblePerson,
    VideoSource,
)
from alarm_rules.wording import Both

_PHONE = re.compile(r"\+?[0-9][0-9 ()#*,;转-]{2,39}")
_DATE = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?")
ROLES = get_args(PersonRole)
_ROLE_WORDS = {"主要负责人": "main", "技术负责人": "technical", "操作负责人": "operational"}
ROLE_NAMES = {role: chinese for chinese, role in _ROLE_WORDS.items()}
"""The three responsible persons by role."""


def phone(value: str) -> str:
    """A telephone number as people write it."""
    stripped = text(value)
    if not _PHONE.fullmatch(stripped):
        raise Wrong(
            Both(f"{shown(value)} 不是电话号码", f"{shown(value)} is no telephone number"),
            Both(
                "请写数字，如 0316-1234567 或 +8613800000000",
                "write digits, as 0316-1234567 or +8613800000000",
            ),
        )
    return stripped


def day(value: str) -> str:
    """A date, kept as 2026-01-31; also 2026/1/31 and 2026年1月31日."""
    found = _DATE.fullmatch(text(value))
    numbers = (int(found[1]), int(found[3]), int(found[4])) if found else (0, 0, 0)
    try:
        return date(*numbers).isoformat()
    except ValueError:
        raise Wrong(
            Both(f"{shown(value)} 不是日期", f"{shown(value)} is no date"),
            Both("写法如 2026-01-31", "write it as 2026-01-31"),
        ) from None


def address(*schemes: str) -> Read:
    """An address that a person may follow. It holds no password: everybody in scope is shown it."""
    known = [f"{scheme}://" for scheme in schemes]
    begin = Both(f"应以 {' 或 '.join(known)} 开头", f"begin it with {', '.join(known)}")

    def read(value: str) -> str:
        stripped = text(value)
        try:
            parts = urlsplit(stripped)
            host = parts.hostname
            _ = parts.port
        except ValueError:
            raise Wrong(Both(f"{shown(value)} 不是地址", f"{shown(value)} is no address"), begin) from None
        if parts.scheme not in schemes or not host or any(sign.isspace() for sign in stripped):
            raise Wrong(
                Both(
                    f"{shown(value)} 不是这里可以显示的地址",
                    f"{shown(value)} is no address that is shown here",
                ),
                begin,
            )
        if parts.username is not None or parts.password is not None:
            raise Wrong(
                Both("地址中带有用户名或密码", "an address with a user name or password in it"),
                Both(
                    "请去掉：能看到该重大危险源的人都会看到这个地址",
                    "leave them out: the address is shown to everybody who sees the installation",
                ),
            )
        return stripped

    return read


def _many(value: str) -> int:
    result = whole(value)
    if not 0 <= result <= 100_000:
        raise Wrong(
            Both(f"{shown(value)} 不是人数", f"{shown(value)} is no number of persons"),
            Both("请给 0 到 100,000", "give 0 to 100,000"),
        )
    return result


PLAN_KEYS = (
    Key("title", "text", text, "Title of the emergency plan (应急预案).", required=True),
    Key("version", "text", text, "Its version.", default=""),
    Key("filed", "date", day, "When it was filed with the authority.", default=""),
    Key("document", "address", address("http", "https"), "http(s) address of its text.", default=""),
)
PERSON_KEYS = (
    Key(
        "role", one_of(*ROLES), choice({role: role for role in ROLES} | _ROLE_WORDS),
        "Which of the three responsible persons (包保责任人): 主要, 技术 or 操作负责人.", required=True,
    ),
    Key("name", "text", text, "Name of the person.", required=True),
    Key("phone", "telephone number", phone, "Phone, shown to those who may read receivers.", default=""),
)  # fmt: skip
TEAM_KEYS = (
    Key("name", "text", text, "Name of the emergency team (应急队伍).", required=True),
    Key("leader", "text", text, "Who leads it.", default=""),
    Key("phone", "telephone number", phone, "Phone, shown to those who may read receivers.", default=""),
    Key("people", "whole number", _many, "How many persons it has."),
)
MATERIAL_KEYS = (
    Key("name", "text", text, "What is kept ready (应急物资).", required=True),
    Key("quantity", "number from 0", not_negative, "How much of it."),
    Key("counted_in", "text", text, "Unit of the quantity: 套, 具, t, ...", default=""),
    Key("place", "text", text, "Where it is kept.", default=""),
    Key("keeper", "text", text, "Who keeps it.", default=""),
    Key("checked", "date", day, "When it was checked last.", default=""),
)
VIDEO_KEYS = (
    Key("name", "text", text, "What the camera shows.", required=True),
    Key(
        "address", "address", address("http", "https", "rtsp"),
        "http(s) or rtsp address, shown as a link; without user name and password.", required=True,
    ),
)  # fmt: skip


DIMENSIONS = {
    "plans": (EmergencyPlan, {key.name: key for key in PLAN_KEYS}),
    "persons": (ResponsiblePerson, {key.name: key for key in PERSON_KEYS}),
    "teams": (EmergencyTeam, {key.name: key for key in TEAM_KEYS}),
    "materials": (EmergencyMaterial, {key.name: key for key in MATERIAL_KEYS}),
    "videos": (VideoSource, {key.name: key for key in VIDEO_KEYS}),
}
"""Lists of an installation in YAML: what becomes of an item, and its keys."""
MOST_ITEMS = 500
"""Of each list of an installation."""
