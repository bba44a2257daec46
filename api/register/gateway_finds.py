"""What the gateway could not use: unknown tags and quarantine, asked of it on behalf of a person.

The gateway knows no persons: what belongs to an enterprise out of sight is left out here.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import httpx
import msgspec

from api.auth.principal import Scope
from api.bilingual import both
from api.problems import Problem

MOST_ENTERPRISES = 200
"""In one question; who sees more is given all, and the rest is left out here."""
LARGEST = 2**62
T = TypeVar("T")


class UnknownTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that a device has published and the register does not have. Times are ns UTC."""

    device: str
    tag: str
    times: int
    first_seen: int
    last_seen: int
    last_value: float | None


class QuarantineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or a part of one, that could not be used. Times are ns UTC."""

    id: int
    received_time: int
    topic: str
    device: str
    reason: str
    tags: list[str]
    payload: str
    bytes: int
    retried_time: int | None


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of reading a message again."""

    id: int
    samples: int
    reason: str


class GatewayFinds:
    """Client of one gateway. The HTTP client belongs to whoever made it. Everything raises Problem: 503 when
    the gateway cannot be reached, 502 when it answers something else than it should."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def unknown_tags(self, scope: Scope) -> list[UnknownTag]:
        """By device and tag."""
        found = _read(await self._ask("GET", "/unknown-tags"), list[UnknownTag])
        return [tag for tag in found if _in_sight(tag.device, scope)]

    async def quarantine(
        self, scope: Scope, *, before: int | None, limit: int, device: str
    ) -> list[QuarantineRow]:
        """The newest rows first, each payload cut short."""
        query: list[tuple[str, str | int | float | bool | None]] = [
            ("before", LARGEST if before is None else before),
            ("limit", limit),
            ("device", device),
        ]
        if scope.enterprises is not None:
            if not scope.enterprises:
                return []
            query += [("enterprise", each) for each in sorted(scope.enterprises)[:MOST_ENTERPRISES]]
        rows = _read(await self._ask("GET", "/quarantine", params=query), list[QuarantineRow])
        return [row for row in rows if _in_sight(row.device, scope)]

    async def row(self, scope: Scope, number: int) -> QuarantineRow:
        """One row with its whole payload. Problem 404 if there is none in sight."""
        row = _read(await self._ask("GET", f"/quarantine/{number}"), QuarantineRow)
        if not _in_sight(row.device, scope):
            raise _none(number)
        return row

    async def retry(self, scope: Scope, number: int) -> Retried:
        """Have it read again with the register that the gateway runs. Problem 404 as `row`."""
        await self.row(scope, number)
        return _read(await self._ask("POST", f"/quarantine/{number}/retry"), Retried)

    async def _ask(
        self, method: str, path: str, params: Iterable[tuple[str, Any]] | None = None
    ) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, params=None if params is None else list(params))
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            detail = both(
                f"网关 {self._client.base_url} 没有应答：{reason}",
                f"the gateway at {self._client.base_url} does not answer: {reason}",
            )
            raise Problem(503, "gateway-unreachable", detail) from error
        if answer.status_code == httpx.codes.NOT_FOUND and path.startswith("/quarantine/"):
            raise _none(int(path.split("/")[2]))
        if answer.status_code != httpx.codes.OK:
            said = answer.text[:300].replace("\n", " ") or "nothing"
            raise Problem(
                502,
                "gateway-refused",
                both(
                    f"网关回答 {answer.status_code}：{said}",
                    f"the gateway answered {answer.status_code}: {said}",
                ),
            )
        return answer


def _none(number: int) -> Problem:
    return Problem(
        404, "unknown-quarantine-row", both(f"隔离区没有第 {number} 条", f"quarantine has no row {number}")
    )


def _in_sight(device: str, scope: Scope) -> bool:
    """A row of no device is shown to those alone who see everything."""
    enterprise = device.partition("/")[0]
    return scope.enterprises is None or (bool(enterprise) and scope.sees(enterprise))


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError as error:
        raise Problem(
            502,
            "gateway-refused",
            both(f"网关的回答无法读取：{error}", f"what the gateway answers is not readable: {error}"),
        ) from error
