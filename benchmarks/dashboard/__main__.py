"""What the screens cost in the real browser: python -m benchmarks.dashboard [--json] [--only NAME ...]

Chromium of this machine, before the real alert service with everything that it does as delivered:

* bundle: compressed size of what the browser fetches;
* paint: first useful paint of the control room on `hazardwatch demo`, in a browser with an empty cache;
* stream: 100,000 points in the register, 2,000 of them changing each second on the page;
* burst: 1,000 alarms in one delivery;
* live: from a sample that is published over MQTT to its value, its alarm and the horn on the screen;
* slow: the answering page and the log-in over a slow mobile network;
* endurance: a day of updates replayed at speed, and the pages changed many times: does memory grow?
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.screens import BUILT
from api.settings import ApiSettings
from benchmarks.alert_service import Service
from benchmarks.dashboard import bundle, endurance, first_paint, live, slow_network, stream
from benchmarks.dashboard.chromium import chromium
from benchmarks.dashboard.demonstration import demonstration
from benchmarks.dashboard.region import write_region
from hazardwatch import dashboard

Figures = dict[str, Any]


def of_demo(options: argparse.Namespace, folder: Path) -> Figures:
    """What is measured on the demonstration."""
    figures: Figures = {}
    with demonstration(folder / "demo") as demo, chromium() as browser:
        if "paint" in options.only:
            figures["paint"] = first_paint.measure(browser, demo, options.page, options.opened)
        if "slow" in options.only:
            figures["slow"] = slow_network.measure(browser, demo, options.opened_slow)
        if "endurance" in options.only:
            figures["replay"] = endurance.measure_replay(browser, demo, options.page, options.hours)
            figures["changes"] = endurance.measure_changes(browser, demo, options.rounds)
    return figures


def of_wire(options: argparse.Namespace, folder: Path) -> Figures:
    """What is measured on the demonstration's site with samples of the measurement."""
    with chromium() as browser:
        return {"live": live.measure(browser, folder / "wire", options.times)}


def of_region(options: argparse.Namespace, folder: Path) -> Figures:
    """What is measured on a large register."""
    service = Service(folder / "region", options.points, folder / "api.log")
    write_region(service.folder / "site", options.points, options.changing)
    figures: Figures = {"points": options.points}
    with service.running(), chromium() as browser:
        if "stream" in options.only:
            figures["stream"] = [
                stream.measure_stream(browser, service, page, options.changing, options.seconds)
                for page in options.stream_page
            ]
        if "burst" in options.only:
            figures["burst"] = stream.measure_burst(
                browser, service, options.burst_page, options.changing, options.alarms
            )
    return figures


def main() -> None:
    options = _options()
    if not os.environ.get("HAZARDWATCH_API_DASHBOARD"):
        dashboard.build()
    figures: Figures = {"load_before": round(os.getloadavg()[0], 2)}
    if "bundle" in options.only:
        figures["bundle"] = bundle.measure(ApiSettings().dashboard or BUILT)
    groups: list[tuple[set[str], Callable[[argparse.Namespace, Path], Figures]]] = [
        ({"paint", "slow", "endurance"}, of_demo),
        ({"live"}, of_wire),
        ({"stream", "burst"}, of_region),
    ]
    with tempfile.TemporaryDirectory(prefix="hazardwatch-screens-", dir=options.folder) as folder:
        for names, measure in groups:
            if names & set(options.only):
                figures |= measure(options, Path(folder).absolute())
    figures["load_after"] = round(os.getloadavg()[0], 2)
    print(json.dumps(figures, ensure_ascii=False, indent=None if options.json else 2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = ("bundle", "paint", "slow", "live", "stream", "burst", "endurance")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="some of the measurements")
    parser.add_argument("--page", default="overview", help="page of paint and replay")
    parser.add_argument(
        "--stream-page",
        nargs="+",
        default=["overview/{installation}", "overview/{installation}?dense", "alarms", "point/{point}"],
        help="pages on which values change",
    )
    parser.add_argument("--burst-page", default="alarms")
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--changing", type=int, default=2000, help="points that change each second")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the stream")
    parser.add_argument("--alarms", type=int, default=1000)
    parser.add_argument("--opened", type=int, default=10, help="times that the page is opened")
    parser.add_argument("--opened-slow", type=int, default=3, help="the same over the slow network")
    parser.add_argument("--times", type=int, default=40, help="values and alarms whose way is measured")
    parser.add_argument("--hours", type=float, default=24.0, help="of updates that are replayed")
    parser.add_argument("--rounds", type=int, default=10, help="through all pages")
    parser.add_argument("--folder", type=Path, default=Path(), help="where to work: on a disk")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
