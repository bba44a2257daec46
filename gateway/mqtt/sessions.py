"""What outlives a connection: QoS 2 packet identifiers that wait for their PUBREL, and for how long.

MQTT 5.0 section 3.1.2.11.2 lets a client name the time; MQTT 3.1.1 knows none, so both are bounded here:
a device that takes a new client identifier at each start would otherwise leave a session behind each time.
Sessions do not survive a restart of the gateway; the client is told so (session present 0) and begins anew.
"""

import math
import secrets
from typing import TYPE_CHECKING

from gateway.mqtt import packets
from gateway.mqtt.devices import Device

if TYPE_CHECKING:
    from gateway.mqtt.connection import Connection


class Session:
    """State of one client of one device."""

    def __init__(self) -> None:
        self.unreleased: set[int] = set()
        """QoS 2 packet identifiers taken and not yet released."""
        self.connection: Connection | None = None
        self.expires = math.inf
        """Event-loop time; infinite while it is connected."""


class Sessions:
    """All sessions. Client identifiers count within their device: two devices never disturb each other."""

    def __init__(self, longest_s: int, most_unattached: int) -> None:
        """longest_s: how long any session outlives its connection. most_unattached: of one device; beyond
        it the one that would expire first goes."""
        self.longest_s = longest_s
        self._most_unattached = most_unattached
        self._of_device: dict[str, dict[str, Session]] = {}

    def join(self, device: Device, connect: packets.Connect, now: float) -> tuple[Session, bool, str]:
        """(session, session present, client id) for a client that is let in.

        The session's `connection` is the one to be taken over, if any; the caller ends it.
        """
        self._expire(device.name, now)
        client_id = connect.client_id or f"auto-{secrets.token_hex(8)}"
        sessions = self._of_device.setdefault(device.name, {})
        found = sessions.get(client_id)
        if found is not None and connect.clean_start:
            found.unreleased.clear()
        session = sessions[client_id] = found or Session()
        session.expires = math.inf
        return session, found is not None and not connect.clean_start, client_id

    def leave(self, device: Device, client_id: str, connection: "Connection", expires: float) -> None:
        """A connection ended; its session lives on until `expires`, unless it was taken over already."""
        sessions = self._of_device.get(device.name, {})
        session = sessions.get(client_id)
        if session is None or session.connection is not connection:
            return
        session.connection = None
        session.expires = expires
        unattached = {key: s.expires for key, s in sessions.items() if s.connection is None}
        if len(unattached) > self._most_unattached:
            del sessions[min(unattached, key=unattached.__getitem__)]

    def expire(self, now: float) -> None:
        """Forget the sessions whose time is over."""
        for name in list(self._of_device):
            self._expire(name, now)

    def _expire(self, name: str, now: float) -> None:
        sessions = self._of_device.get(name, {})
        for client_id in [key for key, session in sessions.items() if session.expires <= now]:
            del sessions[client_id]
        if not sessions:
            self._of_device.pop(name, None)
