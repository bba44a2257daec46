"""Rotas over HTTP, against the running service."""

import json
from collections.abc import Iterator

import pytest
from icalendar import Calendar

from api.bilingual import both, halves
from api.rotas.wall_clock import DAY_NS, HOUR_NS
from tests.rotas.rosters import at
from tests.rotas.running import NOW, Desk, body, days, running_desk


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("rotas") / "data") as running:
        yield running


@pytest.fixture
def desk(service: Desk) -> Desk:
    """One service for all tests; each begins with one rota and nothing else."""
    service.forget_rotas()
    answer = service.supervisor.post("/rotas", json=body())
    assert (answer.status_code, answer.json().get("holes")) == (201, []), answer.text
    return service


def a_layer(**more) -> dict:
    return {"name": "每周", "start_date": "2026-03-02", "turns": ["li-na"]} | more


def on_call(desk: Desk, instant: int) -> list[str]:
    return desk.zhang.get("/rotas/control-room/on-call", params={"at": instant}).json()["receivers"]


def test_the_schedule_is_what_the_layers_say(desk: Desk) -> None:
    spans = desk.zhang.get("/rotas/control-room/schedule", params=days(0, 14)).json()["spans"]
    assert [span["receivers"] for span in spans] == [["zhang-wei"], ["li-na"], ["zhang-wei"]]
    assert desk.zhang.get("/rotas/control-room/on-call").json()["source"] == "layer"


def test_a_new_version_leaves_the_past_provable(desk: Desk) -> None:
    change = body(
        layers=[{"name": "每周", "start_date": "2026-03-02", "turns": ["li-na"]}], reason="张伟调岗"
    )
    for name in ("id", "enterprise"):
        del change[name]
    answer = desk.supervisor.put("/rotas/control-room", json=change | {"valid_from": NOW + DAY_NS})
    assert (answer.status_code, answer.json()["version"]) == (200, 1), answer.text
    assert on_call(desk, NOW + DAY_NS - 1) == ["zhang-wei"]
    assert on_call(desk, NOW + DAY_NS) == ["li-na"]
    kept = desk.zhang.get("/rotas/control-room").json()["versions"]
    assert [(one["number"], one["reason"]) for one in kept] == [(1, ""), (2, "张伟调岗")]
    refused = desk.supervisor.put("/rotas/control-room", json=change | {"valid_from": NOW - 1})
    assert refused.status_code == 409
    assert "cannot be valid from the past" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fallback": ""}, "body.fallback"),
        ({"fallback": "nobody"}, "fallback: there is no receiver 'nobody'"),
        ({"fallback": "stranger"}, "there is no receiver 'stranger'"),
        ({"zone": "Asia/Peking"}, "zone: time zone 'Asia/Peking' is not known: write a name such as"),
        (
            {"layers": [a_layer(turns=["zhang-wej"])]},
            "did you mean 'zhang-wei'",
        ),
        (
            {"layers": [a_layer(handover="8")]},
            "handover",
        ),
        (
            {"layers": [a_layer(unit="day")]},
            "rotation: custom",
        ),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_rota_with_a_mistake_is_refused_with_place_and_remedy(desk: Desk, wrong: dict, words: str) -> None:
    answer = desk.supervisor.post("/rotas", json=body(id="another") | wrong)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_a_rota_without_fallback_is_refused(desk: Desk) -> None:
    without = body(id="another")
    del without["fallback"]
    assert "fallback" in desk.supervisor.post("/rotas", json=without).json()["detail"]


def test_an_id_is_taken_once(desk: Desk) -> None:
    assert desk.supervisor.post("/rotas", json=body()).status_code == 409


def test_whoever_may_only_look_changes_nothing(desk: Desk) -> None:
    assert desk.zhang.post("/rotas", json=body(id="another")).status_code == 403
    assert desk.api.nobody.get("/rotas").status_code == 401
    assert desk.zhang.get("/rotas/none").status_code == 404


