"""Where a plant's samples go: address, account, encryption, and how hard to push."""

import ssl
from pathlib import Path
from typing import Annotated

import msgspec

from simulators.parameters import Parameters, Positive


class Target(Parameters, frozen=True, kw_only=True):
    """An MQTT server, and the limits of one publisher towards it."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    """PEM of the authority that signed the server's certificate; giving it turns TLS on."""
    tls: bool = False
    """TLS with the system's authorities, when there is no `ca_file`."""
    certificate_file: str | None = None
    key_file: str | None = None
    """The device's own certificate and key, for servers that ask for one."""
    mqtt5: bool = True
    client_id: str | None = None
    """None: `{enterprise}.{gateway}`."""
    keep_alive_s: Annotated[int, msgspec.Meta(ge=1)] = 30
    answer_timeout_s: Positive = 5.0
    """How long the server may take to accept a connection."""
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 64
    """Messages sent and not yet acknowledged; an MQTT 5 server may ask for fewer."""
    outbox: str | Path | None = None
    """SQLite file for what is not acknowledged yet; None keeps it in memory."""
    outbox_capacity: Annotated[int, msgspec.Meta(ge=1)] = 100_000
    """Messages."""
    longest_pause_s: Positive = 15.0
    """Between two attempts to connect."""

    def tls_context(self) -> ssl.SSLContext | None:
        """None for a plain connection. Raises OSError when a file cannot be read."""
        if not (self.tls or self.ca_file or self.certificate_file):
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context
