"""The live stream to the screens: a snapshot first, then numbered deltas, never a silent loss.

Every delta has the number after the one before it. A screen that reads too slowly, or that misses a number
and says so, is given a new snapshot; the deltas that it did not get are contained in it. The heartbeat
carries the number reached, so that a screen notices a dead link within three of them even when nothing
changes.

Each screen sees its scope and nothing else, and may say which values it shows (`api/live_watch.py`).
Screens with the same scope and the same watch share a `LiveView`, its numbering and every encoded message.
All of this runs in the event loop.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from api.alarms.lifecycle import is_open, state_name
from api.alarms.model import STATE_NAMES, Alarm
from api.auth.principal import Principal, Scope
from api.live_watch import Places, Shown, Sight
from api.metrics import Metrics
from api.schemas import alarm_view
from api.store.writer import Clock
from api.values import Feed, GatewayValues, LatestValues

KEY_REFUSED, NOT_ALLOWED, GOING_AWAY = 4401, 4403, 1001
"""Close codes."""
SNAPSHOT_KEPT_NS = 200_000_000
URGENCY = {name: rank for rank, name in enumerate(STATE_NAMES)}


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something else has changed: a screen that shows it asks for it anew, as it does after a snapshot."""

    topic: str
    """What kind of thing, as its route is called: `warnings`, `rotas`, ..."""
    subject: str
    enterprise: str


class LiveClient:
    """What waits for one screen."""

    def __init__(self, principal: Principal, view: "LiveView", room: int) -> None:
        self.principal = principal
        self.view = view
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
            return hub.snapshot(self.view)
        if self._waiting:
            return self._waiting.popleft()
        self.ready.clear()
        return None


