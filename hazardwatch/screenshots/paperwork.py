"""What waits at the desks of supervisor and administrator: a change of limits to be reviewed, keys."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from hazardwatch.demo_people import ENTERPRISE

RULE = f"{ENTERPRISE}/TK102.LT01.H"
HISTORY_S = 1800.0
ENDED = ("done", "refused", "cancelled", "timed_out", "failed", "interrupted")
Found = dict[str, Any]


class Asking(Protocol):
    """A person who is logged in."""

    def get(self, path: str, **query: str) -> Found: ...

    def post(self, path: str, body: Found | None = None) -> Found: ...


Until = Callable[[Callable[[], Found | None], str], Found]


def change_limits(supervisor: Asking, until: Until) -> dict[str, str]:
    """A wished deadband, tried on history and proposed; nobody has decided on it. Returns examples."""
    now = time.time_ns()
    wish = {
        "changes": [{"rule": RULE, "field": "when.deadband", "new": 0.8}],
        "start": now - int(HISTORY_S * 1e9),
        "end": now,
        "reason": "进料时液位在高报值附近波动，反复报警",
    }
    test = supervisor.post("/back-tests", wish)["id"]

    def ended() -> Found | None:
        seen = supervisor.get(f"/back-tests/{test}")
        return seen if seen["state"] in ENDED else None

    examples = {"back-test.id": test}
    if until(ended, f"the end of back-test {test}")["state"] == "done":
        examples["limit-change.id"] = supervisor.post(f"/back-tests/{test}/propose", {})["id"]
    return examples


def make_keys(administrator: Asking) -> None:
    """For the wall of the control room, and for a program that takes the alarms on."""
    scope = {"enterprises": [ENTERPRISE]}
    wall = {"kind": "display", "name": "中控室大屏", "scope": scope, "networks": ["127.0.0.0/8"]}
    administrator.post("/api-keys", wall)
    administrator.post("/api-keys", {"kind": "gateway", "name": "GW2", "scope": scope})
