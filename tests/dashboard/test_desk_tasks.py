"""Each desk's main task from log-in to done, in one incident: a tank runs over its limits.

The control room hears of it, finds cause and response, answers and says what was done. Who is on call answers
the other alarm through the link that he was sent. The bureau follows the warning from the map until it is
closed. Every test can run by itself; together they are one story.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import PHONE, Screen
from tests.dashboard.conftest import OpenAs
from tests.dashboard.incidents import LEVEL, end_incident, incident_in, scenario_in
from tests.dashboard.running import PASSWORD, PERSON, Plant, running_plant

ON_SITE = "已派人到场核对液位"
CLOSED = "已关闭进料阀，液位回落"
CAUSE = "进料阀电动头卡住，已手动关闭"
CHECKED = "电话和视频核实，液位已回落"


@pytest.fixture(scope="module")
def incident(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """The installation before anything happens."""
    folder = tmp_path_factory.mktemp("incident")
    settings = incident_in(folder)
    scenario = str(scenario_in(folder))
    with running_plant(folder / "plant", scenario, simulate=False, **settings) as plant:
        yield plant


def begins(plant: Plant, priority: str) -> str:
    """The plant is started if it stands still; gives the id of the tank's alarm of this priority."""
    if not plant.runs("simulator"):
        plant.start("simulator")
    return str(plant.until_alarm(LEVEL, priority=priority)["id"])


def logged_in(open_as: OpenAs, plant: Plant, role: str, path: str) -> Screen:
    """Through the log-in page, as a person does it."""
    screen = open_as(None, path, at=plant)
    screen.page.get_by_label("用户名").fill(PERSON[role])
    screen.page.get_by_label("密码").fill(PASSWORD)
    screen.press("登录")
    return screen


def test_operator_hears_of_an_alarm_answers_it_and_says_what_was_done(
    open_as: OpenAs, incident: Plant
) -> None:
    screen = logged_in(open_as, incident, "operator", "alarms")
    page = screen.page
    screen.becomes_live()
    alarm = begins(incident, "CRITICAL")
    horn = page.locator("[data-horn]")
    expect(horn).to_have_attribute("data-horn", "sounding")
    page.keyboard.press("h")
    expect(horn).to_have_attribute("data-horn", "silenced")

    page.locator(f'[data-alarm="{alarm}"]').first.click()
    detail = page.get_by_role("complementary", name="报警详情")
    expect(detail).to_contain_text("液位高高报")
    expect(detail).to_contain_text("确认联锁已切断进料阀")
    expect(detail).to_contain_text("储罐即将溢流")
    expect(detail.locator("canvas").first).to_be_visible()

    page.keyboard.press("Shift+A")
    page.get_by_role("dialog").locator("textarea").fill(ON_SITE)
    page.get_by_role("dialog").get_by_role("button", name="确认", exact=True).click()
    expect(detail).to_contain_text(PERSON["operator"])
    expect(detail).to_contain_text(ON_SITE)

    detail.get_by_role("button", name="登记处置").click()
    page.get_by_role("dialog").locator("textarea").fill(CLOSED)
    page.get_by_role("dialog").get_by_role("button", name="登记处置").click()
    expect(detail).to_contain_text(CLOSED)
    kept = incident.service.get(f"/alarms/{alarm}").json()
    assert kept["acknowledged"] | {"time": 0} == kept["acknowledged"] | {
        "by": PERSON["operator"],
        "comment": ON_SITE,
        "time": 0,
    }
    assert kept["confirmed"]["comment"] == CLOSED


def test_person_on_call_answers_through_the_link_that_he_was_sent(open_as: OpenAs, incident: Plant) -> None:
    alarm = begins(incident, "HIGH")
    watching = open_as("operator", f"alarm/{alarm}", at=incident)
    with incident.as_person("on_call") as himself:

        def link() -> str:
            sent = himself.get("/sandbox").json()["messages"]
            return next((each["link"] for each in sent if alarm in each["alarm_ids"] and each["link"]), "")

        address = incident.until(link, "a message with a link", 60)
    phone = open_as(None, at=incident, size=PHONE)
    phone.page.goto(address)
    phone.sees("等待确认")
    phone.sees("核对进料计划")
    phone.assert_fits()
    phone.press("确认收到，我来处理")
    phone.sees("已确认")
    watching.sees(re.compile(PERSON["on_call"]))


def test_bureau_follows_a_warning_from_the_map_until_it_is_closed(open_as: OpenAs, incident: Plant) -> None:
    begins(incident, "CRITICAL")
    officer = logged_in(open_as, incident, "bureau_duty_officer", "bureau")
    page = officer.page
    officer.becomes_live()

    # From the map to an alarm in three clicks: the place, its alarm, and there it is.
    page.locator('[data-place="E001/H01"]').click()
    expect(page.get_by_role("region").get_by_text("液位高高报").first).to_be_visible()
    page.get_by_role("link", name=re.compile("液位高高报")).first.click()
    expect(page).to_have_url(re.compile("/app/alarm/"))
    officer.sees("储罐即将溢流，物料外泄可能引发火灾、爆炸或中毒。")

    warning = incident.until(lambda: incident.service.get("/warnings").json()["warnings"], "a warning")[0]
    officer.goto(f"warning/{warning['id']}")
    officer.press("签收")
    officer.press("要求反馈")
    officer.sees(re.compile("等待企业"))

    enterprise = open_as("enterprise_supervisor", f"warning/{warning['id']}", at=incident)
    enterprise.page.get_by_role("textbox").fill(CAUSE)
    enterprise.press("企业反馈")

    officer.sees(CAUSE)
    page.get_by_role("textbox").fill(CHECKED)
    officer.press("核实")
    officer.sees(CHECKED)

    end_incident(incident)
    incident.until(
        lambda: incident.service.get(f"/warnings/{warning['id']}").json()["due_at"], "the level to fall", 60
    )
    officer.press("闭环")
    officer.sees("已闭环，记录不再改变。")
    kept = incident.service.get(f"/warnings/{warning['id']}").json()
    assert [kept[step]["by"] for step in ("signed", "asked", "answered", "verified", "closed")] == [
        PERSON["bureau_duty_officer"],
        PERSON["bureau_duty_officer"],
        PERSON["enterprise_supervisor"],
        PERSON["bureau_duty_officer"],
        PERSON["bureau_duty_officer"],
    ]
