"""The bureau's desk: the map with and without WebGL, from the list to an alarm, a level by hand, who may
publish, orders, and what is overdue."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.dashboard.browsing import PHONE, Screen
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import Plant, running_plant

PLACE = "E001/H01"
LEVEL_POINT = "E001/TK101.LT01"
WITHOUT_GL = """
const plain = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : plain.call(this, kind, ...more);
};
"""
HURRIED = """
warnings:
  label: for a test, not a regulation
  sources: [this test]
  begins_at: yellow
  told: {blue: enterprise, yellow: district, orange: city, red: province}
  deadline_s:
    sign: {blue: 0.2, yellow: 0.2, orange: 0.2, red: 0.2}
    ask: {blue: 600, yellow: 600, orange: 600, red: 600}
    answer: {blue: 600, yellow: 600, orange: 600, red: 600}
    verify: {blue: 600, yellow: 600, orange: 600, red: 600}
    close: {blue: 600, yellow: 600, orange: 600, red: 600}
  repeat_s: {blue: 600, yellow: 600, orange: 600, red: 600}
"""
"""As a site would write it: a signature is late at once, so that something is overdue while a test looks."""


@pytest.fixture(scope="module")
def hurried(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """An installation of this module's own, with nothing simulated."""
    folder = tmp_path_factory.mktemp("hurried")
    (folder / "policy.yaml").write_text(HURRIED)
    settings = {"HAZARDWATCH_API_DESK_POLICY": str(folder / "policy.yaml")}
    with running_plant(folder / "plant", simulate=False, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def late(hurried: Plant) -> dict[str, Any]:
    """A red warning that nobody signed in time; the level was set by hand."""
    with hurried.as_person("bureau_administrator") as head:
        hour = 3600 * 10**9
        body = {"level": "red", "reason": "现场视频可见泄漏", "until": time.time_ns() + hour}
        head.post(f"/warnings/levels/{PLACE}/raise", json=body).raise_for_status()

        def found() -> Any:
            answer = head.get("/warnings", params={"open": "true", "overdue": "true"})
            return [warning for warning in answer.json()["warnings"] if warning["overdue"]]

        warning: dict[str, Any] = hurried.until(found, "a warning that is late", 30)[0]
        return warning


def row(screen: Screen, text: str) -> Locator:
    return screen.page.get_by_role("row").filter(has_text=text).first


SAME_NUMBER_OF_LATE = """() => {
    const menu = document.querySelector("nav a[href$='/overdue'] .count")?.textContent;
    const list = document.querySelector(".listPanel")?.textContent.match(/超时事项 ([0-9]+) 项/)?.[1];
    return menu !== undefined && menu === list;
}"""


def place_of(marker: Locator) -> float:
    """Pixels from the left edge of the screen."""
    box = marker.bounding_box()
    assert box is not None
    return box["x"]


def test_three_clicks_lead_from_the_list_to_an_alarm(open_as: OpenAs, plant: Plant) -> None:
    alarm = plant.until_alarm(LEVEL_POINT, priority="CRITICAL")
    screen = open_as("bureau_duty_officer", "bureau")
    screen.becomes_live()
    row(screen, "示范").click()
    screen.page.get_by_role("link", name="打开五维一体").click()
    expect(screen.page).to_have_url(re.compile(r"/installation/E001"))
    screen.page.locator(f"[data-alarm='{alarm['id']}']").first.click()  # of the warning, or of the list
    expect(screen.page).to_have_url(f"{plant.url}/app/alarm/{alarm['id']}")
    screen.sees(alarm["response"])


def test_marker_on_the_map_opens_the_same_as_the_list(open_as: OpenAs, plant: Plant) -> None:
    plant.until_alarm(LEVEL_POINT, priority="CRITICAL")
    screen = open_as("bureau_duty_officer", "bureau")
    marker = screen.page.locator(f"[data-place='{PLACE}']")
    expect(marker).to_have_accessible_name(re.compile("红色|橙色|黄色"))
    marker.click()
    expect(screen.page).to_have_url(re.compile(r"at=E001(/|%2F)H01"))
    screen.sees("打开五维一体")


def test_map_draws_with_a_worker_of_the_service_alone(open_as: OpenAs, plant: Plant) -> None:
    screen = open_as("bureau_duty_officer", "overdue")
    if not screen.page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        pytest.skip("this browser has no WebGL, nor software for it: the map draws its plan instead")
    with screen.page.expect_worker() as begun:
        screen.goto("bureau")
    assert begun.value.url.startswith(f"{plant.url}/app/assets/")
    expect(screen.page.locator(".maplibregl-canvas")).to_be_visible()


def test_map_without_webgl_shows_the_same_markers_and_moves(open_as: OpenAs, plant: Plant) -> None:
    screen = open_as("bureau_duty_officer", "overdue")
    screen.page.add_init_script(WITHOUT_GL)
    screen.goto("bureau")
    marker = screen.page.locator(f"[data-place='{PLACE}']")
    expect(marker).to_be_visible()
    expect(screen.page.locator("canvas")).to_have_count(0)
    before = place_of(marker)
    screen.page.get_by_role("group", name=re.compile("地图")).focus()
    screen.page.keyboard.press("ArrowLeft")
    assert place_of(marker) - before == pytest.approx(90, abs=2)


def test_filters_stand_in_the_address_and_narrow_map_and_list(open_as: OpenAs, plant: Plant) -> None:
    screen = open_as("bureau_duty_officer", "bureau")
    screen.page.get_by_role("searchbox").fill("没有这样的名字")
    screen.sees("没有符合条件的重大危险源。")
    expect(screen.page.locator("[data-place]")).to_have_count(0)
    assert "text=" in screen.page.url
    screen.page.reload()
    screen.sees("没有符合条件的重大危险源。")
    screen.press("清除筛选")
    expect(screen.page.locator(f"[data-place='{PLACE}']")).to_be_visible()


def test_place_whose_data_do_not_come_is_marked_in_shape_and_words(
    open_as: OpenAs, hurried: Plant, late: dict[str, Any]
) -> None:
    screen = open_as("bureau_duty_officer", "bureau?state=cut-off", at=hurried)
    marker = screen.page.locator(f"[data-place='{PLACE}']")
    expect(marker).to_have_accessible_name(re.compile("数据中断"))  # of one, or of several in one spot
    expect(marker.locator(".missing")).to_have_attribute("data-text", re.compile("^数据中断"))
    expect(row(screen, "示范")).to_contain_text("数据中断")
    expect(screen.page.locator("[data-cut-off] .number")).to_have_text(re.compile(r"^[1-9]\d*$"))
    screen.assert_accessible()


def test_map_counts_the_same_late_matters_as_the_menu(
    open_as: OpenAs, hurried: Plant, late: dict[str, Any]
) -> None:
    screen = open_as("bureau_duty_officer", "bureau?state=overdue", at=hurried)
    expect(row(screen, "示范")).to_be_visible()
    screen.page.wait_for_function(SAME_NUMBER_OF_LATE)


def test_five_dimensions_stand_together_and_numbers_can_be_called(open_as: OpenAs, plant: Plant) -> None:
    screen = open_as("bureau_duty_officer", f"installation/{PLACE}", size=PHONE)
    for dimension in ("监测监控", "预警", "应急预案", "责任人和队伍", "应急物资", "视频"):
        expect(screen.page.get_by_role("heading", name=re.compile(f"^{dimension}")).first).to_be_visible()
    site = plant.service.get("/site").json()["enterprises"][0]["installations"][0]
    phone = site["persons"][0]["phone"]
    digits = re.sub(r"[^+\d]", "", phone)
    expect(screen.page.locator(f"a[href='tel:{digits}']").first).to_be_visible()


def test_level_set_by_hand_needs_a_reason_and_is_withdrawn(open_as: OpenAs, fresh_level: Plant) -> None:
    screen = open_as("bureau_administrator", f"installation/{PLACE}", at=fresh_level)
    screen.press("人工升级")
    screen.press("确定", within="dialog")
    screen.sees("请写明内容", within="dialog")
    screen.page.get_by_label("理由").fill("演练")
    screen.page.locator("dialog").get_by_text("橙色").click()
    screen.press("确定", within="dialog")
    screen.sees(re.compile("人工设为橙色"))
    screen.press("撤销人工调整")
    screen.sees_no(re.compile("人工设为橙色"))


@pytest.fixture
def fresh_level(hurried: Plant) -> Plant:
    """No level is set by hand."""
    with hurried.as_person("bureau_administrator") as head:
        if head.get(f"/warnings/levels/{PLACE}").json()["adjustment"]:
            head.post(f"/warnings/levels/{PLACE}/withdraw").raise_for_status()
    return hurried


def test_late_signature_is_told_with_whose_it_is(
    open_as: OpenAs, hurried: Plant, late: dict[str, Any]
) -> None:
    screen = open_as("bureau_duty_officer", "overdue", at=hurried)
    expect(row(screen, "签收")).to_contain_text("监管值班")
    row(screen, "签收").click()
    expect(screen.page).to_have_url(re.compile(f"/warning/{late['id']}$"))
    expect(screen.page.locator("[aria-current=step]")).to_contain_text("超时")


def test_red_warning_is_published_by_the_head_of_the_desk_alone(
    open_as: OpenAs, hurried: Plant, late: dict[str, Any]
) -> None:
    officer = open_as("bureau_duty_officer", f"warning/{late['id']}", at=hurried)
    officer.press("预览")
    officer.sees("橙色和红色预警由监管管理员发布。")
    expect(officer.page.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    head = open_as("bureau_administrator", f"warning/{late['id']}", at=hurried)
    head.press("预览")
    head.press(re.compile("^发布$"), within="dialog")
    head.sees("首次发布")
    head.allow("status of 409")
    head.press("预览")
    head.sees("内容已被他人更改", within="[role=alert]")


def test_order_from_a_late_warning_is_answered_and_verified(
    open_as: OpenAs, hurried: Plant, late: dict[str, Any]
) -> None:
    officer = open_as("bureau_duty_officer", f"warning/{late['id']}", at=hurried)
    officer.press("转督办", role="link")
    officer.press("下达督办", within="dialog footer")
    officer.sees("请写明督办事项。")
    officer.page.get_by_label("督办事项").fill("更换失效的可燃气体探测器")
    officer.page.get_by_label("企业责任人").fill("李四")
    officer.press("下达督办", within="dialog footer")
    expect(officer.page.get_by_role("heading", level=1)).to_have_text("更换失效的可燃气体探测器")
    path = officer.page.url.partition("/app/")[2]
    enterprise = open_as("enterprise_supervisor", path, at=hurried)
    enterprise.page.get_by_label("说明").fill("已更换并标定。")
    enterprise.press("反馈")
    officer.sees("已更换并标定。")
    officer.page.get_by_label("说明").fill("现场核实，属实。")
    officer.press("核实")
    officer.press("销号")
    officer.sees("已闭环，记录不再改变。")
