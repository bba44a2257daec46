"""The live stream to the screens, over a real WebSocket."""

import json
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from alarm_rules.condition import PointValue
from api.auth.principal import Principal
from api.live import LiveHub
from api.live_watch import LONGEST_ID, MOST_BYTES, MOST_POINTS, Places
from api.metrics import Metrics
from api.values import LatestValues
from tests.api.plant import SECOND, T0, change, delivery, values
from tests.api.serving import Api, receive, receive_alarms, running_api, wait_until


def test_live_stream_begins_with_a_snapshot_of_open_alarms_and_values(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    api.post("/intake/values", values(T0, PointValue("acme/TK101.LT01", T0 - SECOND, 96.5, "good")))
    with api.live() as screen:
        first = json.loads(screen.recv(timeout=10))
    assert first["type"] == "snapshot"
    assert [alarm["state"] for alarm in first["alarms"]] == ["UNACK"]
    assert first["open_alarms"] == 1
    (group,) = first["values"]
    assert group == {"gateway": "gw1", "rows": [["acme/TK101.LT01", T0 - SECOND, 96.5, "good"]]}
    (feed,) = first["feeds"]
    assert feed["gateway_time"] >= T0
    assert feed["silent"] is False


def test_live_alarm_is_the_alarm_of_the_api(api: Api) -> None:
    with api.live() as screen:
        receive(screen, "snapshot")
        api.post("/intake/conditions", delivery(change(1)))
        (pushed,) = receive_alarms(screen)
    assert pushed == api.person.get("/alarms").json()["alarms"][0]


def test_deltas_follow_the_snapshot_without_a_gap(api: Api) -> None:
    with api.live() as screen:
        sequence = receive(screen, "snapshot")["seq"]
        for number in range(1, 21):
            api.post("/intake/conditions", delivery(change(number, onset=T0 + number)))
        for _ in range(20):
            delta = receive(screen, "delta")
            assert delta["seq"] == sequence + 1
            sequence = delta["seq"]


def test_acknowledgement_is_told_to_every_screen_and_a_closed_alarm_leaves_the_snapshot(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), change(2, active=False)))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    with api.live() as one, api.live() as two:
        for screen in (one, two):
            receive(screen, "snapshot")
        api.person.post(f"/alarms/{alarm['id']}/acknowledge", json={"comment": "正常"})
        for screen in (one, two):
            (told,) = receive_alarms(screen)
            assert (told["state"], told["acknowledged"]["by"]) == ("NORM", "张伟")
    with api.live() as screen:
        assert receive(screen, "snapshot")["alarms"] == []


def test_values_are_gathered_and_only_new_ones_are_sent(api: Api) -> None:
    with api.live() as screen:
        receive(screen, "snapshot")
        for n in range(5):
            row = PointValue("acme/TK101.LT01", T0 + n, 50.0 + n, "good")
            api.post("/intake/values", values(T0 + n, row))
        seen = []
        while not seen or seen[-1] != 54.0:
            (group,) = receive(screen, "delta")["values"]
            seen.append(group["rows"][0][2])
        assert seen == sorted(seen)
        api.post("/intake/values", values(T0 + 9, row))
        heartbeats = [receive(screen, "heartbeat")["seq"] for _ in range(2)]
        assert heartbeats[0] == heartbeats[1], "an unchanged value was sent again"


def test_screen_that_asks_is_given_a_new_snapshot(api: Api) -> None:
    with api.live() as screen:
        receive(screen, "snapshot")
        api.post("/intake/conditions", delivery(change(1)))
        receive(screen, "delta")
        screen.send('{"type": "resync"}')
        assert len(receive(screen, "snapshot")["alarms"]) == 1


def test_heartbeat_tells_of_a_silent_gateway(tmp_path: Path) -> None:
    with running_api(tmp_path, feed_silent_after_s=0.2, heartbeat_s=0.1) as api, api.live() as screen:
        assert receive(screen, "heartbeat")["feeds"] == []
        api.post("/intake/values", values(T0))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            feeds = receive(screen, "heartbeat")["feeds"]
            if feeds and feeds[0]["silent"]:
                break
        assert feeds[0]["silent"]
        assert feeds[0]["heard_ago_s"] > 0.2


