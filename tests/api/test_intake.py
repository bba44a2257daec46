"""Deliveries of the gateway against the real service."""

import msgspec
import pytest

from api.intake import BrokenSequence, Position, SequenceGap, admit, keepable
from tests.api.plant import SETPOINTS, T0, change, delivery
from tests.api.serving import Api, running_api


def test_first_delivery_is_accepted_and_raises_the_alarm(api: Api) -> None:
    answer = api.post("/intake/conditions", delivery(change(1)))
    assert (answer.status_code, answer.json()) == (200, {"accepted_through": 1})
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert (alarm["state"], alarm["priority"], alarm["name"]) == ("UNACK", "CRITICAL", "液位高高")
    assert (alarm["enterprise"], alarm["installation"], alarm["unit"]) == ("acme", "tank-farm", "TK101")
    assert alarm["consequence"] == "储罐可能冒顶。"
    assert alarm["latched"]
    assert alarm["onset"] == T0


def test_repeated_delivery_is_answered_and_ignored(api: Api) -> None:
    for _ in range(2):
        assert api.post("/intake/conditions", delivery(change(1))).json() == {"accepted_through": 1}
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert len(api.person.get(f"/alarms/{alarm['id']}").json()["history"]) == 1
    assert api.metric("hazardwatch_api_changes_duplicate_total") == 1
    assert api.metric("hazardwatch_api_changes_accepted_total") == 1


def test_overlapping_delivery_takes_only_the_new_part(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    answer = api.post("/intake/conditions", delivery(change(1), change(2, active=False, after_s=9)))
    assert answer.json() == {"accepted_through": 2}
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert alarm["state"] == "RTNUN"


def test_delivery_after_a_gap_is_refused_with_the_expected_number(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    refused = api.post("/intake/conditions", delivery(change(3, active=False)))
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["expected"] == 2
    assert refused.json()["type"] == "urn:hazardwatch:problem:sequence-gap"
    assert api.person.get("/alarms").json()["alarms"][0]["state"] == "UNACK"
    assert api.metric("hazardwatch_api_deliveries_refused_total", reason="gap") == 1


def test_unreadable_delivery_is_refused_with_the_place_of_the_mistake(api: Api) -> None:
    refused = api.gateway.post("/intake/conditions", content=b'{"gateway": "gw1", "journal": 5}')
    assert refused.status_code == 422
    assert "$.journal" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("onset", 2**63), ("source_time", -(2**63) - 1), ("rule", "acme/\0"), ("point", "\0")],
)
def test_change_that_no_database_can_keep_is_refused_with_its_place(
    api: Api, field: str, value: int | str
) -> None:
    body = msgspec.to_builtins(delivery(change(1)))
    body["changes"][0][field] = value
    refused = api.gateway.post("/intake/conditions", json=body)
    assert refused.status_code == 422
    assert f"$.changes[0].{field}" in refused.json()["detail"]
    assert api.post("/intake/conditions", delivery(change(1))).json() == {"accepted_through": 1}


def test_delivery_beyond_the_size_limit_is_refused(tmp_path) -> None:
    with running_api(tmp_path, max_intake_bytes=2000) as api:
        refused = api.gateway.post("/intake/conditions", content=b" " * 3000)
        assert refused.status_code == 413
        assert refused.json()["type"].endswith("delivery-too-large")


def test_new_journal_begins_at_one_again_and_raises_a_system_alarm(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), journal="j1"))
    answer = api.post("/intake/conditions", delivery(change(1, onset=T0 + 5), journal="j2"))
    assert answer.json() == {"accepted_through": 1}
    alarms = {alarm["rule"]: alarm for alarm in api.person.get("/alarms").json()["alarms"]}
    system = alarms["gw1/system/journal_replaced"]
    assert (system["state"], system["alarm_class"], system["priority"]) == ("RTNUN", "system", "HIGH")
    assert system["text"] == "gw1: j1 → j2"
    assert api.metric("hazardwatch_api_journals_replaced_total") == 1


def test_lost_journal_does_not_leave_its_episode_active_for_ever(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), journal="j1"))
    api.post("/intake/conditions", delivery(change(1, onset=T0 + 5), journal="j2"))
    states = {
        alarm["onset"]: alarm["state"]
        for alarm in api.person.get("/alarms", params={"point": "acme/TK101.LT01"}).json()["alarms"]
    }
    assert states == {T0: "RTNUN", T0 + 5: "UNACK"}


def test_two_gateways_of_one_name_raise_one_alarm_however_often_they_take_turns(api: Api) -> None:
    for turn in range(4):
        sent = delivery(change(1 + turn // 2, onset=T0 + turn), journal=f"j{turn % 2}")
        assert api.post("/intake/conditions", sent).status_code == 200
    system = api.person.get("/alarms", params={"point": "gw1"}).json()["alarms"]
    assert len(system) == 1
    assert api.metric("hazardwatch_api_journals_replaced_total") == 3


def test_earlier_journal_that_comes_back_goes_on_where_it_was(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1), journal="j1"))
    api.post("/intake/conditions", delivery(change(1, onset=T0 + 5), journal="j2"))
    refused = api.post("/intake/conditions", delivery(change(3, onset=T0 + 9), journal="j1"))
    assert refused.json()["expected"] == 2


def test_unknown_rule_is_raised_as_high_and_says_so(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1, rule="acme/elsewhere", point="acme/X")))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert (alarm["priority"], alarm["rule_known"]) == ("HIGH", False)
    assert "acme/elsewhere" in alarm["name"]
    assert "没有此规则" in alarm["consequence"]
    assert "does not have this rule" in alarm["consequence_en"]


def test_system_condition_uses_the_system_rules(api: Api) -> None:
    offline = change(1, rule="acme/system/device_offline", point="acme/gw-7", text="no keep-alive for 90 s")
    api.post("/intake/conditions", delivery(offline))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert (alarm["alarm_class"], alarm["rule_known"], alarm["name_en"]) == ("system", True, "Device offline")
    assert alarm["text"] == "no keep-alive for 90 s"


def test_end_of_an_unseen_episode_is_listed_until_answered(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1, active=False, after_s=30)))
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert alarm["state"] == "RTNUN"


def test_admit_refuses_numbers_that_do_not_rise_by_one() -> None:
    with pytest.raises(BrokenSequence, match="after sequence 1 comes 3"):
        admit([], delivery(change(1), change(3)))


def test_admit_names_the_first_missing_number() -> None:
    with pytest.raises(SequenceGap) as gap:
        admit([Position("gw1", "j1", 4, current=True)], delivery(change(7)))
    assert gap.value.expected == 5


def test_words_with_nul_are_kept_with_a_sign_in_its_place() -> None:
    sent = delivery(change(1, text="a\0b", quality="good\0"), change(2))
    first, second = keepable(sent).changes
    assert (first.text, first.quality) == ("a\ufffdb", "good\ufffd")
    assert second == sent.changes[1]
    assert keepable(delivery(change(1))) == delivery(change(1))


def test_alarm_says_which_limit_was_reached_and_one_without_a_rule_says_none(api: Api) -> None:
    unknown = change(2, rule="acme/elsewhere", point="acme/X")
    api.post("/intake/conditions", delivery(change(1), unknown))
    limits = {alarm["rule"]: alarm["limit"] for alarm in api.person.get("/alarms").json()["alarms"]}
    assert limits == {
        "acme/TK101.LT01/HH": {"side": "HH", "setpoint": SETPOINTS["HH"]},
        "acme/elsewhere": None,
    }
