"""Logins of browsers: cookies, proof of origin, and the live stream with a cookie."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.api.plant import change, delivery
from tests.api.serving import Api, receive, running_api
from tests.auth.accounts import PASSWORD, Accounts, of

LOGIN = {"user": "李娜", "password": PASSWORD}
MARK = "X-Hazardwatch-CSRF"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with Accounts(tmp_path / "data") as accounts:
        accounts.user("李娜", "operator", grant=of("acme"))
    with running_api(tmp_path / "data", heartbeat_s=0.1) as running:
        yield running


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, timeout=20) as client:
        yield client


def cookies_of(answer: httpx.Response) -> SimpleCookie:
    jar: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


def test_cookies_are_for_the_browser_alone(api: Api) -> None:
    plain = cookies_of(api.nobody.post("/session/login", json=LOGIN))
    assert set(plain) == {"hw_access", "hw_refresh", "hw_csrf"}
    secure = cookies_of(
        httpx.post(f"{api.url}/session/login", json=LOGIN, headers={"X-Forwarded-Proto": "https"})
    )
    assert set(secure) == {"__Host-hw_access", "__Secure-hw_refresh", "__Host-hw_csrf"}
    for name, cookie in (plain | secure).items():
        assert cookie["samesite"].lower() == "strict", name
        assert bool(cookie["httponly"]) is not name.endswith("csrf"), name
        assert bool(cookie["secure"]) is name.startswith("__"), name
        assert cookie["path"] == ("/session" if "refresh" in name else "/"), name
        assert not cookie["domain"], name


def test_tokens_are_not_in_the_answer_to_a_browser(browser: httpx.Client) -> None:
    answer = browser.post("/session/login", json=LOGIN)
    assert set(answer.json()) == {
        "name", "roles", "permissions", "enterprises", "must", "session", "csrf", "expires_in_s",
    }  # fmt: skip
    for name in ("hw_access", "hw_refresh"):
        assert browser.cookies[name] not in answer.text


def test_reading_needs_the_cookie_and_changing_needs_the_mark_too(api: Api, browser: httpx.Client) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    csrf = browser.post("/session/login", json=LOGIN).json()["csrf"]
    (alarm,) = browser.get("/alarms").json()["alarms"]
    path = f"/alarms/{alarm['id']}/acknowledge"
    own = {"Origin": api.url}
    foreign = {"Origin": "http://evil.example", MARK: csrf}
    for headers in (
        {},
        own,
        own | {MARK: "x.y"},
        foreign,
        {"Origin": "null", MARK: csrf},
        {"Sec-Fetch-Site": "cross-site", MARK: csrf},
        {"Sec-Fetch-Site": "same-site", MARK: csrf},
    ):
        refused = browser.post(path, json={}, headers=headers)
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "csrf-required"), (
            headers
        )
    assert browser.get("/alarms").json()["alarms"][0]["state"] == "UNACK"
    assert api.metric("hazardwatch_api_cross_site_requests_refused_total") == 7
    assert browser.post(path, json={}, headers=own | {MARK: csrf}).status_code == 200
    assert browser.cookies["hw_csrf"] == csrf


def test_mark_of_another_login_is_worth_nothing(api: Api, browser: httpx.Client) -> None:
    other = api.nobody.post("/session/login", json=LOGIN).json()["csrf"]
    browser.post("/session/login", json=LOGIN)
    assert browser.post("/session/logout", headers={MARK: other}).status_code == 403


def test_browser_goes_on_with_its_refresh_cookie_and_logs_out(api: Api, browser: httpx.Client) -> None:
    browser.post("/session/login", json=LOGIN)
    first = browser.cookies["hw_refresh"]
    again = browser.post("/session/refresh", headers={"Origin": api.url})
    assert again.status_code == 200
    assert browser.cookies["hw_refresh"] != first
    assert browser.post("/session/refresh", headers={"Origin": "http://evil.example"}).status_code == 401
    out = browser.post("/session/logout", headers={MARK: again.json()["csrf"]})
    assert out.status_code == 204
    assert not browser.cookies
    assert browser.get("/me").status_code == 401
    assert browser.post("/session/refresh").status_code == 401


def test_page_of_another_site_cannot_log_a_browser_in(api: Api) -> None:
    refused = api.nobody.post("/session/login", json=LOGIN, headers={"Origin": "http://evil.example"})
    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers


def test_cookie_without_its_prefix_does_not_count_over_tls(api: Api, browser: httpx.Client) -> None:
    browser.post("/session/login", json=LOGIN)
    assert browser.get("/me").status_code == 200
    assert browser.get("/me", headers={"X-Forwarded-Proto": "https"}).status_code == 401


def test_key_in_the_header_is_never_replaced_by_the_cookie(browser: httpx.Client) -> None:
    browser.post("/session/login", json=LOGIN)
    assert browser.get("/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_live_stream_takes_the_cookie_from_our_own_page_alone(api: Api, browser: httpx.Client) -> None:
    browser.post("/session/login", json=LOGIN)
    cookie = {"Cookie": f"hw_access={browser.cookies['hw_access']}"}
    url = f"ws://127.0.0.1:{api.port}/live"
    with connect(url, origin=api.url, additional_headers=cookie) as socket:  # type: ignore[arg-type]
        socket.send('{"type": "hello"}')
        assert receive(socket, "snapshot")["open_alarms"] == 0
    with connect(url, additional_headers=cookie) as socket:
        socket.send('{"type": "hello"}')
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
