"""The park when its bureau has most to do: what the bureau's pages show then.

Its plants and its people play by themselves (`hazardwatch/park_course.py`); here one only waits for them.
"""

from hazardwatch.screenshots.pages import WALL, WALL_SCENES
from hazardwatch.screenshots.scene import Found, Person, until

PAGES = frozenset(
    (
        *("bureau", "installation", "warnings", "warning", "supervision", "order", "overdue"),
        *("call-ups", "duty-checks", "data-quality", "figures", WALL),
        *(f"{WALL}-{scene}" for scene in WALL_SCENES),
    )
)
"""Their pictures show the park: one enterprise alone is no district."""
WORKED_S = 600.0
"""The call-up is among the last that the park's people do."""
MOST_URGENT = ("red", "orange", "yellow", "blue")


def park_examples(url: str, password: str) -> dict[str, str]:
    """What stands for the parameters of the routes. Raises SceneFailed."""
    officer = Person(url, "bureau_duty_officer", password)
    try:
        until(lambda: _first(officer, "/call-ups", "call_ups"), "a call-up", WORKED_S)
        warnings = officer.get("/warnings")["warnings"]
        warning = min(warnings, key=lambda one: MOST_URGENT.index(one["level"]))
        order = until(lambda: _first(officer, "/supervision", "orders"), "a supervision order")
    finally:
        officer.close()
    return {
        "warning.id": warning["id"],
        "order.id": order["id"],
        "enterprise": warning["enterprise"],
        "installation": warning["installation"],
    }


def _first(officer: Person, path: str, name: str) -> Found | None:
    return next(iter(officer.get(path)[name]), None)
