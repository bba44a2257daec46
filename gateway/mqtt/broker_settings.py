"""Which broker the subscriber attaches to, and how the gateway presents itself there."""

import ssl
from pathlib import Path
from typing import Literal, NamedTuple


class BrokerUnavailable(Exception):
    """No connection, or none any more. Trying again later is always right."""


class BrokerMisconfigured(ValueError):
    """Settings that cannot work whatever the broker says."""


class SubscriberSettings(NamedTuple):
    """Which broker, and how the gateway presents itself there.

    The broker must keep what it acknowledges: persistence on, and no cap on queued messages (mosquitto:
    `persistence true`, `max_queued_messages 0`). Its access rules decide who may publish as which device.
    """

    host: str
    client_id: str
    """Name of the session; no other client may use it."""
    state_file: Path
    """Where the session is remembered over restarts; one file for each broker."""
    enterprises: tuple[str, ...]
    """Ids of the register whose samples come this way: a gap or an outage is a condition of each."""
    port: int = 1883
    name: str = "broker"
    """Names this broker in conditions, `{enterprise}/{name}`."""
    user_name: str | None = None
    password: str | None = None
    tls: bool = False
    """Implied by any of the three files."""
    ca_file: Path | None = None
    """Authority that signed the broker's certificate; without it, those that the system trusts."""
    cert: Path | None = None
    key: Path | None = None
    topics: tuple[str, ...] = ("hazardwatch/v1/+/+/#",)
    state_topics: tuple[str, ...] = ("hazardwatch/v1/+/+/state",)
    """Of these the retained message is wanted as well: it is the present state of a device."""
    version: Literal[4, 5] = 5
    """MQTT 5, or 4 for MQTT 3.1.1 (its protocol level)."""
    receive_maximum: int = 1_000
    """Messages received and not yet on disk; the broker sends no more before some are acknowledged.
    Beyond it the socket is not read: 3.1.1 has no such promise, QoS 0 needs no acknowledgement, and
    mosquitto 2.0.11 sends more when acknowledgements come together."""
    pending_bytes: int = 32 << 20
    """Bytes received and not yet on disk, beyond which the socket is not read."""
    packet_bytes: int = 16 << 20
    """MQTT 5: a broker discards larger packets on the way to us. Keep it above what it lets in, so that
    too long a message reaches the quarantine instead."""
    session_expiry_s: int = 7 * 86_400
    """MQTT 5: how long the broker keeps the session while the gateway is away."""
    keepalive_s: int = 30
    answer_timeout_s: float = 10.0
    reconnect_max_s: float = 30.0
    unreachable_after_s: float = 10.0
    """Outages shorter than this are no condition: the broker keeps the messages meanwhile."""
    steady_s: float = 2.0
    """A connection must last this long to end an outage."""

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


def tls_context(settings: SubscriberSettings) -> ssl.SSLContext | None:
    """None for plain TCP. Raises BrokerMisconfigured."""
    files = [file for file in (settings.ca_file, settings.cert, settings.key) if file is not None]
    if not files and not settings.tls:
        return None
    for file in files:
        if not file.is_file():
            raise BrokerMisconfigured(f"{file}: no such file: mend ca_file, cert or key of the broker")
    if settings.key is not None and settings.cert is None:
        raise BrokerMisconfigured(f"{settings.key}: a key without cert: give the certificate as well")
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert is not None:
            context.load_cert_chain(settings.cert, settings.key)
    except ssl.SSLError as error:
        names = ", ".join(str(file) for file in files)
        raise BrokerMisconfigured(f"{names}: {error}: give PEM files that belong together") from error
    return context
