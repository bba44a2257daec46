"""A person at a screen: a page of the real browser, and everything on it that must not happen.

Whatever a page complains of fails the test at its end: an error nobody caught, an error on the console, a
breach of the content policy, a request to anywhere but the service.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from hazardwatch.dashboard import FOLDER
from tests.dashboard.running import PASSWORD, PERSON, Plant

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE, WALL = (1440, 900), (360, 740), (1920, 1080)
"""Sizes of screens, in CSS pixels."""
PATIENCE_MS = 20_000
OWN_SCHEMES = ("data:", "blob:")
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
KEEP = "for (const [key, value] of Object.entries(%s)) localStorage[key] ??= value"
"""What the browser remembers of an earlier visit; what a test changes itself is left."""
GRAVE = ("serious", "critical")


class Screen:
    """One page. `page` is Playwright's; waiting is its own, never a sleep."""

    def __init__(self, plant: Plant, page: Page) -> None:
        self.plant = plant
        self.page = page
        self.complaints: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self._complain(f"uncaught: {error}"))
        page.on("console", self._listen)
        page.on("request", self._watch)

    def goto(self, path: str) -> "Screen":
        """Open a page of the screens by its address below /app/, e.g. `alarms`."""
        self.page.goto(f"{self.plant.url}/app/{path.removeprefix('/').removeprefix('app/')}")
        return self

    def sees(
        self, text: str | re.Pattern[str], *, within: str = "body", within_ms: int = PATIENCE_MS
    ) -> Locator:
        """Wait until something visible says this; gives it."""
        found = self.page.locator(within).get_by_text(text).locator("visible=true").first
        expect(found).to_be_visible(timeout=within_ms)
        return found

    def sees_no(
        self, text: str | re.Pattern[str], *, within: str = "body", within_ms: int = PATIENCE_MS
    ) -> None:
        """Wait until nothing visible says this any more."""
        found = self.page.locator(within).get_by_text(text).locator("visible=true")
        expect(found).to_have_count(0, timeout=within_ms)

    def becomes_live(self) -> None:
        """Wait until the page says that it is live."""
        self.sees(re.compile(r"^\s*(实时|Live)\s*$"))

    def press(self, name: str | re.Pattern[str], *, role: Any = "button", within: str = "body") -> None:
        """Press the button (or follow the link, ...) of this name."""
        self.page.locator(within).get_by_role(role, name=name).first.click()

    def allow(self, pattern: str) -> None:
        """What this test provokes on purpose: the browser's own note of a refused request, for instance."""
        self._allowed.append(re.compile(pattern))

    def assert_calm(self) -> None:
        """Nothing happened that must not; called at the end of each test."""
        left = [each for each in self.complaints if not any(p.search(each) for p in self._allowed)]
        assert not left, "\n".join([*left, self.plant.last_words("api")])

    def assert_accessible(self) -> None:
        """axe finds nothing serious or critical on the page as it stands now.

        It is evaluated, not written into the page: the content policy stays in force.
        """
        self.page.evaluate(_axe())
        results = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        grave = [found for found in results["violations"] if found["impact"] in GRAVE]
        assert not grave, "\n".join(_described(found) for found in grave)

    def assert_fits(self) -> None:
        """Nothing makes the page itself scroll sideways."""
        wide, room = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= room, f"the page is {wide} pixels wide, the screen {room}"

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _watch(self, request: Request) -> None:
        own = (f"{self.plant.url}/", *OWN_SCHEMES)
        if not request.url.startswith(own):
            self._complain(f"foreign request: {request.url}")

    def _complain(self, text: str) -> None:
        self.complaints.append(text)


@cache
def _axe() -> str:
    assert AXE.exists(), f"{AXE} is missing: build the screens with  make dashboard"
    return AXE.read_text() + "; undefined"


def _described(found: dict[str, Any]) -> str:
    places = "; ".join(f"{node['target'][0]} {node['failureSummary']}" for node in found["nodes"][:5])
    return f"{found['impact']} {found['id']}: {found['help']}: {places}"


@contextmanager
def new_context(
    browser: Browser,
    plant: Plant,
    role: str | None,
    *,
    size: tuple[int, int] = DESK,
    theme: str = "light",
    language: str = "zh",
) -> Iterator[BrowserContext]:
    """A browser of its own, in which this role's person has logged in; None: nobody has."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        has_touch=size == PHONE,
    )
    try:
        context.add_init_script(KEEP % {"hazardwatch.theme": theme, "hazardwatch.language": language})
        if role is not None:
            log_in(context, plant, role)
        yield context
    finally:
        context.close()


def log_in(context: BrowserContext, plant: Plant, role: str) -> None:
    """As the log-in page does it; its own test goes through the page."""
    body = {"user": PERSON[role], "password": PASSWORD, "code": ""}
    answer = context.request.post(f"{plant.url}/session/login", data=body)
    assert answer.ok, answer.text()


def picture(screen: Screen, file: Path) -> None:
    """For who wants to look: not part of any test."""
    screen.page.screenshot(path=file, full_page=True)
