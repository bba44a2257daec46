"""The phone page of who is on call, from log-in to done."""

import contextlib
import re

import pytest
from playwright.sync_api import Error, Locator, expect

from tests.dashboard.browsing import PHONE
from tests.dashboard.conftest import FreshPlant, OpenAs
from tests.dashboard.running import PERSON, Plant

LEVEL = "E001/TK101.LT01"
TAG = "TK101.LT01"
ACKNOWLEDGE = "确认收到，我来处理"


def test_person_on_call_acknowledges_with_one_touch(open_as: OpenAs, fresh_plant: FreshPlant) -> None:
    plant = fresh_plant()
    # One that stays: the alarm that tells of it beforehand ends when the limit is reached.
    name = plant.until_alarm(LEVEL, rule=f"{LEVEL}.HH")["name"]
    screen = open_as("on_call", "on-call", at=plant, size=PHONE)
    screen.becomes_live()
    screen.sees("您正在待班")
    cards = screen.page.get_by_role("article").filter(has_text=TAG)
    card = cards.filter(has=screen.page.get_by_role("heading", name=name, exact=True))
    expect(card.locator(f'[data-point="{LEVEL}"] .value')).to_have_text(re.compile(r"^\d+\.\d"))
    done = card.get_by_text(f"{PERSON['on_call']} 已确认")
    tap(plant, card.get_by_role("button", name=ACKNOWLEDGE), done)
    expect(card.get_by_role("button", name=ACKNOWLEDGE)).to_have_count(0)
    alarms = plant.service.get("/alarms?open=true").json()["alarms"]
    [taken] = [alarm for alarm in alarms if alarm["point"] == LEVEL and alarm["name"] == name]
    assert taken["acknowledged"]["by"] == PERSON["on_call"]
    screen.sees("我正在处理的报警")
    screen.page.get_by_role("listitem").get_by_role("link").filter(has_text=TAG).filter(has_text=name).click()
    screen.press(re.compile("我的待班"), role="link", within="main")
    screen.sees("您正在待班")


def tap(plant: Plant, button: Locator, done: Locator) -> None:
    """With a thumb, until it is taken: a button that has just moved takes no tap."""

    def tapped() -> bool:
        if done.is_visible():
            return True
        with contextlib.suppress(Error):
            button.click(timeout=1000)
        return False

    plant.until(tapped, "the tap to be taken", 30)


def test_turn_is_offered_to_a_colleague_and_withdrawn(open_as: OpenAs) -> None:
    screen = open_as("on_call", "on-call", size=PHONE)
    screen.sees("您正在待班")
    screen.page.get_by_label(re.compile("从现在到.*，转交给")).select_option(
        label=PERSON["enterprise_supervisor"]
    )
    screen.press("发出请求")
    screen.sees("已发出，对方同意后才生效。")
    screen.sees(f"您请 {PERSON['enterprise_supervisor']} 接班")
    screen.press("撤回")
    screen.sees_no(f"您请 {PERSON['enterprise_supervisor']} 接班")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_accessible_and_fits_a_phone(open_as: OpenAs, theme: str, language: str) -> None:
    screen = open_as("on_call", "on-call", size=PHONE, theme=theme, language=language)
    screen.becomes_live()
    screen.assert_accessible()
    screen.assert_fits()
