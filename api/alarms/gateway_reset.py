"""The gateway holds the latches: it is asked to end them, and says what became of each."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx
import msgspec
import structlog

from alarm_rules.reset import ResetAnswer
from api.bilingual import both

log = structlog.get_logger()

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""After these the gateway has not heard of it. After any other failure it may have."""


class ResetNotSent(Exception):
    """The gateway could not be asked; the latch holds. The message says why."""


class GatewayResets:
    """Asks the gateway at `POST /reset`. The HTTP client belongs to whoever made it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, rules: Sequence[str]) -> ResetAnswer | None:
        """Ask for these rules' reset; what became of each, or None when that is not decided yet, or was
        decided and the answer got lost. An ending comes as a change of the alarm. Raises ResetNotSent."""
        try:
            response = await self._client.post("/reset", json={"rules": list(rules)})
        except NEVER_LEFT as error:
            raise ResetNotSent(
                both(
                    f"网关 {self._client.base_url} 无法连接，未复位。",
                    f"The gateway {self._client.base_url} does not answer, nothing was reset: {_why(error)}",
                )
            ) from error
        except httpx.TransportError as error:
            log.warning("the gateway's answer to a reset got lost", rules=list(rules), reason=_why(error))
            return None
        if response.status_code == HTTPStatus.ACCEPTED:
            return None
        if response.status_code != HTTPStatus.OK:
            raise self._refused(response)
        try:
            return msgspec.json.decode(response.content, type=ResetAnswer)
        except msgspec.MsgspecError as error:
            raise self._refused(response) from error

    def _refused(self, response: httpx.Response) -> ResetNotSent:
        said = response.text[:300].replace("\n", " ")
        return ResetNotSent(
            both(
                f"网关 {self._client.base_url} 拒绝复位请求（{response.status_code}）：{said}",
                f"The gateway at {self._client.base_url} answered {response.status_code}: {said}",
            )
        )


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
