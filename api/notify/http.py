"""HTTP to providers: no redirects, a cap on time and size, errors that say what to do."""

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx
import msgspec

from api.bilingual import both
from api.notify.errors import (
    MessageRefused,
    NotifyFailed,
    ProviderBusy,
    ProviderDown,
    TargetRefused,
    Unclear,
)
from api.notify.facts import WORDS
from api.tls import trusted_roots

MOST_BYTES = 64 * 2**10
MOST_RETRY_AFTER_S = 3600.0
CONNECT_S = 5.0
REFUSED_TARGET = (401, 403, 404, 405, 410)
TRY_LATER = (408, 425)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def words(self) -> str:
        """The beginning of the body for people, in one line."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:WORDS]


def make_client(timeout_s: float, proxy: str = "", kept_alive: int = 20) -> httpx.AsyncClient:
    """A client that follows nothing and reads no proxy from the environment.

    kept_alive: connections kept for the next message. 0 where one address may stand for several names:
    a connection is found again by its address, and its certificate was checked for one name only.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
        follow_redirects=False,
        verify=trusted_roots(),
        trust_env=False,
        proxy=proxy or None,
        limits=httpx.Limits(max_connections=256, max_keepalive_connections=kept_alive),
        headers={"User-Agent": "hazardwatch", "Accept-Encoding": "identity"},
    )


async def post(
    client: httpx.AsyncClient,
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    extensions: Mapping[str, Any] | None = None,
) -> Answer:
    """Post and read the answer, whatever its status. Raises ProviderDown or Unclear.

    `timeout_s` is for all of it: a server that sends a byte now and then does not hold us longer.
    """
    request = client.build_request("POST", url, content=content, headers=dict(headers))
    request.extensions.update(extensions or {})
    try:
        async with asyncio.timeout(timeout_s):
            response = await client.send(request, stream=True)
            try:
                body = await _capped(response)
            finally:
                await response.aclose()
    except TimeoutError as error:
        raise Unclear(both(f"{timeout_s:g} 秒内没有应答", f"no answer within {timeout_s:g} s")) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise ProviderDown(both(f"无法连接：{_told(error)}", f"no connection: {_told(error)}")) from error
    except httpx.HTTPError as error:
        raise Unclear(both(f"连接中断：{_told(error)}", f"the connection broke: {_told(error)}")) from error
    return Answer(response.status_code, response.headers, body)


async def _capped(response: httpx.Response) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_raw():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unclear(
                both(f"应答超过 {MOST_BYTES} 字节", f"the answer is longer than {MOST_BYTES} bytes")
            )
    return b"".join(chunks)


def check_status(answer: Answer) -> None:
    """Raise what an HTTP status other than 2xx means."""
    if 200 <= answer.status < 300:
        return
    raise status_error(answer)


def status_error(answer: Answer) -> NotifyFailed:
    """The error that a status is."""
    told = f"HTTP {answer.status}: {answer.words}"[:WORDS]
    if answer.status == 429:
        return ProviderBusy(told, retry_after_s(answer.headers))
    if answer.status in TRY_LATER or answer.status >= 500:
        return ProviderDown(told, retry_after_s(answer.headers))
    if 300 <= answer.status < 400:
        return TargetRefused(
            both(
                f"HTTP {answer.status}：不跟随重定向，请填最终地址",
                f"HTTP {answer.status}: redirects are not followed: enter the final address",
            )
        )
    if answer.status in REFUSED_TARGET:
        return TargetRefused(told)
    return MessageRefused(told)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks us to wait: `Retry-After` in either form, or Feishu's own header."""
    text = headers.get("retry-after") or headers.get("x-ogw-ratelimit-reset")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, headers.get("date"))
    if not 0 <= seconds < float("inf"):
        return None
    return min(seconds, MOST_RETRY_AFTER_S)


def _until(text: str, date: str | None) -> float:
    """Seconds from the provider's own date to this one: our clock may be another."""
    try:
        return (parsedate_to_datetime(text) - parsedate_to_datetime(date or "")).total_seconds()
    except (ValueError, TypeError):
        return -1.0


def json_object(answer: Answer) -> dict[str, Any]:
    """The answer as a JSON object. Unclear if it is none: a portal or a proxy may have answered instead."""
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unclear(
            both(
                f"HTTP {answer.status}，应答不是 JSON 对象：{answer.words}",
                f"HTTP {answer.status} with an answer that is no JSON object: {answer.words}",
            )
        ) from error


def _told(error: Exception) -> str:
    """In words without the URL, which holds a robot's key."""
    return type(error).__name__ if "://" in str(error) else (str(error) or type(error).__name__)
