"""Logging in, going on and logging out, against the real service."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.serving import Api, receive, running_api, wait_until
from tests.auth.accounts import PASSWORD, SECOND, Accounts, client, log_in, of

NEW_PASSWORD = "seven green herons"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with Accounts(tmp_path / "data") as accounts:
        accounts.user("李娜", "operator", grant=of("acme"))
        accounts.user("Neu", "operator", grant=of("acme"), password_changed=0)
        accounts.user("Fort", "operator", grant=of("acme"), disabled=1)
    with running_api(tmp_path / "data", heartbeat_s=0.1) as running:
        yield running


def signed(api: Api, name: str = "李娜") -> tuple[httpx.Client, dict[str, str]]:
    tokens = log_in(api, name).raise_for_status().json()
    return client(api, tokens["access_token"]), tokens


def test_password_opens_and_the_token_speaks_for_the_person(api: Api) -> None:
    person, tokens = signed(api)
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    told = person.get("/me").json()
    assert (told["name"], told["roles"], told["enterprises"], told["must"]) == (
        "李娜",
        ["operator"],
        ["acme"],
        "",
    )
    assert api.metric("hazardwatch_api_logins_total") == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [("李娜", "wrong password 1"), ("nobody", PASSWORD), ("Fort", PASSWORD), ("李娜", ""), ("", "")],
)
def test_wrong_password_unknown_and_disabled_persons_are_told_the_same(
    api: Api, name: str, password: str
) -> None:
    refused = log_in(api, name, password)
    assert refused.status_code == 401
    assert refused.json()["type"].endswith("login-refused")
    assert refused.json()["detail"] == log_in(api, "somebody else", "anything at all").json()["detail"]


def test_name_is_the_same_however_it_is_typed(api: Api) -> None:
    assert log_in(api, " neu ").status_code == 200
    assert log_in(api, "ＮＥＵ").status_code == 200


def test_failures_are_delayed_and_the_desk_that_is_known_is_not(api: Api) -> None:
    for _ in range(6):
        assert log_in(api, "Neu", "wrong password 1").status_code == 401
    throttled = log_in(api, "Neu")
    assert throttled.status_code == 429
    assert int(throttled.headers["retry-after"]) >= 1
    assert api.metric("hazardwatch_api_logins_refused_total", reason="throttled") == 1
    assert log_in(api, "李娜").status_code == 200
    for _ in range(5):
        log_in(api, "李娜", "wrong password 1")
    assert log_in(api, "李娜").status_code == 200


def test_one_time_password_opens_nothing_but_its_own_change(api: Api) -> None:
    person, _ = signed(api, "Neu")
    assert person.get("/me").json()["must"] == "password-change"
    assert person.get("/me").json()["permissions"] == []
    refused = person.get("/alarms")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("password-change-required")
    assert person.post("/session/password", json={"old": PASSWORD, "new": "short"}).status_code == 422
    assert person.post("/session/password", json={"old": PASSWORD, "new": PASSWORD}).status_code == 422
    assert person.post("/session/password", json={"old": "x", "new": NEW_PASSWORD}).status_code == 401
    assert person.post("/session/password", json={"old": PASSWORD, "new": NEW_PASSWORD}).status_code == 204
    assert person.get("/alarms").status_code == 200
    assert log_in(api, "Neu").status_code == 401
    assert log_in(api, "Neu", NEW_PASSWORD).status_code == 200


def test_new_password_ends_every_other_login(api: Api) -> None:
    (here, _), (there, _) = signed(api), signed(api)
    assert here.post("/session/password", json={"old": PASSWORD, "new": NEW_PASSWORD}).status_code == 204
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)


def test_password_is_not_changed_with_a_key(api: Api) -> None:
    refused = api.person.post("/session/password", json={"old": PASSWORD, "new": NEW_PASSWORD})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "login-required")


def refreshed(api: Api, token: str) -> httpx.Response:
    return api.nobody.post("/session/token", data={"grant_type": "refresh_token", "refresh_token": token})


def test_refresh_goes_on_with_the_same_login(api: Api) -> None:
    person, tokens = signed(api)
    more = refreshed(api, tokens["refresh_token"]).raise_for_status().json()
    assert more["refresh_token"] != tokens["refresh_token"]
    before, after = person.get("/me").json(), client(api, more["access_token"]).get("/me").json()
    assert before["session"] == after["session"]


def test_stolen_refresh_token_ends_the_login_when_it_is_used_a_second_time(tmp_path: Path) -> None:
    now = time.time_ns()
    with Accounts(tmp_path / "data", now) as accounts:
        accounts.user("李娜", "operator")
    with running_api(tmp_path / "data", clock=lambda: now) as api:
        person, tokens = signed(api)
        stolen = tokens["refresh_token"]
        again = refreshed(api, stolen).json()["refresh_token"]
        assert refreshed(api, stolen).json()["refresh_token"] == again, "a lost answer is repeated"
        now += 11 * SECOND
        assert refreshed(api, stolen).status_code == 401
        assert refreshed(api, again).status_code == 401
        assert person.get("/me").status_code == 401
        assert api.metric("hazardwatch_api_session_refreshes_refused_total", reason="reused") == 1
        assert api.metric("hazardwatch_api_sessions_revoked_total", reason="reuse") == 1


def test_login_ends_with_the_shift_and_when_it_is_idle(tmp_path: Path) -> None:
    now = time.time_ns()
    with Accounts(tmp_path / "data", now) as accounts:
        accounts.user("李娜", "operator")
    with running_api(tmp_path / "data", clock=lambda: now) as api:
        person, tokens = signed(api)
        now += 16 * 60 * SECOND
        assert person.get("/me").status_code == 401, "the access token lives 15 minutes"
        tokens = refreshed(api, tokens["refresh_token"]).json()
        for _ in range(16):
            now += 50 * 60 * SECOND
            answer = refreshed(api, tokens["refresh_token"])
            if answer.status_code != 200:
                break
            tokens = answer.json()
        assert answer.status_code == 401, "13 hours are the longest shift"
        assert now - time.time_ns() > 12.5 * 3600 * SECOND
        _, tokens = signed(api)
        now += 61 * 60 * SECOND
        assert refreshed(api, tokens["refresh_token"]).status_code == 401, "idle for an hour"


def test_logout_counts_at_once_and_closes_the_live_stream(api: Api) -> None:
    person, tokens = signed(api)
    with api.live(tokens["access_token"]) as screen:
        receive(screen, "snapshot")
        assert person.post("/session/logout").status_code == 204
        assert person.get("/me").status_code == 401
        assert refreshed(api, tokens["refresh_token"]).status_code == 401
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_logins_are_listed_and_one_of_them_is_ended(api: Api) -> None:
    (here, _), (there, _) = signed(api), signed(api)
    listed = here.get("/sessions").json()["sessions"]
    assert [entry["current"] for entry in listed].count(True) == 1
    other = next(entry["id"] for entry in listed if not entry["current"])
    assert here.delete(f"/sessions/{other}").status_code == 204
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)
    assert here.delete(f"/sessions/{other}").status_code == 404


def test_nobody_ends_the_login_of_somebody_else(api: Api) -> None:
    mine, _ = signed(api)
    other, _ = signed(api, "Neu")
    theirs = other.get("/me").json()["session"]
    assert mine.delete(f"/sessions/{theirs}").status_code == 404
    assert other.get("/me").status_code == 200


def test_second_factor_is_enrolled_asked_for_and_taken_once(tmp_path: Path) -> None:
    now = time.time_ns()
    with Accounts(tmp_path / "data", now) as accounts:
        accounts.user("李娜", "operator")
    with running_api(tmp_path / "data", clock=lambda: now) as api:
        person, _ = signed(api)
        assert person.post("/session/second-factor", json={"password": "wrong"}).status_code == 401
        begun = person.post("/session/second-factor", json={"password": PASSWORD}).json()
        device = pyotp.TOTP(begun["secret"])
        assert begun["secret"] in begun["uri"]
        assert log_in(api, "李娜").status_code == 200, "not in force before it is confirmed"
        assert person.post("/session/second-factor/confirm", json={"code": "000000"}).status_code == 401
        code = device.at(now // SECOND)
        recovery = person.post("/session/second-factor/confirm", json={"code": code}).json()["recovery_codes"]
        asked = log_in(api, "李娜")
        assert asked.json()["type"].endswith("second-factor-required")
        assert log_in(api, "李娜", totp=code).status_code == 401, "it was used for the confirmation"
        now += 30 * SECOND
        code = device.at(now // SECOND)
        assert log_in(api, "李娜", totp=code).status_code == 200
        assert log_in(api, "李娜", totp=code).status_code == 401
        assert log_in(api, "李娜", totp=recovery[0]).status_code == 200
        assert log_in(api, "李娜", totp=recovery[0]).status_code == 401
        ended = {"password": PASSWORD, "code": recovery[1]}
        assert person.post("/session/second-factor/end", json=ended).status_code == 204
        assert log_in(api, "李娜").status_code == 200


def test_role_that_needs_a_second_factor_is_given_only_after_it(tmp_path: Path) -> None:
    now = time.time_ns()
    with Accounts(tmp_path / "data", now) as accounts:
        accounts.user("李娜", "system_administrator")
    strict = {"second_factor_roles": frozenset({"system_administrator"})}
    with running_api(tmp_path / "data", clock=lambda: now, **strict) as api:
        person, _ = signed(api)
        assert person.get("/users").json()["type"].endswith("second-factor-required")
        secret = person.post("/session/second-factor", json={"password": PASSWORD}).json()["secret"]
        code = pyotp.TOTP(secret).at(now // SECOND)
        assert person.post("/session/second-factor/confirm", json={"code": code}).status_code == 200
        assert person.get("/users").status_code == 200


def test_login_survives_a_restart_of_the_service(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        accounts.user("李娜", "operator")
    with running_api(tmp_path / "data") as api:
        tokens = log_in(api, "李娜").json()
    with running_api(tmp_path / "data") as api:
        assert client(api, tokens["access_token"]).get("/me").json()["name"] == "李娜"


def test_password_hash_is_raised_to_the_parameters_of_now_at_a_login(tmp_path: Path) -> None:
    from api.store.database import Database
    from api.store.users import user_by_id

    with Accounts(tmp_path / "data") as accounts:
        accounts.user("李娜", "operator")
    with running_api(tmp_path / "data") as api:
        log_in(api, "李娜").raise_for_status()
        database = Database.open(f"sqlite:///{tmp_path / 'data' / 'alarms.sqlite'}", sole=False)
        with database.read() as connection:
            user = user_by_id(connection, "李娜")
        database.close()
    assert user is not None
    assert "$m=65536,t=3,p=4$" in user.password_hash


def test_change_by_another_process_counts_within_moments(api: Api, tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        accounts.user("后来", "viewer")
    wait_until(lambda: log_in(api, "后来").status_code != 401, "the new person to be known", 5.0)


def test_secrets_are_nowhere_in_the_store(api: Api, tmp_path: Path) -> None:
    person, tokens = signed(api)
    secret = person.post("/session/second-factor", json={"password": PASSWORD}).json()["secret"]
    key = person.post("/api-keys", json={"kind": "personal", "name": "脚本"}).json()["key"]
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("alarms.sqlite*"))
    for text in (PASSWORD, secret, key, tokens["refresh_token"], tokens["access_token"]):
        assert text.encode() not in kept


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"username=a&password=b", "application/json", 415),
        (b"grant_type=implicit", "application/x-www-form-urlencoded", 422),
        (b"username=a&password=b&more=c", "application/x-www-form-urlencoded", 422),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 422),
        (b"&".join([b"a=b"] * 50), "application/x-www-form-urlencoded", 422),
    ],
)
def test_form_that_is_none_is_a_problem(api: Api, body: bytes, kind: str, status: int) -> None:
    answer = api.nobody.post("/session/token", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_password_over_plain_http_from_elsewhere_is_refused_unless_that_is_allowed(tmp_path: Path) -> None:
    with Accounts(tmp_path / "data") as accounts:
        accounts.user("李娜", "operator")
    form = {"username": "李娜", "password": PASSWORD}
    with running_api(tmp_path / "data") as api:
        proxied = {"X-Forwarded-For": "10.0.0.9"}
        refused = api.nobody.post("/session/token", data=form, headers=proxied)
        assert refused.json()["type"].endswith("tls-required")
        with_tls = proxied | {"X-Forwarded-Proto": "https"}
        assert api.nobody.post("/session/token", data=form, headers=with_tls).status_code == 200
    with running_api(tmp_path / "data", allow_plain_http=True) as api:
        assert api.nobody.post("/session/token", data=form, headers=proxied).status_code == 200