def test_an_override_counts_and_is_withdrawn(desk: Desk) -> None:
    wanted = {"receivers": ["li-na"], "start": NOW + HOUR_NS, "end": NOW + 9 * HOUR_NS, "reason": "病假"}
    made = desk.supervisor.post("/rotas/control-room/overrides", json=wanted).json()["override"]
    assert made["entered_by"] == "主管"
    assert on_call(desk, NOW + 2 * HOUR_NS) == ["li-na"]
    where = f"/rotas/control-room/overrides/{made['id']}"
    assert desk.supervisor.delete(where).status_code == 204
    assert on_call(desk, NOW + 2 * HOUR_NS) == ["zhang-wei"]
    assert desk.supervisor.delete(where).status_code == 409
    assert desk.zhang.get("/rotas/control-room").json()["overrides"][0]["withdrawn_by"] == "主管"


def test_holes_are_listed_and_raise_an_alarm_that_ends(desk: Desk) -> None:
    nights = {
        "name": "夜班",
        "start_date": "2026-03-02",
        "turns": ["li-na"],
        "restrictions": [{"start": "20:00", "end": "08:00"}],
    }
    made = desk.supervisor.post("/rotas", json=body(id="nights", layers=[nights])).json()
    assert len(made["holes"]) == 14 + 1
    [listed] = desk.zhang.get("/rotas/holes").json()["rotas"]
    assert listed["rota"] == "nights"
    listed_alarms = desk.zhang.get("/alarms?open=true").json()["alarms"]
    [alarm] = [one for one in listed_alarms if one["point"] == listed["alarm_about"]]
    assert alarm["rule"] == "service/system/rota_hole"
    assert (alarm["point"], alarm["active"]) == (listed["alarm_about"], True)
    assert "nights" not in alarm["text"]
    assert desk.supervisor.delete("/rotas/nights").status_code == 204
    assert desk.zhang.get(f"/alarms/{alarm['id']}").json()["active"] is False
    assert desk.zhang.get("/rotas/holes").json()["rotas"] == []


def test_a_receiver_whom_nothing_reaches_is_a_hole(desk: Desk) -> None:
    layer = {"name": "每周", "start_date": "2026-03-02", "turns": ["wang-fang"]}
    made = desk.supervisor.post("/rotas", json=body(id="lonely", layers=[layer])).json()
    assert [hole["unreachable"] for hole in made["holes"]] == [["wang-fang"]]


def test_a_retired_rota_leaves_its_fallback_and_its_past(desk: Desk) -> None:
    assert desk.supervisor.delete("/rotas/control-room").status_code == 204
    assert on_call(desk, NOW + DAY_NS) == ["duty-phone"]
    assert desk.zhang.get("/rotas").json()["rotas"] == []
    assert len(desk.zhang.get("/rotas?retired=true").json()["rotas"]) == 1


def test_a_swap_is_true_once_the_other_has_accepted(desk: Desk) -> None:
    offer = {
        "offered_by": "zhang-wei",
        "offered_to": "li-na",
        "start": NOW + DAY_NS,
        "end": NOW + 2 * DAY_NS,
        "note": "TK101 检修",
    }
    made = desk.zhang.post("/rotas/control-room/swaps", json=offer)
    assert made.status_code == 201, made.text
    where = f"/rotas/control-room/swaps/{made.json()['id']}"
    for other in (desk.zhang, desk.supervisor):
        assert other.post(f"{where}/accept").status_code in (403, 409)
    assert on_call(desk, NOW + DAY_NS) == ["zhang-wei"]
    assert desk.li.post(f"{where}/accept", json={"note": "好"}).json()["state"] == "accepted"
    assert on_call(desk, NOW + DAY_NS) == ["li-na"]
    assert desk.li.post(f"{where}/decline").status_code == 409
    [listed] = desk.zhang.get("/rotas/control-room/swaps").json()["swaps"]
    assert (listed["answered_by"], listed["note"]) == ("李娜", "TK101 检修")


def test_nobody_offers_the_span_of_another(desk: Desk) -> None:
    offer = {"offered_by": "zhang-wei", "offered_to": "li-na", "start": NOW + DAY_NS, "end": NOW + 2 * DAY_NS}
    assert desk.li.post("/rotas/control-room/swaps", json=offer).status_code == 409


