"""`python -m hazardwatch.screenshots [--folder docs/screens] [--only NAME ...]`: a picture of every page.

Starts the demonstration of the tank farm in a folder of its own, lets its people act until there is
something to see, and takes each page in Chinese and English, light and dark; then the bureau's pages with
the park, whose story takes some six minutes. `docs/screens.md` is written beside the folder.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hazardwatch import dashboard
from hazardwatch.demo import HISTORY_H, Demo, play_course
from hazardwatch.demo_people import MEMBERS
from hazardwatch.demo_sites import PARK_SITE, TANK_FARM_SITE, DemoSite
from hazardwatch.processes import ProcessEnded, Processes
from hazardwatch.screenshots import park
from hazardwatch.screenshots.album import write_album
from hazardwatch.screenshots.camera import NoBrowser, camera, take, visitor
from hazardwatch.screenshots.pages import ON_PHONE, Shown, list_pages, on_phones, on_walls, titles_of
from hazardwatch.screenshots.scene import SceneFailed, played_scene
from hazardwatch.screenshots.strange import send_strange

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
PASSWORD = "a password for pictures"
LOOKS = (("zh", "light"), ("zh", "dark"), ("en", "light"), ("en", "dark"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Status 0; 1 with a message when it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m hazardwatch.screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--only", nargs="+", default=(), help="names of pages; without, all of them")
    options = parser.parse_args(arguments)
    try:
        if not os.environ.get("HAZARDWATCH_API_DASHBOARD"):
            dashboard.build()
        asyncio.run(_photograph(options))
    except (dashboard.BuildFailed, NoBrowser, ProcessEnded, SceneFailed, OSError) as failed:
        print(f"screenshots: {failed}", file=sys.stderr)
        return 1
    return 0


async def _photograph(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    wished = {name.removesuffix(ON_PHONE) for name in options.only}
    if not wished or wished - park.PAGES:
        pages = await _show(TANK_FARM_SITE, options)
        if not wished:
            write_album(options.folder, pages)
    if not wished or wished & park.PAGES:
        await _show(PARK_SITE, options)


async def _show(shows: DemoSite, options: argparse.Namespace) -> list[Shown]:
    """Every page of the screens, after those pictures were taken that show this site."""
    with tempfile.TemporaryDirectory(prefix="hazardwatch-screens-") as folder:
        demo = Demo(shows.plant, Path(folder), PASSWORD, shows=shows, history_h=HISTORY_H)
        async with Processes(demo.data / "logs") as processes:
            await demo.start(processes, playing=True)
            course = asyncio.create_task(play_course(demo), name="course of the demonstration")
            try:
                return await asyncio.to_thread(_take_all, demo, options)
            finally:
                course.cancel()


def _take_all(demo: Demo, options: argparse.Namespace) -> list[Shown]:
    if demo.shows.is_park:
        pages = _pages(demo, park.park_examples(demo.api_url, demo.password))
    else:
        send_strange(demo.mqtt_port, demo.shows.devices[0], demo.device_key)
        with played_scene(demo.api_url, demo.password) as scene:
            pages = _pages(demo, scene.examples)
    taken = [
        page
        for page in pages
        if (page.name.removesuffix(ON_PHONE) in park.PAGES) == demo.shows.is_park
        and (not options.only or page.name in options.only)
    ]
    size = sum(_taken(demo, taken, options.folder))
    print(f"{demo.shows.name}: {len(taken)} pages in {options.folder}, {size / 1e6:.1f} MB")
    return pages


def _pages(demo: Demo, examples: Mapping[str, str]) -> list[Shown]:
    with (
        camera() as browser,
        visitor(browser, demo.api_url, None, theme="light", language="zh") as page,
        visitor(browser, demo.api_url, None, theme="light", language="en") as other,
    ):
        for each in (page, other):
            each.goto(f"{demo.api_url}/app/")
            each.locator("main").wait_for()
        shown, unshown = list_pages(page, examples, titles_of(other))
    for name, missing in unshown:
        if (name in park.PAGES) == demo.shows.is_park:
            print(f"no picture of {name}: nothing is known for its {missing}", file=sys.stderr)
    return on_walls(on_phones([Shown("login", "登录 Log in", "", None), *shown]))


def _taken(demo: Demo, pages: list[Shown], folder: Path) -> Iterator[int]:
    """Bytes of each picture."""
    names: dict[str | None, str] = {member.role: member.name for member in MEMBERS}
    groups: dict[tuple[str | None, bool], list[Shown]] = {}
    for page in pages:
        groups.setdefault((page.role, page.phone), []).append(page)
    with camera() as browser:
        for (language, theme), ((role, phone), shown) in itertools.product(LOOKS, groups.items()):
            login = (names[role], demo.password) if role else None
            look = {"theme": theme, "language": language}
            with visitor(browser, demo.api_url, login, phone=phone, **look) as tab:
                for page in shown:
                    file = folder / f"{page.name}-{language}-{theme}.webp"
                    yield take(tab, f"{demo.api_url}/app/{page.path}", file, scene=page.scene)


if __name__ == "__main__":
    sys.exit(main())
