"""Annunciations and floods as the running service keeps them, and the figures it gives of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.alarm_timelines import TEMPERATURE, Life, living
from tests.api.plant import SECOND, T0
from tests.api.serving import wait_until


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with living(tmp_path / "data") as running:
        yield running


def storm(life: Life, alarms: int, *, every_s: float = 10) -> None:
    """So many episodes of one rule, each over at once."""
    for _ in range(alarms):
        onset = life.clock.now
        life.tell(**TEMPERATURE)
        life.clock.forward(1)
        life.tell(active=False, onset=onset, **TEMPERATURE)
        life.clock.forward(every_s - 1)


def floods(life: Life) -> list[dict]:
    return life.zhang.get("/floods", params={"to": life.clock.now + 1}).json()["floods"]


def desk(life: Life, **query) -> dict:
    found = life.zhang.get("/performance", params={"to": life.clock.now + 1} | query).json()["desks"]
    return {figure["name"]: figure for figure in found[0]["figures"]} | found[0]


def test_flood_is_kept_with_its_beginning_and_ends_by_itself(life: Life) -> None:
    storm(life, 10)
    assert floods(life) == []
    storm(life, 1)
    (flood,) = floods(life)
    assert (flood["enterprise"], flood["started"], flood["ended"]) == ("acme", T0 + 100 * SECOND, None)
    life.clock.forward(700)
    wait_until(lambda: floods(life)[0]["ended"], "the flood to end")
    assert floods(life)[0]["ended"] == T0 + (60 + 600) * SECOND
    assert life.api.metric("hazardwatch_api_floods_total") == 1


def test_flood_that_goes_on_is_known_after_a_restart_and_ends_then(tmp_path: Path) -> None:
    with living(tmp_path / "data") as life:
        storm(life, 12)
        assert len(floods(life)) == 1
    with living(tmp_path / "data") as life:
        life.clock.forward(2000)
        wait_until(lambda: floods(life)[0]["ended"], "the flood to end")
        assert floods(life)[0]["ended"] == T0 + (70 + 600) * SECOND


def test_performance_counts_what_was_told_and_not_what_operators_did(life: Life) -> None:
    first = life.tell()
    life.clock.forward(5)
    life.act(first, "acknowledge")
    life.act(first, "confirm", comment="关阀")
    second = life.tell(**TEMPERATURE)
    life.act(second, "shelve", reason="标定", for_s=600)
    life.act(second, "unshelve")
    found = desk(life, enterprise="acme")
    assert found["annunciations"] == 2
    assert found["ack_p95_critical"]["value"] == 5.0
    assert (found["ack_p95_medium"]["numerator"], found["ack_p95_medium"]["denominator"]) == (0, 1)
    assert found["standing"] == 2
    assert found["mean_rate"]["target"]["source"]


def test_alarm_that_asks_again_is_one_more_annunciation(life: Life) -> None:
    alarm = life.tell()
    life.act(alarm, "acknowledge")
    life.clock.forward(1000)
    life.becomes(alarm, "UNACK")
    found = desk(life)
    assert found["annunciations"] == 2
    assert found["chattering"] == []


def test_system_conditions_and_hidden_alarms_are_no_process_alarms(life: Life) -> None:
    life.tell(rule="acme/system/device_offline", point="acme/dev1")
    life.zhang.post("/holds", json={"kind": "out_of_service", **TEMPERATURE, "reason": "检修", "for_s": 3600})
    life.tell(**TEMPERATURE)
    assert desk(life)["annunciations"] == 0
    assert life.api.metric("hazardwatch_api_annunciations_total", alarm_class="system") == 1


def test_first_out_shows_which_alarm_of_the_installation_came_first(life: Life) -> None:
    first = life.tell()
    life.clock.forward(3)
    life.tell(**TEMPERATURE)
    (burst,) = life.zhang.get("/first-out", params={"to": life.clock.now + 1}).json()["bursts"]
    assert burst["first"]["alarm_id"] == first
    assert [(group["unit"], group["annunciations"]) for group in burst["groups"]] == [("TK101", 2)]


def test_window_that_is_empty_or_endless_is_refused(life: Life) -> None:
    for window in ({"from": 5, "to": 5}, {"from": 0, "to": 2**62}):
        answer = life.zhang.get("/performance", params=window)
        assert answer.status_code == 422
        assert "366 days" in answer.json()["detail"]
    assert life.zhang.get("/performance", params={"enterprise": "other"}).status_code == 404
