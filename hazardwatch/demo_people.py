"""The invented people of the demonstration, so that its alarms find somebody: accounts, receivers, a rota.

Every way leads to the sandbox: nothing is ever sent. Unless a password for all of them is given, theirs are
known to nobody; who wants to log in as one of them asks for a new one with `hazardwatch user reset NAME`.
"""

import asyncio
import time
from datetime import date
from datetime import time as wall_time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from alarm_rules.load import load_site
from api.auth.grant import Grant
from api.auth.passwords import Passwords, one_time_password
from api.auth.people import People, console
from api.auth.principal import EVERYTHING, Role
from api.bilingual import both
from api.notify.changes import PutReceiver, apply_change, put_target
from api.notify.vault import KEY_FILE, Vault, open_vault
from api.rotas.model import Definition, Layer, Rota, Rotation, Version
from api.store.database import Database
from api.store.receivers import ReceiverKind, page_of_receivers
from api.store.rotas import insert_rota
from api.store.users import all_users, change_user
from api.store.writer import Transaction, Writer

ENTERPRISE, CITY = "E001", "示范市"
"""Of the example site's register."""
ACTOR = "demo"
PHONE = "13800000000"
"""An address has to look like one; the sandbox calls nobody."""
SANDBOX, VOICE = "sandbox", "voice"
DUTY_PHONE, ROTA = "duty-phone", "tank-farm"


class Member(NamedTuple):
    """Somebody, or a telephone that can be told."""

    id: str
    name: str
    name_en: str
    role: Role | None = None
    """None: a telephone that is always manned."""
    of_bureau: bool = False
    channels: tuple[str, ...] = (SANDBOX, VOICE)
    """None: nobody tells this person anything."""
    enterprise: str = ENTERPRISE
    """Whose, unless of the bureau."""
    region: str = CITY
    """Of the bureau's: `city`, or `city/district`."""


class RotaPlan(NamedTuple):
    """Whose week it is: they take turns."""

    id: str
    enterprise: str
    name: str
    name_en: str
    turns: tuple[str, ...]
    fallback: str


class Cast(NamedTuple):
    """Everybody in a demonstration."""

    members: tuple[Member, ...]
    rotas: tuple[RotaPlan, ...]


MEMBERS = (
    Member("control-room", "中控室 周敏", "Control room, Zhou Min", "operator", channels=(SANDBOX,)),
    Member("on-call", "待班 李强", "On call, Li Qiang", "on_call"),
    Member("head", "企业负责人 陈立", "Head of the enterprise, Chen Li", "enterprise_supervisor"),
    Member("bureau", "监测预警中心 赵宁", "Bureau's desk, Zhao Ning", "bureau_duty_officer", of_bureau=True),
    Member(
        "bureau-head",
        "监测预警中心主任 孙梅",
        "Head of the bureau's desk, Sun Mei",
        "bureau_administrator",
        of_bureau=True,
        channels=(SANDBOX,),
    ),
    Member(
        "administrator", "系统管理员 刘洋", "Administrator, Liu Yang", "system_administrator", channels=()
    ),
    Member("auditor", "审计员 吴静", "Auditor, Wu Jing", "auditor", channels=()),
    Member(DUTY_PHONE, "二十四小时值班电话", "Duty phone"),
)
TANK_FARM = Cast(
    MEMBERS,
    (RotaPlan(ROTA, ENTERPRISE, "罐区待班", "On call for the tank farm", ("on-call",), DUTY_PHONE),),
)
SEE_EVERYTHING = ("system_administrator", "auditor")


async def settle_people(
    database_url: str, data: Path, site: Path, password: str = "", cast: Cast = TANK_FARM
) -> bool:
    """Put them into this store, which nobody else may have open, if it knows nobody yet.

    password: with it everybody can log in at once; empty: nobody can.
    True if that was done. Raises StoreInUse, StoreUnavailable, VaultRefused, SiteInvalid.
    """
    database = await asyncio.to_thread(Database.open, database_url)
    try:
        writer = Writer(database, time.time_ns)
        try:
            if not await writer.run(lambda tx: _is_empty(tx.connection)):
                return False
            kept = await asyncio.to_thread(lambda: Passwords().hash(password or one_time_password()))
            people, vault = People(load_site(site).enterprises), open_vault(data / KEY_FILE)
            await writer.run(lambda tx: _settle(tx, cast, people, vault, kept, chosen=bool(password)))
            return True
        finally:
            writer.close()
    finally:
        database.close()


def _is_empty(connection: Connection) -> bool:
    return not all_users(connection) and not page_of_receivers(connection, EVERYTHING, None, 1)


def _settle(tx: Transaction, cast: Cast, people: People, vault: Vault, kept: str, *, chosen: bool) -> None:
    for member in cast.members:
        if member.role is not None:
            added = people.add(
                tx, console(ACTOR), member.name, frozenset({member.role}), _grant(member), kept
            )
            if chosen:  # no one-time password, that would open nothing but its own change
                change_user(tx.connection, added.user, password_changed=tx.now)
        if member.channels:
            _receive(tx, vault, member)
    for rota in (_rota(plan, tx.now) for plan in cast.rotas):
        insert_rota(tx.connection, rota, ACTOR, tx.now)
        tx.audit(f"console:{ACTOR}", "create-rota", rota.id, "", rota.enterprise)


def _grant(member: Member) -> Grant:
    if member.role in SEE_EVERYTHING:
        return Grant(everything=True)
    return Grant(regions=(member.region,)) if member.of_bureau else Grant(enterprises=(member.enterprise,))


def _receive(tx: Transaction, vault: Vault, member: Member) -> None:
    by = f"console:{ACTOR}"
    kind: ReceiverKind = "duty_phone" if member.role is None else "person"
    receiver = PutReceiver(
        by=by,
        id=member.id,
        enterprise="" if member.of_bureau else member.enterprise,
        kind=kind,
        name=member.name,
        name_en=member.name_en,
        login="" if member.role is None else member.name,
        note=both("演示用虚构人员", "invented, for the demonstration"),
    )
    apply_change(tx, receiver)
    for number, channel in enumerate(member.channels, 1):
        target = put_target(
            vault,
            by=by,
            receiver=member.id,
            number=None,
            new_number=number,
            version=0,
            channel=channel,
            label=both("沙箱，不发送", "sandbox, nothing is sent"),
            address=PHONE if channel == VOICE else member.id,
            secret="",
            forget_secret=False,
            options={},
            enabled=True,
        )
        apply_change(tx, target)


def _rota(plan: RotaPlan, now: int) -> Rota:
    turns = Rotation(every=1, unit="week", start_date=date(2026, 1, 5), handover=wall_time(8))
    definition = Definition(
        name=plan.name,
        name_en=plan.name_en,
        layers=(Layer(name="每周", rotation=turns, turns=tuple((one,) for one in plan.turns)),),
        fallback=plan.fallback,
    )
    first = Version(number=1, valid_from=now, definition=definition, entered_by=ACTOR, entered_at=now)
    return Rota(id=plan.id, enterprise=plan.enterprise, versions=(first,))
