"""The page in a real browser against the real service."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alarm_rules.condition import PointValue
from api.auth.keys import add_operator
from tests.api.history_side import HistorySide, history_side
from tests.api.plant import SECOND, change, delivery, values
from tests.api.serving import Api, running_api

PAGE = Path(__file__).parents[2] / "api" / "page"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LEVEL = 'tr[data-point="acme/TK101.LT01"]'

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium in PATH: apt-get install chromium, then these tests run"
)


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def history() -> Iterator[HistorySide]:
    with history_side() as side:
        yield side


@pytest.fixture
def api(tmp_path: Path, history: HistorySide) -> Iterator[Api]:
    with running_api(tmp_path / "data", gateway_url=history.url) as running:
        yield running


@pytest.fixture
def page(browser, api: Api) -> Iterator:
    """The page, entered with a key; anything it complains of fails the test."""
    context = browser.new_context(viewport={"width": 1300, "height": 800})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"{api.url}/#key={api.key}")
    opened.wait_for_selector(LEVEL)
    yield opened
    context.close()
    assert complaints == []


def _feed(api: Api, value: float, quality: str = "good") -> None:
    now = time.time_ns()
    row = PointValue("acme/TK101.LT01", now - 2 * SECOND, value, quality)
    assert api.post("/intake/values", values(now, row)).status_code == 200


def _text_becomes(page, selector: str, pattern: str) -> None:
    """Wait until the element's text matches; fails after the browser's own deadline."""
    page.wait_for_function(
        "([where, pattern]) => new RegExp(pattern).test(document.querySelector(where)?.innerText ?? '')",
        arg=[selector, pattern],
        timeout=10_000,
    )


@needs_browser
def test_page_shows_values_with_unit_quality_and_age(page, api: Api) -> None:
    _feed(api, 61.25)
    _text_becomes(page, f"{LEVEL} .value", r"61\.25\s*%")
    _text_becomes(page, f"{LEVEL} .quality", "正常")
    _text_becomes(page, f"{LEVEL} .age", r"^[2-9]秒")


@needs_browser
def test_page_shows_no_number_for_a_bad_value(page, api: Api) -> None:
    _feed(api, 61.25, "bad_sensor_failure")
    _text_becomes(page, f"{LEVEL} .quality", "传感器故障")
    assert page.inner_text(f"{LEVEL} .number") == "—"


@needs_browser
def test_page_says_no_data_of_a_point_that_fell_silent(page, api: Api) -> None:
    now = time.time_ns()
    _feed(api, 61.25)
    _text_becomes(page, f"{LEVEL} .quality", "正常")
    stale = {"rule": "acme/TK101.LT01/STALE", "onset": now}
    api.post("/intake/conditions", delivery(change(1, **stale)))
    _text_becomes(page, f"{LEVEL} .quality", "无数据")
    api.post("/intake/conditions", delivery(change(2, active=False, after_s=1, **stale)))
    _text_becomes(page, f"{LEVEL} .quality", "正常")
    old = PointValue("acme/TK101.LT01", now - 300 * SECOND, 61.25, "good")
    api.post("/intake/values", values(time.time_ns(), old, complete=True))
    _text_becomes(page, f"{LEVEL} .quality", "无数据")


@needs_browser
def test_page_marks_a_point_with_its_active_alarm_before_a_returned_one(page, api: Api) -> None:
    now = time.time_ns()
    returned = (change(1, onset=now), change(2, onset=now, active=False, after_s=1))
    active = change(3, rule="acme/TK101.LT01/H", onset=now - 60 * SECOND)
    api.post("/intake/conditions", delivery(*returned))
    page.wait_for_selector(f"{LEVEL} .mark.CRITICAL.RTNUN")
    api.post("/intake/conditions", delivery(active, journal="j1"))
    page.wait_for_selector(f"{LEVEL} .mark.MEDIUM.UNACK")


@needs_browser
def test_page_acknowledges_an_alarm_in_the_name_of_the_operator(page, api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1, onset=time.time_ns())))
    _text_becomes(page, ".alarm.UNACK", "液位高高[^]*紧急[^]*未确认")
    page.click(".alarm button:has-text('确认')")
    _text_becomes(page, ".alarm.ACKED", "已由 张伟 于 .* 确认")
    (alarm,) = api.person.get("/alarms").json()["alarms"]
    assert alarm["acknowledged"]["by"] == "张伟"


@needs_browser
def test_page_tells_the_value_at_onset_from_the_current_one(page, api: Api) -> None:
    _feed(api, 61.25)
    api.post("/intake/conditions", delivery(change(1)))
    _text_becomes(page, ".alarm", r"触发值 96\.50 %[^]*当前 61\.25 %")
    _feed(api, 71.5)
    _text_becomes(page, ".alarm", r"触发值 96\.50 %[^]*当前 71\.50 %")
    _feed(api, 71.5, "bad_sensor_failure")
    _text_becomes(page, ".alarm", r"触发值 96\.50 %[^]*当前 —")


@needs_browser
def test_page_acknowledges_one_alarm_with_a_double_click(page, api: Api) -> None:
    now = time.time_ns()
    both = delivery(change(1, onset=now), change(2, onset=now - SECOND, point="acme/TK101.TT01"))
    api.post("/intake/conditions", both)
    page.wait_for_selector(".alarm >> nth=1")
    box = page.locator(".alarm button:has-text('确认')").first.bounding_box()
    where = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*where)
    page.wait_for_selector(".alarm.ACKED")
    page.mouse.click(*where)
    assert page.get_attribute(".alarm >> nth=0", "class").split()[-1] == "ACKED"
    page.wait_for_selector(".alarm.UNACK:first-child", timeout=10_000)
    states = [alarm["state"] for alarm in api.person.get("/alarms").json()["alarms"]]
    assert sorted(states) == ["ACKED", "UNACK"]


@needs_browser
def test_page_says_that_an_acknowledgement_is_late_and_that_it_failed(page, api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    waiting = []
    page.route("**/acknowledge", lambda route: waiting.append(route))
    page.click(".alarm button:has-text('确认')")
    _text_becomes(page, ".alarm .answer", "尚未记录")
    waiting[0].abort()
    _text_becomes(page, ".alarm .answer", "未记录：报警服务没有应答")
    assert page.is_enabled(".alarm .answer button")


@needs_browser
def test_page_says_how_many_alarms_are_below_the_visible_ones(browser, api: Api) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 700})
    rules = [change(n, rule=f"acme/R{n}", onset=time.time_ns() - n * SECOND) for n in range(1, 13)]
    api.post("/intake/conditions", delivery(*rules))
    page.goto(f"{api.url}/#key={api.key}")
    _text_becomes(page, "#moreAlarms", r"还有 \d+ 条")
    hidden = int(re.search(r"\d+", page.inner_text("#moreAlarms")).group())
    assert 0 < hidden < 12
    page.click("#moreAlarms")
    page.evaluate("document.getElementById('alarms').scrollTop = 1e6")
    page.wait_for_selector("#moreAlarms", state="hidden")
    page.close()


@needs_browser
def test_page_shows_text_of_others_as_text_never_as_markup(page, api: Api) -> None:
    evil = change(1, rule="acme/system/clock_skew", point="<i>x</i>", text="<img src=x onerror=alert(1)>")
    api.post("/intake/conditions", delivery(evil))
    _text_becomes(page, ".alarm", "<img src=x onerror=alert\\(1\\)>")
    assert page.query_selector(".alarm img, .alarm i") is None


@needs_browser
def test_page_switches_to_english_and_keeps_it(page, api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1, rule="acme/system/device_offline", point="acme/g")))
    page.click("#language")
    _text_becomes(page, ".alarm", "Device offline[^]*Unacknowledged[^]*Acknowledge")
    assert page.inner_text("#valuesTitle") == "Live values"
    page.reload()
    _text_becomes(page, "#link", "Connected")


@needs_browser
def test_page_draws_the_trend_of_a_clicked_point(page, history: HistorySide) -> None:
    page.click(f"{LEVEL} button")
    page.wait_for_selector("#chart path.line", state="attached")
    _text_becomes(page, "#readout", r"最低 .* 最高 .* %|最低 .*最高 .*%")
    assert {text.text_content() for text in page.query_selector_all(".limitName")} == {"LL", "L", "H", "HH"}
    page.hover("#chart svg")
    _text_becomes(page, "#readout", r"\d+:\d+:\d+")
    assert "/history/acme%2FTK101.LT01" in {path for path, *_ in history.asked}


@needs_browser
def test_page_says_why_a_trend_cannot_be_shown(page, history: HistorySide) -> None:
    history.answer = (503, b'{"detail": "sealing"}')
    page.click(f"{LEVEL} button")
    _text_becomes(page, "#trendState", "无法读取历史：历史库不可用")


@needs_browser
def test_page_breaks_the_trend_where_the_point_was_silent(page, history: HistorySide) -> None:
    begin = time.time_ns() - 800 * SECOND
    times = [begin + step * 10 * SECOND for step in (*range(30), *range(60, 70))]
    series = {"source_time": times, "value": [50.0] * 40, "quality": [0] * 40}
    history.answer = (200, json.dumps(series).encode())
    page.click(f"{LEVEL} button")
    page.wait_for_selector("#chart path.line", state="attached")
    drawn = page.get_attribute("#chart path.line", "d")
    assert (drawn.count("M"), drawn.count("L")) == (2, 38)


@needs_browser
def test_page_takes_the_key_out_of_the_address(page, api: Api) -> None:
    assert page.url == f"{api.url}/"


@needs_browser
def test_page_asks_for_a_key_and_refuses_a_wrong_one(browser, api: Api) -> None:
    page = browser.new_page()
    page.goto(api.url)
    page.fill("#key", "hw_wrong")
    page.click("#login button")
    _text_becomes(page, "#loginError", "密钥无效")
    page.fill("#key", api.key)
    page.click("#login button")
    page.wait_for_selector(LEVEL)
    page.close()


@needs_browser
def test_page_says_who_is_signed_in_and_lets_him_sign_out(page) -> None:
    _text_becomes(page, "#person", "^张伟$")
    page.click("#signOut")
    page.wait_for_selector("#login")
    assert page.inner_text("#person") == ""
    assert not page.is_visible("#signOut")
    page.reload()
    page.wait_for_selector("#login")
    assert not page.is_visible("#desk")


@needs_browser
def test_page_tells_a_viewer_that_he_may_only_look(browser, api: Api) -> None:
    key = add_operator(api.settings.operators_file, "观察员", "viewer")
    page = browser.new_page()
    page.goto(f"{api.url}/#key={key}")
    _text_becomes(page, "#person", "^观察员（仅查看）$")
    page.close()


@needs_browser
def test_page_says_that_no_gateway_has_sent_anything(page) -> None:
    _text_becomes(page, "#notice", "没有网关发送数据")


@needs_browser
def test_page_shows_a_lost_link_within_three_seconds_and_heals(browser, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running_api(folder) as api:
        _feed(api, 12.5)
        page = browser.new_page()
        page.goto(f"{api.url}/#key={api.key}")
        _text_becomes(page, "#link", "连接正常")
        _text_becomes(page, f"{LEVEL} .value", "12.5")
    gone = time.monotonic()
    _text_becomes(page, "#link", "连接中断")
    assert time.monotonic() - gone < 3.0
    _text_becomes(page, "#notice", "不是实时数据")
    with running_api(folder, port=api.port):
        _text_becomes(page, "#link", "连接正常")
    page.close()


@needs_browser
def test_page_fits_a_phone(browser, api: Api) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    api.post("/intake/conditions", delivery(change(1)))
    page.goto(f"{api.url}/#key={api.key}")
    page.wait_for_selector(".alarm")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_page_texts_are_complete_in_both_languages() -> None:
    source = (PAGE / "texts.js").read_text()
    chinese, english = (
        set(re.findall(r"^    (\w+): \"", part, re.MULTILINE))
        for part in re.search(r"zh: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},", source, re.DOTALL).groups()
    )
    assert chinese == english
    used = set()
    for file in PAGE.iterdir():
        used |= set(re.findall(r"(?:say\(|data-(?:text|label)=)\"(\w+)\"", file.read_text()))
    assert used <= chinese


def test_page_never_writes_markup() -> None:
    for script in PAGE.glob("*.js"):
        for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert danger not in script.read_text(), f"{script.name} uses {danger}"


def test_page_has_names_for_every_quality() -> None:
    from detectors.quality import NAMES

    source = (PAGE / "texts.js").read_text()
    missing = [name for name in NAMES if source.count(f"    {name}: ") != 2]
    assert json.dumps(missing) == "[]"
