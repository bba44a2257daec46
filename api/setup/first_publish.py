"""The line that sends a first sample: real topic, real key, a value at which nothing is amiss."""

import json
import shlex
from collections.abc import Iterable
from typing import NamedTuple

from alarm_rules.model import Point
from api.setup.choices import choices, normal_value

TOPIC_ROOT = "hazardwatch/v1"
ANY_ADDRESS = ("0.0.0.0", "::", "")


class Door(NamedTuple):
    """Where a device publishes."""

    host: str
    port: int
    tls: bool
    own: bool
    """The gateway's own endpoint, which takes the device's key; a broker has accounts of its own."""


def door_of(doors: dict[str, object], gateway_host: str) -> Door | None:
    """The door to show: the plain one on this machine, the one with TLS elsewhere, else the broker.

    gateway_host: under which the gateway was asked, for an endpoint that listens on every address.
    """
    for kind, tls in (("mqtt", False), ("mqtt_tls", True)):
        port = int(str(doors.get(f"{kind}_port") or 0))
        if port:
            host = str(doors.get(f"{kind}_host") or "")
            return Door(gateway_host if host in ANY_ADDRESS else host, port, tls, own=True)
    if broker := str(doors.get("broker") or ""):
        host, _, port_text = broker.rpartition(":")
        return Door(host, int(port_text), tls=False, own=False)
    return None


def first_point(points: Iterable[Point], enterprise: str, gateway: str) -> Point | None:
    """The first point that this device may publish."""
    return next(
        (
            point
            for point in points
            if point.enterprise == enterprise and point.gateway in ("", gateway) and point.in_use
        ),
        None,
    )


def sample_of(point: Point) -> str:
    """A message with one sample of the point. Without a time: it counts as measured when it arrives."""
    value = (point.range_low + point.range_high) / 2
    for start in choices().quantities:
        if start.quantity == point.quantity:
            value = normal_value(start, point.range_low, point.range_high, point.limits)
    if point.signal == "4-20mA":
        value = 4 + 16 * (value - point.range_low) / (point.range_high - point.range_low)
    return json.dumps({"v": {point.tag: value}}, ensure_ascii=False)


def topic_of(name: str) -> str:
    """Of the device `{enterprise}/{gateway}`."""
    return f"{TOPIC_ROOT}/{name}/data"


def mosquitto_line(door: Door, name: str, key: str, message: str) -> str:
    """For a POSIX shell."""
    words = ["mosquitto_pub", "-h", door.host, "-p", str(door.port)]
    if door.tls:
        words += ["--cafile", "ca.pem"]
    if door.own:
        words += ["-u", name, "-P", key]
    words += ["-q", "1", "-t", topic_of(name), "-m", message]
    return shlex.join(words)


def python_lines(door: Door, name: str, key: str, message: str) -> str:
    """The same with paho-mqtt 2."""
    lines = ["from paho.mqtt import publish", ""]
    arguments = [repr(topic_of(name)), repr(message), "qos=1", f"hostname={door.host!r}", f"port={door.port}"]
    if door.own:
        arguments.append(f"auth={{'username': {name!r}, 'password': {key!r}}}")
    if door.tls:
        arguments.append("tls={'ca_certs': 'ca.pem'}")
    return "\n".join([*lines, "publish.single(", *(f"    {argument}," for argument in arguments), ")"])
