"""Escalation and call-up over HTTP, with the real service."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest

from alarm_rules.model import LadderMatch, LadderTop
from api.call_up.signature import SIGNATURE_HEADER, TIME_HEADER, sign
from api.escalation.part import SECRET_FILE
from tests.api.plant import SITE, change, delivery
from tests.api.serving import Api, receive, running_api, wait_until
from tests.auth.accounts import Accounts, client, of
from tests.escalation.timeline import ladder, people_in, step

RUNGS = ladder(
    step(0, "zhang", "role:on_call", call_up=True),
    step(600, "ghost"),
    acked=[step(60, "wang")],
    top=LadderTop(to=("chief",), every_s=300),
    id="night",
    match=LadderMatch(alarm_class=("process",)),
    name="夜班",
    status="default, not a regulation",
)


class Desk(NamedTuple):
    api: Api
    duty: httpx.Client
    operator: httpx.Client
    zhang: httpx.Client
    stranger: httpx.Client
    folder: Path

    def raise_alarm(self) -> str:
        now = time.time_ns()
        self.api.post("/intake/conditions", delivery(change(1, onset=now))).raise_for_status()
        found = self.operator.get("/alarms", params={"point": "acme/TK101.LT01"}).json()
        return found["alarms"][0]["id"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "data"
    with Accounts(folder) as accounts:
        tokens = [
            accounts.login(accounts.user("duty", "bureau_duty_officer")),
            accounts.login(accounts.user("operator", "operator")),
            accounts.login(accounts.user("zhang", "on_call")),
            accounts.login(accounts.user("stranger", "enterprise_supervisor", grant=of("other"))),
        ]
        with accounts._database.write() as connection:
            people_in(connection)
    site = msgspec.structs.replace(SITE, ladders=(RUNGS,))
    with running_api(folder, site=site, notify_sandbox_only=True) as api:
        clients = [client(api, token) for token in tokens]
        yield Desk(api, *clients, folder)
        for one in clients:
            one.close()


def test_an_alarm_shows_who_was_told_and_what_comes_next(desk: Desk) -> None:
    alarm = desk.raise_alarm()
    found = desk.operator.get(f"/escalation/alarms/{alarm}").raise_for_status().json()
    assert (found["ladder"], found["ladder_status"]) == ("night", "default, not a regulation")
    assert [(row["receiver"], row["channels"], row["via"]) for row in found["told"]] == [
        ("zhang", ["sms"], "zhang")
    ]
    assert found["next"]["people"] == []
    assert found["next"]["at"] > time.time_ns() + 590 * 10**9
    assert [one["receiver"] for one in found["call_ups"]] == ["zhang"]
    assert (found["ladder_exhausted"], found["ended_at"]) == (False, None)
    desk.operator.post(f"/alarms/{alarm}/acknowledge").raise_for_status()
    found = desk.operator.get(f"/escalation/alarms/{alarm}").json()
    assert found["phase"] == "acked"
    assert found["next"]["people"][0]["receiver"] == "wang"
    assert found["call_ups"][0]["state"] == "stopped"


def test_nothing_of_another_enterprise_is_shown(desk: Desk) -> None:
    alarm = desk.raise_alarm()
    call_up = desk.duty.get("/call-ups").json()["call_ups"][0]["id"]
    for path in (f"/escalation/alarms/{alarm}", f"/escalation/preview?alarm={alarm}", f"/call-ups/{call_up}"):
        assert desk.stranger.get(path).status_code == 404, path
    assert desk.stranger.get("/call-ups").json()["call_ups"] == []
    assert desk.stranger.get("/call-ups/board").json() == {"matters": [], "complete": True}
    (matter,) = desk.duty.get("/call-ups/board").json()["matters"]
    assert ([one["id"] for one in matter["alarms"]], matter["priority"]) == ([alarm], "CRITICAL")
    assert desk.stranger.get("/escalation/preview", params={"rule": "acme/TK101.LT01/HH"}).status_code == 404
    body = {"receivers": ["zhang"], "text": "x", "enterprise": "acme"}
    assert desk.stranger.post("/call-ups", json=body).status_code == 422


def test_preview_shows_who_would_be_told_and_which_step_leads_to_nobody(desk: Desk) -> None:
    found = desk.operator.get("/escalation/preview", params={"rule": "acme/TK101.LT01/HH"}).json()
    assert [step["after_s"] for step in found["steps"]] == [0, 600, 900, 60]
    assert [person["receiver"] for person in found["steps"][0]["people"]] == ["zhang"]
    assert found["nobody"] == [1]
    assert desk.operator.get("/escalation/preview").status_code == 422
    assert desk.operator.get("/escalation/preview", params={"rule": "acme/none"}).status_code == 404


def test_ladders_audit_and_exhausted_are_listed(desk: Desk) -> None:
    found, *packaged = desk.operator.get("/escalation/ladders").json()["ladders"]
    assert packaged[-1]["id"] == "default"
    assert (found["id"], found["steps"][0]["to"]) == ("night", ["zhang", "role:on_call"])
    assert desk.operator.get("/escalation/audit").json()["last"] is None
    assert desk.operator.get("/escalation/exhausted").json() == {"alarms": []}


def test_the_duty_officer_calls_people_and_he_answers_on_the_page(desk: Desk) -> None:
    body = {"receivers": ["zhang", "wang"], "text": "请到岗", "reason": "演练"}
    assert desk.operator.post("/call-ups", json=body).status_code == 403
    with desk.api.live() as screen:
        receive(screen, "snapshot")
        started = desk.duty.post("/call-ups", json=body)
        assert started.status_code == 201
        news = wait_until(lambda: receive(screen, "delta").get("news"), "news of the call-ups")
        assert news[0]["topic"] == "call-ups"
    call_up = started.json()["call_ups"]["zhang"]
    answer = {"answer": "heard", "comment": "在路上"}
    assert desk.operator.post(f"/call-ups/{call_up}/answer", json=answer).status_code == 409
    answered = desk.zhang.post(f"/call-ups/{call_up}/answer", json=answer).json()
    assert (answered["state"], answered["answered_by"]) == ("answered", "zhang")
    assert desk.zhang.post(f"/call-ups/{call_up}/answer", json=answer).status_code == 409
    first = desk.duty.get("/call-ups", params={"limit": 1}).json()
    second = desk.duty.get("/call-ups", params={"limit": 1, "after": first["next"]}).json()
    ids = {page["call_ups"][0]["id"] for page in (first, second)}
    assert ids == set(started.json()["call_ups"].values())
    assert second["next"] is None
    assert desk.duty.get("/call-ups", params={"after": "x"}).status_code == 422


def test_a_report_counts_only_with_its_signature(desk: Desk) -> None:
    desk.raise_alarm()
    call = wait_until(
        lambda: desk.duty.get("/call-ups").json()["call_ups"][0]["attempts"], "the first call to be placed"
    )[0]["call_id"]
    body = json.dumps({"call_id": call, "outcome": "answered", "listened_s": 3, "pressed": "1"}).encode()
    secret = (desk.folder / SECRET_FILE).read_text()
    now = str(int(time.time()))

    def report(body: bytes, time_s: str, signature: str) -> int:
        headers = {TIME_HEADER: time_s, SIGNATURE_HEADER: signature, "content-type": "application/json"}
        return desk.api.nobody.post("/call-ups/reports", content=body, headers=headers).status_code

    assert desk.api.nobody.post("/call-ups/reports", content=body).status_code == 401
    assert report(body, now, sign("wrong", now, body)) == 401
    assert report(body + b" ", now, sign(secret, now, body)) == 401
    old = str(int(time.time()) - 900)
    assert report(body, old, sign(secret, old, body)) == 401
    unknown = body.replace(call.encode(), b"other")
    assert report(unknown, now, sign(secret, now, unknown)) == 404
    assert report(body, now, sign(secret, now, body)) == 204
    (alarm,) = desk.operator.get("/alarms", params={"point": "acme/TK101.LT01"}).json()["alarms"]
    assert (alarm["state"], alarm["acknowledged"]["by"]) == ("ACKED", "zhang")
    assert desk.api.metric("hazardwatch_api_call_up_reports_refused_total", reason="signature") == 2


WRONG = [
    ({"receivers": [], "text": "x"}, "receivers"),
    ({"receivers": ["nobody"], "text": "x"}, "no receiver nobody"),
    ({"receivers": ["zhang"], "text": ""}, "text"),
    ({"receivers": ["zhang"], "text": "x", "superiors": ["role:boss"]}, "unknown role"),
    ({"receivers": ["zhang"], "text": "x", "colour": "red"}, "colour"),
]


def test_a_wrong_wish_is_answered_with_what_is_wrong(desk: Desk) -> None:
    for body, words in WRONG:
        answer = desk.duty.post("/call-ups", json=body)
        assert answer.status_code == 422, words
        assert words in answer.json()["detail"]
