"""From an instrument's alarm to the person on call, and from his thumb back to the alarm."""

from pathlib import Path

import httpx
import msgspec

from alarm_rules.model import Ladder, LadderStep, LadderTop
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
