"""Feishu (飞书) group robot: a card, signed.

Signature: Base64 of HMAC-SHA256 over nothing, with `timestamp + "\\n" + secret` as key, timestamp in seconds,
at most one hour off; both go into the body (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from alarm_rules.model import Priority
from api.notify.cutting import plain
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Clock, Field, Receipt, Surroundings, Target
from api.notify.robots import Robot, check_token, markdown, token_of

SECOND_NS = 1_000_000_000
COLOURS = {
    Priority.LOW: "blue",
    Priority.MEDIUM: "yellow",
    Priority.HIGH: "orange",
    Priority.CRITICAL: "red",
}


def sign(secret: str, timestamp_s: int) -> str:
    """The signature of a request at this time."""
    key = f"{timestamp_s}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


class Feishu:
    """One robot is one group."""

    def __init__(self, around: Surroundings) -> None:
        self._robot = Robot("feishu", around, "code", "msg")
        self._clock: Clock = around.clock

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        body: dict[str, Any] = {"msg_type": "interactive", "card": _card(message)}
        if target.secret:
            timestamp_s = self._clock() // SECOND_NS
            body = {"timestamp": str(timestamp_s), "sign": sign(target.secret, timestamp_s)} | body
        return await self._robot.post("/" + token_of(target.address), {}, body)

    async def close(self) -> None:
        await self._robot.close()


def _card(message: Outgoing) -> dict[str, Any]:
    return {
        "config": {"wide_screen_mode": True},
        "header": {
            "title": {"tag": "plain_text", "content": plain(message.title)},
            "template": COLOURS[message.priority],
        },
        "elements": [{"tag": "markdown", "content": markdown(message, "\n")}],
    }


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    check_token(address)


ADAPTER = Adapter(
    channel="feishu",
    name="飞书机器人",
    name_en="Feishu robot",
    form=AddressForm(
        address=Field(
            name="address",
            title="机器人 Webhook 地址或末段令牌",
            title_en="Webhook address of the robot, or its last part",
            example="https://open.feishu.cn/open-apis/bot/v2/hook/…",
        ),
        secret=Field(name="secret", title="签名密钥", title_en="Signing secret", required=False),
        check=_check,
        secret_address=True,
    ),
    make=Feishu,
)
