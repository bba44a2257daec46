"""The whole life of an alarm over HTTP: what persons do, what two of them do, and what the clock does."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.alarm_timelines import GAS, STOPPED, TEMPERATURE, Life, gateway_side, living
from tests.api.plant import T0
from tests.api.serving import wait_until


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with living(tmp_path / "data") as running:
        yield running


def refused(response: httpx.Response, words: str) -> None:
    assert response.status_code == 409, response.text
    assert words in response.json()["detail"]


def test_confirmation_comes_after_the_acknowledgement_and_says_what_was_done(life: Life) -> None:
    alarm = life.tell()
    refused(life.act(alarm, "confirm", comment="关阀"), "acknowledge it first")
    life.act(alarm, "acknowledge")
    assert life.act(alarm, "confirm", comment="").status_code == 422
    assert life.act(alarm, "confirm", comment="关阀").json()["confirmed"]["comment"] == "关阀"
    refused(life.act(alarm, "confirm", comment="再关"), "张伟 has confirmed it already")


def test_acting_on_a_version_that_is_gone_is_refused(life: Life) -> None:
    alarm = life.tell()
    seen = {"If-Match": f'"{life.alarm(alarm)["version"]}"'}
    assert life.zhang.post(f"/alarms/{alarm}/acknowledge", headers=seen).status_code == 200
    late = life.li.post(f"/alarms/{alarm}/confirm", headers=seen, json={"comment": "x"})
    assert late.status_code == 412
    assert life.zhang.post(f"/alarms/{alarm}/acknowledge", headers={"If-Match": "x"}).status_code == 422


def test_shelved_alarm_is_hidden_and_told_again_when_its_time_is_over(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    shelved = life.act(alarm, "shelve", reason="标定", for_s=600).json()
    assert shelved["alarm"]["state"] == "SHLVD"
    assert shelved["hold"]["by"] == "张伟"
    refused(life.act(alarm, "shelve", reason="再来"), "already done by 张伟")
    life.clock.forward(601)
    assert life.becomes(alarm, "UNACK")["annunciated_time"] == life.clock.now
    assert life.kinds(alarm) == ["raised", "shelved", "unshelved"]
    ended = life.zhang.get("/holds", params={"lasting": False}).json()["holds"][0]
    assert (ended["ended_by"], ended["ended_time"]) == ("service", life.clock.now)


def test_shelving_longer_than_allowed_is_refused_with_the_longest(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    refused(life.act(alarm, "shelve", reason="标定", for_s=14401), "4 h at most")
    assert life.act(alarm, "shelve", reason="标定", for_s=14400).status_code == 200


def test_episode_that_begins_while_its_rule_is_shelved_is_born_hidden_and_ends_without_answer(
    life: Life,
) -> None:
    body = {"kind": "out_of_service", **TEMPERATURE, "reason": "检修", "for_s": 7200}
    assert life.zhang.post("/holds", json=body).status_code == 201
    alarm = life.tell(**TEMPERATURE)
    found = life.alarm(alarm)
    assert (found["state"], found["quiet"], found["annunciated_time"]) == ("OOSRV", True, 0)
    life.clock.forward(5)
    life.tell(active=False, onset=T0, **TEMPERATURE)
    assert life.state(alarm) == "NORM"
    refused(life.act(alarm, "acknowledge"), "ended while it was hidden")


def test_one_shot_shelving_ends_with_the_return_to_normal(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    assert life.act(alarm, "shelve", reason="抖动", one_shot=True).status_code == 200
    life.clock.forward(5)
    life.tell(active=False, onset=T0, **TEMPERATURE)
    assert life.state(alarm) == "NORM"
    assert life.zhang.get("/holds").json()["holds"] == []
    again = life.tell(**TEMPERATURE)
    assert life.state(again) == "UNACK"
    life.tell(active=False, onset=life.clock.now, **TEMPERATURE)
    refused(life.act(again, "shelve", reason="晚了", one_shot=True), "Nothing is active")


def test_unshelving_by_hand_keeps_an_answer_that_was_given(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    life.act(alarm, "acknowledge")
    life.act(alarm, "shelve", reason="标定", for_s=600)
    assert life.act(alarm, "unshelve", comment="好了").json()["state"] == "ACKED"
    refused(life.act(alarm, "unshelve"), "nothing to end")


def test_alarm_back_from_maintenance_needs_an_answer_again(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    life.act(alarm, "acknowledge")
    assert life.act(alarm, "remove-from-service", reason="换探头", for_s=600).status_code == 200
    assert life.state(alarm) == "OOSRV"
    assert life.act(alarm, "return-to-service").json()["state"] == "UNACK"


def test_second_level_gas_is_put_aside_by_two_different_persons_only(life: Life) -> None:
    alarm = life.tell(**GAS)
    proposed = life.act(alarm, "shelve", reason="标定", for_s=600).json()
    assert proposed["hold"] is None
    assert proposed["alarm"]["state"] == "UNACK"
    assert proposed["alarm"]["proposed"]["by"] == "张伟"
    waiting = proposed["proposal"]["id"]
    refused(life.zhang.post(f"/proposals/{waiting}/agree"), "cannot agree to his own")
    refused(life.act(alarm, "shelve", life.li, reason="我也要"), "already proposed by 张伟")
    agreed = life.li.post(f"/proposals/{waiting}/agree").json()
    assert (agreed["by"], agreed["agreed_by"]) == ("张伟", "李娜")
    assert life.alarm(alarm)["state"] == "SHLVD"
    assert life.alarm(alarm)["proposed"] is None
    refused(life.li.post(f"/proposals/{waiting}/agree"), "agreed")


def test_proposal_that_nobody_agrees_to_is_void_after_its_time(life: Life) -> None:
    alarm = life.tell(**GAS)
    waiting = life.act(alarm, "remove-from-service", reason="检修", for_s=600).json()["proposal"]["id"]
    life.clock.forward(901)
    wait_until(lambda: life.alarm(alarm)["proposed"] is None, "the proposal to expire")
    refused(life.li.post(f"/proposals/{waiting}/agree"), "expired")
    assert life.state(alarm) == "UNACK"
    assert life.kinds(alarm) == ["raised", "proposed", "proposal_ended"]


def test_proposal_can_be_refused_by_the_other_and_withdrawn_by_its_person(life: Life) -> None:
    alarm = life.tell(**GAS)
    first = life.act(alarm, "shelve", reason="标定").json()["proposal"]["id"]
    assert life.li.post(f"/proposals/{first}/refuse", json={"comment": "不行"}).json()["outcome"] == "refused"
    second = life.act(alarm, "shelve", reason="标定").json()["proposal"]["id"]
    assert life.zhang.post(f"/proposals/{second}/refuse").json()["outcome"] == "withdrawn"
    assert life.zhang.get("/proposals").json()["proposals"] == []


def test_many_are_acknowledged_each_with_its_own_outcome(life: Life) -> None:
    level, temperature, gas = life.tell(), life.tell(**TEMPERATURE), life.tell(**GAS)
    life.act(level, "acknowledge", life.li)
    body = {"ids": [level, temperature, gas, "nothing"], "comment": "交接"}
    answers = life.zhang.post("/alarms/acknowledge", json=body).json()["answers"]
    assert [answer["outcome"] for answer in answers] == ["refused", "acknowledged", "refused", "unknown"]
    assert "李娜" in answers[0]["detail"]
    assert "by itself" in answers[2]["detail"]
    assert life.state(gas) == "UNACK"


def test_answered_alarm_that_stays_active_asks_again(life: Life) -> None:
    alarm = life.tell()
    life.act(alarm, "acknowledge")
    life.clock.forward(899)
    assert life.state(alarm) == "ACKED"
    life.clock.forward(2)
    life.becomes(alarm, "UNACK")
    assert life.kinds(alarm)[-1] == "re_alarmed"


def test_answered_alarm_that_ended_does_not_ask_again(life: Life) -> None:
    alarm = life.tell()
    life.act(alarm, "acknowledge")
    life.tell(active=False, onset=T0)
    other = life.tell(**GAS)
    life.act(other, "acknowledge")
    life.clock.forward(1000)
    life.becomes(other, "UNACK")
    assert life.state(alarm) == "NORM"


def test_suppressed_by_design_follows_the_rule_that_suppresses(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    life.act(alarm, "acknowledge")
    stopped = life.clock.now
    life.tell(**STOPPED)
    found = life.alarm(alarm)
    assert (found["state"], found["suppressed_by"]) == ("DSUPR", ["acme/TK101.LT01/H"])
    life.clock.forward(10)
    life.tell(active=False, onset=stopped, **STOPPED)
    assert life.state(alarm) == "UNACK"
    assert life.kinds(alarm) == ["raised", "acknowledged", "suppressed", "unsuppressed"]


def test_alarm_that_begins_and_ends_suppressed_is_counted_and_closed(life: Life) -> None:
    life.tell(**STOPPED)
    alarm = life.tell(**TEMPERATURE)
    assert life.state(alarm) == "DSUPR"
    assert {"state": "DSUPR", "priority": "MEDIUM", "alarms": 1} in life.zhang.get("/alarms/summary").json()[
        "counts"
    ]
    life.tell(active=False, onset=T0, **TEMPERATURE)
    assert life.state(alarm) == "NORM"


def test_horn_sounds_until_silenced_and_again_with_the_next_alarm(life: Life) -> None:
    def sounding() -> bool:
        (horn,) = [h for h in life.zhang.get("/horns").json()["horns"] if h["enterprise"] == "acme"]
        return bool(horn["sounding"])

    assert not sounding()
    first = life.tell()
    assert sounding()
    life.clock.forward(1)
    assert life.zhang.post("/horns/silence", json={"enterprise": "acme"}).status_code == 204
    assert not sounding()
    assert life.state(first) == "UNACK"
    life.clock.forward(1)
    second = life.tell(**TEMPERATURE)
    assert sounding()
    life.act(second, "acknowledge")
    assert not sounding()
    assert life.zhang.post("/horns/silence", json={"enterprise": "nobody"}).status_code == 404


def test_reset_is_asked_of_the_gateway_and_waits_for_its_change(tmp_path: Path) -> None:
    with gateway_side() as gateway:
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        with living(tmp_path / "data", gateway_url=url) as life:
            alarm = life.tell()
            refused(life.act(alarm, "reset"), "acknowledge it first")
            life.act(alarm, "acknowledge")
            wanted = life.act(alarm, "reset", comment="现场已确认")
            assert wanted.status_code == 202
            assert wanted.json()["reset_wanted"]["by"] == "张伟"
            token = f"Bearer {life.api.token}"
            assert gateway.asked == [("/reset", {"rules": ["acme/TK101.LT01/HH"]}, token)]
            refused(life.act(alarm, "reset"), "has asked for the reset")
            life.tell(active=False, onset=T0, cause="reset")
            assert life.state(alarm) == "NORM"
            assert life.alarm(alarm)["reset_wanted"] is None


def test_reset_that_the_gateway_does_not_follow_is_refused_after_a_while(tmp_path: Path) -> None:
    with gateway_side() as gateway:
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        with living(tmp_path / "data", gateway_url=url) as life:
            alarm = life.tell()
            life.act(alarm, "acknowledge")
            life.act(alarm, "reset")
            life.clock.forward(31)
            wait_until(lambda: life.alarm(alarm)["reset_wanted"] is None, "the reset to be refused")
            assert life.alarm(alarm)["history"][-1]["kind"] == "reset_refused"
            assert "still holds" in life.alarm(alarm)["history"][-1]["text"]


@pytest.mark.parametrize(
    ("answer", "words"), [("still_true", "still holds"), ("unknown", "evaluates no rule acme/TK101.LT01/HH")]
)
def test_reset_that_the_gateway_refuses_is_refused_at_once_with_its_reason(
    tmp_path: Path, answer: str, words: str
) -> None:
    with gateway_side() as gateway:
        gateway.answer = (200, {answer: ["acme/TK101.LT01/HH"]})
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        with living(tmp_path / "data", gateway_url=url) as life:
            alarm = life.tell()
            life.act(alarm, "acknowledge")
            refused(life.act(alarm, "reset", comment="先试试"), words)
            assert life.alarm(alarm)["reset_wanted"] is None
            wanted, said_no = life.alarm(alarm)["history"][-2:]
            assert (wanted["kind"], wanted["actor"]) == ("reset_wanted", "operator:张伟")
            assert (said_no["kind"], words in said_no["text"]) == ("reset_refused", True)
            life.clock.forward(31)
            assert life.kinds(alarm).count("reset_refused") == 1
            gateway.answer = (200, {"reset": ["acme/TK101.LT01/HH"]})
            assert life.act(alarm, "reset").status_code == 202
            assert life.alarm(alarm)["reset_wanted"]["by"] == "张伟"


def test_reset_whose_answer_got_lost_waits_for_the_change(tmp_path: Path) -> None:
    """The gateway may have done it: to say that it did not would be a lie."""
    with gateway_side() as gateway:
        gateway.answer = None
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        with living(tmp_path / "data", gateway_url=url) as life:
            alarm = life.tell()
            life.act(alarm, "acknowledge")
            assert life.act(alarm, "reset").status_code == 202
            assert life.alarm(alarm)["reset_wanted"]["by"] == "张伟"
            life.tell(active=False, onset=T0, cause="reset")
            assert life.state(alarm) == "NORM"


@pytest.mark.parametrize("answer", [(404, {}), (200, [1]), (500, "x")], ids=str)
def test_reset_asked_of_something_that_is_no_gateway_is_refused(tmp_path: Path, answer: object) -> None:
    with gateway_side() as gateway:
        gateway.answer = answer
        url = f"http://127.0.0.1:{gateway.server_address[1]}"
        with living(tmp_path / "data", gateway_url=url) as life:
            alarm = life.tell()
            life.act(alarm, "acknowledge")
            said = life.act(alarm, "reset")
            assert said.status_code == 503
            assert str(answer[0]) in said.json()["detail"]
            assert life.alarm(alarm)["reset_wanted"] is None


def test_reset_without_a_gateway_is_refused_and_waits_for_nothing(tmp_path: Path) -> None:
    with living(tmp_path / "data", gateway_url="http://127.0.0.1:1") as life:
        alarm = life.tell()
        life.act(alarm, "acknowledge")
        answer = life.act(alarm, "reset")
        assert answer.status_code == 503
        assert "does not answer" in answer.json()["detail"]
        assert life.alarm(alarm)["reset_wanted"] is None
        assert life.kinds(alarm)[-2:] == ["reset_wanted", "reset_refused"]


def test_hold_lasts_over_a_restart_and_expires_while_nobody_ran(tmp_path: Path) -> None:
    with living(tmp_path / "data") as life:
        alarm = life.tell(**TEMPERATURE)
        life.act(alarm, "shelve", reason="标定", for_s=600)
    with living(tmp_path / "data") as life:
        assert life.state(alarm) == "SHLVD"
        life.clock.forward(700)
        life.becomes(alarm, "UNACK")


def test_alarms_are_found_by_place_class_and_words(life: Life) -> None:
    level, gas = life.tell(), life.tell(**GAS)

    def found(**query: str) -> set[str]:
        return {alarm["id"] for alarm in life.zhang.get("/alarms", params=query).json()["alarms"]}

    assert found(unit="A1") == {gas}
    assert found(enterprise="acme", installation="tank-farm") == {level, gas}
    assert found(text="可燃", since=1) == {gas}
    assert found(text="tk101.lt", since=1) == {level}
    assert found(alarm_class="instrument") == set()
    assert found(gateway="gw1") == {level, gas}
    assert found(until=str(T0)) == set()
    assert found(text="%", since=1) == set()


def test_text_that_no_database_keeps_is_refused_at_the_door(life: Life) -> None:
    alarm = life.tell(**TEMPERATURE)
    assert life.act(alarm, "shelve", reason="\0").status_code == 422
    assert life.zhang.get("/alarms", params={"text": "\0"}).status_code == 422
    assert life.act(alarm, "shelve", reason="标定", for_s=1, until=5).status_code == 422
