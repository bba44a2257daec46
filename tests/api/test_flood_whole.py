"""A flood through the whole service: nothing is lost between the gateway and the people."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from api.starting import STORE_FILE
from benchmarks.alert_plant import conditions, enterprise, write_site
from tests.api.plant import T0, change, delivery
from tests.api.serving import Api, running_api, wait_until
from tests.auth.accounts import Accounts, of

pytestmark = pytest.mark.slow

ALARMS, DELIVERIES, POINTS = 5000, 5, 500
OF_FLOOD = "JOIN alarm ON alarm.id = {} WHERE alarm.gateway = 'gw1'"
COUNTS = {
    "alarms": "SELECT count(*) FROM alarm WHERE gateway = 'gw1'",
    "journal": "SELECT count(*) FROM journal WHERE kind = 'raised' AND gateway = 'gw1'",
    "ladders": "SELECT count(*) FROM climb " + OF_FLOOD.format("alarm_id"),
    "timers": "SELECT count(*) FROM timer " + OF_FLOOD.format("subject") + " AND kind = 'ladder'",
    "annunciations": "SELECT count(*) FROM annunciation " + OF_FLOOD.format("alarm_id"),
    "told": "SELECT count(DISTINCT alarm_id) FROM outbox " + OF_FLOOD.format("alarm_id"),
}


def counted(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / STORE_FILE}?mode=ro", uri=True)) as store:
        return int(store.execute(query).fetchone()[0])


def flood(api: Api) -> None:
    """Neighbouring alarms are of different enterprises; each (point, rule) comes once."""
    pairs = conditions(POINTS)
    share = ALARMS // DELIVERIES
    for first in range(1, ALARMS + 1, share):
        changes = []
        for number in range(first, first + share):
            of_point, rule = next(pairs)
            changes.append(change(number, point=of_point, rule=rule, onset=T0 + number))
        api.gateway.timeout = 60
        answer = api.post("/intake/conditions", delivery(*changes))
        assert answer.json() == {"accepted_through": first + share - 1}


def add_receivers(api: Api) -> None:
    for number in range(20):
        name = f"operator-{number}"
        body = {"id": name, "enterprise": enterprise(number), "name": name, "login": name}
        assert api.person.post("/receivers", json=body).status_code == 201
        target = {"channel": "dingtalk", "address": f"{number:064d}"}
        assert api.person.post(f"/receivers/{name}/targets", json=target).status_code == 201


def test_five_thousand_alarms_each_get_their_ladder_message_level_and_annunciation(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    write_site(tmp_path / "site", POINTS)
    with Accounts(folder) as accounts:
        for number in range(20):
            accounts.user(f"operator-{number}", "operator", grant=of(enterprise(number)))
        supervisor = accounts.user("supervisor", "bureau_administrator")
        key = accounts.key("personal", "supervisor", owner=supervisor.id)
    (folder / "operator.key").write_text(key)
    more = {"notify_sandbox_only": True, "notify_digest_interval_s": 1.0, "requests_per_s": 0}
    with running_api(folder, site=load_site(tmp_path / "site"), **more) as api:
        add_receivers(api)
        flood(api)
        assert {name: counted(folder, query) for name, query in COUNTS.items()} == dict.fromkeys(
            COUNTS, ALARMS
        )
        levels = wait_until(lambda: _all_levels(api), "the level of every installation")
        assert set(levels) == {(enterprise(n), f"I{n // 20 % 5}") for n in range(POINTS)}
        _wait_for_messages(folder)


def _all_levels(api: Api) -> list[tuple[str, str]]:
    """Installations that have a colour, once all have."""
    page = api.person.get("/warnings/levels", params={"limit": 500}).json()["installations"]
    coloured = [(each["enterprise"], each["installation"]) for each in page if each["level"] != "none"]
    return coloured if len(coloured) == 100 else []


def _wait_for_messages(folder: Path) -> None:
    """Digests begin to carry them, and at any moment each is either sent, with its receipt, or waits."""
    accepted = "FROM receipt WHERE outcome = 'accepted' AND messages > 1"
    wait_until(lambda: counted(folder, f"SELECT count(*) {accepted}"), "the first digest", 60)
    ours = "kind = 'alarm' AND outbox.alarm_id IN (SELECT id FROM alarm WHERE gateway = 'gw1')"
    kept = f"(SELECT count(*) FROM outbox WHERE {ours} AND state = 'waiting')"
    sent = "(SELECT count(DISTINCT outbox) FROM receipt JOIN outbox ON outbox.number = receipt.outbox "
    sent += f"WHERE outcome = 'accepted' AND outbox.{ours})"
    assert counted(folder, f"SELECT {kept} + {sent}") == ALARMS
