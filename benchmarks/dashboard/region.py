"""A region of a hundred thousand points, and the gateway that sends the values of one of its installations.

Twenty enterprises; the first installation of the first one holds as many points as shall change each second,
the others share the rest.
"""

import csv
import threading
import time
from pathlib import Path

import httpx
import msgspec

from alarm_rules.condition import PointValue, ValueDelivery

ENTERPRISES, INSTALLATIONS, POINTS_OF_UNIT = 20, 5, 4
ENTERPRISE, INSTALLATION, GATEWAY = "E00", "I0", "gw1"
"""Whose values change."""
DELIVERIES_PER_S = 4
"""As the gateway sends them."""
COLUMNS = (
    "enterprise", "installation", "unit", "unit_kind", "tag", "quantity", "engineering_unit",
    "range_low", "range_high", "period_s", "gateway", "LL", "L", "H", "HH",
)  # fmt: skip
SIDES = ("HH", "H", "L", "LL")


def tag(number: int) -> str:
    return f"LT{number:06d}"


def lively(number: int) -> str:
    """Full id of a point of the installation whose values change."""
    return f"{ENTERPRISE}/{tag(number)}"


def write_region(folder: Path, points: int, changing: int) -> None:
    """Register and rules: level points, four limits each."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "register.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(points):
            place = (ENTERPRISE, INSTALLATION)
            if number >= changing:
                # Never the place of those that change: the rest begins with the second enterprise.
                place = (
                    f"E{1 + number % (ENTERPRISES - 1):02d}",
                    f"I{number // ENTERPRISES % INSTALLATIONS}",
                )
            unit = f"TK{number // POINTS_OF_UNIT:05d}"
            measured = [tag(number), "level", "mm", 0, 1000, 1, GATEWAY, 20, 50, 900, 950]
            rows.writerow([*place, unit, "storage_tank", *measured])
    (folder / "rules.yaml").write_text("packs: [level]\n")


class Feeder:
    """Sends that many new values each second over `/intake/values`, until the block ends."""

    def __init__(self, url: str, token: str, changing: int) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
        )
        self._changing = changing
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="feeder", daemon=True)
        self.sent = 0
        self.late = 0
        """Deliveries that began later than they should have: the machine could not keep up."""

    def __enter__(self) -> "Feeder":
        self._deliver(0, self._changing)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        self._client.close()

    def _feed(self) -> None:
        each = self._changing // DELIVERIES_PER_S
        began, number = time.monotonic(), 0
        while True:
            due = began + number / DELIVERIES_PER_S
            if self._ended.wait(max(0.0, due - time.monotonic())):
                return
            self.late += time.monotonic() - due > 1 / DELIVERIES_PER_S
            first = number % DELIVERIES_PER_S * each
            self._deliver(first, first + each)
            number += 1

    def _deliver(self, first: int, end: int) -> None:
        now = time.time_ns()
        rows = [
            PointValue(lively(n), now, round(400 + (now // 10**8 + 37 * n) % 2000 / 10, 1), "good")
            for n in range(first, end)
        ]
        sent = ValueDelivery(gateway=GATEWAY, journal="bench", sent_time=now, complete=False, values=rows)
        answer = self._client.post("/intake/values", content=msgspec.json.encode(sent))
        answer.raise_for_status()
        self.sent += len(rows)