class LiveView:
    """The screens that see the same enterprises and show the same. Lives as long as one of them does."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.scope = sight.scope
        self.sequence = 0
        self.clients: set[LiveClient] = set()
        self.kept_snapshot = (-1, 0, "")

    def send(self, message: dict[str, Any]) -> int:
        """Encode once and put it to every screen; returns how many had no room."""
        encoded = _encode(message)
        return sum(not client.put(encoded) for client in self.clients)


class LiveHub:
    """Knows the open alarms and the newest values, and who looks at them."""

    def __init__(
        self,
        values: LatestValues,
        still_valid: Callable[[Principal], bool],
        metrics: Metrics,
        clock: Clock,
        places: Places,
        *,
        snapshot_alarms: int,
        queue: int,
    ) -> None:
        self._still_valid = still_valid
        self._values = values
        self._metrics = metrics
        self._clock = clock
        self._places = places
        self._snapshot_alarms = snapshot_alarms
        self._queue = queue
        self._open: dict[str, dict[str, Alarm]] = {}
        """By enterprise and id."""
        self._views: dict[Sight, LiveView] = {}

    def load(self, open_alarms: list[Alarm]) -> None:
        """The open alarms of the store, once, before the first client."""
        for alarm in open_alarms:
            self._keep(alarm)
        self._count_open()

    def join(self, principal: Principal, shown: Shown | None = None) -> LiveClient:
        """A new screen; its first message will be a snapshot. Without `shown` it is sent every value."""
        view = self._view(principal.scope, shown)
        client = LiveClient(principal, view, self._queue)
        view.clients.add(client)
        self._metrics.live_clients.set(len(self.clients))
        return client

    def watch(self, client: LiveClient, shown: Shown) -> None:
        """The screen shows something else now: a snapshot of that comes next, with numbers of its own."""
        self._part(client)
        client.view = self._view(client.principal.scope, shown)
        client.view.clients.add(client)
        client.want_snapshot()

    def leave(self, client: LiveClient) -> None:
        """The screen has gone."""
        self._part(client)
        self._metrics.live_clients.set(len(self.clients))

    @property
    def clients(self) -> frozenset[LiveClient]:
        """Who is connected now."""
        return frozenset(client for view in self._views.values() for client in view.clients)

    def alarms_changed(self, alarms: list[Alarm]) -> None:
        """Send changed alarms at once. Called after their commit."""
        for alarm in alarms:
            self._keep(alarm)
        self._count_open()
        if not self._views:
            return
        told = [(_enterprise(alarm), msgspec.Raw(msgspec.json.encode(alarm_view(alarm)))) for alarm in alarms]
        for view in self._views.values():
            seen = [encoded for enterprise, encoded in told if view.scope.sees(enterprise)]
            if seen:
                # Without its alarms, the message still tells how many are open.
                self._send_delta(view, alarms=seen if view.sight.alarms else None)

    def tell(self, news: News) -> None:
        """Let the screens that see this enterprise ("": all) know that something else has changed."""
        for view in self._views.values():
            if view.scope.sees(news.enterprise):
                self._send_delta(view, news=[news])

    def send_values(self) -> None:
        """Send the values that are new since the last call; nothing if there are none."""
        changes = self._values.changes()
        for view in self._views.values():
            if seen := self._visible(changes, view.sight):
                self._send_delta(view, values=seen)

    def send_heartbeat(self) -> None:
        """Tell every screen that the link lives and how the gateways' feeds are doing.

        A person whose key or login was withdrawn, or who was given other rights, sees nothing from here on.
        """
        for view in self._views.values():
            for client in view.clients:
                if not self._still_valid(client.principal):
                    client.dismiss(KEY_REFUSED)
            self._send(view, {"type": "heartbeat", **self._standing(view)})

    def snapshot(self, view: LiveView) -> str:
        """All that a screen needs to begin, as of the number it carries.

        Kept for a moment, so that many screens that come back together cost one encoding: as long as
        the number stands, whatever is newer will come as the next delta.
        """
        self._metrics.live_snapshots.inc()
        now = self._clock()
        sequence, made, encoded = view.kept_snapshot
        if sequence != view.sequence or not 0 <= now - made < SNAPSHOT_KEPT_NS:
            encoded = _encode(
                {
                    "type": "snapshot",
                    **self._standing(view),
                    "alarms": [alarm_view(alarm) for alarm in self._most_urgent(view.sight)],
                    "values": self._newest(view.sight),
                }
            )
            view.kept_snapshot = (view.sequence, now, encoded)
        return encoded

    def close(self) -> None:
        """End every connection."""
        for client in self.clients:
            client.dismiss(GOING_AWAY)

    def _view(self, scope: Scope, shown: Shown | None) -> LiveView:
        sight = Sight(scope) if shown is None else self._places.sight(scope, shown)
        return self._views.setdefault(sight, LiveView(sight))

    def _part(self, client: LiveClient) -> None:
        client.view.clients.discard(client)
        if not client.view.clients:
            self._views.pop(client.view.sight, None)

    def _keep(self, alarm: Alarm) -> None:
        of_enterprise = self._open.setdefault(_enterprise(alarm), {})
        if is_open(alarm.facts):
            of_enterprise[alarm.id] = alarm
        else:
            of_enterprise.pop(alarm.id, None)

    def _count_open(self) -> None:
        self._metrics.open_alarms.set(sum(map(len, self._open.values())))

    def _open_in(self, scope: Scope) -> Iterator[dict[str, Alarm]]:
        return (alarms for enterprise, alarms in self._open.items() if scope.sees(enterprise))

    def _standing(self, view: LiveView) -> dict[str, Any]:
        now = self._clock()
        return {
            "seq": view.sequence,
            "server_time": now,
            "open_alarms": sum(map(len, self._open_in(view.scope))),
            "feeds": self._feeds(view.scope, now),
        }

    def _feeds(self, scope: Scope, now: int) -> list[Feed]:
        feeds = self._values.feeds(now)
        if scope.enterprises is None:
            return feeds
        return [feed for feed in feeds if self._values.enterprises_of(feed.gateway) & scope.enterprises]

    def _newest(self, sight: Sight) -> list[GatewayValues]:
        if sight.installations is None:
            return self._visible(self._values.all(), sight)
        return self._values.among(self._places.shown(sight))

    def _visible(self, groups: list[GatewayValues], sight: Sight) -> list[GatewayValues]:
        """The rows of points that are sent to such screens."""
        if sight.installations is None and sight.scope.enterprises is None:
            return groups
        shows = self._places.shows
        return [
            GatewayValues(gateway=group.gateway, rows=rows)
            for group in groups
            if (rows := [row for row in group.rows if shows(sight, row.point)])
        ]

    def _most_urgent(self, sight: Sight) -> list[Alarm]:
        if not sight.alarms:
            return []

        def urgency(alarm: Alarm) -> tuple[int, int, int]:
            return -alarm.copy.priority, URGENCY[state_name(alarm.facts)], -alarm.onset

        seen = (alarm for alarms in self._open_in(sight.scope) for alarm in alarms.values())
        return heapq.nsmallest(self._snapshot_alarms, seen, key=urgency)

    def _send_delta(
        self,
        view: LiveView,
        *,
        alarms: list[msgspec.Raw] | None = None,
        values: list[GatewayValues] | None = None,
        news: list[News] | None = None,
    ) -> None:
        view.sequence += 1
        changed = {"alarms": alarms or [], "values": values or [], "news": news or []}
        self._send(view, {"type": "delta", **self._standing(view), **changed})

    def _send(self, view: LiveView, message: dict[str, Any]) -> None:
        if overflows := view.send(message):
            self._metrics.live_overflows.inc(overflows)


def _enterprise(alarm: Alarm) -> str:
    return alarm.copy.place.enterprise


def _encode(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
