"""WeCom (企业微信) group robot: markdown; persons are called in a text message, for markdown cannot.

developer.work.weixin.qq.com/document/path/91770, restated by app.unpkg.com/weworkbot.
"""

from collections.abc import Mapping
from typing import Any

from api.bilingual import both
from api.notify.cutting import cut_bytes, plain
from api.notify.errors import AddressWrong
from api.notify.message import ANSWER, Outgoing
from api.notify.port import Adapter, AddressForm, Field, Receipt, Surroundings, Target
from api.notify.robots import Robot, check_token, markdown, token_of

TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096


class WeCom:
    """One robot is one group."""

    def __init__(self, around: Surroundings) -> None:
        self._robot = Robot("wecom", around, "errcode", "errmsg")

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        return await self._robot.post("", {"key": token_of(target.address, "key")}, _body(message, target))

    async def close(self) -> None:
        await self._robot.close()


def _body(message: Outgoing, target: Target) -> dict[str, Any]:
    called = [*_mobiles(target.options), *(str(one) for one in message.detail.get("at") or ())]
    if not called:
        content = markdown(message, "\n")
        return {"msgtype": "markdown", "markdown": {"content": cut_bytes(content, MARKDOWN_BYTES)}}
    link = f"\n{ANSWER}：{message.link}" if message.link else ""
    text = cut_bytes(plain(f"{message.title}\n{message.body}"), TEXT_BYTES - len(link.encode())) + link
    return {"msgtype": "text", "text": {"content": text, "mentioned_mobile_list": called}}


def _mobiles(options: Mapping[str, str]) -> list[str]:
    return [one.strip() for one in options.get("at_mobiles", "").replace("，", ",").split(",") if one.strip()]


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    check_token(address, "key")
    if any(mobile != "@all" and not mobile.lstrip("+").isdigit() for mobile in _mobiles(options)):
        raise AddressWrong(
            both(
                "at_mobiles 为手机号或 @all，用逗号分隔",
                "at_mobiles are mobile numbers or @all, with commas between them",
            )
        )


ADAPTER = Adapter(
    channel="wecom",
    name="企业微信机器人",
    name_en="WeCom robot",
    form=AddressForm(
        address=Field(
            name="address",
            title="机器人 Webhook 地址或 key",
            title_en="Webhook address or key of the robot",
            example="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        ),
        options=(
            Field(
                name="at_mobiles",
                title="@ 手机号或 @all，逗号分隔",
                title_en="Mobile numbers to call, or @all",
                required=False,
            ),
        ),
        check=_check,
        secret_address=True,
    ),
    make=WeCom,
)
