"""The wall: scenes in turn, for a display key and for persons."""

import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import WALL
from tests.dashboard.conftest import FreshPlant, OpenAs

SMALLEST_PX = 40
SMALL_NUMBERS = """[...document.querySelectorAll('header .number, main .number')]
    .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < %d)
    .map((one) => `${one.textContent} ${getComputedStyle(one).fontSize}`)"""


def test_display_key_shows_what_a_wall_may_see_and_stops_at_the_critical_alarm(
    open_as: OpenAs, fresh_plant: FreshPlant
) -> None:
    plant = fresh_plant()  # in the shared one the alarm may be answered already
    with plant.as_person("system_administrator") as administrator:
        wish = {"kind": "display", "name": "wall", "scope": {"everything": True}}
        made = administrator.post("/api-keys", json=wish)
    assert made.is_success, made.text
    plant.until_alarm("E001/TK101.LT01", priority="CRITICAL", acknowledged=None)
    screen = open_as(None, f"wall?seconds=600#key={made.json()['key']}", at=plant, size=WALL)
    wall = screen.page.locator(".wall")
    expect(wall).to_have_attribute("data-scene", "alarms")
    screen.sees(re.compile("有未确认的紧急报警"))
    screen.sees("实时", within="header")
    seen = []
    for _ in range(3):
        seen.append(wall.get_attribute("data-scene"))
        screen.page.keyboard.press("ArrowRight")
    assert seen == ["alarms", "quality", "overview"]  # what needs more rights is left out
    screen.assert_accessible()


@pytest.mark.parametrize("scene", ["levels", "alarms", "overdue", "call-ups", "figures", "quality"])
def test_numbers_of_a_scene_are_read_from_four_metres(open_as: OpenAs, scene: str) -> None:
    screen = open_as("bureau_duty_officer", f"wall?seconds=600&scenes={scene}", size=WALL)
    wall = screen.page.locator(".wall")
    expect(wall).to_have_attribute("data-scene", re.compile("."))
    if wall.get_attribute("data-scene") != scene:
        screen.page.keyboard.press("ArrowRight")
    expect(wall).to_have_attribute("data-scene", scene)
    expect(screen.page.locator("main .number").first).to_be_visible()
    assert screen.page.evaluate(SMALL_NUMBERS % SMALLEST_PX) == []
    room = (
        "(() => { const all = document.querySelector('main'); return all.scrollHeight - all.clientHeight })()"
    )
    assert screen.page.evaluate(room) <= 0, "the scene is cut off at the bottom"
    screen.assert_accessible()


def test_space_pauses_and_the_set_up_is_kept_in_the_address(open_as: OpenAs) -> None:
    screen = open_as("bureau_duty_officer", "wall?seconds=600", size=WALL)
    wall = screen.page.locator(".wall")
    expect(wall).to_have_attribute("data-paused", "false")
    screen.page.keyboard.press(" ")
    expect(wall).to_have_attribute("data-paused", "true")
    screen.page.keyboard.press(" ")
    expect(wall).to_have_attribute("data-paused", "false")
    screen.page.keyboard.press("s")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label(re.compile("技战指标")).uncheck()
    dialog.get_by_label("每屏秒数").fill("45")
    dialog.get_by_label(re.compile("储罐区")).first.check()
    screen.assert_accessible()
    dialog.get_by_role("button", name="应用").click()
    expect(screen.page).to_have_url(re.compile(r"seconds=45"))
    expect(screen.page).to_have_url(re.compile(r"installations=E001(/|%2F)H01"))
    assert "figures" not in screen.page.url
    screen.page.reload()
    expect(wall).to_be_visible()
    assert screen.page.evaluate("document.documentElement.dataset.wall") == ""


def test_page_is_loaded_anew_when_other_screens_are_installed(open_as: OpenAs) -> None:
    screen = open_as("bureau_duty_officer", "", size=WALL)
    screen.becomes_live()
    page = screen.page
    page.clock.install()
    screen.goto("wall?seconds=600")
    expect(page.locator(".wall")).to_be_visible()
    other = '<script type="module" src="/app/assets/index-other.js"></script>'
    page.route(re.compile(r"/app/$"), lambda route: route.fulfill(body=other, content_type="text/html"))
    with page.expect_navigation(url=re.compile("/app/wall")):
        page.clock.fast_forward("01:05")
    expect(page.locator(".wall")).to_be_visible()
