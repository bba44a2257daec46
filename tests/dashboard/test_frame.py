"""The frame of every page: log-in, language, appearance, link."""

import re

import pytest
from playwright.sync_api import expect

from tests.dashboard.browsing import DESK, PHONE
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import PASSWORD, PERSON


def test_person_logs_in_with_a_password_and_out_again(open_as: OpenAs) -> None:
    screen = open_as(None)
    page = screen.page
    page.get_by_label("用户名").fill(PERSON["operator"])
    page.get_by_label("密码").fill("not that one")
    screen.allow("status of 401")
    screen.press("登录")
    screen.sees("用户名或密码不对。用户名须与管理员录入的完整一致。")
    page.get_by_label("密码").fill(PASSWORD)
    screen.press("登录")
    screen.becomes_live()
    screen.sees(PERSON["operator"])
    screen.press("退出登录")
    expect(page.get_by_label("用户名")).to_be_visible()


def test_language_and_appearance_are_switched_and_kept(open_as: OpenAs) -> None:
    screen = open_as("operator")
    screen.becomes_live()
    screen.press(re.compile("English"))
    screen.sees("Live")
    screen.press(re.compile("^Appearance"))
    shown = screen.page.evaluate("document.documentElement.dataset.theme")
    screen.page.reload()
    screen.becomes_live()
    assert screen.page.evaluate("document.documentElement.lang") == "en"
    assert screen.page.evaluate("document.documentElement.dataset.theme") == shown


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_log_in_page_is_accessible_and_fits(open_as: OpenAs, theme: str, size: tuple[int, int]) -> None:
    screen = open_as(None, theme=theme, size=size)
    expect(screen.page.get_by_label("用户名")).to_be_visible()
    screen.assert_accessible()
    screen.assert_fits()
    assert screen.complaints == [], "the browser notes nothing on a page that nobody has logged in to"


@pytest.mark.parametrize("role", PERSON)
def test_every_role_sees_a_first_page_that_is_live(open_as: OpenAs, role: str) -> None:
    open_as(role).becomes_live()
