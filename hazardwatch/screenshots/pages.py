"""Which pages there are: asked of the screens' own router, so that a new page needs no entry here."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from playwright.sync_api import Page

from api.auth.permissions import PERMISSIONS

ROUTES = """() => document.querySelector("#app").__vue_app__.config.globalProperties.$router.getRoutes().map(
  (route) => ({ name: String(route.name ?? ""), path: route.path, title: route.meta.title?.() ?? "",
                permission: route.meta.permission ?? "", open: Boolean(route.meta.open),
                leads: Boolean(route.redirect) }))"""
PARAMETER = re.compile(r":(\w+)(\([^)]*\))?[*+?]?")
LEFT_OUT = {"home", "nowhere", "set-up"}
"""Leads elsewhere, says that there is nothing, and is over where there is a site already."""
ROLES = (
    "operator",
    "bureau_duty_officer",
    "enterprise_supervisor",
    "bureau_administrator",
    "system_administrator",
)
"""Whose page it is when nothing else is said: the first who may open it."""
OFFICER, SUPERVISOR, ADMINISTRATOR = "bureau_duty_officer", "enterprise_supervisor", "system_administrator"
AREAS = {
    OFFICER: "bureau installation warnings warning supervision overdue call-ups duty-checks data-quality "
    "figures reports shifts wall",
    SUPERVISOR: "ladders who-would-be-called rotas rota receivers receiver outbox rules rule limit-changes "
    "limit-change back-test approvals register unknown-points",
    ADMINISTRATOR: "health users keys devices quarantine",
    "auditor": "audit",
    "on_call": "on-call",
}
"""Whose work the pages are whose addresses begin with one of these words."""
OF_AREA = {area: role for role, areas in AREAS.items() for area in areas.split()}
FOR_PHONES = frozenset({"on-call"})
"""Pictures of these are of the width of a telephone, for which they are made."""
ALSO_ON_PHONES = frozenset({"overview", "alarms", "alarm", "bureau", "warnings", "call-ups"})
"""Those that people on their way open too: a second picture."""
ON_PHONE = "-phone"
"""What its name ends with."""

WALL = "wall"
WALL_SCENES = ("levels", "overdue", "call-ups", "figures", "quality")
"""Beside the alarms, which the picture of the wall itself shows; as `address.ts` of the wall names them."""


class Shown(NamedTuple):
    """A page that a picture is taken of."""

    name: str
    title: str
    """In Chinese and English: `总览 Overview`."""
    path: str
    """Of the example that is shown, below `/app/`."""
    role: str | None
    """None: nobody has logged in."""
    phone: bool = False
    """Of the width of a telephone."""
    scene: str = ""
    """Of the wall: the one that is shown."""


class Unshown(NamedTuple):
    """A page that no example is known for."""

    name: str
    missing: str


def titles_of(page: Page) -> dict[str, str]:
    """Title of each route, by its name, in the language in which `page` shows any of them."""
    return {route["name"]: route["title"] for route in page.evaluate(ROUTES)}


def list_pages(
    page: Page, examples: Mapping[str, str], english: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[Shown], list[Unshown]]:
    """Every route of the page's application, in the order of its areas; `page` shows any of them, in Chinese.

    english: `titles_of` a page in English, which go behind the Chinese ones.
    """
    shown: list[Shown] = []
    unshown: list[Unshown] = []
    for route in page.evaluate(ROUTES):
        if route["name"] in LEFT_OUT or not route["name"] or route["leads"]:
            continue
        path, missing = _with_examples(route, examples)
        if missing:
            unshown.append(Unshown(route["name"], missing))
        else:
            name = route["name"]
            title = " ".join((route["title"], english.get(name, ""))).strip() or name
            shown.append(Shown(name, title, path, _role(route), name in FOR_PHONES))
    return shown, unshown


def on_phones(pages: Iterable[Shown]) -> list[Shown]:
    """The same pages, each followed by itself on a telephone where people use it there."""
    return [
        each
        for page in pages
        for each in (page, page._replace(name=f"{page.name}{ON_PHONE}", phone=True))
        if each is page or page.name in ALSO_ON_PHONES
    ]


def on_walls(pages: Iterable[Shown]) -> list[Shown]:
    """The same pages, the wall followed by each of its scenes: it shows them in turn, or only the alarms."""
    return [
        each
        for page in pages
        for each in (page, *(_scene_of(page, scene) for scene in WALL_SCENES))
        if each is page or page.name == WALL
    ]


def _scene_of(wall: Shown, scene: str) -> Shown:
    return wall._replace(
        name=f"{WALL}-{scene}",
        title=f"{wall.title}: {scene}",
        path=f"{wall.path}?scenes={scene}&seconds=600",
        scene=scene,
    )


def _with_examples(route: Mapping[str, Any], examples: Mapping[str, str]) -> tuple[str, str]:
    """(address, name of a parameter that nothing is known for)."""
    missing = ""

    def stand_in(found: re.Match[str]) -> str:
        nonlocal missing
        value = examples.get(f"{route['name']}.{found[1]}", examples.get(found[1]))
        if value is None and not found[0].endswith(("?", "*")):
            missing = found[1]
        return value or ""

    return PARAMETER.sub(stand_in, route["path"]).strip("/"), missing


def _role(route: Mapping[str, Any]) -> str | None:
    """Who is shown to open it; None where nobody has to log in."""
    if route["open"]:
        return None
    wished = OF_AREA.get(route["path"].strip("/").partition("/")[0])
    allowed = PERMISSIONS.get(route["permission"]) if route["permission"] else None
    order = [*([wished] if wished else []), *ROLES, "auditor", "on_call"]
    return next((role for role in order if allowed is None or role in allowed), None)
