"""Duty at the desks: call-ups, duty checks, commitments, data quality, figures, shifts, reports."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from api.auth.principal import Role
from tests.dashboard.browsing import PHONE
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import PASSWORD, PERSON, Plant

ENTERPRISE = "示范化工储运有限公司"
DESK_ID = quote("enterprise:E001", safe="")
PAGES = ("call-ups", "duty-checks", "commitments", "data-quality", "figures", "shifts", "reports")


def done(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer


@pytest.fixture
def somebody_on_duty(plant: Plant) -> str:
    """The name of who is on duty in the control room; the operator, if it was nobody."""
    with plant.as_person("operator") as operator:
        shift = done(operator.get(f"/shifts/desks/{DESK_ID}")).json()["shift"]
        if shift is None:
            read_all(operator)
            shift = done(operator.post(f"/shifts/desks/{DESK_ID}/take")).json()
    return str(shift["on_duty"])


def read_all(person: httpx.Client) -> None:
    unread = done(person.get(f"/shifts/desks/{DESK_ID}")).json()["unread"]
    if unread:
        numbers = [entry["number"] for entry in unread]
        done(person.post(f"/shifts/desks/{DESK_ID}/read", json={"entries": numbers}))


@pytest.fixture
def nobody_called(plant: Plant) -> None:
    """The shared plant's ladders call nobody any more: who is being called is not called twice."""
    for alarm in plant.alarms():
        if alarm["acknowledged"] is None:
            plant.service.post(f"/alarms/{alarm['id']}/acknowledge", json={})
    for call in done(plant.service.get("/call-ups?state=calling")).json()["call_ups"]:
        plant.service.post(f"/call-ups/{call['id']}/answer", json={"answer": "heard"})


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_accessible_and_fits_a_phone(open_as: OpenAs, path: str, theme: str) -> None:
    screen = open_as("bureau_duty_officer", path, size=PHONE, theme=theme)
    expect(screen.page.locator("h1")).to_be_visible()
    expect(screen.page.get_by_text("正在读取…")).to_have_count(0)
    screen.assert_accessible()
    screen.assert_fits()


def test_officer_calls_somebody_up_and_answers_for_him(open_as: OpenAs, nobody_called: None) -> None:
    screen = open_as("bureau_duty_officer", "call-ups")
    screen.press("发起叫应")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label(re.compile("待班 李强")).check()
    dialog.get_by_label(re.compile("^语音内容")).fill("演练：请到中控室")
    screen.press("立即呼叫 1 人")
    screen.sees("已开始呼叫 1 人。")
    matter = screen.page.locator("[data-matter]", has_text="演练：请到中控室")
    person = matter.locator("[data-call-up]", has_text=PERSON["on_call"])
    person.get_by_role("button", name="代为应答").click()
    dialog.get_by_label("已清醒，知悉情况").check()
    dialog.get_by_label("说明").fill("用手机联系到本人")
    dialog.get_by_role("button", name="保存").click()
    expect(matter).to_have_count(0)
    row = screen.page.get_by_role("row", name=re.compile("演练：请到中控室"))
    expect(row).to_contain_text("已应答")
    expect(row).to_contain_text(f"{PERSON['bureau_duty_officer']}（页面）")


def test_duty_check_prompts_the_control_room_on_every_page_until_it_answers(
    open_as: OpenAs, plant: Plant
) -> None:
    room = open_as("operator", "commitments")
    room.becomes_live()
    officer = open_as("bureau_duty_officer", "duty-checks")
    officer.press("发起查岗")
    dialog = officer.page.get_by_role("dialog")
    dialog.get_by_label(re.compile(ENTERPRISE)).check()
    dialog.get_by_label(re.compile("^说明")).fill("抽查夜班")
    officer.press("向 1 家发送")
    prompt = room.page.locator("[data-duty-check]", has_text="抽查夜班")
    expect(prompt).to_contain_text("剩余")
    room.assert_accessible()
    prompt.get_by_role("button", name="在岗，应答").click()
    expect(prompt).to_have_count(0)
    answered = officer.page.get_by_role("region", name="查岗记录").get_by_role(
        "row", name=re.compile("抽查夜班")
    )
    expect(answered).to_contain_text("按时应答")
    expect(answered).to_contain_text(PERSON["operator"])


