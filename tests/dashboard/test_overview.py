"""The overview of the units, a unit, a point and its trend, in the real browser."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import PHONE, Screen
from tests.dashboard.conftest import FreshPlant, OpenAs
from tests.dashboard.running import Plant

NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
TANK, AREA, LEVEL, LEAK = "E001/H01/TK101", "E001/H01/GA1", "E001/TK101.LT01", "E001/GA1.GD02"


def card(screen: Screen, unit: str) -> str:
    return f'[data-unit="{unit}"]'


def test_overview_shows_tanks_with_limits_and_detectors_at_their_places(open_as: OpenAs) -> None:
    screen = open_as("operator", "overview")
    screen.becomes_live()
    tank = screen.page.locator(card(screen, TANK))
    expect(tank.locator(f'[data-point="{LEVEL}"] .value').first).to_have_text(NUMBER)
    # The rules say HH 11.2: the site overrides the register's 11.
    screen.sees("HH 11.2", within=card(screen, TANK))
    detectors = screen.page.locator(card(screen, AREA)).locator("svg [data-point]")
    expect(detectors).to_have_count(6)
    expect(detectors.first.locator("text.value")).to_have_text(NUMBER)
    screen.sees(re.compile(r"^\d+\.\d m/s$"), within=card(screen, AREA))
    screen.assert_accessible()


def test_north_is_up_on_the_plan_of_an_area(open_as: OpenAs) -> None:
    screen = open_as("operator", "overview")
    places = [
        screen.page.locator(f'{card(screen, AREA)} [data-point="E001/GA1.GD0{number}"]').bounding_box()
        for number in (1, 4)
    ]
    north, south = places
    assert north is not None
    assert south is not None
    assert north["y"] < south["y"]


def test_most_urgent_alarm_stands_on_its_unit_and_filter_keeps_only_units_with_alarms(
    open_as: OpenAs, plant: Plant
) -> None:
    plant.until_alarm(LEAK, priority="CRITICAL")
    screen = open_as("operator", "overview")
    # Which of the leak's two is the more urgent depends on who has answered which in the shared plant.
    screen.sees(re.compile("可燃气体浓度高高报（二级）|气体探测器超量程"), within=card(screen, AREA))
    screen.page.get_by_label("只看有报警的").check()
    # What its instruments missed before the plant sent anything is over, and waits for somebody.
    for alarm in plant.alarms(unit="TK102"):
        plant.service.post(f"/alarms/{alarm['id']}/acknowledge", json={"comment": "seen"})
    expect(screen.page.locator(card(screen, "E001/H01/TK102"))).to_have_count(0)
    expect(screen.page.locator(card(screen, AREA))).to_be_visible()


def test_arrows_lead_from_unit_to_unit_and_enter_opens(open_as: OpenAs) -> None:
    screen = open_as("operator", "overview")
    screen.page.locator(f"{card(screen, TANK)} a").first.focus()
    screen.page.keyboard.press("ArrowRight")
    expect(screen.page.locator(f"{card(screen, 'E001/H01/TK102')} a").first).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile(r"/unit/E001/H01/TK102$"))
    screen.sees("TK102.LT01")


def test_dense_overview_shows_every_point_with_its_value_and_alarm(open_as: OpenAs, plant: Plant) -> None:
    plant.until_alarm(LEVEL)
    screen = open_as("operator", "overview")
    screen.press("密集")
    points = plant.service.get("/points").json()["points"]
    cells = screen.page.locator("main li[data-point]")
    expect(cells).to_have_count(len(points))
    expect(cells.locator(".value").first).to_have_text(NUMBER)
    level = screen.page.locator(f'li[data-point="{LEVEL}"]')
    expect(level.get_by_role("img")).to_be_visible()
    screen.assert_accessible()
    screen.page.reload()
    expect(cells).to_have_count(len(points))


def test_slash_finds_a_tag_and_enter_opens_its_point(open_as: OpenAs) -> None:
    screen = open_as("operator", "overview")
    screen.sees("甲醇储罐 TK101")
    screen.page.keyboard.press("/")
    screen.page.keyboard.type("V201.PT")
    found = screen.page.get_by_role("dialog").get_by_role("option")
    expect(found.filter(has_text="V201.PT01")).to_be_visible()
    screen.page.keyboard.press("ArrowUp")  # the last one: points stand after pages and places
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile(r"/point/E001(%2F|/)V201\.PT01$"))
    screen.sees("液氨储罐 V201")


def test_unit_shows_all_its_points_and_a_trend_of_those_that_are_picked(open_as: OpenAs) -> None:
    screen = open_as("operator", f"unit/{TANK}", language="en")
    screen.becomes_live()
    for tag in ("TK101.LT01", "TK101.PT01", "TK101.TT01"):
        expect(screen.page.get_by_role("link", name=tag)).to_be_visible()
    trend = screen.page.get_by_role("slider")
    expect(trend).to_have_attribute("aria-label", re.compile(r"Trend of TK101\.LT01, 1 h"))
    screen.page.get_by_label("Show in the chart: TK101.PT01").check()
    expect(trend).to_have_attribute("aria-label", re.compile(r"TK101\.LT01, TK101\.PT01"))
    # A forecast comes and goes in a place that is kept for it: no row is pushed away from under the pointer.
    places = screen.page.locator(".points .aheadPlace")
    expect(places).to_have_count(3)
    heights = places.evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert min(heights) == max(heights) > 0
    screen.assert_accessible()


def test_trend_is_read_by_keyboard_and_as_a_table(open_as: OpenAs, plant: Plant) -> None:
    plant.until_alarm(LEVEL)
    screen = open_as("operator", f"point/{LEVEL}", language="en")
    trend = screen.page.get_by_role("slider")
    trend.focus()
    # History may arrive a moment later: without a sample there is nothing to read.
    screen.page.get_by_text("Table of values").click()
    expect(screen.page.locator("details tbody tr").first).to_be_visible()
    trend.focus()
    screen.page.keyboard.press("ArrowLeft")
    expect(trend).to_have_attribute("aria-valuetext", re.compile(r"TK101\.LT01 \d+\.\d+ m"))
    screen.press("10 min")
    expect(trend).to_have_attribute("aria-label", re.compile("10 min"))
    screen.assert_accessible()


def test_dragging_zooms_and_live_brings_back(open_as: OpenAs) -> None:
    screen = open_as("operator", f"point/{LEVEL}", language="en")
    # With its first sample the chart is complete.
    expect(screen.page.locator(".u-legend")).to_contain_text(re.compile(r"\d m"))
    plot, mouse = screen.page.locator(".u-over"), screen.page.mouse
    plot.hover(position={"x": 300, "y": 100})
    mouse.down()
    plot.hover(position={"x": 450, "y": 100})
    plot.hover(position={"x": 600, "y": 100})
    mouse.up()
    trend = screen.page.get_by_role("slider")
    expect(trend).to_have_attribute("aria-label", re.compile(r", [12]\d min"))  # of 69 min
    screen.press("Back to live")
    expect(trend).to_have_attribute("aria-label", re.compile(", 1 h"))


def test_csv_holds_every_sample_with_time_and_quality(open_as: OpenAs, plant: Plant) -> None:
    plant.until_alarm(LEVEL)
    screen = open_as("operator", f"point/{LEVEL}", language="en")
    with screen.page.expect_download() as download:
        screen.press("Download CSV")
    head, *rows = download.value.path().read_text("utf-8-sig").splitlines()
    assert head == "time,point,value,unit,quality"
    cells = [row.split(",") for row in rows]
    times = [datetime.fromisoformat(time) for time, *_ in cells]
    assert times == sorted(times)
    assert len(set(times)) == len(times) > 5
    assert {(point, unit) for _, point, _, unit, _ in cells} == {(LEVEL, "m")}
    assert all(quality == "good" for *_, quality in cells)


def test_compared_points_stand_in_the_address(open_as: OpenAs) -> None:
    screen = open_as("operator", f"point/{LEVEL}", language="en")
    screen.page.get_by_label("Compare a point").fill("TK102.LT01")
    screen.page.locator(".search").get_by_role("option").first.click()
    expect(screen.page).to_have_url(re.compile(r"with=E001(%2F|/)TK102\.LT01"))
    expect(screen.page.get_by_role("slider")).to_have_attribute("aria-label", re.compile("TK102"))
    screen.press("Compare TK102.LT01 no longer")
    expect(screen.page.get_by_role("slider")).not_to_have_attribute("aria-label", re.compile("TK102"))


@pytest.mark.parametrize("path", ["overview", f"unit/{AREA}", f"unit/{TANK}", f"point/{LEVEL}"])
def test_page_fits_a_phone_in_the_dark(open_as: OpenAs, path: str) -> None:
    screen = open_as("operator", path, size=PHONE, theme="dark", language="en")
    screen.becomes_live()
    screen.sees(re.compile("TK101|GA1"))
    screen.assert_fits()
    screen.assert_accessible()


def test_unknown_unit_and_point_are_told(open_as: OpenAs) -> None:
    open_as("operator", "unit/E001/H01/NONE").sees("台账里没有这个单元。")
    open_as("operator", "point/E001/NONE").sees("台账里没有这个测点。")


def test_history_that_cannot_be_read_is_told_with_its_reason(
    open_as: OpenAs, fresh_plant: FreshPlant
) -> None:
    own = fresh_plant("normal")
    screen = open_as("operator", f"point/{LEVEL}", at=own)
    screen.allow(r"status of 503")
    screen.becomes_live()
    own.signal("gateway", 9)
    screen.press("8 小时")
    screen.sees("网关没有应答。")
    screen.press("重试", within=".problem")
    screen.sees("网关没有应答。")