def test_slow_screen_is_given_a_snapshot_instead_of_a_loss(tmp_path: Path) -> None:
    """It stops reading while deliveries come; then it must know the last one all the same."""
    with running_api(tmp_path, live_queue=8) as api, api.live() as slow:
        receive(slow, "snapshot")
        for number in range(1, 201):
            told = change(number, onset=T0 + number, text="x" * 300_000)
            api.post("/intake/conditions", delivery(told))
            if api.metric("hazardwatch_api_live_overflows_total"):
                break
        assert api.metric("hazardwatch_api_live_overflows_total") >= 1
        sequence = None
        seen: set[int] = set()
        while T0 + number not in seen:
            message = json.loads(slow.recv(timeout=10))
            if message["type"] == "snapshot":
                seen = {alarm["onset"] for alarm in message["alarms"]}
            elif message["type"] == "delta":
                assert message["seq"] == sequence + 1 if sequence is not None else True
                seen |= {alarm["onset"] for alarm in message["alarms"]}
            sequence = message["seq"]


def test_snapshot_is_limited_to_the_most_urgent_alarms_and_says_how_many_there_are(tmp_path: Path) -> None:
    with running_api(tmp_path, live_alarms=2) as api:
        api.post(
            "/intake/conditions",
            delivery(
                change(1, rule="acme/TK101.LT01/H"),
                change(2, rule="acme/A1.GT01/H", point="acme/A1.GT01"),
                change(3),
            ),
        )
        with api.live() as screen:
            snapshot = receive(screen, "snapshot")
    assert [alarm["priority"] for alarm in snapshot["alarms"]] == ["CRITICAL", "HIGH"]
    assert snapshot["open_alarms"] == 3


def test_too_many_screens_are_refused(tmp_path: Path) -> None:
    with running_api(tmp_path, max_live_clients=1) as api, api.live() as first:
        receive(first, "snapshot")
        with api.live() as second, pytest.raises(ConnectionClosed) as closed:
            second.recv(timeout=10)
        assert closed.value.rcvd.code == 1013
        assert api.metric("hazardwatch_api_live_refused_total") == 1


def test_screen_that_left_is_forgotten(api: Api) -> None:
    with api.live() as screen:
        receive(screen, "snapshot")
        assert api.metric("hazardwatch_api_live_clients") == 1
    wait_until(lambda: api.metric("hazardwatch_api_live_clients") == 0, "the screen to be forgotten")


def test_hub_replaces_what_waits_by_one_snapshot_when_there_is_no_room() -> None:
    metrics = Metrics()
    latest = LatestValues({"p"}, 5.0)
    hub = LiveHub(latest, lambda _: True, metrics, lambda: T0, Places({}), snapshot_alarms=10, queue=2)
    client = hub.join(Principal("x", frozenset()))
    assert json.loads(client.take(hub))["seq"] == 0
    for n in range(5):
        latest.take(values(T0, PointValue("p", T0 + n, float(n), "good")), T0)
        hub.send_values()
    message = json.loads(client.take(hub))
    assert (message["type"], message["seq"]) == ("snapshot", 5)
    assert message["values"][0]["rows"][0][2] == 4.0
    assert client.take(hub) is None
    assert metrics.registry.get_sample_value("hazardwatch_api_live_overflows_total") == 1


LEVEL, TEMPERATURE, GAS = "acme/TK101.LT01", "acme/TK101.TT01", "acme/A1.GT01"


def read(api: Api, number: float, *points: str) -> None:
    """New values of these points arrive from the gateway."""
    rows = [PointValue(point, T0 + int(number), number, "good") for point in points]
    assert api.post("/intake/values", values(T0, *rows)).status_code == 200


def told_of(message: dict) -> dict[str, float]:
    return {row[0]: row[2] for group in message["values"] for row in group["rows"]}


def say(screen: ClientConnection, **watch: object) -> None:
    screen.send(json.dumps({"type": "watch"} | watch))


