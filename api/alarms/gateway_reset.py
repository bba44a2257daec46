"""The gateway holds the latches: it is asked to end them."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx


class ResetNotSent(Exception):
    """The gateway could not be asked; the latch holds. The message says why."""


class GatewayResets:
    """Asks the gateway at `POST /reset`. The HTTP client belongs to whoever made it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, rules: Sequence[str]) -> None:
        """Ask for these rules' reset. The answer is a change of the alarm, or none. Raises ResetNotSent."""
        try:
            response = await self._client.post("/reset", json={"rules": list(rules)})
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise ResetNotSent(
                f"网关 {self._client.base_url} 无法连接，未复位。 the gateway does not answer: {reason}"
            ) from error
        if response.status_code != HTTPStatus.ACCEPTED:
            said = response.text[:300].replace("\n", " ")
            raise ResetNotSent(
                f"网关拒绝复位请求。 the gateway at {self._client.base_url} answered "
                f"{response.status_code}: {said}"
            )
