"""The control room's alarm pages: list, actions, horn, burst. Alarms come over the wire, as a second gateway
of the installation tells them; the plant itself is in order, so that nothing else begins meanwhile."""

import re
import secrets
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, expect

from alarm_rules.condition import ConditionChange, ConditionDelivery
from tests.dashboard.browsing import DESK, PHONE, Screen
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import PERSON, Plant, running_plant

PAGES = ("alarms", "alarms?tab=closed", "holds", "first-out", "floods", "performance")
BURST = 1000


class Told:
    """A gateway process beside the plant's own, with a journal of its own."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._token = (plant.folder / "intake.token").read_text()
        self._journal = secrets.token_hex(8)
        self._sequence = 0

    def __call__(self, *rules: str, active: bool = True, value: float | None = 10.4) -> list[str]:
        """An alarm of each of these rules of E001 begins; their ids in the same order."""
        now = time.time_ns()
        changes = [
            ConditionChange(
                sequence=self._sequence + number,
                rule=f"E001/{rule}",
                point=f"E001/{rule.rpartition('.')[0]}",
                active=active,
                onset=now,
                source_time=now,
                received_time=now,
                value=value,
            )
            for number, rule in enumerate(rules, 1)
        ]
        self._sequence += len(changes)
        delivery = ConditionDelivery(gateway="gateway-b", journal=self._journal, changes=changes)
        answer = self.plant.service.post(
            "/intake/conditions",
            content=msgspec.json.encode(delivery),
            headers={"Authorization": f"Bearer {self._token}"},
        )
        answer.raise_for_status()
        known = {alarm["rule"]: alarm["id"] for alarm in self.plant.alarms(limit="500")}
        return [known.get(f"E001/{rule}", "") for rule in rules]


@pytest.fixture(scope="module")
def calm_plant(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """In order, with values that flow."""
    with running_plant(tmp_path_factory.mktemp("calm"), "normal") as running:
        yield running


@pytest.fixture(scope="module")
def told(calm_plant: Plant) -> Told:
    return Told(calm_plant)


def _row(screen: Screen, alarm: str) -> Locator:
    return screen.page.locator(f'[data-alarm="{alarm}"]')


def _alarm(plant: Plant, alarm: str) -> dict[str, Any]:
    answer = plant.service.get(f"/alarms/{alarm}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _horn(screen: Screen) -> Locator:
    return screen.page.locator("[data-horn]")


def test_alarm_is_acknowledged_once_in_the_name_of_the_person(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    screen = open_as("operator", "alarms", at=calm_plant)
    screen.becomes_live()
    (alarm,) = told("TK101.LT01.H")
    row = _row(screen, alarm)
    expect(row).to_contain_text("液位高报")
    row.get_by_role("button", name="确认", exact=True).dblclick()
    expect(row).to_contain_text(PERSON["operator"])
    expect(row).to_contain_text("已确认")
    history = _alarm(calm_plant, alarm)["history"]
    assert [entry["actor"] for entry in history if entry["kind"] == "acknowledged"] == [
        f"operator:{PERSON['operator']}"
    ]


def test_row_that_leaves_its_tab_shows_the_alarm_as_it_is_now(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    (alarm,) = told("TK101.LT01.HH", value=11.4)
    screen = open_as("operator", "alarms?tab=unanswered", at=calm_plant)
    screen.becomes_live()
    row = _row(screen, alarm)
    row.hover()
    row.get_by_role("button", name="确认", exact=True).click()
    expect(row).to_have_class(re.compile(r"\bgone\b"))
    expect(row).to_contain_text("已确认")
    expect(row).to_contain_text(PERSON["operator"])
    expect(row).not_to_contain_text("正常")
    assert _alarm(calm_plant, alarm)["active"]


def test_keyboard_alone_finds_opens_and_acknowledges_an_alarm(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    alarm, other = told("TK102.LT01.HH", "TK102.LT01.L")
    screen = open_as("operator", "alarms", at=calm_plant)
    keys = screen.page.keyboard
    expect(_row(screen, alarm)).to_be_visible()
    current = screen.page.locator(".alarm.current")
    for _ in range(10):
        keys.press("j")
        if current.get_attribute("data-alarm") == alarm:
            break
    keys.press("Enter")
    expect(screen.page.get_by_role("complementary", name="报警详情")).to_contain_text("液位高高报")
    keys.press("a")
    expect(_row(screen, alarm)).to_contain_text(PERSON["operator"])
    keys.press("Escape")
    expect(screen.page.get_by_role("complementary", name="报警详情")).to_have_count(0)
    assert _alarm(calm_plant, alarm)["acknowledged"]["by"] == PERSON["operator"]
    assert _alarm(calm_plant, other)["acknowledged"] is None


def test_second_level_gas_is_hidden_only_when_a_second_person_agrees(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    (alarm,) = told("GA1.GD01.HH", value=61.0)
    first = open_as("operator", f"alarm/{alarm}", at=calm_plant)
    first.press("搁置")
    dialog = first.page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("探头标定")
    expect(dialog).to_contain_text("须由另一位中控室人员或企业主管（不能是您本人）同意后才生效")
    dialog.get_by_role("button", name="提请搁置", exact=True).click()
    first.sees("已提议，等待第二人同意。")
    assert _alarm(calm_plant, alarm)["state"] == "UNACK"

    second = open_as("enterprise_supervisor", "holds", at=calm_plant)
    second.sees(re.compile(r"GA1\.GD01\.HH"))
    second.press("同意")
    second.sees("已同意")
    first.sees("已搁置", within="article")
    held = _alarm(calm_plant, alarm)
    assert held["state"] == "SHLVD"
    assert held["shelved"]["agreed_by"] == PERSON["enterprise_supervisor"]


def test_chosen_alarms_are_answered_each_by_itself_without_second_level_gas(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    gas, *others = told("GA1.GD02.HH", "TK101.PT01.H", "TK102.PT01.H", value=4.0)
    screen = open_as("operator", "alarms?tab=unanswered", at=calm_plant)
    for alarm in (gas, *others):
        _row(screen, alarm).get_by_role("checkbox").check()
    screen.page.keyboard.press("a")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 条二级气体报警须逐条确认")
    dialog.get_by_role("button", name="确认 2 条").click()
    expect(dialog).to_contain_text("已确认 2 / 2 条")
    assert all(_alarm(calm_plant, alarm)["acknowledged"] for alarm in others)
    assert _alarm(calm_plant, gas)["acknowledged"] is None


def test_horn_is_silenced_on_every_screen_and_sounds_for_the_next_alarm(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    here = open_as("operator", "alarms", at=calm_plant)
    there = open_as("enterprise_supervisor", "holds", at=calm_plant)
    told("TK101.LT01.LL", value=0.2)
    for screen in (here, there):
        expect(_horn(screen)).to_have_attribute("data-horn", "sounding")
    here.page.keyboard.press("h")
    for screen in (here, there):
        expect(_horn(screen)).to_have_attribute("data-horn", "silenced")
    expect(_horn(here)).to_have_attribute("data-allowed", "true")
    assert any(not alarm["acknowledged"] for alarm in calm_plant.alarms())
    expect(here.page).to_have_title(re.compile(r"^\(\d+\) "))
    told("TK102.LT01.LL", value=0.2)
    for screen in (here, there):
        expect(_horn(screen)).to_have_attribute("data-horn", "sounding")


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_alarm_pages_are_accessible_and_fit(
    calm_plant: Plant, told: Told, open_as: OpenAs, size: tuple[int, int], theme: str
) -> None:
    (alarm,) = told("TK101.TT01.H")
    screen = open_as("operator", f"alarm/{alarm}", at=calm_plant, size=size, theme=theme)
    screen.becomes_live()
    for page in ("", *PAGES):
        if page:
            screen.goto(page)
        expect(screen.page.locator("h1").first).to_be_attached()
        screen.sees_no("正在读取…")
        screen.assert_accessible()
        screen.assert_fits()


def test_burst_of_a_thousand_alarms_is_listed_and_the_page_still_answers(
    calm_plant: Plant, told: Told, open_as: OpenAs
) -> None:
    screen = open_as("operator", "alarms", at=calm_plant)
    screen.becomes_live()
    told(*(f"BURST{number:04}.H" for number in range(BURST)))
    count = screen.page.get_by_role("tab", name="未关闭").locator(".count")
    expect(count).to_have_text(re.compile(r"^1\d{3}$"))
    assert screen.page.locator("[data-alarm]").count() < 60
    screen.page.keyboard.press("End")
    screen.page.keyboard.press("?")
    expect(screen.page.get_by_role("dialog")).to_contain_text("快捷键")
    screen.page.keyboard.press("Escape")
    screen.press("打开泛滥视图", role="link")
    expect(screen.page.get_by_role("heading", name="报警泛滥", level=1)).to_be_visible()
