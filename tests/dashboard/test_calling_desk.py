"""Whom to call, on the screens: ladders, rotas, who would be called, receivers with tests, the outbox."""

import re

from playwright.sync_api import expect

from tests.dashboard.browsing import PHONE
from tests.dashboard.conftest import OpenAs

PAGES = ("ladders", "rotas", "rota/tank-farm?view=month", "receivers", "receiver/on-call", "outbox")


def test_ladders_say_whom_they_tell_after_how_long(open_as: OpenAs) -> None:
    screen = open_as("operator", "ladders")
    screen.sees("紧急报警升级")
    screen.sees("默认值，不是法规")
    screen.sees("最高联系人")
    screen.sees("电话叫应，直到应答")
    screen.assert_accessible()


def test_preview_names_the_people_behind_each_step(open_as: OpenAs) -> None:
    screen = open_as("enterprise_supervisor", "who-would-be-called")
    screen.page.get_by_label("哪个报警").fill("TK101.LT01.HH")
    screen.sees("液位高高报").click()
    screen.sees("中控室 周敏")
    screen.sees("监测预警中心 赵宁")
    expect(screen.page).to_have_url(re.compile(r"rule=E001/TK101\.LT01\.HH"))
    screen.page.get_by_label("何时", exact=True).first.fill("2026-12-24T03:00")
    expect(screen.page).to_have_url(re.compile(r"at=2026-12-24T03"))
    screen.sees("中控室 周敏")
    screen.assert_accessible()


def test_somebody_stands_in_and_the_schedule_shows_it(open_as: OpenAs) -> None:
    screen = open_as("enterprise_supervisor", "rota/tank-farm?from=2031-03-05")
    screen.sees("待班 李强")
    screen.page.get_by_role("button", name="临时替班", exact=True).click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label("谁").select_option("head")
    dialog.get_by_label("从", exact=True).fill("2031-03-05T08:00")
    dialog.get_by_label("到", exact=False).last.fill("2031-03-05T20:00")
    dialog.get_by_label("原因").fill("培训")
    screen.assert_accessible()
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    chip = screen.page.get_by_role("button", name=re.compile(r"08:00–20:00\s*企业负责人 陈立"))
    expect(chip).to_be_visible()
    screen.sees("培训")
    screen.press("月")
    expect(screen.page).to_have_url(re.compile("view=month"))
    expect(chip.first).to_be_visible()
    screen.press("撤回")
    screen.sees("没有将来的临时替班")


def test_test_message_tells_its_outcome(open_as: OpenAs) -> None:
    screen = open_as("enterprise_supervisor", "receiver/control-room")
    screen.press("发测试")
    screen.sees("已存入沙箱", within="[role=status]", within_ms=40_000)
    screen.sees("已验证", within_ms=40_000)
    screen.assert_accessible()


def test_every_page_fits_a_phone_in_the_dark(open_as: OpenAs) -> None:
    for path in PAGES:
        screen = open_as("enterprise_supervisor", path, size=PHONE, theme="dark", language="en")
        screen.becomes_live()
        screen.assert_accessible()
        screen.assert_fits()
