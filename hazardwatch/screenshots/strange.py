"""What a device sends that nobody can use: a tag that the register lacks, and a message that is none."""

import json

from paho.mqtt import publish

HOST = "127.0.0.1"
UNKNOWN = {"TK103.LT01": 6.21, "TK103.TT01": 18.4}
"""Of a tank that was built and not entered yet."""
BROKEN = '{"t": 1791417600000, "v": {"TK101.LT01": 5.3'
"""Cut in the middle, as by a device that lost its power."""


def send_strange(port: int, device: str, key: str) -> None:
    """Publish both as this device, `{enterprise}/{gateway}`. Raises OSError, MQTTException."""
    topic = f"hazardwatch/v1/{device}/data"
    publish.multiple(
        [
            {"topic": topic, "payload": json.dumps({"v": UNKNOWN}), "qos": 1},
            {"topic": topic, "payload": BROKEN, "qos": 1},
        ],
        hostname=HOST,
        port=port,
        client_id="screenshots",
        auth={"username": device, "password": key},
    )