def test_a_hand_over_note_is_kept(desk: Desk) -> None:
    assert desk.zhang.post("/rotas/control-room/notes", json={"text": "二号泵异响"}).status_code == 201
    assert desk.li.post("/rotas/control-room/notes", json={"text": "已换轴承"}).status_code == 201
    first = desk.zhang.get("/rotas/control-room/notes?limit=1").json()
    assert [(note["written_by"], note["text"]) for note in first["notes"]] == [("李娜", "已换轴承")]
    second = desk.zhang.get("/rotas/control-room/notes", params={"after": first["next"]}).json()
    assert [note["text"] for note in second["notes"]] == ["二号泵异响"]


def test_a_calendar_goes_out_and_comes_back_in(desk: Desk) -> None:
    exported = desk.zhang.get("/rotas/control-room/calendar.ics", params=days(0, 30))
    assert exported.headers["content-type"].startswith("text/calendar")
    copy = body(id="copy", layers=[])
    assert desk.supervisor.post("/rotas", json=copy).status_code == 201
    where = "/rotas/copy/calendar"
    dry = desk.supervisor.post(where, content=exported.content, params={"dry_run": True}).json()
    assert (dry["stored"], len(dry["added"]), dry["errors"]) == (False, 5, [])
    done = desk.supervisor.post(where, content=exported.content).json()
    assert (done["stored"], len(done["added"])) == (True, 5)
    again = desk.supervisor.post(where, content=exported.content).json()
    assert (again["added"], again["withdrawn"], again["unchanged"]) == ([], [], 5)
    both = [
        [
            (s["start"], s["receivers"])
            for s in desk.zhang.get(f"/rotas/{r}/schedule", params=days(1, 28)).json()["spans"]
        ]
        for r in ("control-room", "copy")
    ]
    assert both[0] == both[1]


def test_a_changed_event_takes_the_place_of_its_earlier_import(desk: Desk) -> None:
    def calendar(who: str, more: str = "") -> str:
        times = "DTSTART:20260304T000000Z\r\nDTEND:20260305T000000Z\r\n"
        event = f"BEGIN:VEVENT\r\nUID:x\r\n{times}SUMMARY:{who}\r\n{more}"
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"

    where = "/rotas/control-room/calendar"
    assert len(desk.supervisor.post(where, content=calendar("李娜").encode()).json()["added"]) == 1
    changed = desk.supervisor.post(where, content=calendar("值班电话").encode()).json()
    assert (len(changed["added"]), len(changed["withdrawn"])) == (1, 1)
    assert on_call(desk, at("2026-03-04T12:00+08:00")) == ["duty-phone"]
    desk.supervisor.post(where, content=calendar("值班电话", "STATUS:CANCELLED\r\n").encode())
    assert on_call(desk, at("2026-03-04T12:00+08:00")) == ["zhang-wei"]
    wrong = desk.supervisor.post(where, content=calendar("无此人").encode()).json()
    assert (wrong["stored"], wrong["errors"][0]["event"]) == (False, "无此人")
    assert desk.supervisor.post(where, content=b"no calendar").status_code == 422


def test_a_feed_gives_the_calendar_until_it_is_revoked(desk: Desk) -> None:
    made = desk.supervisor.post("/rotas/control-room/feeds", json={"receiver": "li-na"}).json()
    content = desk.api.nobody.get(made["path"])
    events = Calendar.from_ical(content.content).walk("VEVENT")
    assert {str(event["x-hazardwatch-receivers"]) for event in events} == {"li-na"}
    listed = desk.supervisor.get("/rotas/control-room/feeds").text
    assert made["path"].rpartition("/")[2] not in listed
    assert desk.supervisor.delete(f"/rotas/control-room/feeds/{made['id']}").status_code == 204
    assert desk.api.nobody.get(made["path"]).status_code == 404
    assert desk.api.nobody.get("/rota-feeds/guessed").status_code == 404
    assert desk.api.metric("hazardwatch_api_rota_feeds_refused_total") == 2


YAML = """
rotas:
  - id: gate
    enterprise: acme
    name: 门岗
    fallback: duty-phone
    layers:
      - name: 白班
        rotation: daily
        start_date: 2026-03-02
        turns: [zhang-wei, [li-na, wang-fang]]
"""


