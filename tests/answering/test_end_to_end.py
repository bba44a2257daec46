"""From an instrument's alarm to the person on call, and from his thumb back to the alarm."""

from pathlib import Path

import httpx
import msgspec

from alarm_rules.model import Ladder, LadderStep, LadderTop
from tests.answering.running import running_phone
from tests.api.plant import SITE, T0, change, delivery
from tests.api.serving import wait_until
from tests.rotas.running import body, running_desk

BASE = "http://127.0.0.1"
LADDER = Ladder(
    id="by-rota",
    steps=(
        LadderStep(after_s=0.0, to=("rota:control-room",), channels=("sandbox",)),
        LadderStep(after_s=600.0, to=("duty-phone",), channels=("sandbox",)),
    ),
    top=LadderTop(to=("duty-phone",), every_s=600.0),
)


def test_who_is_on_call_gets_a_link_that_acknowledges(tmp_path: Path) -> None:
    site = msgspec.structs.replace(SITE, ladders=(LADDER,))
    with running_desk(tmp_path / "data", lambda: T0, site=site, answer_base_url=BASE) as desk:
        rota = body(layers=[{"name": "每周", "start_date": "2025-06-09", "turns": ["li-na", "zhang-wei"]}])
        assert desk.supervisor.post("/rotas", json=rota).status_code == 201
        assert desk.api.post("/intake/conditions", delivery(change(1))).status_code == 200
        [told] = wait_until(desk.told, "the ladder to tell somebody")
        assert (told["receiver"], told["channel"]) == ("li-na", "sandbox")
        link = told["detail"]["link"]
        assert link.startswith(f"{BASE}/answer/")

        with httpx.Client(base_url=desk.api.url) as phone:
            path = link.removeprefix(BASE)
            nonce = phone.get(path).text.partition('name="nonce" value="')[2].partition('"')[0]
            assert phone.post(path, data={"choice": "acknowledge", "nonce": nonce}).status_code == 303
            assert "您已答复" in phone.get(path).text
        alarm = desk.zhang.get(f"/alarms/{told['alarm_id']}").json()
        assert (alarm["state"], alarm["acknowledged"]["by"]) == ("ACKED", "李娜")
        assert len(desk.told()) == 1


def test_handing_over_tells_the_colleague_with_a_link_of_his_own(tmp_path: Path) -> None:
    site = msgspec.structs.replace(SITE, ladders=(LADDER,))
    with running_desk(tmp_path / "data", lambda: T0, site=site, answer_base_url=BASE) as desk:
        rota = body(layers=[{"name": "每周", "start_date": "2025-06-09", "turns": ["li-na", "zhang-wei"]}])
        assert desk.supervisor.post("/rotas", json=rota).status_code == 201
        assert desk.api.post("/intake/conditions", delivery(change(1))).status_code == 200
        [told] = wait_until(desk.told, "the ladder to tell somebody")
        with httpx.Client(base_url=desk.api.url) as phone:
            path = told["detail"]["link"].removeprefix(BASE)
            nonce = phone.get(path).text.partition('name="nonce" value="')[2].partition('"')[0]
            given = {"choice": "hand_over", "colleague": "zhang-wei", "nonce": nonce, "comment": "我在路上"}
            assert phone.post(path, data=given).status_code == 303
            handed = next(one for one in desk.told() if one["receiver"] == "zhang-wei")
            assert "李娜 转交给您：我在路上" in handed["body"]
            own = phone.get(handed["detail"]["link"].removeprefix(BASE)).text
        assert "张伟" in own
        assert handed["detail"]["link"] != told["detail"]["link"]


def test_a_duty_check_and_a_call_up_are_answered_through_links(tmp_path: Path) -> None:
    with running_phone(tmp_path / "data") as phone:
        officer = phone.desk.as_somebody("值班员", "bureau_duty_officer")
        sent = officer.post("/duty-checks", json={"enterprises": ["acme"], "reason": "例行"})
        check = sent.json()["checks"][0]["id"]
        path = phone.link(kind="duty_check", subject=check, purposes="acknowledge")
        assert "查岗：请确认在岗" in phone.browser.get(path).text
        assert phone.answer(path).status_code == 303
        assert officer.get(f"/duty-checks/{check}").json()["answered_by"] == "张伟"

        asked = {"receivers": ["zhang-wei"], "text": "请到中控室", "enterprise": "acme"}
        started = officer.post("/call-ups", json=asked)
        call_up = started.json()["call_ups"]["zhang-wei"]
        path = phone.link(kind="call_up", subject=call_up, purposes="acknowledge cannot_come")
        assert "请到中控室" in phone.browser.get(path).text
        assert phone.answer(path, comment="在路上").status_code == 303
        answered = officer.get(f"/call-ups/{call_up}").json()
        assert (answered["state"], answered["answered_by"]) == ("answered", "张伟")
        assert "已有人确认" in phone.browser.get(phone.link(kind="call_up", subject=call_up)).text
