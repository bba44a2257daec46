"""The auditor looks ahead: a top contact that leads to nobody is reported before an alarm climbs there."""

from datetime import date, time
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from alarm_rules.model import Enterprise, LadderMatch, LadderTop, Priority
from api.auth.grant import Grant
from api.auth.records import User
from api.catalogue import Catalogue
from api.escalation.ladder_book import LadderBook
from api.escalation.outlook import EVERY_LADDER, served_by
from api.rotas.model import Definition, Layer, Rota, Rotation, Version
from api.rotas.wall_clock import DAY_NS
from api.store.receivers import Receiver, keep_receiver
from api.store.rotas import insert_rota, insert_version
from api.store.tables.auth import user
from api.store.tables.notify import receiver, target
from api.store.users import add_user
from tests.api.plant import SITE, T0
from tests.escalation.timeline import Timeline, ladder, raised, step, timeline

UNREACHABLE = "service/system/escalation_unreachable"
NIGHT = ladder(
    step(0, "zhang"),
    id="night",
    match=LadderMatch(priority=(Priority.CRITICAL,)),
    top=LadderTop(to=("wang",), every_s=60),
)
REST = ladder(step(0, "zhang"), id="rest")


def person(name: str, role: str) -> User:
    return User(
        id=name,
        name=name,
        roles=frozenset({role}),
        grant=Grant(everything=True),
        password_hash="-",
        created=0,
        created_by="tests",
    )


async def dead(t: Timeline) -> set[str]:
    """What is unreachable by the alarms, once the auditor has looked."""
    await t.audit()
    return {alarm.point for alarm in await t.alarms(UNREACHABLE) if alarm.facts.active}


async def set_receiver(t: Timeline, name: str, enabled: bool) -> None:
    query = update(receiver).where(receiver.c.id == name).values(enabled=enabled)
    await t.run(lambda tx: tx.connection.execute(query))


async def set_targets(t: Timeline, name: str, enabled: bool) -> None:
    query = update(target).where(target.c.receiver == name).values(enabled=enabled)
    await t.run(lambda tx: tx.connection.execute(query))


@pytest.mark.parametrize("switch", [set_receiver, set_targets], ids=["receiver", "targets"])
async def test_a_top_that_was_switched_off_is_reported_without_any_alarm_and_ends_when_it_leads_again(
    database_url: str, tmp_path: Path, switch
) -> None:
    async with timeline(database_url, tmp_path, NIGHT, REST) as t:
        assert await dead(t) == set()
        await switch(t, "wang", False)
        assert await dead(t) == {"ahead:night"}
        assert {(top.ladder, top.enterprise) for top in t.part.auditor.dead_tops} == {
            ("night", "acme"),
            ("night", ""),
        }
        assert t.metric("escalation_dead_tops") == 2
        await switch(t, "wang", True)
        assert await dead(t) == set()
        assert t.metric("escalation_dead_tops") == 0


async def test_looking_again_raises_no_second_alarm(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, NIGHT, REST) as t:
        await set_receiver(t, "wang", False)
        await dead(t)
        await dead(t)
        assert len(await t.alarms(UNREACHABLE)) == 1


async def test_an_installation_without_any_receiver_is_one_alarm_in_total(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, NIGHT, REST, people={}) as t:
        assert await dead(t) == {EVERY_LADDER}


async def test_the_one_alarm_for_all_becomes_one_for_each_ladder_that_is_left(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, NIGHT, REST) as t:
        await set_receiver(t, "wang", False)
        await set_receiver(t, "chief", False)
        assert await dead(t) == {EVERY_LADDER}
        await set_receiver(t, "chief", True)
        assert await dead(t) == {"ahead:night"}


async def test_a_top_that_has_only_a_telephone_needs_a_call_up(url: str, tmp_path: Path) -> None:
    phone = {"zhang": ("sms",), "chief": ("sms",), "wang": ("voice",)}
    called = msgspec.structs.replace(NIGHT, top=LadderTop(to=("wang",), every_s=60, call_up=True))
    async with timeline(url, tmp_path, NIGHT, REST, people=phone) as t:
        assert await dead(t) == {"ahead:night"}
    async with timeline(url, tmp_path, called, REST, people=phone) as t:
        assert await dead(t) == set()


async def test_a_person_who_is_disabled_leaves_the_top_of_his_role_to_nobody(
    url: str, tmp_path: Path
) -> None:
    by_role = msgspec.structs.replace(NIGHT, top=LadderTop(to=("role:bureau_duty_officer",), every_s=60))
    officer = person("qian", "bureau_duty_officer")
    async with timeline(url, tmp_path, by_role, REST, people={"chief": ("sms",), "qian": ("sms",)}) as t:
        await t.run(lambda tx: add_user(tx.connection, officer))
        assert await dead(t) == set()
        await t.run(lambda tx: tx.connection.execute(update(user).values(disabled=1)))
        assert await dead(t) == {"ahead:night"}


