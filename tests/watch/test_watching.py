"""The running service watches itself: checks become alarms and end, probes are timed, pings go out."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.api.plant import change, delivery, values
from tests.api.serving import Api, running_api, wait_until
from tests.watch.stand_ins import figures, serving

QUICK = {"watch_every_s": 0.1}
PROBE = {"rule": "acme/system/probe", "point": "acme/gw1", "value": None, "cause": "event"}


def alarms(api: Api, kind: str) -> list[dict[str, Any]]:
    found = api.person.get("/alarms", params={"limit": 500}).json()["alarms"]
    return [alarm for alarm in found if alarm["rule"] == f"service/system/{kind}"]


def check(api: Api, kind: str) -> dict[str, Any] | None:
    found = [c for c in api.person.get("/watch").json()["checks"] if c["kind"] == kind]
    return found[0] if found else None


def state(api: Api, kind: str) -> str:
    found = check(api, kind)
    return found["state"] if found else ""


def deliver_values(api: Api) -> None:
    api.post("/intake/values", values(time.time_ns())).raise_for_status()


def test_silent_gateway_is_an_alarm_about_it_that_ends_when_it_delivers(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK, watch_gateway_silent_s=0.6) as api:
        deliver_values(api)
        wait_until(lambda: state(api, "gateway_silent") == "good", "the first look")
        (alarm,) = wait_until(lambda: alarms(api, "gateway_silent"), "the alarm")
        assert (alarm["point"], alarm["priority"], alarm["active"]) == ("gw1", "CRITICAL", True)
        assert "没有数据送达" in alarm["text"]
        assert api.person.get("/watch").json()["well"] is False

        def ended() -> bool:
            deliver_values(api)
            return not alarms(api, "gateway_silent")[0]["active"]

        wait_until(ended, "its end")


def test_gateway_of_earlier_days_is_missed_after_a_restart(tmp_path: Path) -> None:
    with running_api(tmp_path) as api:
        api.post("/intake/conditions", delivery(change(1))).raise_for_status()
    with running_api(tmp_path, **QUICK, watch_gateway_silent_s=0.3) as api:
        (alarm,) = wait_until(lambda: alarms(api, "gateway_silent"), "the alarm")
        assert alarm["point"] == "gw1"


def test_alarm_of_an_earlier_life_ends_when_its_check_is_good_or_is_made_no_more(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK, watch_gateway_silent_s=0.1, watch_disk_free_bytes=1e18) as api:
        wait_until(lambda: alarms(api, "gateway_silent") and alarms(api, "disk_low"), "both alarms")
    with running_api(tmp_path, **QUICK) as api:
        deliver_values(api)
        wait_until(lambda: not alarms(api, "disk_low")[0]["active"], "the end of one")
        wait_until(lambda: not alarms(api, "gateway_silent")[0]["active"], "the end of the other")
        assert len(alarms(api, "disk_low")) == 1


def test_lag_of_a_gateway_is_an_alarm_with_its_name(tmp_path: Path) -> None:
    shown = figures(name="north", journal=9, history=3)
    with (
        serving(lambda _method, _path: (200, shown)) as url,
        running_api(tmp_path, **QUICK, gateway_url=url, watch_history_lag_s=0.3) as api,
    ):
        (alarm,) = wait_until(lambda: alarms(api, "history_lag"), "the alarm")
        assert (alarm["point"], alarm["priority"]) == ("north", "LOW")
        assert api.metric("hazardwatch_api_watch_bad", about="north", check="history_lag") == 1
        assert api.metric("hazardwatch_api_watch_limit", about="north", check="history_lag") == 0.3


def test_gateway_whose_figures_cannot_be_read_is_told(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK, gateway_url="http://127.0.0.1:9", watch_unobserved_s=0.3) as api:
        (alarm,) = wait_until(lambda: alarms(api, "gateway_unobserved"), "the alarm")
        assert alarm["point"] == "127.0.0.1:9"
        assert state(api, "history_lag") == "unknown"


def test_probe_comes_out_of_the_sandbox_is_timed_and_is_no_alarm(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK) as api:
        deliver_values(api)
        onset = time.time_ns()
        body = delivery(
            change(1, onset=onset, **PROBE),
            change(2, active=False, onset=onset, **PROBE),
            change(3),
        )
        answer = api.post("/intake/conditions", body).json()
        assert answer["accepted_through"] == 3
        (probe,) = wait_until(
            lambda: [p for p in api.person.get("/watch").json()["probes"] if p["measured"]], "the probe"
        )
        assert probe["gateway"] == "gw1"
        assert 0 <= probe["last_latency_s"] < 20
        assert probe["p95_latency_s"] == probe["last_latency_s"]
        assert api.metric("hazardwatch_api_probe_seconds_count", gateway="gw1") == 1
        assert api.metric("hazardwatch_api_probes_total", gateway="gw1") == 1
        listed = {alarm["rule"] for alarm in api.person.get("/alarms").json()["alarms"]}
        assert "acme/system/probe" not in listed
        assert "acme/TK101.LT01/HH" in listed, "an alarm beside a probe is taken as ever"


def test_probe_that_is_delivered_twice_is_one(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK) as api:
        body = delivery(change(1, **PROBE), change(2, active=False, **PROBE))
        for _ in range(2):
            api.post("/intake/conditions", body).raise_for_status()
        assert api.metric("hazardwatch_api_probes_total", gateway="gw1") == 1
        again = delivery(change(1, **PROBE), journal="another")
        api.post("/intake/conditions", again).raise_for_status()
        found = wait_until(lambda: api.person.get("/watch").json()["probes"], "the figures")
        assert len(found) == 1


def test_probe_that_stays_away_is_an_alarm(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK, watch_probe_missing_s=0.5) as api:
        deliver_values(api)
        (alarm,) = wait_until(lambda: alarms(api, "probe_missing"), "the alarm")
        assert (alarm["point"], alarm["priority"]) == ("gw1", "HIGH")


def test_clock_of_a_gateway_that_is_off_is_an_alarm_and_does_not_spoil_the_probes_time(
    tmp_path: Path,
) -> None:
    ahead = 3600 * 1_000_000_000
    with running_api(tmp_path, **QUICK) as api:
        api.post("/intake/values", values(time.time_ns() + ahead)).raise_for_status()
        (alarm,) = wait_until(lambda: alarms(api, "clock_offset"), "the alarm")
        assert alarm["point"] == "gw1"
        onset = time.time_ns() + ahead
        api.post("/intake/conditions", delivery(change(1, onset=onset, **PROBE))).raise_for_status()
        (probe,) = wait_until(
            lambda: [p for p in api.person.get("/watch").json()["probes"] if p["measured"]], "the probe"
        )
        assert probe["last_latency_s"] < 20


def test_ping_goes_out_while_all_is_well_and_stays_away_when_not(tmp_path: Path) -> None:
    calls: list[tuple[str, str]] = []

    def answer(method: str, path: str) -> tuple[int, str]:
        calls.append((method, path))
        return 200, "OK"

    with serving(answer) as url:
        more = {"watch_ping_url": f"{url}/secret-id", "watch_ping_every_s": 0.1, "watch_ping_method": "POST"}
        with running_api(tmp_path, **QUICK, **more, watch_gateway_silent_s=1.0) as api:
            deliver_values(api)
            wait_until(lambda: calls, "a ping")
            assert calls[0] == ("POST", "/secret-id")
            wait_until(lambda: state(api, "gateway_silent") == "bad", "silence")
            withheld = api.metric("hazardwatch_api_pings_total", outcome="withheld")
            before = len(calls)
            wait_until(
                lambda: api.metric("hazardwatch_api_pings_total", outcome="withheld") > withheld + 2, "more"
            )
            assert len(calls) <= before + 1, "one may have been on its way"


def test_ping_that_fails_is_counted_and_does_not_stop_the_next(tmp_path: Path) -> None:
    more = {"watch_ping_url": "http://127.0.0.1:9/", "watch_ping_every_s": 0.1}
    with running_api(tmp_path, **QUICK, **more) as api:
        wait_until(lambda: api.metric("hazardwatch_api_pings_total", outcome="failed") > 1, "two failures")


def test_watch_is_for_persons(tmp_path: Path) -> None:
    with running_api(tmp_path, **QUICK) as api:
        assert api.nobody.get("/watch").status_code == 401
        wait_until(lambda: len(api.person.get("/watch").json()["checks"]) >= 11, "the first look")
        kinds = {c["kind"] for c in api.person.get("/watch").json()["checks"]}
        assert {"disk_low", "store_slow", "timers_late", "outbox_lag", "event_loop_slow"} <= kinds


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org/ping"])
def test_ping_address_that_is_none_is_refused_at_the_door(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="write https"), running_api(tmp_path, watch_ping_url=url):
        pass
