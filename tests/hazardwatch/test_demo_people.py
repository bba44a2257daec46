"""The invented people of the demonstration: settled once, in a store that knows nobody, and never reached."""

import time
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from api.auth.principal import EVERYTHING
from api.desks.policy import load_policy
from api.escalation.directory import Directory
from api.notify.vault import KEY_FILE, open_vault, place
from api.store.database import Database
from api.store.errors import StoreInUse
from api.store.receivers import page_of_receivers, targets_of
from api.store.users import all_users
from hazardwatch.demo import DESK_POLICY, Demo
from hazardwatch.demo_people import DUTY_PHONE, MEMBERS, PHONE, settle_people
from tests.hazardwatch.sites import EXAMPLES

SITE = EXAMPLES / "tank-farm"


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'alarms.sqlite'}"


async def test_every_step_of_the_example_ladders_and_the_packaged_ones_finds_somebody(tmp_path: Path) -> None:
    assert await settle_people(url_in(tmp_path), tmp_path, SITE)
    site = load_site(SITE)
    people = Directory(site.enterprises)
    database = Database.open(url_in(tmp_path))
    with database.read() as connection:
        for ladder in site.ladders:
            groups = [step.to for step in ladder.steps]
            groups += [ladder.top.to]
            for to in groups:
                reached = people.reach(connection, to, "E001", time.time_ns())
                assert reached, f"{ladder.id}: {to} leads to nobody"
                assert people.channels_of(connection, [one.receiver for one in reached])
        fallback = people.reach(connection, ["rota:tank-farm"], "E001", time.time_ns())
    database.close()
    assert [(one.receiver, one.source) for one in fallback] == [("on-call", "layer")]


async def test_second_start_and_a_store_that_knows_somebody_change_nothing(tmp_path: Path) -> None:
    assert await settle_people(url_in(tmp_path), tmp_path, SITE)
    before = everything_in(tmp_path)
    assert not await settle_people(url_in(tmp_path), tmp_path, SITE)
    assert everything_in(tmp_path) == before


async def test_addresses_are_sealed_and_those_of_telephones_are_invented(tmp_path: Path) -> None:
    await settle_people(url_in(tmp_path), tmp_path, SITE)
    receivers, targets, _users = everything_in(tmp_path)
    assert [one.id for one in receivers if one.kind == "duty_phone"] == [DUTY_PHONE]
    assert len(targets) == sum(len(member.channels) for member in MEMBERS)
    vault = open_vault(tmp_path / KEY_FILE)
    for target in targets:
        address = vault.open(place(target.receiver, target.number, "address"), target.sealed_address)
        assert address == (PHONE if target.channel == "voice" else target.receiver)


async def test_store_that_a_service_has_open_is_left_alone(tmp_path: Path) -> None:
    database = Database.open(url_in(tmp_path))
    with pytest.raises(StoreInUse):
        await settle_people(url_in(tmp_path), tmp_path, SITE)
    database.close()
    assert everything_in(tmp_path) == ([], [], [])


def everything_in(folder: Path) -> tuple:
    database = Database.open(url_in(folder))
    with database.read() as connection:
        receivers = page_of_receivers(connection, EVERYTHING, None, 100)
        found = receivers, targets_of(connection, [one.id for one in receivers]), all_users(connection)
    database.close()
    return found


def test_everybody_at_the_bureau_whom_the_desk_policy_names_is_told_of_the_example_sites_warnings() -> None:
    enterprise = load_site(SITE).enterprises[0]
    told = {
        (one.authority, one.of): [member for member in MEMBERS if member.id in one.receivers]
        for one in load_policy(DESK_POLICY).audiences
    }
    assert set(told) == {("district", enterprise.district), ("city", enterprise.city)}
    for people in told.values():
        assert [member.of_bureau and bool(member.channels) for member in people] == [True]


def test_demo_says_whom_to_log_in_as_and_which_port_is_another_one(tmp_path: Path) -> None:
    demo = Demo("demo", tmp_path, "password")
    demo.mqtt_port, demo.api_port, demo.gateway_port = 1883, 9000, 8471
    assert any(line.strip().startswith('log in as "中控室 周敏"') for line in demo.logins())
    assert demo.moves() == ["port 8470 is taken: page is at port 9000 instead"]
    assert demo.settings()["HAZARDWATCH_API_DESK_POLICY"] == str(DESK_POLICY)
