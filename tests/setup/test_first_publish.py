"""The line to copy: a shell takes it apart into what was meant, and it goes through an open door."""

import json
import shlex
from typing import Any

import pytest

from alarm_rules.model import Limits, Point
from api.setup.first_publish import Door, door_of, first_point, mosquitto_line, python_lines, sample_of

NAME, KEY = "E001/GW1", "k-_'$(reboot)"


def point(**more: Any) -> Point:
    known: dict[str, Any] = {
        "id": "E001/TK1.LT1",
        "enterprise": "E001",
        "installation": "H1",
        "unit": "TK1",
        "tag": "TK1.LT1",
        "quantity": "level",
        "engineering_unit": "m",
        "range_low": 0.0,
        "range_high": 10.0,
    }
    return Point(**(known | more))


def test_line_survives_a_shell_whatever_the_key_and_the_tag_hold() -> None:
    message = sample_of(point(tag="罐 1's"))
    words = shlex.split(mosquitto_line(Door("127.0.0.1", 1883, tls=False, own=True), NAME, KEY, message))
    assert words[words.index("-P") + 1] == KEY
    assert json.loads(words[words.index("-m") + 1]) == {"v": {"罐 1's": 5.0}}
    assert words[words.index("-t") + 1] == "hazardwatch/v1/E001/GW1/data"
    assert words[words.index("-q") + 1] == "1"


def test_python_lines_are_python_with_the_same_message() -> None:
    lines = python_lines(Door("127.0.0.1", 1883, tls=False, own=True), NAME, KEY, '{"v": {"a": 1}}')
    compile(lines, "first", "exec")
    assert repr(KEY) in lines


@pytest.mark.parametrize(
    ("doors", "expected"),
    [
        ({"mqtt_host": "127.0.0.1", "mqtt_port": 1883}, Door("127.0.0.1", 1883, tls=False, own=True)),
        ({"mqtt_tls_host": "0.0.0.0", "mqtt_tls_port": 8883}, Door("gw", 8883, tls=True, own=True)),
        ({"mqtt_port": 0, "broker": "broker.site:1883"}, Door("broker.site", 1883, tls=False, own=False)),
        ({}, None),
    ],
)
def test_door_is_one_that_is_open(doors: dict[str, object], expected: Door | None) -> None:
    assert door_of(doors, "gw") == expected


def test_broker_is_not_told_the_device_key() -> None:
    line = mosquitto_line(Door("broker.site", 1883, tls=False, own=False), NAME, KEY, "{}")
    assert KEY not in line
    assert "-u" not in shlex.split(line)


def test_message_is_of_a_point_that_the_device_may_publish() -> None:
    points = [point(id="E002/a", enterprise="E002"), point(id="E001/b", gateway="GW9"), point(id="E001/c")]
    found = first_point(points, "E001", "GW1")
    assert found is not None
    assert found.id == "E001/c"
    assert first_point(points, "E003", "GW1") is None


def test_loop_current_is_sent_in_milliampere() -> None:
    current = json.loads(sample_of(point(signal="4-20mA", limits=Limits(H=8.0))))["v"]["TK1.LT1"]
    assert current == 4 + 16 * 0.4
