"""`hazardwatch demo` with its page: shown in a real browser, ended by Ctrl-C, and what goes wrong with it."""

import contextlib
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.journal import Journal
from tests.hazardwatch.program import Command, descendants, run, running, until

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LEVEL = '[data-point="E001/TK101.LT01"] .value'
PREFERRED = (1883, 8470, 8471)
END_S = 30.0
"""From Ctrl-C to the end of everything."""
WARM_START_S = 60.0
"""A few seconds on a free machine; the bound only tells it from a start that compiles."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Command]:
    with running(tmp_path, "demo") as command:
        yield command


@pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium in PATH: apt-get install chromium, then this test runs"
)
def test_page_of_the_demo_shows_live_values_and_then_both_dangers(demo: Command) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    address = demo.line_with("http://127.0.0.1:")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        _text_becomes(page, LEVEL, r"^[89]\.\d+$")
        first = page.inner_text(LEVEL)
        page.wait_for_function(
            "([where, old]) => document.querySelector(where).innerText !== old",
            arg=[LEVEL, first],
        )
        page.get_by_role("link", name=re.compile(r"^报警( \d+)?$")).click()  # how many wait stands behind it
        for danger in ("液位高高报", "可燃气体浓度高高报"):
            _text_becomes(page, "main", rf"未确认[^]*{danger}")
        browser.close()
    assert complaints == []


def _text_becomes(page, selector: str, pattern: str) -> None:
    page.wait_for_function(
        "([where, pattern]) => new RegExp(pattern).test(document.querySelector(where)?.innerText ?? '')",
        arg=[selector, pattern],
        timeout=60_000,
    )


def test_demo_leaves_taken_ports_alone_ends_at_ctrl_c_and_starts_again(tmp_path: Path) -> None:
    with ExitStack() as taken:
        for port in PREFERRED:
            _take(port, taken)
        with running(tmp_path, "demo", "--data", "kept") as command:
            address = command.line_with("http://127.0.0.1:")
            assert not re.match(r"http://127\.0\.0\.1:(1883|8470|8471)/", address)
            assert command.line_with("curl").endswith("/sandbox")
            until(lambda: _plays(command), "the plant to begin")
            took = command.signal(signal.SIGINT)
            done = command.finish()
    assert (done.status, done.lines[-1]) == (0, "ending ...")
    assert "Traceback" not in done.err
    assert took < END_S
    with running(tmp_path, "demo", "--data", "kept") as again:
        ready = float(re.search(r"ready after ([\d.]+) s", again.line_with("ready after"))[1])
        again.line_with("http://127.0.0.1:")
        took = again.signal(signal.SIGTERM)
        assert again.finish().status == 0
    print(f"second start ready after {ready} s; ended after {took:.2f} s")
    assert ready < WARM_START_S
    assert took < END_S


def _take(port: int, stack: ExitStack) -> None:
    """Listen there, unless somebody does already."""
    door = stack.enter_context(socket.socket())
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.suppress(OSError):
        door.bind(("127.0.0.1", port))
        door.listen()


def _plays(command: Command) -> bool:
    return any("simulate" in process.cmdline() for process in descendants(command.mark))


@pytest.mark.parametrize("victim", ["gateway", "api"])
def test_demo_ends_and_tells_the_last_words_of_a_child_that_died(demo: Command, victim: str) -> None:
    demo.line_with("http://127.0.0.1:")
    (child,) = [process for process in descendants(demo.mark) if process.cmdline()[-1] == victim]
    child.kill()
    done = demo.finish()
    assert done.status == 1
    assert f"demo: {victim} was ended by signal 9; its last words:" in done.err
    assert "Traceback" not in done.err
    if victim == "gateway":
        assert "gateway ready" in done.err.partition("last words:")[2]


def test_demo_whose_gateway_cannot_start_tells_why(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    journal = Journal(tmp_path / "kept" / "journal.sqlite")
    done = run(tmp_path, "demo", "--data", "kept")
    journal.close()
    assert done.status == 1
    assert "demo: gateway ended with status 1; its last words:" in done.err
    assert "journal.sqlite" in done.err
