"""The system's Chromium under measurement: what a page costs, how long it kept a person waiting."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

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
# Frames as they come, long tasks, and how long the answer to a key or click took to be painted.
WATCH = """() => {
  const seen = { frames: 0, longestFrame: 0, began: performance.now(), tasks: [], events: [] };
  let before = seen.began;
  const frame = (now) => {
    seen.frames += 1;
    seen.longestFrame = Math.max(seen.longestFrame, now - before);
    before = now;
    window.__watch = requestAnimationFrame(frame);
  };
  cancelAnimationFrame(window.__watch ?? 0);
  window.__watch = requestAnimationFrame(frame);
  for (const observer of window.__observers ?? []) observer.disconnect();
  const tasks = new PerformanceObserver((list) =>
    list.getEntries().forEach((e) => seen.tasks.push(e.duration)));
  tasks.observe({ type: "longtask" });
  const events = new PerformanceObserver((list) =>
    list.getEntries().forEach((e) => e.interactionId && seen.events.push(e.duration)));
  events.observe({ type: "event", durationThreshold: 16 });
  window.__observers = [tasks, events];
  window.__seen = seen;
}"""
TELL = """() => ({ ...window.__seen, seconds: (performance.now() - window.__seen.began) / 1000 })"""


class Costs(NamedTuple):
    """What a page took over a while."""

    frames_per_s: float
    longest_frame_ms: float
    long_tasks: int
    longest_task_ms: float
    slowest_answer_ms: float
    """To a key or click; 0 when there was none above 16 ms."""
    main_thread_percent: float
    """Share of the time in which the page's own thread had work in hand: scripts, layout, painting. Where
    others want the cores too, waiting for one counts."""
    main_thread_processor_percent: float
    """Share of a core that this thread was given: what the page itself needs, whoever else is busy."""
    browser_percent: float
    """Share of a core of all processes of the browser."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser; RuntimeError if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("no Chromium in PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def fresh_page(browser: Browser, script: str = "") -> Iterator[Page]:
    """A page of a browser that has never been here: nothing is in its cache."""
    context = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    if script:
        context.add_init_script(script)
    try:
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
    finally:
        context.close()


class Meter:
    """Measures one page: `begin()`, let it work, `end()`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._link = page.context.new_cdp_session(page)
        self._link.send("Performance.enable")
        self._busy = self._thread = self._processor = 0.0

    def begin(self) -> None:
        self._page.evaluate(WATCH)
        now = self.metrics()
        self._busy, self._thread, self._processor = now["TaskDuration"], now["ThreadTime"], _processor_s()

    def since_opened(self) -> Costs:
        """All that the page has cost since its call; made before that, and `WATCH` a script of the page."""
        return self.end()

    def end(self) -> Costs:
        now = self.metrics()
        busy, thread = now["TaskDuration"] - self._busy, now["ThreadTime"] - self._thread
        processor = _processor_s() - self._processor
        seen: dict[str, Any] = self._page.evaluate(TELL)
        seconds = seen["seconds"]
        return Costs(
            frames_per_s=round(seen["frames"] / seconds, 1),
            longest_frame_ms=round(seen["longestFrame"], 1),
            long_tasks=len(seen["tasks"]),
            longest_task_ms=round(max(seen["tasks"], default=0.0), 1),
            slowest_answer_ms=round(max(seen["events"], default=0.0), 1),
            main_thread_percent=round(100 * busy / seconds, 1),
            main_thread_processor_percent=round(100 * thread / seconds, 1),
            browser_percent=round(100 * processor / seconds, 1),
        )

    def metrics(self) -> dict[str, float]:
        """Chromium's own figures of the page."""
        return {one["name"]: one["value"] for one in self._link.send("Performance.getMetrics")["metrics"]}

    def heap(self) -> dict[str, float]:
        """MB of scripts' memory, nodes and listeners of the page, after its rubbish was collected."""
        for _ in range(3):
            self._link.send("HeapProfiler.collectGarbage")
        found = self.metrics()
        return {
            "heap_mb": round(found["JSHeapUsedSize"] / 1e6, 2),
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
        }


def _processor_s() -> float:
    """Processor time of every process that this one has started for the browser, so far."""
    used = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in process.name():
                used += sum(process.cpu_times()[:2])
    return used
