"""Rules and kinds over HTTP: pages to any place, every fact of a rule, its alarms of late."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.plant import SECOND, T0, change, delivery
from tests.api.serving import Api, running_api

NOW = T0 + 10 * 86_400 * SECOND


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("rules") / "data") as running:
        yield running


def test_page_from_any_place_is_that_part_of_the_whole(api: Api) -> None:
    whole = api.person.get("/rules").json()
    assert (whole["total"], len(whole["rules"])) == (3, 3)
    assert api.person.get("/rules", params={"skip": 1, "limit": 1}).json()["rules"] == whole["rules"][1:2]
    beyond = api.person.get("/rules", params={"skip": 99}).json()
    assert (beyond["total"], beyond["rules"]) == (3, [])


def test_rules_of_a_point_have_its_set_points_in_its_unit(api: Api) -> None:
    rules = api.person.get("/rules", params={"point": "acme/A1.GT01"}).json()["rules"]
    assert [rule["id"] for rule in rules] == ["acme/A1.GT01/H"]
    values = {each["name"]: (each["value"], each["unit"]) for each in rules[0]["parameters"]}
    assert values == {"side": ("H", ""), "setpoint": (85.0, "%LEL"), "deadband": (0.0, "%LEL")}
    assert (rules[0]["priority"], rules[0]["consequence"]) == ("HIGH", "储罐可能冒顶。")


def test_rule_shows_every_fact_by_the_name_that_a_change_gives_it(api: Api) -> None:
    rule = api.person.get("/rules/acme/TK101.LT01/HH").json()
    facts = {each["field"]: each for each in rule["facts"]}
    assert (facts["when.setpoint"]["value"], facts["when.setpoint"]["unit"]) == (95.0, "%")
    assert (facts["on_delay_s"]["unit"], facts["latched"]["value"]) == ("s", True)
    assert (facts["point"]["may_change"], facts["when.setpoint"]["may_change"]) == (False, True)


def test_rule_tells_its_alarms_of_late_and_how_soon_they_were_answered(tmp_path: Path) -> None:
    now = [T0]
    rule, point = "acme/TK101.LT01/H", "acme/TK101.LT01"
    with running_api(tmp_path / "data", clock=lambda: now[0]) as api:
        number = 0
        for minute in range(4):
            for active in (True, False):
                number += 1
                onset = T0 + minute * 60 * SECOND
                after = 0 if active else 20
                now[0] = onset + after * SECOND
                told = change(number, rule=rule, point=point, onset=onset, active=active, after_s=after)
                assert api.post("/intake/conditions", delivery(told)).status_code == 200
                if active:
                    now[0] += 5 * SECOND
                    alarm = api.person.get("/alarms", params={"open": True, "point": point}).json()["alarms"][
                        0
                    ]
                    done = api.person.post(f"/alarms/{alarm['id']}/acknowledge", json={"comment": "x"})
                    assert done.status_code == 200, done.text
        now[0] += SECOND
        noise = api.person.get(f"/rules/{rule}").json()["noise"]
        assert (noise["alarms"], noise["acknowledged"], noise["median_to_acknowledge_s"]) == (4, 4, 5.0)
        assert noise["worst_transitions"] == 8
        now[0] = T0 + 40 * 86_400 * SECOND
        assert api.person.get(f"/rules/{rule}").json()["noise"]["alarms"] == 0


def test_unknown_rule_is_not_found(api: Api) -> None:
    answer = api.person.get("/rules/acme/nothing")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:hazardwatch:problem:unknown-rule")


def test_kinds_of_detectors_are_described(api: Api) -> None:
    kinds = {kind["name"]: kind for kind in api.person.get("/detector-kinds").json()["kinds"]}
    assert {"limit", "stale", "time_to_limit"} <= set(kinds)
    setpoint = next(each for each in kinds["limit"]["parameters"] if each["name"] == "setpoint")
    assert (setpoint["required"], setpoint["unit"]) == (True, "point")
    assert setpoint["doc"].startswith("The limit")
    assert "限值" in setpoint["doc_zh"]
    assert "设定值" in kinds["limit"]["meaning_zh"]
    assert kinds["stale"]["figure_zh"] == "已静默的秒数"
    assert all("质量：" in "".join(kind["paragraphs_zh"]) for kind in kinds.values())
    assert all("出处：" in "".join(kind["evidence_zh"]) for kind in kinds.values())
