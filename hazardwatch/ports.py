"""Which ports `hazardwatch start` uses: those that are set, those of the last start, or free ones.

The usual port gives way to a free one near it when another program has it, and this is said. What was chosen
is kept in the data folder, because devices and bookmarks point there: a later start takes the same, or says
that it cannot. A port that is set is never changed.
"""

import errno
import json
import socket
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

FILE = "ports.json"
NEAR = 200
"""How many ports above the usual one are tried. The system lends those from 32768 on to anybody for a moment,
so one of them would often be taken at the next start."""
HIGHEST = 65535


class PortUnusable(Exception):
    """A port that has to be this one cannot be had; the message names the remedy."""


class Door(NamedTuple):
    """Something that listens."""

    name: str
    """In the file of kept ports."""
    what: str
    prefix: str
    """Of the variables that set its address and port."""
    usual: int | None
    """None: it is shut unless a port is set."""

    @property
    def variable(self) -> str:
        return f"{self.prefix}PORT"

    def host(self, given: Mapping[str, str]) -> str:
        return given.get(f"{self.prefix}HOST", "127.0.0.1")


MQTT = Door("mqtt", "the MQTT endpoint", "HAZARDWATCH_GATEWAY_MQTT_", 1883)
MQTT_TLS = Door("mqtt_tls", "the MQTT endpoint with TLS", "HAZARDWATCH_GATEWAY_MQTT_TLS_", None)
PAGE = Door("page", "the page", "HAZARDWATCH_API_", 8470)
GATEWAY = Door("gateway", "the gateway's HTTP side", "HAZARDWATCH_GATEWAY_HTTP_", 8471)
DOORS = (MQTT, MQTT_TLS, PAGE, GATEWAY)


class Ports(NamedTuple):
    """The ports of one start."""

    of: dict[str, int]
    """Name of a door -> its port."""
    settings: dict[str, str]
    """Variables that have to be added to the environment: ports and, from these, addresses."""
    moved: list[str]
    """A line for each port that is not the usual one, because that one is taken."""
    chosen: dict[str, int]
    """Of `of`, what nobody has set: to be kept."""

    def keep(self, data: Path) -> None:
        """For the next start. OSError."""
        file = data / FILE
        kept = _kept(file) | self.chosen
        if self.chosen and kept != _kept(file):
            half = file.with_suffix(".half")
            half.write_text(json.dumps(kept) + "\n")
            half.replace(file)


def choose_ports(data: Path, environment: Mapping[str, str]) -> Ports:
    """Look at every door. PortUnusable: a set or kept port cannot be had, or the kept ones cannot be read."""
    given = {name.upper(): value.strip() for name, value in environment.items()}
    kept = _kept(data / FILE)
    ports: dict[str, int] = {}
    for door in DOORS:
        if (number := _number(given.get(door.variable))) is not None:
            _require(door, number, given, f"set by {door.variable}", f"set {door.variable} to another port")
            ports[door.name] = number
    chosen: dict[str, int] = {}
    moved: list[str] = []
    for door in DOORS:
        if door.usual is None or given.get(door.variable, "0") != "0":
            continue
        if (number := kept.get(door.name)) is not None:
            remedy = f"set {door.variable}, or delete {data / FILE} to choose anew"
            _require(door, number, given, "as at the last start", remedy)
        else:
            number = _free_near(door, given, ports.values())
            if number != door.usual:
                moved.append(f"port {door.usual} is taken: {door.what} is at port {number} instead")
        ports[door.name] = chosen[door.name] = number
    settings = {door.variable: str(chosen[door.name]) for door in DOORS if door.name in chosen}
    return Ports(ports, settings | _addresses(given, ports), moved, chosen)


def address(door: Door, given: Mapping[str, str], port: int) -> str:
    """Where another process of this machine finds the door."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(door.host(given), door.host(given))
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _addresses(given: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """Where the two processes find each other, unless that is set."""
    found = {
        "HAZARDWATCH_API_GATEWAY_URL": GATEWAY,
        "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL": PAGE,
    }
    return {
        name: address(door, given, ports[door.name])
        for name, door in found.items()
        if name not in given and door.name in ports
    }


def _number(text: str | None) -> int | None:
    """A port to be used as it is. Empty shuts a door, 0 leaves the choice to us; what is no port is for the
    process itself to refuse, with its own words."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return int(text) if 0 < int(text) <= HIGHEST else None


def _kept(file: Path) -> dict[str, int]:
    try:
        kept = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise PortUnusable(f"{file} cannot be read ({error}): delete it to choose the ports anew") from None
    known = {door.name for door in DOORS}
    if not isinstance(kept, dict) or not all(
        name in known and type(port) is int and 0 < port <= HIGHEST for name, port in kept.items()
    ):
        raise PortUnusable(f"{file} does not hold ports by name: delete it to choose the ports anew")
    return kept


def _require(door: Door, port: int, given: Mapping[str, str], whence: str, remedy: str) -> None:
    host = door.host(given)
    failure = _failure(host, port)
    if failure is None:
        return
    if failure.errno == errno.EADDRINUSE:
        raise PortUnusable(
            f"port {port} of {door.what} ({whence}) is taken on {host}, by another program or by a second "
            f"`hazardwatch start`: end that one, or {remedy}"
        )
    raise PortUnusable(
        f"port {port} of {door.what} ({whence}) cannot be used on {host}: {failure.strerror}: {remedy}, or "
        f"correct {door.prefix}HOST"
    )


def _free_near(door: Door, given: Mapping[str, str], used: Collection[int]) -> int:
    """The usual port, or the first free one above it that is nobody's usual one."""
    assert door.usual is not None
    host = door.host(given)
    others = {other.usual for other in DOORS} - {door.usual} | set(used)
    failure: OSError | None = None
    for port in range(door.usual, door.usual + NEAR):
        if port in others:
            continue
        failure = _failure(host, port)
        if failure is None:
            return port
        if failure.errno != errno.EADDRINUSE:
            break
    reason = failure.strerror if failure else "all are taken"
    raise PortUnusable(
        f"no port for {door.what} from {door.usual} on can be used on {host}: {reason}: set {door.variable}, "
        f"or correct {door.prefix}HOST"
    )


def _failure(host: str, port: int) -> OSError | None:
    """Why nobody can listen there; None: it is free."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        return error
    return None
