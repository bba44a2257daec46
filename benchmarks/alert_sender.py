"""A gateway as the alert service sees it: condition changes at a given rate, delivered in order.

What has come while a delivery was under way goes with the next one, as the real gateway does it. So a service
that is too slow is seen as a growing backlog, never as fewer alarms.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import msgspec

from alarm_rules.condition import ConditionChange, ConditionDelivery

AT_ONCE = 1000
"""Changes in one delivery at most, as the gateway's own sender has it."""
ANSWER_S = 60.0


class Sent(NamedTuple):
    """What a run did. Times in seconds."""

    changes: int
    deliveries: int
    seconds: float
    answer_s: list[float]
    """Answer time of each delivery."""
    stored_s: list[float]
    """From the moment a change came up to the answer that it is on disk, each change."""
    most_waiting: int
    """Changes that waited at the beginning of a delivery at most, with those delivered."""


class Sender:
    """One gateway with one journal. Its onsets rise, so every change is an episode of its own."""

    def __init__(
        self, url: str, token: str, conditions: Iterator[tuple[str, str]], name: str = "gw1"
    ) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_S, trust_env=False
        )
        self._conditions = conditions
        self._name = name
        self._sequence = 0

    def send(self, changes: int, per_s: float) -> Sent:
        """So many new alarms at this rate, at even distances; 0: as fast as they are taken.

        The `source_time` of each is the moment at which it came up.
        """
        began, done, waited_most = time.time_ns(), 0, 0
        answers: list[float] = []
        stored: list[float] = []
        while done < changes:
            come = changes if not per_s else min(changes, int((time.time_ns() - began) / 1e9 * per_s))
            if come == done:
                time.sleep(0.2 / per_s)
                continue
            waited_most = max(waited_most, come - done)
            number = min(AT_ONCE, come - done)
            times = [began + int((done + i) / (per_s or 1e9) * 1e9) for i in range(number)]
            asked = time.perf_counter()
            self._deliver(times)
            answers.append(time.perf_counter() - asked)
            now = time.time_ns()
            stored += [(now - each) / 1e9 for each in times]
            done += number
        return Sent(done, len(answers), (time.time_ns() - began) / 1e9, answers, stored, waited_most)

    def _deliver(self, times: list[int]) -> None:
        now = time.time_ns()
        changes = []
        for moment in times:
            self._sequence += 1
            point, rule = next(self._conditions)
            changes.append(
                ConditionChange(
                    sequence=self._sequence,
                    rule=rule,
                    point=point,
                    active=True,
                    onset=moment,
                    source_time=moment,
                    received_time=now,
                    value=970.0,
                )
            )
        body = msgspec.json.encode(ConditionDelivery(gateway=self._name, journal="bench", changes=changes))
        answer = self._client.post("/intake/conditions", content=body)
        if answer.status_code != httpx.codes.OK or answer.json()["accepted_through"] != self._sequence:
            raise RuntimeError(f"delivery refused: {answer.status_code} {answer.text[:500]}")

    def close(self) -> None:
        self._client.close()
