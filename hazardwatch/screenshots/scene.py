"""What has happened at the demonstration before its pictures are taken: both dangers alarm, and people act.

Everything is done over the HTTP interface, in the names of the demonstration's invented people.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from hazardwatch.demo_people import CITY, ENTERPRISE, MEMBERS, ROTA
from hazardwatch.screenshots.paperwork import change_limits, make_keys

LEVEL, GAS = f"{ENTERPRISE}/TK101.LT01", f"{ENTERPRISE}/GA1."
"""The gauge of the tank, and the detectors around the leak: the wind says which of them alarm."""
ALARMED_S = 120.0
LOOK_S = 0.25
ZONE = ZoneInfo("Asia/Shanghai")
Found = dict[str, Any]


class SceneFailed(Exception):
    """The demonstration did not become what the pictures should show."""


class Person:
    """One of the invented people, logged in."""

    def __init__(self, url: str, role: str, password: str) -> None:
        """Raises SceneFailed."""
        self.role = role
        self.name = next(member.name for member in MEMBERS if member.role == role)
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)
        form = {"username": self.name, "password": password}
        token = _said(self._client.post("/session/token", data=form))["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: str) -> Found:
        """Raises SceneFailed."""
        return _said(self._client.get(path, params=query))

    def post(self, path: str, body: Found | None = None) -> Found:
        """Raises SceneFailed."""
        return _said(self._client.post(path, json=body))

    def close(self) -> None:
        self._client.close()


def _said(answer: httpx.Response) -> Found:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise SceneFailed(f"{asked} was answered with {answer.status_code}: {answer.text[:500]}")
    return dict(answer.json()) if answer.content else {}


class Scene:
    """Plays the scene; afterwards `examples` says what pages of single things can show."""

    def __init__(self, url: str, password: str) -> None:
        """Raises SceneFailed."""
        roles = ("operator", "enterprise_supervisor", "bureau_duty_officer", "system_administrator")
        self._people = [Person(url, role, password) for role in roles]
        self.operator, self.supervisor, self.officer, self.administrator = self._people
        self.examples: dict[str, str] = {}
        """Name of a route parameter, or `route.parameter`, and what stands for it."""

    def close(self) -> None:
        for person in self._people:
            person.close()

    def play(self) -> None:
        """From the first alarm to everything that the pages show. Raises SceneFailed."""
        level = until(lambda: self._alarm(LEVEL, "CRITICAL"), f"the overfill of {LEVEL}")
        until(lambda: self._alarm(GAS, "CRITICAL"), f"a leak that detectors {GAS}... tell of")
        warning = until(self._warning, "a warning on the bureau's desk")
        self._answer_alarms(level)
        self._work_through(warning)
        self._stand_watch()
        order = self._supervise()
        self._check_duty()
        self._call()
        make_keys(self.administrator)
        self.examples |= change_limits(self.supervisor, until)
        self.examples |= {
            "alarm.id": level["id"],
            "point.id": LEVEL,
            "rule.id": f"{LEVEL}.HH",
            "warning.id": warning["id"],
            "order.id": order["id"],
            "rota.id": ROTA,
            "receiver.id": "on-call",
            "enterprise": ENTERPRISE,
            "installation": level["installation"],
            "unit": level["unit"],
        }

    def _alarm(self, begins: str, priority: str) -> Found | None:
        alarms = self.operator.get("/alarms", open="true")["alarms"]
        return next((a for a in alarms if a["priority"] == priority and a["point"].startswith(begins)), None)

    def _warning(self) -> Found | None:
        return next(iter(self.officer.get("/warnings")["warnings"]), None)

    def _answer_alarms(self, level: Found) -> None:
        """One is answered, and one whose detector is being looked at is put aside."""
        self.operator.post(f"/alarms/{level['id']}/acknowledge", {"comment": "已通知现场关闭进料阀"})
        hold = {
            "kind": "shelved",
            "point": f"{ENTERPRISE}/TK102.LT01",
            "rule": f"{ENTERPRISE}/TK102.LT01.STUCK",
            "reason": "仪表班现场校验液位计",
            "for_s": 1800,
        }
        self.operator.post("/holds", hold)

    def _work_through(self, warning: Found) -> None:
        """Signed and asked; the enterprise has not answered yet."""
        self.officer.post(f"/warnings/{warning['id']}/sign", {"text": "已与企业中控室电话核实"})
        self.officer.post(f"/warnings/{warning['id']}/ask", {"text": "请反馈泄漏原因和处置措施"})

    def _stand_watch(self) -> None:
        today = datetime.now(ZONE)
        commitment = {
            "enterprise": ENTERPRISE,
            "day": f"{today:%Y-%m-%d}",
            "units_running": 6,
            "units_stopped": 1,
            "operations": {"hot_work": 1, "work_at_height": 2},
            "statement": "今日各装置安全风险已研判，防范措施已落实。",
            "signed_by": "陈立",
        }
        self.operator.post("/commitments", commitment)
        for person, desk in ((self.operator, f"enterprise:{ENTERPRISE}"), (self.officer, f"city:{CITY}")):
            with contextlib.suppress(
                SceneFailed
            ):  # an unread critical entry stands against it: then nobody is
                person.post(f"/shifts/desks/{desk}/take")
                person.post(
                    f"/shifts/desks/{desk}/log", {"kind": "note", "text": "接班，设备运行情况已交接。"}
                )
                matter = {
                    "kind": "matter",
                    "critical": True,
                    "text": "TK101 进料阀电动头待检修，进料须现场值守。",
                }
                person.post(f"/shifts/desks/{desk}/log", matter)

    def _supervise(self) -> Found:
        order = {
            "enterprise": ENTERPRISE,
            "item": "调压区入口法兰定期检查记录不全，限期补齐并复检。",
            "responsible": "陈立",
            "deadline": int((datetime.now(ZONE) + timedelta(days=3)).timestamp() * 1e9),
        }
        return self.officer.post("/supervision", order)

    def _check_duty(self) -> None:
        """Answered at once: otherwise the question would stand over every page of the control room."""
        sent = self.officer.post("/duty-checks", {"enterprises": [ENTERPRISE], "reason": "夜间抽查"})
        self.operator.post(f"/duty-checks/{sent['checks'][0]['id']}/answer")

    def _call(self) -> None:
        """Somebody who is being called at this moment."""
        text = "示范化工 TK101 液位高高，请立即到岗。"
        self.supervisor.post("/call-ups", {"receivers": ["on-call"], "text": text, "enterprise": ENTERPRISE})


def until(look: Callable[[], Found | None], what: str, patience_s: float = ALARMED_S) -> Found:
    """Look until there is something. Raises SceneFailed."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(LOOK_S)
    raise SceneFailed(f"the demonstration has not shown {what} within {patience_s:g} s")


@contextlib.contextmanager
def played_scene(url: str, password: str) -> Iterator[Scene]:
    """Raises SceneFailed."""
    scene = Scene(url, password)
    try:
        scene.play()
        yield scene
    finally:
        scene.close()
