"""Alarms, points, trends, health and errors over HTTP."""

import socket
import time
from pathlib import Path

import pytest

from alarm_rules.condition import PointValue
from api.settings import ApiSettings
from tests.api.history_side import history_side
from tests.api.plant import SECOND, T0, change, delivery, values
from tests.api.serving import Api, running_api, wait_until


def test_acknowledged_alarm_keeps_person_time_and_comment(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    answer = api.person.post(f"/alarms/{alarm['id']}/acknowledge", json={"comment": "已派人"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "ACKED"
    whole = api.person.get(f"/alarms/{alarm['id']}").json()
    assert whole["acknowledged"]["comment"] == "已派人"
    assert [(line["kind"], line["actor"]) for line in whole["history"]] == [
        ("raised", "gateway:gw1"),
        ("acknowledged", "operator:张伟"),
    ]


def test_second_acknowledgement_is_a_conflict_that_names_the_first(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    path = f"/alarms/{alarm['id']}/acknowledge"
    assert api.person.post(path).status_code == 200
    refused = api.person.post(path)
    assert refused.status_code == 409
    assert "张伟 has acknowledged it already" in refused.json()["detail"]


def test_alarm_list_goes_on_page_by_page(api: Api) -> None:
    api.post("/intake/conditions", delivery(*(change(n, onset=T0 + n) for n in range(1, 8))))
    seen, after = [], None
    while True:
        query = {"limit": 3} | ({"after": after} if after else {})
        page = api.person.get("/alarms", params=query).json()
        seen += [alarm["onset"] - T0 for alarm in page["alarms"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_alarm_list_filters(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), change(2, rule="acme/TK101.LT01/H", onset=T0 + 9)))

    def onsets(**query) -> list[int]:
        return [alarm["onset"] - T0 for alarm in api.person.get("/alarms", params=query).json()["alarms"]]

    assert onsets(priority="MEDIUM") == [9]
    assert onsets(priority=["MEDIUM", "CRITICAL"], state=["UNACK", "ACKED"]) == [9, 0]
    assert onsets(state="RTNUN") == []
    assert onsets(since=T0 + 1) == [9]
    assert onsets(point="acme/nothing") == []


def test_summary_counts_open_alarms_by_state_and_priority(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), change(2, rule="acme/TK101.LT01/H")))
    assert api.person.get("/alarms/summary").json() == {
        "open": 2,
        "counts": [
            {"state": "UNACK", "priority": "CRITICAL", "alarms": 1},
            {"state": "UNACK", "priority": "MEDIUM", "alarms": 1},
        ],
    }


def test_points_show_register_value_quality_and_age_on_the_gateways_clock(tmp_path: Path) -> None:
    now = T0
    with running_api(tmp_path, clock=lambda: now) as api:
        sent = T0 - 3600 * SECOND  # the gateway's clock is an hour behind: ages must not show it
        row = PointValue("acme/TK101.LT01", sent - 2 * SECOND, 61.5, "uncertain")
        api.post("/intake/values", values(sent, row))
        now = T0 + 5 * SECOND
        points = {point["id"]: point for point in api.person.get("/points").json()["points"]}
    level = points["acme/TK101.LT01"]
    assert (level["value"], level["quality"], level["age_s"]) == (61.5, "uncertain", 7.0)
    assert level["limits"] == {"LL": 5.0, "L": 10.0, "H": 85.0, "HH": 95.0}
    assert (level["unit_name"], level["name"], level["engineering_unit"]) == ("一号储罐", "液位", "%")
    silent = points["acme/A1.GT01"]
    assert (silent["value"], silent["quality"], silent["age_s"]) == (
        None,
        "bad_waiting_for_initial_data",
        None,
    )


def test_points_refuse_to_go_on_from_an_unknown_one(api: Api) -> None:
    assert api.person.get("/points", params={"after": "acme/none"}).status_code == 422


def test_points_go_on_page_by_page(api: Api) -> None:
    first = api.person.get("/points", params={"limit": 2}).json()
    second = api.person.get("/points", params={"limit": 2, "after": first["next"]}).json()
    ids = [point["id"] for page in (first, second) for point in page["points"]]
    assert ids == ["acme/TK101.LT01", "acme/TK101.TT01", "acme/A1.GT01"]
    assert second["next"] is None


def test_values_of_points_that_the_register_lacks_are_counted_and_left_out(api: Api) -> None:
    answer = api.post("/intake/values", values(T0, PointValue("acme/other", T0, 1.0, "good")))
    assert answer.json() == {"accepted": 0, "unknown": 1}
    assert api.metric("hazardwatch_api_values_unknown_total") == 1


def test_trend_is_asked_of_the_gateway_with_the_shared_token(tmp_path: Path) -> None:
    with history_side() as side, running_api(tmp_path, gateway_url=side.url) as api:
        query = {"start": T0, "end": T0 + 600 * SECOND, "max_points": 300}
        trend = api.person.get("/points/acme/TK101.LT01/trend", params=query).json()
        # The counts of samples are asked of the same gateway, whenever an hour has passed.
        assert [asked for asked in side.asked if asked[0] != "/counts"] == [
            ("/history/acme%2FTK101.LT01", {k: str(v) for k, v in query.items()}, f"Bearer {api.token}")
        ]
    assert len(trend["source_time"]) == len(trend["value"]) == len(trend["quality"]) == 300
    assert (trend["value"][125], trend["quality"][125]) == (None, "bad_sensor_failure")
    assert trend["limits"]["HH"] == 95.0


def test_trend_of_an_unreachable_gateway_is_a_problem_that_names_it(tmp_path: Path) -> None:
    with running_api(tmp_path, gateway_url="http://127.0.0.1:9") as api:
        answer = api.person.get("/points/acme/TK101.LT01/trend")
        failed = api.metric("hazardwatch_api_answers_failed_total", kind="gateway-unreachable")
    assert (answer.status_code, failed) == (503, 1)
    assert answer.json()["type"].endswith("gateway-unreachable")
    assert "http://127.0.0.1:9" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ((503, b"sealing"), 503),
        ((404, b"no such point"), 502),
        ((200, b"<html>"), 502),
        ((200, b'{"source_time": [1], "value": [], "quality": []}'), 502),
    ],
)
def test_trend_that_the_gateway_refuses_is_a_problem(tmp_path: Path, said, status: int) -> None:
    with history_side() as side, running_api(tmp_path, gateway_url=side.url) as api:
        side.answer = said
        answer = api.person.get("/points/acme/TK101.LT01/trend")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/page/../app.py", 404),
        ("GET", "/page/index.html", 404),
        ("DELETE", "/alarms", 405),
        ("GET", "/alarms/unknown", 404),
        ("POST", "/alarms/unknown/acknowledge", 404),
        ("GET", "/alarms?limit=0", 422),
        ("GET", "/alarms?state=SLEEPING", 422),
        ("GET", "/alarms?after=%21%21", 422),
        ("GET", "/points/acme/none/trend", 404),
        ("GET", "/points/acme/TK101.LT01/trend?start=5&end=5", 422),
    ],
)
def test_every_error_is_a_problem(api: Api, method: str, path: str, status: int) -> None:
    answer = api.person.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:hazardwatch:problem:")
    assert problem["title"]
    assert problem["detail"]


