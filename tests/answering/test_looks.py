"""The answering page in a real browser of a phone's width, in both languages, by day and by night."""

import shutil
from collections.abc import Iterator

import pytest

from tests.answering.running import Phone, running_phone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTH = 360

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium in PATH: apt-get install chromium, then these tests run"
)


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    with running_phone(tmp_path_factory.mktemp("looks") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def opened(browser, phone: Phone, path: str, scheme: str = "light", *, scripts: bool = False):
    """The page on a phone; whatever the browser complains of (a blocked style, a script) is kept."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 740}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{phone.desk.api.url}{path}")
    return page


@needs_browser
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_its_button_is_in_sight(
    browser, phone: Phone, scheme: str, language: str
) -> None:
    page = opened(browser, phone, f"{phone.link()}?lang={language}", scheme, scripts=True)
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
    box = page.locator("button.acknowledge").bounding_box()
    assert box["y"] + box["height"] <= 740
    assert box["height"] >= 48
    colours = page.evaluate("""() => {
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        return [style('body').color, style('body').backgroundColor, style('button').color,
                style('button').backgroundColor].map((text) => text.match(/[0-9]+/g).slice(0, 3).map(Number));
    }""")
    assert contrast(*colours[:2]) >= 7
    assert contrast(*colours[2:]) >= 4.5
    assert page.complaints == []


@needs_browser
def test_a_person_acknowledges_without_scripts(browser, phone: Phone) -> None:
    path = phone.link("li-na")
    page = opened(browser, phone, path)
    page.locator("nav a").click()
    page.locator("textarea").fill("On my way")
    page.locator("button.acknowledge").click()
    page.wait_for_selector(".standing.answered")
    assert page.url.endswith("?lang=en")
    assert "Acknowledged" in page.inner_text("main")
    assert phone.alarm_now()["acknowledged"]["by"] == "李娜"


def contrast(one: list[int], other: list[int]) -> float:
    """Ratio after WCAG 2.1."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: list[int]) -> float:
    linear = [c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
