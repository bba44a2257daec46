"""`hazardwatch demo park`: everybody finds somebody, and the whole chain starts with a past behind it."""

import re
import time
from pathlib import Path

import httpx
import pytest
import yaml

from alarm_rules.load import load_site
from api.desks.policy import load_policy
from api.escalation.directory import Directory
from api.store.database import Database
from hazardwatch.demo import Demo
from hazardwatch.demo_people import settle_people
from hazardwatch.demo_sites import PARK_SITE, SITES
from hazardwatch.park_people import HOUSES, PARK
from simulators.errors import ScenarioInvalid
from simulators.parks import load_park
from tests.hazardwatch.program import run, running, until

HOUR_NS = 3_600_000_000_000
PASSWORD = "a password for the park"


async def test_every_step_of_a_ladder_finds_somebody_of_that_enterprise(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    assert await settle_people(url, tmp_path, PARK_SITE.folder, cast=PARK)
    site = load_site(PARK_SITE.folder)
    people = Directory(site.enterprises)
    homes = {member.id: member.enterprise for member in PARK.members if not member.of_bureau}
    database = Database.open(url)
    with database.read() as connection:
        for enterprise in site.enterprises:
            for ladder in site.ladders:
                for to in (*(step.to for step in ladder.steps), ladder.top.to):
                    reached = people.reach(connection, to, enterprise.id, time.time_ns())
                    assert reached, f"{ladder.id}: {to} leads to nobody of {enterprise.id}"
                    assert {homes.get(one.receiver, enterprise.id) for one in reached} == {enterprise.id}
    database.close()


def test_each_district_and_the_city_are_told_over_somebody_of_the_bureau() -> None:
    enterprises = load_site(PARK_SITE.folder).enterprises
    audiences = {
        (one.authority, one.of): one.receivers for one in load_policy(PARK_SITE.desk_policy).audiences
    }
    bureau = {member.id for member in PARK.members if member.of_bureau and member.channels}
    assert set(audiences) == {("district", one.district) for one in enterprises} | {("city", "示范市")}
    assert all(set(receivers) <= bureau for receivers in audiences.values())
    assert {house[0] for house in HOUSES} == {one.id for one in enterprises}


def test_people_and_devices_of_the_park_are_those_of_its_plants(tmp_path: Path) -> None:
    assert list(PARK_SITE.devices) == load_park("park").devices
    demo = Demo("park", tmp_path, PASSWORD, ports=(0, 0, 0), shows=PARK_SITE)
    assert len([line for line in demo.logins() if "log in as" in line]) == 7 + 3 * len(HOUSES)
    assert "HAZARDWATCH_DEVICE_KEY" not in demo.settings()
    assert yaml.safe_load(demo.keys_file().read_text("utf-8")) == demo.device_keys
    assert demo.keys_file().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("scenario", "site"), [("demo", "park"), ("park", "tank-farm")])
def test_plant_of_another_site_is_refused_and_leaves_no_folder(
    tmp_path: Path, scenario: str, site: str
) -> None:
    with pytest.raises(ScenarioInvalid, match="GW1"):
        Demo(scenario, tmp_path / "data", shows=SITES[site])
    assert not (tmp_path / "data").exists()


def test_folder_in_which_another_site_was_shown_is_refused(tmp_path: Path) -> None:
    Demo("demo", tmp_path, ports=(0, 0, 0))
    with pytest.raises(FileExistsError, match="a demonstration of tank-farm: give another folder"):
        Demo("park", tmp_path, ports=(0, 0, 0), shows=PARK_SITE)


def test_second_start_in_a_folder_has_the_history_that_it_has(tmp_path: Path) -> None:
    assert Demo("demo", tmp_path, ports=(0, 0, 0), history_h=6).history_h == 6
    (tmp_path / "journal.sqlite").touch()
    assert Demo("demo", tmp_path, ports=(0, 0, 0), history_h=6).history_h == 0


def test_what_cannot_be_shown_is_refused_with_what_can(tmp_path: Path) -> None:
    for arguments, words in (
        (("volcano",), "there are tank-farm, park"),
        (("park", "--headless"), "headless judges one plant"),
        (("--history", "-1"), "must be 0 to 72 hours"),
    ):
        done = run(tmp_path, "demo", *arguments)
        assert done.status == 2
        assert words in done.err
    assert list(tmp_path.glob("data")) == []


@pytest.mark.slow
def test_park_starts_with_hours_of_samples_and_its_people_begin_to_work(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "park") as command:
        page = re.match(r"(http://[^/]+)/app/#key=(\S+)", command.line_with("#key="))
        headers = {"Authorization": f"Bearer {page[2]}"}
        with httpx.Client(base_url=page[1], headers=headers, trust_env=False, timeout=20) as client:

            def get(path: str, **query: object) -> dict:
                return client.get(path, params=query).raise_for_status().json()

            def stored() -> int:
                now = time.time_ns()
                span = {"start": now - 6 * HOUR_NS, "end": now - 5 * HOUR_NS}
                return len(get("/points/E103/TK131.LT01/trend", **span)["source_time"])

            until(lambda: stored() > 0, "samples of hours ago")
            until(lambda: len(get("/supervision")["orders"]) == 3, "the supervision orders")
            until(lambda: len(get("/commitments")["commitments"]) == 5, "the commitments")
