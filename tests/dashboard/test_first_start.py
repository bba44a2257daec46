"""The page of the first start, from an empty folder to the first value, and the login that follows."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.browsing import PHONE, Screen, new_context
from tests.setup.running import NAME, PASSWORD, FirstStart, publish

PROVOKED = r"status of (401|422|503)"
"""Asking who one is before there is anybody, and what these tests get wrong on purpose."""


@pytest.fixture
def first_start(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    started = FirstStart(tmp_path_factory.mktemp("first"))
    started.spawn()
    try:
        started.until_it_answers(started.nobody, "/health/live")
        yield started
    finally:
        started.terminate()


def opened(browser: Browser, start: FirstStart, **how: Any) -> Iterator[Screen]:
    plant = cast(Any, start)  # of a plant, a screen asks for its address alone
    with new_context(browser, plant, None, **how) as context:
        screen = Screen(plant, context.new_page())
        screen.allow(PROVOKED)
        yield screen
        screen.assert_calm()


def make_administrator(screen: Screen) -> None:
    screen.page.fill("input[name=username]", NAME)
    for field in ("password", "repeat"):
        screen.page.fill(f"input[name={field}]", PASSWORD)
    screen.press("创建管理员")


def complaint(page: Page, field: str) -> str:
    """What the browser says at this control."""
    said = page.eval_on_selector(f"input[name={field}]", "control => control.validationMessage")
    return str(said)


def test_wizard_leads_from_nothing_to_a_first_value_and_the_login(
    browser: Browser, first_start: FirstStart
) -> None:
    for screen in opened(browser, first_start):
        page = screen.page
        page.goto(first_start.url)
        screen.sees("一次性安装码")
        page.fill("input[name=code]", "not-the-code")
        screen.press("开始")
        screen.sees("安装码不正确")
        page.fill("input[name=code]", first_start.code)
        screen.press("开始")
        make_administrator(screen)
        for field, label, text in (
            ("enterprise-name", "企业名称", "示范石化"),
            ("installation-name", "重大危险源名称", "甲醇罐区"),
        ):
            page.fill(f"input[name={field}]", "  ")
            screen.press("检查并写入")
            assert complaint(page, field) == f"请填写“{label}”。"
            page.fill(f"input[name={field}]", text)
            assert complaint(page, field) == ""
        assert page.input_value("input[name=point-name]") == "TK101 液位"
        for unit in ("", "V2"):
            page.get_by_label("储罐、容器或区域编号").fill(unit)
        page.select_option("select[name=unit-kind]", "pressure_vessel")
        assert page.input_value("input[name=unit-name]") == "V2 压力容器"
        assert page.input_value("input[name=point-name]") == "V2 液位"
        high = page.get_by_label("量程上限", exact=True)
        high.fill("-1")
        screen.press("检查并写入")
        screen.sees("有 1 处需要修改")
        screen.sees("改法：量程下限须小于量程上限", within="fieldset")
        high.fill("12")
        screen.assert_accessible()
        screen.press("检查并写入")
        screen.press("生成账号")
        screen.sees("正在等待第一个样本")
        publish(page.locator(".command pre").inner_text())
        screen.sees("第一个样本已到达")
        screen.assert_accessible()
        screen.press("结束安装并登录")
        page.fill("input[name=username]", NAME)
        page.fill("input[name=password]", PASSWORD)
        screen.press("登录")
        screen.becomes_live()
        screen.sees("系统运行", within="h1")
        assert not (first_start.data / "setup.code").exists()


def test_page_loaded_anew_goes_on_where_it_was_also_on_a_phone(
    browser: Browser, first_start: FirstStart
) -> None:
    for screen in opened(browser, first_start, size=PHONE, theme="dark"):
        screen.page.goto(f"{first_start.url}/app/setup#code={first_start.code}")
        make_administrator(screen)
        screen.sees("企业编号")
        assert first_start.code not in screen.page.url
        screen.page.reload()
        screen.sees("企业编号")
        screen.assert_fits()
        screen.press("English")
        screen.sees("Id of the enterprise")
        screen.assert_fits()