def test_a_yaml_file_makes_rotas_all_or_none(desk: Desk) -> None:
    bad = YAML + "  - id: shed\n    name: 库房\n    fallbak: duty-phone\n"
    refused = desk.supervisor.post("/rotas/import?file=site.yaml", content=bad.encode())
    assert refused.status_code == 422
    assert "site.yaml:14: fallbak" in refused.json()["detail"]
    assert "site.yaml:12: fallback" in refused.json()["detail"]
    assert desk.zhang.get("/rotas/gate").status_code == 404
    looked = desk.supervisor.post("/rotas/import?dry_run=true", content=YAML.encode()).json()
    assert (looked["stored"], looked["rotas"]) == (False, ["gate"])
    assert desk.supervisor.post("/rotas/import", content=YAML.encode()).status_code == 201
    spans = desk.zhang.get("/rotas/gate/schedule", params=days(0, 2)).json()["spans"]
    assert [span["receivers"] for span in spans][:2] == [["zhang-wei"], ["li-na", "wang-fang"]]


def test_a_yaml_mistake_of_meaning_has_its_line(desk: Desk) -> None:
    bad = YAML.replace("turns: [zhang-wei,", "turns: [zhang-wej,")
    detail = desk.supervisor.post("/rotas/import", content=bad.encode()).json()["detail"]
    chinese, english = halves(detail)
    assert english.startswith("rotas.yaml:11: layers.0.turns.0: there is no receiver 'zhang-wej'")
    assert chinese.startswith("rotas.yaml:11：layers.0.turns.0：没有")


def test_every_act_is_audited(desk: Desk) -> None:
    desk.supervisor.post("/rotas/control-room/feeds")
    desk.supervisor.delete("/rotas/control-room")
    rows = desk.supervisor.get("/audit", params={"subject": "control-room"}).json()
    text = str(rows)
    for action in ("create-rota", "open-feed", "retire-rota"):
        assert action in text


def test_the_colleague_is_told_of_an_offer_and_the_other_of_its_answer(desk: Desk) -> None:
    offer = {
        "offered_by": "zhang-wei",
        "offered_to": "li-na",
        "start": NOW + DAY_NS,
        "end": NOW + 2 * DAY_NS,
        "note": "TK101 检修",
    }
    before = len(desk.told())
    made = desk.zhang.post("/rotas/control-room/swaps", json=offer).json()
    assert desk.li.post(f"/rotas/control-room/swaps/{made['id']}/decline", json={"note": "在外地"}).is_success
    asked, answered = desk.told()[before:]
    assert (asked["receiver"], asked["title"]) == (
        "li-na",
        both("【换班】张伟 请您代班", "[swap] 张伟 asks you to take a shift"),
    )
    assert "2026-03-03 10:00:00 (UTC+08:00)" in asked["body"]
    assert "TK101 检修" in asked["body"]
    assert (answered["receiver"], answered["title"]) == (
        "zhang-wei",
        both("【换班】李娜 未接受", "[swap] 李娜 has declined"),
    )
    assert "在外地" in answered["body"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_no_database_keeps_is_refused(desk: Desk, text: str) -> None:
    content = json.dumps({"text": text})
    headers = {"Content-Type": "application/json"}
    answer = desk.zhang.post("/rotas/control-room/notes", content=content, headers=headers)
    assert answer.status_code == 422


def test_a_long_calendar_is_taken_and_a_hopeless_one_refused(desk: Desk) -> None:
    times = "DTSTART:20260304T{:02}0000Z\r\nDTEND:20260304T{:02}3000Z\r\n"
    event = f"BEGIN:VEVENT\r\nUID:{{}}\r\n{times}SUMMARY:李娜\r\n"
    events = "".join(event.format(n, n % 20, n % 20) + "END:VEVENT\r\n" for n in range(1000))
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()
    assert len(calendar) > desk.api.settings.max_body_bytes
    where = "/rotas/control-room/calendar?dry_run=true"
    assert len(desk.supervisor.post(where, content=calendar).json()["added"]) == 1000
    assert (
        desk.supervisor.post(where, content=b"x" * (desk.api.settings.rota_file_bytes + 1)).status_code == 413
    )
