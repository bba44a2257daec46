"""What the robots of DingTalk, WeCom and Feishu have in common: JSON posted to one fixed host.

The address of a target is the robot's token; a pasted webhook address gives its token. The host is the
maker's, or the one of the settings, never the target's: an address cannot lead into another network.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from api.bilingual import both
from api.notify.cutting import plain
from api.notify.errors import AddressWrong, NotifyFailed
from api.notify.facts import WORDS, provider
from api.notify.http import Answer, check_status, json_object, make_client, post
from api.notify.message import ANSWER, Outgoing
from api.notify.port import Receipt, Surroundings

JSON = {"Content-Type": "application/json; charset=utf-8"}
TOKEN_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Robot:
    """Posts to a robot and reads the code in its answer: they answer 200 to a refused message too."""

    def __init__(self, channel: str, around: Surroundings, code_field: str, words_field: str) -> None:
        self._facts = provider(channel)
        self._endpoint = around.settings.notify_endpoints.get(channel, self._facts.endpoint)
        self._timeout_s = around.settings.notify_timeout_s
        self._client = make_client(self._timeout_s, around.settings.notify_proxy)
        self._code_field = code_field
        self._words_field = words_field

    async def post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Receipt:
        """The robot's answer as a receipt. Raises NotifyFailed."""
        url = httpx.URL(self._endpoint.rstrip("/") + path, params=dict(query) or None)
        answer = await post(self._client, str(url), msgspec.json.encode(body), JSON, self._timeout_s)
        if error := self._error_in(answer):
            raise error
        return Receipt(words=answer.words)

    async def close(self) -> None:
        await self._client.aclose()

    def _error_in(self, answer: Answer) -> NotifyFailed | None:
        """The code in the answer tells more than the status, if there is one."""
        if answer.status == 429 or answer.status >= 500:
            check_status(answer)
        try:
            told = json_object(answer)
        except NotifyFailed:
            check_status(answer)
            raise
        code = told.get(self._code_field)
        if code is None:
            check_status(answer)
            code = "no code"
        if code == 0 and not isinstance(code, bool):
            check_status(answer)
            return None
        return self._facts.error_of(str(code), str(told.get(self._words_field) or "")[:WORDS])


def token_of(address: str, query_field: str = "") -> str:
    """The token in an address: the query field of a pasted webhook address, else its last part."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    if query_field:
        return next(iter(parse_qs(parts.query).get(query_field, [])), "")
    return parts.path.rstrip("/").rpartition("/")[2]


def check_token(address: str, query_field: str = "") -> None:
    """AddressWrong if there is no robot's token in it."""
    token = token_of(address, query_field)
    if not 8 <= len(token) <= 200 or not TOKEN_CHARACTERS.issuperset(token):
        raise AddressWrong(
            both(
                "机器人的地址是其令牌或完整的 Webhook 地址："
                f"{'...?' + query_field + '=TOKEN' if query_field else '.../TOKEN'}",
                "the address of a robot is its token or its whole webhook address: "
                f"{'...?' + query_field + '=TOKEN' if query_field else '.../TOKEN'}",
            )
        )


def markdown(message: Outgoing, line_end: str) -> str:
    """Title, body and link as markdown that every robot understands."""
    lines = [f"**{plain(message.title)}**", *(plain(line) for line in message.body.split("\n"))]
    if message.link:
        lines.append(f"[{ANSWER}]({message.link})")
    return line_end.join(lines)
