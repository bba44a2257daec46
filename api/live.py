"""The live stream to the screens: a snapshot first, then numbered deltas, never a silent loss.

Every delta has the number after the one before it, and all screens see the same numbering. A screen
that reads too slowly, or that misses a number and says so, is given a new snapshot; the deltas that it
did not get are contained in it. The heartbeat carries the number reached, so that a screen notices a
dead link within three of them even when nothing changes.

All of this runs in the event loop; a message is encoded once for all screens.
"""

import asyncio
from collections import deque
from typing import Any

import msgspec

from api.alarms.lifecycle import is_open, state_name
from api.alarms.model import Alarm
from api.auth.keys import Operators
from api.auth.principal import Principal
from api.metrics import Metrics
from api.schemas import alarm_view
from api.store.writer import Clock
from api.values import LatestValues

KEY_REFUSED, GOING_AWAY = 4401, 1001
"""Close codes."""
SNAPSHOT_KEPT_NS = 200_000_000
URGENCY = {"UNACK": 0, "RTNUN": 1, "ACKED": 2, "NORM": 3}


class LiveClient:
    """What waits for one screen."""

    def __init__(self, principal: Principal, room: int) -> None:
        self.principal = principal
        self.dismissed: int | None = None
        """Close code, once the key is no longer valid or the service ends."""
        self.ready = asyncio.Event()
        self._room = room
        self._waiting: deque[str] = deque()
        self._wants_snapshot = True
        self.ready.set()

    def put(self, message: str) -> bool:
        """Add a message; False if there was no room and a snapshot takes the place of all that waits."""
        self.ready.set()
        if self._wants_snapshot:
            return True
        if len(self._waiting) < self._room:
            self._waiting.append(message)
            return True
        self.want_snapshot()
        return False

    def want_snapshot(self) -> None:
        """Forget what waits: the next message is a snapshot."""
        self._waiting.clear()
        self._wants_snapshot = True
        self.ready.set()

    def dismiss(self, code: int) -> None:
        """Let the sender end this connection with this close code."""
        self.dismissed = code
        self.ready.set()

    def take(self, hub: "LiveHub") -> str | None:
        """The next message to send; None when nothing waits (then `ready` tells of the next)."""
        if self._wants_snapshot:
            self._wants_snapshot = False
            return hub.snapshot()
        if self._waiting:
            return self._waiting.popleft()
        self.ready.clear()
        return None


class LiveHub:
    """Knows the open alarms and the newest values, and who looks at them."""

    def __init__(
        self,
        values: LatestValues,
        operators: Operators,
        metrics: Metrics,
        clock: Clock,
        *,
        snapshot_alarms: int,
        queue: int,
    ) -> None:
        self._operators = operators
        self._values = values
        self._metrics = metrics
        self._clock = clock
        self._snapshot_alarms = snapshot_alarms
        self._queue = queue
        self._open: dict[str, Alarm] = {}
        self._sequence = 0
        self._clients: set[LiveClient] = set()
        self._kept_snapshot = (-1, 0, "")

    def load(self, open_alarms: list[Alarm]) -> None:
        """The open alarms of the store, once, before the first client."""
        self._open = {alarm.id: alarm for alarm in open_alarms}
        self._metrics.open_alarms.set(len(self._open))

    def join(self, principal: Principal) -> LiveClient:
        """A new screen; its first message will be a snapshot."""
        client = LiveClient(principal, self._queue)
        self._clients.add(client)
        self._metrics.live_clients.set(len(self._clients))
        return client

    def leave(self, client: LiveClient) -> None:
        """The screen has gone."""
        self._clients.discard(client)
        self._metrics.live_clients.set(len(self._clients))

    @property
    def clients(self) -> frozenset[LiveClient]:
        """Who is connected now."""
        return frozenset(self._clients)

    def alarms_changed(self, alarms: list[Alarm]) -> None:
        """Send changed alarms at once. Called after their commit."""
        for alarm in alarms:
            if is_open(alarm.facts):
                self._open[alarm.id] = alarm
            else:
                self._open.pop(alarm.id, None)
        self._metrics.open_alarms.set(len(self._open))
        self._send_delta([alarm_view(alarm) for alarm in alarms], [])

    def send_values(self) -> None:
        """Send the values that are new since the last call; nothing if there are none."""
        if changes := self._values.changes():
            self._send_delta([], changes)

    def send_heartbeat(self) -> None:
        """Tell every screen that the link lives and how the gateways' feeds are doing.

        A person whose key was withdrawn sees nothing from here on.
        """
        for client in self._clients:
            if not self._operators.still_valid(client.principal):
                client.dismiss(KEY_REFUSED)
        self._send({"type": "heartbeat", **self._standing()})

    def snapshot(self) -> str:
        """All that a screen needs to begin, as of the number it carries.

        Kept for a moment, so that many screens that come back together cost one encoding: as long as
        the number stands, whatever is newer will come as the next delta.
        """
        self._metrics.live_snapshots.inc()
        now = self._clock()
        sequence, made, encoded = self._kept_snapshot
        if sequence != self._sequence or not 0 <= now - made < SNAPSHOT_KEPT_NS:
            encoded = _encode(
                {
                    "type": "snapshot",
                    **self._standing(),
                    "alarms": [alarm_view(alarm) for alarm in self._most_urgent()],
                    "values": self._values.all(),
                }
            )
            self._kept_snapshot = (self._sequence, now, encoded)
        return encoded

    def close(self) -> None:
        """End every connection."""
        for client in self._clients:
            client.dismiss(GOING_AWAY)

    def _standing(self) -> dict[str, Any]:
        now = self._clock()
        return {
            "seq": self._sequence,
            "server_time": now,
            "open_alarms": len(self._open),
            "feeds": self._values.feeds(now),
        }

    def _most_urgent(self) -> list[Alarm]:
        def urgency(alarm: Alarm) -> tuple[int, int, int]:
            return -alarm.copy.priority, URGENCY[state_name(alarm.facts)], -alarm.onset

        return sorted(self._open.values(), key=urgency)[: self._snapshot_alarms]

    def _send_delta(self, alarms: list[dict[str, Any]], values: list[Any]) -> None:
        self._sequence += 1
        self._send({"type": "delta", **self._standing(), "alarms": alarms, "values": values})

    def _send(self, message: dict[str, Any]) -> None:
        if not self._clients:
            return
        encoded = _encode(message)
        for client in self._clients:
            if not client.put(encoded):
                self._metrics.live_overflows.inc()


def _encode(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