def test_commitment_is_given_and_corrected_with_a_reason(open_as: OpenAs) -> None:
    screen = open_as("operator", "commitments")
    row = screen.page.locator("[data-enterprise=E001]")
    row.get_by_role("button", name="提交承诺").click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label("运行装置（套）").fill("3")
    dialog.get_by_label("动火").fill("2")
    dialog.get_by_label("主要负责人").fill("陈立")
    dialog.get_by_role("button", name="提交承诺").click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("动火 2")
    row.get_by_role("button", name="更正").click()
    dialog.get_by_label("动火").fill("4")
    dialog.get_by_label(re.compile("^更正理由")).fill("下午增加两处")
    dialog.get_by_role("button", name="更正").click()
    expect(row).to_contain_text("动火 4")
    row.get_by_role("button", name="查看").click()
    expect(dialog).to_contain_text("更正理由：下午增加两处")
    expect(dialog).to_contain_text("第 1 版")


def test_data_quality_leads_from_enterprise_to_point(open_as: OpenAs, plant: Plant) -> None:
    counted = done(plant.service.get("/points/summary")).json()["installations"]
    screen = open_as("bureau_duty_officer", "data-quality")
    in_use = sum(one["points"] - one["out_of_service"] for one in counted)
    screen.sees(re.compile(rf"/ {in_use} 点"))
    screen.page.locator("[data-row=E001]").get_by_role("button").click()
    screen.sees(f"{ENTERPRISE} 的设备与测点")
    screen.page.get_by_label("仅显示有问题的测点").uncheck()
    screen.page.get_by_role("row", name=re.compile(r"TK101\.LT01")).click()
    expect(screen.page).to_have_url(re.compile(r"/point/"))


def test_figures_stand_with_numerator_and_denominator_or_say_why_not(open_as: OpenAs) -> None:
    screen = open_as("bureau_duty_officer", "figures", language="en")
    expect(screen.page.locator("[data-figure=online_rate]")).to_be_visible()
    with screen.page.expect_response(lambda answer: "/figures?" in answer.url) as asked:
        screen.page.get_by_role("button", name="24 hours").click()
    figures = asked.value.json()["figures"]
    for figure in figures:
        row = screen.page.locator(f"[data-figure={figure['id']}]")
        if figure["value"] is None:
            expect(row).to_contain_text(figure["missing"]["en"])
        elif figure["id"] == "online_rate":
            expect(row).to_contain_text(re.compile(r"[\d,.]+ / [\d,.]+ point-hours"))
        else:
            expect(row).to_contain_text(f"/ {figure['denominator']:,.0f}")
        expect(row).to_contain_text(figure["definition"]["en"])
    screen.page.locator("[data-figure=access_rate] h3 button").click()
    expect(screen.page.get_by_role("dialog")).to_contain_text("Ranking, the worst first")


def test_shift_is_handed_over_with_two_signatures_on_one_screen(
    open_as: OpenAs, plant: Plant, somebody_on_duty: str
) -> None:
    roles = {name: role for role, name in PERSON.items()}
    leaving = roles[somebody_on_duty]
    coming: Role = "enterprise_supervisor" if leaving == "operator" else "operator"
    screen = open_as(leaving, "shifts")
    screen.press("写记录")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_role("button", name="待办事项").click()
    dialog.get_by_label("内容").fill("二号泵待检修")
    dialog.get_by_label(re.compile("^重要")).check()
    dialog.get_by_role("button", name="记入日志").click()
    screen.sees("二号泵待检修", within="main")
    screen.press("交班")
    dialog.get_by_label(re.compile("^接班人")).fill(PERSON[coming])
    dialog.get_by_role("button", name="我签字交班").click()
    screen.press("接班人在本机签字")
    dialog.get_by_label("用户名").fill(PERSON[coming])
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="验证身份").click()
    signature = dialog.get_by_role("button", name="我签字接班")
    expect(signature).to_be_disabled()  # something critical is unread
    unread = dialog.get_by_role("button", name="已阅")
    while unread.count():
        left = unread.count()
        unread.first.click()
        expect(unread).to_have_count(left - 1)
    signature.click()
    screen.sees(f"{PERSON[coming]} 已接班。")
    with plant.as_person(coming) as person:
        shift = done(person.get(f"/shifts/desks/{DESK_ID}")).json()["shift"]
    assert shift["on_duty"] == PERSON[coming]
    # The screen is still the first person's: the second login was for the signature alone.
    assert screen.page.request.get(f"{plant.url}/me").json()["name"] == PERSON[leaving]


def test_daily_report_is_shown_and_downloaded(open_as: OpenAs) -> None:
    screen = open_as("operator", "reports")
    screen.press("查看")
    screen.sees("本日未运行")  # yesterday, when this plant did not stand yet
    with screen.page.expect_download() as download:
        screen.press("下载 Excel")
    assert download.value.suggested_filename.endswith(".xlsx")
    content = download.value.path().read_bytes()
    assert content.startswith(b"PK")
