"""Trends: the gateway has the history, this service asks it on behalf of a person."""

from typing import Annotated
from urllib.parse import quote

import httpx
import msgspec

from api.bilingual import both
from api.problems import Problem
from api.tls import trusted_roots
from detectors.quality import quality_name

IDLE_S = 4.0
"""A connection that idles longer is not used again: the gateway keeps one for longer than that, else it might
close it in the very moment of a request."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway answers to `GET /history/{point}`: columns of equal length, rising in time."""

    source_time: list[int]
    value: list[float | None]
    quality: list[Annotated[int, msgspec.Meta(ge=0, le=255)] | str]

    def __post_init__(self) -> None:
        if not len(self.source_time) == len(self.value) == len(self.quality):
            raise ValueError("columns of different length")

    def quality_names(self) -> list[str]:
        """Wire names, whether the gateway sent names or codes."""
        return [quality_name(item) if isinstance(item, int) else item for item in self.quality]


class GatewayHistory:
    """Client of the gateway's history. The HTTP client belongs to whoever made it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def read(self, point: str, start: int, end: int, max_points: int) -> Series:
        """Samples with start <= source_time < end (ns UTC), at most `max_points`.

        Raises Problem: 503 when the gateway cannot be reached now, 502 when it answers something else
        than a history.
        """
        try:
            response = await self._client.get(
                f"/history/{quote(point, safe='')}",
                params={"start": start, "end": end, "max_points": max_points},
            )
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Problem(
                503,
                "gateway-unreachable",
                both(
                    f"网关 {self._client.base_url} 没有应答：{reason}",
                    f"the gateway at {self._client.base_url} does not answer: {reason}",
                ),
            ) from error
        if response.status_code == 503:
            raise Problem(
                503,
                "history-unavailable",
                both(
                    f"网关的历史数据暂不可用：{_said(response)}",
                    f"the gateway's history is not available: {_said(response)}",
                ),
            )
        if response.status_code != 200:
            raise Problem(
                502,
                "gateway-refused",
                both(
                    f"网关回答 {response.status_code}：{_said(response)}",
                    f"the gateway answered {response.status_code}: {_said(response)}",
                ),
            )
        try:
            return msgspec.json.decode(response.content, type=Series)
        except msgspec.MsgspecError as error:
            raise Problem(
                502,
                "gateway-refused",
                both(f"网关的历史数据无法读取：{error}", f"the gateway's history is not readable: {error}"),
            ) from error


def history_client(gateway_url: str, token: str, timeout_s: float) -> httpx.AsyncClient:
    """HTTP client for the gateway: never through a proxy, no redirects, few connections."""
    return httpx.AsyncClient(
        base_url=gateway_url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 2.0)),
        limits=httpx.Limits(max_connections=8, keepalive_expiry=IDLE_S),
        verify=trusted_roots(),
        trust_env=False,
    )


def _said(response: httpx.Response) -> str:
    return response.text[:300].replace("\n", " ") or "nothing"