def test_screen_that_says_what_it_shows_is_sent_these_values_and_every_alarm(api: Api) -> None:
    read(api, 1, LEVEL, TEMPERATURE, GAS)
    with api.live(watch={"points": [TEMPERATURE]}) as screen:
        assert told_of(receive(screen, "snapshot")) == {TEMPERATURE: 1.0}
        read(api, 2, LEVEL, TEMPERATURE, GAS)
        assert told_of(receive(screen, "delta")) == {TEMPERATURE: 2.0}
        api.post("/intake/conditions", delivery(change(1, point=LEVEL)))
        (alarm,) = receive_alarms(screen)
        assert alarm["point"] == LEVEL


def test_installation_stands_for_all_its_points(api: Api) -> None:
    read(api, 1, LEVEL, TEMPERATURE, GAS)
    with api.live(watch={"installations": ["acme/tank-farm"]}) as screen:
        assert set(told_of(receive(screen, "snapshot"))) == {LEVEL, TEMPERATURE, GAS}


def test_changed_watch_is_answered_with_a_snapshot_and_the_numbers_go_on_from_it(api: Api) -> None:
    read(api, 1, LEVEL, GAS)
    with api.live(watch={"points": [LEVEL]}) as screen:
        assert told_of(receive(screen, "snapshot")) == {LEVEL: 1.0}
        say(screen, points=[GAS])
        snapshot = receive(screen, "snapshot")
        assert told_of(snapshot) == {GAS: 1.0}
        read(api, 2, LEVEL, GAS)
        delta = receive(screen, "delta")
        assert (delta["seq"], told_of(delta)) == (snapshot["seq"] + 1, {GAS: 2.0})


def test_screen_that_shows_no_values_is_sent_none_and_its_heartbeat_goes_on(tmp_path: Path) -> None:
    with running_api(tmp_path, heartbeat_s=0.05) as api, api.live(watch={}) as screen:
        number = receive(screen, "snapshot")["seq"]
        with api.live() as other:
            receive(other, "snapshot")
            read(api, 1, LEVEL)
            receive(other, "delta")
        beats = [receive(screen, "heartbeat") for _ in range(3)]
    assert [beat["seq"] for beat in beats] == [number] * 3
    assert beats[-1]["feeds"][0]["gateway"] == "gw1"


def test_screen_without_alarms_is_told_how_many_are_open(api: Api) -> None:
    with api.live(watch={"alarms": False}) as screen:
        receive(screen, "snapshot")
        api.post("/intake/conditions", delivery(change(1)))
        delta = receive(screen, "delta")
        while not delta["open_alarms"]:
            delta = receive(screen, "delta")
        say(screen, alarms=True)
        assert len(receive(screen, "snapshot")["alarms"]) == 1
    assert (delta["open_alarms"], delta["alarms"]) == (1, [])


def test_points_that_are_in_no_register_are_left_out_of_a_watch(api: Api) -> None:
    read(api, 1, LEVEL)
    named = {"points": ["acme/nobody", LEVEL, "elsewhere/LT1"], "installations": ["acme/nowhere", "", "/"]}
    with api.live(watch=named) as screen:
        assert told_of(receive(screen, "snapshot")) == {LEVEL: 1.0}


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "watch", "points": "acme/TK101.LT01"}',
        '{"type": "watch", "tags": []}',
        '{"type": "watch", "points": ["' + "x" * (LONGEST_ID + 1) + '"]}',
        json.dumps({"type": "watch", "points": ["x"] * (MOST_POINTS + 1)}),
        '{"type": "hello", "key": "again"}',
        "液",
    ],
    ids=["no-list", "unknown-member", "long-id", "too-many", "second-hello", "no-json"],
)
def test_watch_that_cannot_be_understood_ends_the_connection_with_a_reason(api: Api, message: str) -> None:
    with api.live() as screen:
        receive(screen, "snapshot")
        screen.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
    assert closed.value.rcvd.code == 4400
    assert closed.value.rcvd.reason.startswith("only resync and watch are understood here: ")


def test_message_longer_than_a_watch_can_be_is_not_read(api: Api) -> None:
    with api.live() as screen:
        screen.send(json.dumps({"type": "watch", "points": ["x" * MOST_BYTES]}))
        with pytest.raises(ConnectionClosed) as closed:
            receive(screen, "never")
    assert closed.value.rcvd.code == 1009
