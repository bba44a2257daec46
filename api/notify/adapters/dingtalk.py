"""DingTalk (钉钉) group robot: markdown, signed, with persons called by their mobile numbers.

Signature: Base64 of HMAC-SHA256 over `timestamp + "\\n" + secret` with the secret as key, timestamp in ms,
at most one hour off; both go into the query (open.dingtalk.com, "custom robot access"; the algorithm is
restated in binkzhou.github.io/blog/other/2023/0211001.html).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from api.bilingual import both
from api.notify.cutting import plain
from api.notify.errors import AddressWrong
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Clock, Field, Receipt, Surroundings, Target
from api.notify.robots import Robot, check_token, markdown, token_of

MS_NS = 1_000_000


def sign(secret: str, timestamp_ms: int) -> str:
    """The signature of a request at this time; not yet escaped for a query."""
    told = f"{timestamp_ms}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


class DingTalk:
    """One robot is one group."""

    def __init__(self, around: Surroundings) -> None:
        self._robot = Robot("dingtalk", around, "errcode", "errmsg")
        self._clock: Clock = around.clock

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        query = {"access_token": token_of(target.address, "access_token")}
        if target.secret:
            timestamp_ms = self._clock() // MS_NS
            query |= {"timestamp": str(timestamp_ms), "sign": sign(target.secret, timestamp_ms)}
        called = [*_mobiles(target.options), *(str(one) for one in message.detail.get("at") or ())]
        text = markdown(message, "\n\n")
        if called:
            text += "\n\n" + " ".join(f"@{mobile}" for mobile in called)
        body = {
            "msgtype": "markdown",
            "markdown": {"title": plain(message.title), "text": text},
            "at": {"atMobiles": called, "isAtAll": target.options.get("at_all") == "true"},
        }
        return await self._robot.post("", query, body)

    async def close(self) -> None:
        await self._robot.close()


def _mobiles(options: Mapping[str, str]) -> list[str]:
    return [mobile for mobile in options.get("at_mobiles", "").replace("，", ",").split(",") if mobile]


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    check_token(address, "access_token")
    if any(not mobile.strip().lstrip("+").isdigit() for mobile in _mobiles(options)):
        raise AddressWrong(
            both("at_mobiles 为手机号，用逗号分隔", "at_mobiles are mobile numbers with commas between them")
        )
    if options.get("at_all", "false") not in ("true", "false"):
        raise AddressWrong(both("at_all 为 `true` 或 `false`", "at_all is true or false"))


ADAPTER = Adapter(
    channel="dingtalk",
    name="钉钉机器人",
    name_en="DingTalk robot",
    form=AddressForm(
        address=Field(
            name="address",
            title="机器人 Webhook 地址或 access_token",
            title_en="Webhook address or access_token of the robot",
            example="https://oapi.dingtalk.com/robot/send?access_token=…",
        ),
        secret=Field(
            name="secret",
            title="加签密钥（SEC 开头）",
            title_en="Signing secret (begins with SEC)",
            required=False,
        ),
        options=(
            Field(
                name="at_mobiles",
                title="@ 手机号，逗号分隔",
                title_en="Mobile numbers to call, with commas between",
                required=False,
            ),
            Field(name="at_all", title="@ 所有人", title_en="Call everybody", required=False, example="true"),
        ),
        check=_check,
        secret_address=True,
    ),
    make=DingTalk,
)
