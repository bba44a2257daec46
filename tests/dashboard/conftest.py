"""The screens in the real browser, before the real gateway and service with a simulated plant.

For a test of a page:

    def test_alarm_list_shows_the_overfill(open_as: OpenAs) -> None:
        screen = open_as("operator", "alarms")
        screen.becomes_live()
        screen.sees("TK101 液位")
        screen.assert_accessible()

* `plant`: one installation for all tests of the package (site of `examples/tank-farm`, scenario `demo`: a
  gas leak and a tank overfill, both alarming for good within a minute). Tests share it: what a test changes
  has to be its own. `plant.service` is an HTTP client, `plant.until_alarm(point)` waits for an alarm.
* `fresh_plant(scenario, ...)`: another installation for one test that needs a scenario of its own, or kills
  processes. It takes some seconds of processor time: only where `plant` does not do.
* `open_as(role, path, size=, theme=, language=)`: a page with that role's person logged in (None: nobody).
  Roles: operator, enterprise_supervisor, on_call, bureau_duty_officer, bureau_administrator,
  system_administrator, auditor; names in `PERSON`, everybody's password is `PASSWORD` (`running.py`).
* At the end every page must have been calm: no uncaught error, no console error, no breach of the content
  policy, no request elsewhere. What a test provokes on purpose it allows: `screen.allow("status of 409")`.
* No test sleeps: `screen.sees(text)`, `screen.sees_no(text)`, and `expect(...)` of Playwright wait.

The screens are built once (`python -m hazardwatch.dashboard`), or taken from HAZARDWATCH_API_DASHBOARD. These
tests must not be asynchronous: Playwright has the loop of this thread.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from hazardwatch import dashboard
from tests.dashboard.browsing import DESK, FLAGS, PATIENCE_MS, Screen, new_context
from tests.dashboard.running import Plant, running_plant

ASKS_WHO_ONE_IS = r"status of 401 .*/(me|session/refresh)\)$"
"""The browser notes every refusal, this one too: nobody has logged in."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class OpenAs(Protocol):
    def __call__(
        self,
        role: str | None,
        path: str = "",
        *,
        at: Plant | None = None,
        size: tuple[int, int] = DESK,
        theme: str = "light",
        language: str = "zh",
    ) -> Screen: ...


class FreshPlant(Protocol):
    def __call__(self, scenario: str = "demo", *, simulate: bool = True, **settings: str) -> Plant: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several processes and a browser: slow, every one of them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def screens() -> None:
    """The screens are built."""
    if os.environ.get("HAZARDWATCH_API_DASHBOARD"):
        return
    try:
        dashboard.build()
    except dashboard.BuildFailed as failed:
        if "could not be installed" in str(failed):
            pytest.skip(str(failed))
        raise


@pytest.fixture(scope="package")
def plant(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """The installation that the tests of this package share."""
    with running_plant(tmp_path_factory.mktemp("plant")) as running:
        yield running


@pytest.fixture
def fresh_plant(screens: None, tmp_path: Path) -> Iterator[FreshPlant]:
    """Starts installations that end with the test."""
    number = itertools.count()
    with ExitStack() as stack:

        def start(scenario: str = "demo", *, simulate: bool = True, **settings: str) -> Plant:
            folder = tmp_path / f"plant{next(number)}"
            return stack.enter_context(running_plant(folder, scenario, simulate=simulate, **settings))

        yield start


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium in PATH: apt-get install chromium, then these tests run")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_as(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenAs]:
    """Opens pages; at the end of the test every one of them must have been calm."""
    opened: list[Screen] = []
    with ExitStack() as stack:

        def start(role: str | None, path: str = "", *, at: Plant | None = None, **how: Any) -> Screen:
            where = at or request.getfixturevalue("plant")
            context = stack.enter_context(new_context(browser, where, role, **how))
            screen = Screen(where, context.new_page())
            opened.append(screen)
            if role is None:
                screen.allow(ASKS_WHO_ONE_IS)
            return screen.goto(path)

        yield start
        for screen in opened:
            screen.assert_calm()