async def test_what_was_reported_at_the_top_ends_when_it_leads_to_somebody_again(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, NIGHT, REST) as t:
        await set_receiver(t, "wang", False)
        await t.at(0, raised)
        await t.at(61)
        assert await dead(t) == {"night", "ahead:night"}
        await set_receiver(t, "wang", True)
        assert await dead(t) == set()


async def test_a_ladder_that_the_site_no_longer_has_is_no_longer_reported(url: str, tmp_path: Path) -> None:
    async with timeline(url, tmp_path, NIGHT, REST) as t:
        await set_receiver(t, "wang", False)
        assert await dead(t) == {"ahead:night"}
    async with timeline(url, tmp_path, REST) as t:
        await set_receiver(t, "wang", False)
        assert await dead(t) == set()


async def test_a_receiver_of_one_enterprise_does_not_make_the_top_reachable_for_another(
    url: str, tmp_path: Path
) -> None:
    by_role = msgspec.structs.replace(NIGHT, top=LadderTop(to=("role:enterprise_supervisor",), every_s=60))
    boss = person("zhang", "enterprise_supervisor")
    two = msgspec.structs.replace(SITE, enterprises=(*SITE.enterprises, Enterprise(id="other")))
    async with timeline(url, tmp_path, by_role, REST, site=two) as t:
        await t.run(lambda tx: add_user(tx.connection, boss))
        own = Receiver(id="zhang", name="zhang", login="zhang", enterprise="acme")
        await t.run(lambda tx: keep_receiver(tx.connection, own))
        assert await dead(t) == {"ahead:night"}
        assert [tuple(top) for top in t.part.auditor.dead_tops] == [("night", "other")]


def test_a_ladder_that_no_alarm_of_an_enterprise_climbs_is_not_asked_for_it() -> None:
    own = ladder(step(0, "li"), id="own", match=LadderMatch(enterprise=("acme",)))
    catalogue = Catalogue(SITE, ())
    book = LadderBook((own, REST))
    assert [(each.ladder.id, each.enterprise) for each in served_by(book, catalogue)] == [("own", "acme")]


async def weak(t: Timeline) -> list[tuple[str, str, int, str]]:
    """(ladder, place, step, cause) of alarms of the enterprise, once the auditor has looked."""
    await t.audit()
    found = t.part.auditor.weak_steps or ()
    return [(one.ladder, one.place, one.step, one.cause) for one in found if one.enterprise == "acme"]


CLIMBING = ladder(
    step(0, "zhang"),
    step(60, "role:nobody_has_it"),
    step(120, "wang", channels=("email",)),
    id="climbing",
    top=LadderTop(to=("chief",), every_s=60),
)


async def test_each_step_that_tells_nobody_is_told_with_its_cause_before_any_alarm(
    url: str, tmp_path: Path
) -> None:
    async with timeline(url, tmp_path, CLIMBING) as t:
        assert await weak(t) == [("climbing", "unacked", 1, "nobody"), ("climbing", "unacked", 2, "no_way")]
        assert t.metric("escalation_weak_steps", cause="nobody") == 2
        await set_targets(t, "zhang", False)
        assert ("climbing", "unacked", 0, "no_way") in await weak(t)
        assert await t.alarms(UNREACHABLE) == [], "the top still leads to somebody"


async def test_a_step_that_only_the_sandbox_keeps_is_told_unless_nothing_is_sent_at_all(
    url: str, tmp_path: Path
) -> None:
    kept = {"zhang": ("sandbox",), "chief": ("sms",), "wang": ("sms",)}
    async with timeline(url, tmp_path, REST, people=kept) as t:
        assert await weak(t) == [("rest", "unacked", 0, "sandbox")]


def rota_until(end: int) -> Rota:
    """Zhang is on call until then; nobody is later, and then the fallback alone would be told."""
    turns = Rotation(every=1, unit="week", start_date=date(2020, 1, 6), handover=time(8))
    always = Layer(name="always", rotation=turns, turns=(("zhang",),))
    definition = Definition(name="夜班", layers=(always,), fallback="chief")
    empty = msgspec.structs.replace(definition, layers=())
    versions = (
        Version(number=1, valid_from=T0, definition=definition, entered_at=T0),
        Version(number=2, valid_from=end, definition=empty, entered_at=T0),
    )
    return Rota(id="night", versions=versions)


async def test_a_rota_that_has_nobody_soon_is_told_with_the_time(url: str, tmp_path: Path) -> None:
    by_rota = ladder(step(0, "rota:night"), id="by-rota", top=LadderTop(to=("chief",), every_s=60))
    async with timeline(url, tmp_path, by_rota) as t:
        assert await weak(t) == [("by-rota", "unacked", 0, "nobody")]
        until = T0 + 5 * DAY_NS
        made = rota_until(until)
        await t.run(lambda tx: insert_rota(tx.connection, made, "chief", tx.now))
        await t.run(lambda tx: insert_version(tx.connection, made.id, made.versions[1]))
        assert await weak(t) == [("by-rota", "unacked", 0, "gap")]
        found = t.part.auditor.weak_steps
        assert found is not None
        assert {one.at for one in found if one.cause == "gap"} == {until}
