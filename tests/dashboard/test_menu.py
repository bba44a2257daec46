"""The menu and the quick jump: what a role works with is in sight, everything else is one press away."""

import re

from playwright.sync_api import Locator, expect

from tests.dashboard.browsing import PHONE, Screen
from tests.dashboard.conftest import OpenAs

HEADER_PX = 56
"""One line of buttons; two would be eighty."""


def menu(screen: Screen) -> Locator:
    return screen.page.get_by_role("navigation", name=re.compile("导航|Navigation"))


def test_bureau_officer_sees_the_desk_and_finds_the_rest_folded(open_as: OpenAs) -> None:
    screen = open_as("bureau_duty_officer")
    screen.becomes_live()
    for name in ("预警处置", "督办", "超时事项", "叫应"):
        expect(menu(screen).get_by_role("link", name=re.compile(name)).first).to_be_visible()
    expect(menu(screen).get_by_role("link", name="装置总览")).to_have_count(0)
    menu(screen).get_by_role("button", name="中控室").click()
    expect(menu(screen).get_by_role("link", name="装置总览")).to_be_visible()


def test_an_opened_group_stays_open_after_the_page_is_loaded_anew(open_as: OpenAs) -> None:
    screen = open_as("operator", "alarms", language="en")
    group = menu(screen).get_by_role("button", name="Figures and reports")
    expect(group).to_have_attribute("aria-expanded", "false")
    group.click()
    screen.page.reload()
    expect(group).to_have_attribute("aria-expanded", "true")
    menu(screen).get_by_role("link", name="Key figures").click()
    expect(menu(screen).get_by_role("link", name="Key figures")).to_have_attribute("aria-current", "page")


def test_group_of_the_page_is_open_and_the_page_of_a_thing_belongs_to_its_list(open_as: OpenAs) -> None:
    screen = open_as("operator", "rule/E001/TK101.LT01.HH", language="en")
    entry = menu(screen).get_by_role("link", name="Rules", exact=True)
    expect(entry).to_have_attribute("aria-current", "page")


def test_menu_of_icons_keeps_its_names_for_who_hears_the_page(open_as: OpenAs) -> None:
    screen = open_as("operator", "alarms", language="en")
    screen.press("Fold the menu to icons")
    box = menu(screen).bounding_box()
    assert box is not None
    assert box["width"] < 80
    expect(menu(screen).get_by_role("link", name=re.compile("^Overview"))).to_be_visible()
    screen.assert_accessible()
    menu(screen).get_by_role("button", name="Bureau").click()
    expect(menu(screen).get_by_role("link", name="Warnings")).to_be_visible()


def test_quick_jump_finds_a_page_by_its_name_in_the_other_language(open_as: OpenAs) -> None:
    screen = open_as("operator", "alarms")
    screen.becomes_live()
    screen.page.keyboard.press("Control+k")
    screen.page.keyboard.type("alarm flo")
    expect(
        screen.page.get_by_role("dialog").get_by_role("option").filter(has_text="报警泛滥")
    ).to_be_visible()
    screen.assert_accessible()
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile("/floods$"))


def test_quick_jump_finds_a_unit_by_its_name(open_as: OpenAs) -> None:
    screen = open_as("operator", "holds")
    screen.becomes_live()
    screen.page.keyboard.press("/")
    screen.page.keyboard.type("液氨储罐 V201")
    unit = screen.page.get_by_role("dialog").get_by_role("option").filter(has_text="液氨储存重大危险源")
    expect(unit).to_have_attribute("aria-selected", "true")
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile("/unit/E001/H02/V201$"))


def test_header_of_a_phone_is_one_line_and_its_drawer_leads_anywhere(open_as: OpenAs) -> None:
    screen = open_as("operator", "alarms", size=PHONE)
    screen.becomes_live()
    header = screen.page.locator(".shell > header")
    link = header.get_by_role("status").first.locator(".say")
    for said in (link.inner_text(), "连接中断 12 分 30 秒"):
        link.evaluate("(element, said) => (element.textContent = said)", said)
        box = header.bounding_box()
        assert box is not None
        assert box["height"] <= HEADER_PX, said
    screen.press("菜单")
    screen.assert_accessible()
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.press("菜单")
    screen.press("搁置与停用", role="link")
    expect(screen.page).to_have_url(re.compile("/holds$"))
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.assert_fits()
