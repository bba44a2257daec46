"""Receivers, targets, the outbox and the sandbox over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.auth.keys import add_operator
from api.auth.principal import Scope
from api.store.database import Database
from api.store.receivers import receiver_by_id
from tests.api.plant import change, delivery
from tests.api.serving import Api, running_api, wait_until
from tests.auth.accounts import Accounts, of

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Api, httpx.Client]]:
    """A service, and a bureau administrator's client."""
    token_file = tmp_path / "report.token"
    token_file.write_text(TOKEN)
    with running_api(tmp_path / "data", notify_poll_s=0.05, notify_voice_report_token_file=token_file) as api:
        key = add_operator(api.settings.operators_file, "王芳", "bureau_administrator")
        with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}) as client:
            yield api, client


def person(
    client: httpx.Client, receiver: str = "li.wei", channel: str = "sandbox", **target: object
) -> None:
    body = {"id": receiver, "enterprise": "acme", "name": "李伟", "kind": "person"}
    assert client.post("/receivers", json=body).status_code == 201
    target = {"channel": channel, "address": "the-sandbox-of-li-wei", "label": "演示"} | target
    answer = client.post(f"/receivers/{receiver}/targets", json=target)
    assert answer.status_code == 201, answer.text


def test_address_and_secret_never_come_back_and_are_not_in_the_database_file(served) -> None:
    api, client = served
    secret = "SECf00dfacecafe1234567890"
    token = "robottoken0123456789abcdef"
    person(client, channel="dingtalk", address=token, secret=secret)
    answers = [client.get("/receivers").text, client.get("/receivers/li.wei").text]
    for text in answers:
        assert token not in text
        assert secret not in text
        assert '"hint":"…cdef"' in text.replace(" ", "")
    stored = b"".join(file.read_bytes() for file in api.settings.data_folder.glob("alarms.sqlite*"))
    assert token.encode() not in stored
    assert secret.encode() not in stored
    assert "dingtalk" in stored.decode("utf-8", "replace")


def test_test_message_verifies_the_target_and_shows_in_the_sandbox(served) -> None:
    _, client = served
    person(client)
    key = client.post("/receivers/li.wei/targets/1/test").json()["message_key"]
    wait_until(
        lambda: client.get("/receivers/li.wei").json()["targets"][0]["verified_at"], "the target's proof"
    )
    [kept] = client.get("/sandbox", params={"key": key}).json()["messages"]
    assert "测试" in kept["title"]
    [row] = client.get("/outbox", params={"message": key}).json()["messages"]
    assert (row["state"], row["attempts"]) == ("sent", 1)
    told = client.get(f"/outbox/{row['number']}").json()
    assert [receipt["outcome"] for receipt in told["receipts"]] == ["accepted"]


def test_changed_address_has_to_be_proven_again(served) -> None:
    _, client = served
    person(client)
    client.post("/receivers/li.wei/targets/1/test")
    wait_until(lambda: client.get("/receivers/li.wei").json()["targets"][0]["verified_at"], "the proof")
    body = {"channel": "sandbox", "label": "新", "version": 1}
    assert client.put("/receivers/li.wei/targets/1", json=body).json()["verified_at"] is not None
    changed = client.put(
        "/receivers/li.wei/targets/1", json=body | {"version": 2, "address": "another-place"}
    )
    assert changed.json()["verified_at"] is None
    assert changed.json()["version"] == 3


def test_dead_letter_raises_a_condition_and_ends_with_the_person_who_saw_it(served) -> None:
    api, client = served
    person(client, channel="email", address="li.wei@site.example")
    client.post("/receivers/li.wei/targets/1/test")
    [row] = wait_until(
        lambda: client.get("/outbox", params={"unsettled": True}).json()["messages"], "the dead letter"
    )
    assert row["state"] == "dead"
    assert "NOTIFY_SMTP_HOST" in row["words"]

    def condition() -> list[dict]:
        alarms = client.get("/alarms", params={"open_only": True}).json()["alarms"]
        return [alarm for alarm in alarms if alarm["rule"] == "service/system/notification_failed"]

    [alarm] = wait_until(condition, "the condition")
    assert "li.wei" not in json.dumps(alarm)
    assert alarm["enterprise"] == ""
    assert client.post(f"/outbox/{row['number']}/seen", json={"why": "no mail server yet"}).status_code == 200
    wait_until(lambda: not any(a["active"] for a in condition()), "the end of the condition")
    assert api.metric("hazardwatch_api_notifications_dead_total", channel="email") == 1


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({"channel": "pigeon", "address": "x"}, "there are apprise, dingtalk"),
        ({"channel": "dingtalk", "address": "short"}, "token"),
        ({"channel": "sms", "address": "call me"}, "digits"),
        ({"channel": "email", "address": "a@b.example\r\nBcc: c@d.example"}, "one address"),
        ({"channel": "webhook", "address": "ftp://x.example/"}, "https://host/path"),
        ({"channel": "webhook", "address": "https://user:pw@x.example/"}, "no user"),
        ({"channel": "siren", "address": "site/#"}, "without + and #"),
        ({"channel": "sandbox", "address": "x", "options": {"loud": "yes"}}, "no option 'loud'"),
        ({"channel": "sandbox", "address": "x", "secret": "y"}, "has no secret"),
    ],
)
def test_address_that_cannot_be_one_is_refused_with_the_remedy(served, target, says) -> None:
    _, client = served
    person(client)
    answer = client.post("/receivers/li.wei/targets", json=target)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_receivers_of_another_enterprise_are_not_found(served) -> None:
    api, client = served
    person(client)
    database = Database.open(f"sqlite:///{api.settings.data_folder / 'alarms.sqlite'}", sole=False)
    with database.read() as connection:
        assert receiver_by_id(connection, "li.wei", Scope(frozenset({"other"}))) is None
        assert receiver_by_id(connection, "li.wei", Scope(frozenset({"acme"}))) is not None
    database.close()