def test_body_that_is_too_large_or_not_json_is_a_problem(api: Api) -> None:
    path = "/alarms/x/acknowledge"
    assert api.person.post(path, content=b"{").status_code == 422
    large = api.person.post(path, content=b'{"comment": "' + b"x" * 100_000 + b'"}')
    assert large.status_code == 413
    assert large.headers["content-type"] == "application/problem+json"


def test_unexpected_error_tells_the_client_nothing_of_its_inside(api: Api, monkeypatch) -> None:
    from api.service import AlarmService

    async def broken(*_args: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(AlarmService, "counts", broken)
    answer = api.person.get("/alarms/summary")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_every_answer_carries_the_security_headers(api: Api) -> None:
    for answer in (api.nobody.get("/"), api.person.get("/alarms"), api.nobody.get("/alarms")):
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert api.person.get("/alarms").headers["cache-control"] == "no-store"


def test_health_tells_what_is_missing_until_the_gateway_delivers(api: Api) -> None:
    early = api.nobody.get("/health")
    assert early.status_code == 503
    assert early.json()["reasons"] == ["no gateway has delivered values since the start"]
    assert early.json()["live"] is True
    assert api.nobody.get("/health/live").status_code == 200
    api.post("/intake/values", values(time.time_ns()))
    assert api.nobody.get("/health").json() == {"live": True, "ready": True, "reasons": []}


def test_openapi_describes_problems_and_intake(api: Api) -> None:
    document = api.person.get("/openapi.json").json()
    conflict = document["paths"]["/intake/conditions"]["post"]["responses"]["409"]
    assert list(conflict["content"]) == ["application/problem+json"]
    body = document["paths"]["/intake/conditions"]["post"]["requestBody"]["content"]["application/json"]
    assert "sequence" in body["schema"]["properties"]["changes"]["items"]["properties"]
    assert "$defs" not in str(body)


def test_settings_all_have_a_description() -> None:
    for name, field in ApiSettings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_settings_come_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("HAZARDWATCH_API_PORT", "9000")
    monkeypatch.setenv("HAZARDWATCH_API_DATA_FOLDER", "/srv/hw")
    settings = ApiSettings()
    assert settings.port == 9000
    assert settings.operators_file == Path("/srv/hw/operators.json")


def test_client_that_goes_away_while_it_sends_is_counted_without_a_trace(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    head = (
        f"POST /intake/values HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {api.token}\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", api.port)) as leaving:
        leaving.sendall(head.encode())
    name = "hazardwatch_api_deliveries_refused_total"
    wait_until(lambda: api.metric(name, reason="client_gone") == 1, "the delivery to be counted")
    assert api.person.get("/points").status_code == 200
    assert [record for record in caplog.records if record.exc_info] == []


def test_search_for_a_text_in_all_of_history_is_refused_with_what_would_narrow_it(api: Api) -> None:
    refused = api.person.get("/alarms", params={"text": "液位"})
    assert refused.status_code == 422
    assert "give since, open or point" in refused.json()["detail"]
    for narrow in ({"open": True}, {"since": 1}, {"point": "acme/TK101.LT01"}):
        assert api.person.get("/alarms", params={"text": "液位", **narrow}).status_code == 200
