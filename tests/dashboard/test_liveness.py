"""Nothing on a screen is silently old: what stops or dies is told within three seconds, and heals by itself.

The words that tell of a loss say for how long it has lasted; the first of them that appear are kept, so that
what is asserted is the page's own account and not how quickly this machine looks at it.
"""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.browsing import Screen
from tests.dashboard.conftest import OpenAs
from tests.dashboard.running import Plant, running_plant

LEVEL = '[data-point="E001/TK101.LT01"] .value'
LINK_LOST = r"连接中断 (\d+) 秒"
GATEWAY_LOST = r"网关 \S+ 已 (\d+) 秒没有发送数据"
WITHIN_S = 3
KEEP_FIRST = """(pattern) => {
  const wanted = new RegExp(pattern);
  const look = () => { window.__first ??= document.body.innerText.match(wanted)?.[1]; };
  window.__first = undefined;
  new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def victim(screens: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """An installation whose parts are stopped and killed; each test leaves it whole."""
    with running_plant(Path(tmp_path_factory.mktemp("victim")), "normal") as running:
        yield running


def live_screen(open_as: OpenAs, victim: Plant) -> Screen:
    screen = open_as("operator", "overview", at=victim)
    screen.becomes_live()
    screen.page.wait_for_function(
        "(at) => /\\d/.test(document.querySelector(at)?.textContent ?? '')", arg=LEVEL
    )
    return screen


def told_after_s(screen: Screen, pattern: str) -> int:
    """Wait until the loss is told; what its first words say of how long it has lasted."""
    screen.page.wait_for_function("() => window.__first !== undefined")
    screen.sees(re.compile(pattern))
    return int(screen.page.evaluate("window.__first"))


def value_is_of_now(screen: Screen) -> None:
    """The level is a number that counts, and a few seconds old at most."""
    screen.page.wait_for_function(
        """(at) => [...document.querySelectorAll(at)].some((number) => {
          const shown = number.closest('.live');
          const age = shown.querySelector('.age').textContent.match(/^(\\d+) 秒$/);
          return !shown.matches('.cut') && /\\d/.test(number.textContent) && age && age[1] <= 3;
        })""",
        arg=LEVEL,
    )


def test_service_that_hangs_is_told_and_the_page_goes_on_by_itself(open_as: OpenAs, victim: Plant) -> None:
    screen = live_screen(open_as, victim)
    screen.page.evaluate(KEEP_FIRST, LINK_LOST)
    victim.signal("api", signal.SIGSTOP)
    try:
        assert told_after_s(screen, LINK_LOST) < WITHIN_S
    finally:
        victim.signal("api", signal.SIGCONT)
    screen.becomes_live()
    value_is_of_now(screen)


def test_service_that_was_killed_is_told_and_its_successor_is_found(open_as: OpenAs, victim: Plant) -> None:
    screen = live_screen(open_as, victim)
    screen.allow("WebSocket connection|net::ERR_")
    screen.page.evaluate(KEEP_FIRST, LINK_LOST)
    victim.signal("api", signal.SIGKILL)
    assert told_after_s(screen, LINK_LOST) < WITHIN_S
    victim.start("api")
    screen.becomes_live()
    value_is_of_now(screen)


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_gateway_that_is_gone_is_told_and_its_values_come_back(
    open_as: OpenAs, victim: Plant, how: signal.Signals
) -> None:
    screen = live_screen(open_as, victim)
    screen.allow("status of 503 .*/trend")  # the newest stretch of a trend is the gateway's to give
    screen.page.evaluate(KEEP_FIRST, GATEWAY_LOST)
    victim.signal("gateway", how)
    try:
        assert told_after_s(screen, GATEWAY_LOST) <= WITHIN_S
    finally:
        if how == signal.SIGSTOP:
            victim.signal("gateway", signal.SIGCONT)
        else:
            victim.start("gateway")
    screen.sees_no(re.compile(GATEWAY_LOST))
    value_is_of_now(screen)
