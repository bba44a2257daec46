"""Every page of the router: it opens for whom it is, says something, is accessible in both appearances, does
not make the screen scroll sideways (neither does it on a telephone), and does not mix the languages."""

import re
from collections.abc import Iterable, Mapping

import pytest
from playwright.sync_api import expect

from api.bilingual import SIGN
from hazardwatch.screenshots.pages import Shown, list_pages
from tests.dashboard.browsing import DESK, PHONE, Screen
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import Plant

LEVEL = "E001/TK101.LT01"
HAN, ENGLISH = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[a-z]{3,} [a-z]{2,}")
QUOTED = re.compile("“[^”]*”")
TEXTS = """() => {
  const walker = document.createTreeWalker(document.querySelector("#app"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode.textContent);
  for (const name of ["title", "aria-label", "placeholder", "alt"])
    for (const each of document.querySelectorAll(`#app [${name}]`)) texts.push(each.getAttribute(name));
  return texts;
}"""
DARKEN = "document.documentElement.dataset.theme = 'dark'"


@pytest.fixture(scope="module")
def examples(plant: Plant) -> Mapping[str, str]:
    """What pages of single things can show."""
    alarm = plant.until_alarm(LEVEL, priority="CRITICAL")
    with plant.as_person("bureau_duty_officer") as officer:
        warning = plant.until(lambda: officer.get("/warnings").json()["warnings"], "a warning", 60)[0]
    return {
        "alarm.id": alarm["id"],
        "point.id": LEVEL,
        "warning.id": warning["id"],
        "enterprise": "E001",
        "installation": alarm["installation"],
        "unit": alarm["unit"],
    }


def pages_of(screen: Screen, examples: Mapping[str, str]) -> list[Shown]:
    """Those that an example is known for."""
    screen.page.locator("main").wait_for()
    return list_pages(screen.page, examples)[0]


def settles(screen: Screen) -> None:
    """The page has something to say, and waits for nothing."""
    expect(screen.page.locator("main").first).not_to_be_empty()
    expect(screen.page.locator("[aria-busy=true]")).to_have_count(0)


def mixed(texts: Iterable[str]) -> list[str]:
    """Those of a Chinese page that hold an English sentence too, or both halves of a text of the service.

    What a library or a server said may be quoted."""
    told = [(text, QUOTED.sub("", text)) for text in texts]
    return [text for text, own in told if SIGN in text or (HAN.search(own) and ENGLISH.search(own))]


def shortcomings(screen: Screen, page: Shown, looks: tuple[str, ...]) -> list[str]:
    found = [f"/app/{page.path} language: {text}" for text in mixed(screen.page.evaluate(TEXTS))]
    for look in ("width", *looks):
        if look == "dark":
            screen.page.evaluate(DARKEN)
        try:
            screen.assert_fits() if look == "width" else screen.assert_accessible()
        except AssertionError as error:
            found.append(f"/app/{page.path} {look}: {error}")
    return found


@pytest.mark.parametrize(
    ("size", "looks"), [(DESK, ("light", "dark")), (PHONE, ("light",))], ids=["desk", "phone"]
)
def test_every_page_is_accessible_in_its_appearances_and_fits(
    open_as: OpenAs, examples: Mapping[str, str], size: tuple[int, int], looks: tuple[str, ...]
) -> None:
    pages = pages_of(open_as(None), examples)
    assert len(pages) > 20
    found: list[str] = []
    for role in dict.fromkeys(page.role for page in pages):
        screen = open_as(role, size=size)
        for page in (page for page in pages if page.role == role):
            screen.goto(page.path)
            settles(screen)
            found += shortcomings(screen, page, looks)
    assert not found, "\n\n".join(found)


def test_a_text_that_mixes_the_languages_is_found() -> None:
    assert len(mixed(["升级 raised by hand", f"已确认 {SIGN} acknowledged"])) == 2
    assert mixed(["已失败：connection was refused"])
    assert not mixed(["已失败：“connection was refused”"])
    assert not mixed(["网关 gateway", "限 HH 50.0 %LEL", "已确认", "acknowledged already"])
