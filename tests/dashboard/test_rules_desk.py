"""Rules on the screens: found by filters in the address, changed by two persons with a back-test between."""

import re

from playwright.sync_api import expect

from tests.dashboard.browsing import PHONE
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import Plant

RULE = "E001/TK101.LT01.H"
REPLAY_MS = 90_000


def test_rules_are_found_by_filters_that_stay_in_the_address(open_as: OpenAs) -> None:
    screen = open_as("operator", "rules")
    screen.sees("E001/TK101.LT01.HH")
    screen.assert_accessible()
    screen.page.get_by_role("searchbox").fill("TK101.PT01")
    screen.sees("E001/TK101.PT01.HH")
    screen.sees_no("E001/TK101.LT01.HH")
    expect(screen.page).to_have_url(re.compile(r"text=TK101\.PT01"))
    screen.page.reload()
    screen.sees("E001/TK101.PT01.HH")
    screen.sees_no("E001/TK101.LT01.HH")
    screen.page.get_by_label("优先级").select_option("CRITICAL")
    screen.sees_no(re.compile(r"^\s*E001/TK101\.PT01\.H\s*$"))
    expect(screen.page.get_by_role("button", name="提出变更")).to_have_count(0)


def test_rule_tells_its_set_point_its_owner_and_what_its_detector_does(open_as: OpenAs) -> None:
    screen = open_as("operator", "rules")
    screen.sees("E001/TK101.LT01.HH").click()
    screen.sees("11.2 m")
    screen.sees("设计最高液位 11.2 m，联锁切断进料阀")
    screen.sees("数值达到或越过设定值：高高、高、低、低低。")
    screen.assert_accessible()


def test_change_of_limits_goes_from_figures_to_the_second_person(open_as: OpenAs, plant: Plant) -> None:
    plant.until_alarm("E001/GA1.GD02")  # by then there is history
    screen = open_as("enterprise_supervisor", f"limit-changes/new?rule={RULE}")
    screen.page.get_by_label("死区").fill("0.8")
    screen.press("回放对比")
    screen.sees("复核人会看到；写明为什么改", within="[role=alert]")
    screen.page.get_by_label("原因").fill("进料时液位波动")
    screen.assert_accessible()
    screen.press("回放对比")
    screen.sees("已完成", within_ms=REPLAY_MS)
    screen.sees("对比结果")
    screen.assert_accessible()
    screen.press("提出此变更")
    screen.sees("待复核")
    screen.sees("这是您自己提出的变更，须由另一人复核。")
    expect(screen.page.get_by_role("button", name="批准", exact=True)).to_have_count(0)
    address = screen.page.url.partition("/app/")[2]
    second = open_as("bureau_administrator", address)
    second.sees("0.6")
    second.page.get_by_label("意见").fill("同意")
    second.press(re.compile("^批准$"))
    second.sees("已批准，待写入")
    second.sees(re.compile(r"hazardwatch limits apply [0-9a-f]{16} --site "))
    second.assert_accessible()
    screen.sees("已批准，待写入", within_ms=60_000)


def test_change_of_limits_is_read_on_a_phone_in_the_dark(open_as: OpenAs) -> None:
    screen = open_as("bureau_administrator", "limit-changes", size=PHONE, theme="dark", language="en")
    screen.sees("Changes of limits")
    screen.assert_accessible()
    screen.assert_fits()
