"""The system's browser as a camera."""

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as WaitedTooLong

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = (1440, 900)
PHONE = (360, 740)
TALLEST = 1800
"""Longer pages are cut there, in CSS pixels."""
WIDTH = 1200
QUALITY = 62
PATIENCE_MS = 20_000
STEPS, STEP_MS = 4, 2_000
"""How often the wall is stepped on, and how long a step may take."""
READY = """() => document.fonts.status === 'loaded' && !document.querySelector('[aria-busy=true], .loading')
  && (document.querySelector('main')?.innerText.trim().length ?? 0) > 0"""


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


@contextlib.contextmanager
def camera() -> Iterator[Browser]:
    """Raises NoBrowser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise NoBrowser("pictures need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def visitor(
    browser: Browser,
    url: str,
    login: tuple[str, str] | None,
    *,
    theme: str,
    language: str,
    phone: bool = False,
) -> Iterator[Page]:
    """A page of a browser in which this person has logged in; `login` None: nobody has."""
    width, height = PHONE if phone else SIZE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        color_scheme="dark" if theme == "dark" else "light",
    )
    try:
        context.set_default_timeout(PATIENCE_MS)
        kept = {"hazardwatch.theme": theme, "hazardwatch.language": language}
        context.add_init_script(f"Object.assign(localStorage, {kept})")
        if login is not None:
            _log_in(context, url, *login)
        yield context.new_page()
    finally:
        context.close()


def _log_in(context: BrowserContext, url: str, name: str, password: str) -> None:
    answer = context.request.post(
        f"{url}/session/login", data={"user": name, "password": password, "code": ""}
    )
    if not answer.ok:
        raise RuntimeError(f"{name} could not log in: {answer.status} {answer.text()}")


def take(page: Page, address: str, file: Path, *, scene: str = "") -> int:
    """Open the address and keep a picture of it, when nothing on it waits any more; returns its bytes.

    scene: of the wall, which one.
    """
    page.goto(address)
    if scene:
        _turn_to(page, scene)
    with contextlib.suppress(Exception):  # a page that never rests is shown as it is
        page.wait_for_load_state("networkidle", timeout=5000)
    page.wait_for_function(READY)
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 400))")
    width, tall = page.evaluate(
        "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
    )
    shot = page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)}
    )
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    if picture.width > WIDTH:
        picture = picture.resize(
            (WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS
        )
    picture.save(file, "WEBP", quality=QUALITY, method=6)
    return file.stat().st_size


def _turn_to(page: Page, scene: str) -> None:
    """Step the wall on by hand until it shows this: by itself it stays at an unanswered critical alarm."""
    page.locator(".wall[data-scene]").wait_for()
    wished = page.locator(f".wall[data-scene='{scene}']")
    for _ in range(STEPS):
        page.keyboard.press("ArrowRight")
        with contextlib.suppress(WaitedTooLong):
            wished.wait_for(timeout=STEP_MS)
            return
    wished.wait_for()
