"""One post to a platform, and what its answer means.

PlatformAway     not reached, too slow, or busy: the same again later
PlatformRefused  it has read the post and says no: the same again would be refused again
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec

from api.publish.envelopes import ENVELOPES
from api.publish.platforms import Accepted, Platform

LARGEST_ANSWER = 64 * 2**10
BUSY = (408, 425, 429)
MEMBER = {"realtime": "rts", "event": "events"}


class PlatformAway(Exception):
    """Try the same again later."""


class PlatformRefused(Exception):
    """The platform says no; the message holds its words."""


class Poster:
    """Posts items in a platform's envelope."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(
        self, platform: Platform, enterprise: str, kind: str, items: Sequence[Mapping[str, Any]]
    ) -> None:
        """Returns when the platform has accepted the items. PlatformAway or PlatformRefused if not."""
        wrap = ENVELOPES[platform.entry.envelope]
        envelope = wrap({MEMBER[kind]: items}, platform.identity(enterprise), platform.secrets)
        entry = platform.entry
        url = entry.realtime_url if kind == "realtime" else entry.events_url
        try:
            status, answer = await self._exchange(url, envelope.body, envelope.headers)
        except httpx.HTTPError as error:
            raise PlatformAway(f"{url}: {error or type(error).__name__}") from error
        judge(url, status, answer, entry.accepted)

    async def _exchange(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self._client.stream("POST", url, content=body, headers=headers) as response:
            answer = b""
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > LARGEST_ANSWER:
                    break
            return response.status_code, answer[:LARGEST_ANSWER]


def judge(url: str, status: int, answer: bytes, accepted: Accepted) -> None:
    """Platforms say no inside a 200 as well: only the agreed member with the agreed value is a yes."""
    words = answer[:200].decode(errors="replace")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in BUSY or status in (401, 403, 404):
        raise PlatformAway(f"{url}: {status}: {words}")
    if status >= httpx.codes.MULTIPLE_CHOICES:
        raise PlatformRefused(f"{url}: {status}: {words}")
    try:
        read = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformAway(f"{url}: the answer is no JSON: {words}") from error
    if not isinstance(read, dict) or accepted.field not in read:
        raise PlatformAway(f"{url}: the answer has no {accepted.field}: {words}")
    if str(read[accepted.field]) != str(accepted.value):
        raise PlatformRefused(f"{url}: {words}")