def test_operator_may_read_but_not_change(served) -> None:
    api, client = served
    person(client)
    assert api.person.get("/receivers").status_code == 200
    assert api.person.delete("/receivers/li.wei", params={"version": 1}).status_code == 403
    assert api.nobody.get("/receivers").status_code == 401


def test_older_version_is_refused(served) -> None:
    _, client = served
    person(client)
    body = {"enterprise": "acme", "name": "李薇", "version": 1}
    assert client.put("/receivers/li.wei", json=body).status_code == 200
    again = client.put("/receivers/li.wei", json=body)
    assert again.status_code == 409
    assert "version 2, not 1" in again.json()["detail"]
    assert client.post("/receivers", json={"id": "li.wei", "name": "谁"}).status_code == 409


def test_removed_receiver_takes_its_targets_along(served) -> None:
    _, client = served
    person(client)
    assert client.delete("/receivers/li.wei", params={"version": 1}).status_code == 204
    assert client.get("/receivers/li.wei").status_code == 404
    person(client)
    assert len(client.get("/receivers/li.wei").json()["targets"]) == 1


def test_receivers_are_paged(served) -> None:
    _, client = served
    for number in range(5):
        client.post("/receivers", json={"id": f"p{number}", "name": f"值班{number}"})
    whole = [one["id"] for one in client.get("/receivers").json()["receivers"]]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/receivers", params={"limit": 2} | after).json()
        assert len(page["receivers"]) <= 2
        seen += [one["id"] for one in page["receivers"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == whole == sorted(whole)
    assert set(whole) >= {f"p{number}" for number in range(5)}


def test_channels_say_what_a_target_needs_and_what_is_missing(served) -> None:
    _, client = served
    channels = {one["channel"]: one for one in client.get("/notify/channels").json()}
    assert set(channels) >= {"dingtalk", "wecom", "feishu", "email", "webhook", "sms", "voice", "siren"}
    assert channels["dingtalk"]["ready"]
    assert not channels["sms"]["ready"]
    assert "NOTIFY_SMS_SIGN_NAME" in channels["sms"]["reason"]
    assert [name for name, one in channels.items() if one["sandbox"]] == ["sandbox"]


def test_call_report_with_a_wrong_token_finds_nothing(served) -> None:
    api, _ = served
    assert api.nobody.post("/call-reports/wrong", content=b"[]").status_code == 404
    right = api.nobody.post(f"/call-reports/{TOKEN}", content=b"[]")
    assert right.status_code == 422, "no voice channel is set up"


def test_every_change_is_audited_without_the_address(served) -> None:
    _, client = served
    person(client, address="a-secret-place")
    client.delete("/receivers/li.wei/targets/1", params={"version": 1})
    text = client.get("/audit", params={"limit": 50}).text
    for action in ("receiver.add", "target.add", "target.remove"):
        assert action in text
    assert "a-secret-place" not in text


def test_sandbox_shows_an_answering_link_to_nobody_who_would_answer_in_another_name(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        people = {
            name: accounts.login(accounts.user(name, role, grant=of("acme")))
            for name, role in {"李伟": "operator", "王芳": "operator", "赵敏": "viewer"}.items()
        }
    with running_api(tmp_path / "data", notify_poll_s=0.05, answer_base_url="http://127.0.0.1") as api:
        key = add_operator(api.settings.operators_file, "主管", "enterprise_supervisor")
        with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}) as head:
            body = {"id": "li.wei", "enterprise": "acme", "name": "李伟", "kind": "person", "login": "李伟"}
            proposals = [
                head.post(path, json=json_body).json().get("proposal")
                for path, json_body in (
                    ("/receivers", body),
                    ("/receivers/li.wei/targets", {"channel": "sandbox", "address": "x"}),
                )
            ]
            assert proposals == [None, None]
        api.post("/intake/conditions", delivery(change(1))).raise_for_status()

        def links(bearer: str) -> set[str]:
            headers = {"Authorization": f"Bearer {bearer}"}
            messages = httpx.get(f"{api.url}/sandbox", headers=headers).json()["messages"]
            return {message["link"] for message in messages if message["receiver"] == "li.wei"}

        assert "http://127.0.0.1/answer/" in wait_until(lambda: links(people["李伟"]), "the message").pop()
        assert links(people["王芳"]) == links(people["赵敏"]) == {""}
