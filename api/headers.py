"""What stands before every request: the host is checked, bodies are capped, answers are hardened."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bilingual import both
from api.problems import Problem

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_policy(tile_origins: Sequence[str] = ()) -> str:
    """What the screens may load: their own files, and pictures of the map from these servers."""
    tiles = "".join(f" {origin}" for origin in tile_origins)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"connect-src 'self'{tiles}; img-src 'self' data: blob:{tiles}; "
        "font-src 'self'; worker-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class DoorKeeper:
    """Refuses foreign host names, and adds the security headers to every answer.

    A page of another site can make its name point to this machine (DNS rebinding) and would then be
    "same origin" here; but it cannot change the Host header that goes with it.
    """

    def __init__(
        self, app: ASGIApp, allowed_hosts: tuple[str, ...], tile_origins: Sequence[str] = ()
    ) -> None:
        """`tile_origins`: servers of map tiles, as `https://host`."""
        self._app = app
        self._allowed = {host.lower() for host in allowed_hosts}
        self._headers = {"Content-Security-Policy": content_policy(tile_origins), **SECURITY_HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(MutableHeaders(scope=message), self._headers)
            await send(message)

        host = host_name(Headers(scope=scope).get("host", ""))
        if host in self._allowed:
            await self._app(scope, receive, send_hardened)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            detail = both(
                f"本服务不以 {host!r} 为名；如应提供，请加入 allowed_hosts。",
                f"Host {host!r} is not served here: add it to allowed_hosts if it should be.",
            )
            await Problem(421, "unknown-host", detail).response(scope)(scope, receive, send_hardened)


class BodyLimit:
    """Ends requests whose body is too large. Routes under `own_limit_under` look after themselves;
    `larger` gives limits by the end of the path."""

    def __init__(
        self, app: ASGIApp, max_bytes: int, own_limit_under: str, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._own_limit_under = own_limit_under
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._own_limit_under):
            await self._app(scope, receive, send)
            return
        received = 0
        max_bytes = self._limit_of(scope["path"])

        async def receive_capped() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise HTTPException(
                    413, both(f"内容超过 {max_bytes} 字节。", f"The body is larger than {max_bytes} bytes.")
                )
            return message

        await self._app(scope, receive_capped, send)

    def _limit_of(self, path: str) -> int:
        """Files that people send may be larger than other bodies: by the end of their path."""
        return next((limit for end, limit in self._larger.items() if path.endswith(end)), self._max_bytes)


def harden(headers: MutableHeaders, wanted: Mapping[str, str]) -> None:
    """Add what is missing of them; live data is never kept by a cache."""
    for name, value in wanted.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


def host_name(header: str) -> str:
    """The name in a Host header, without its port."""
    if header.startswith("["):
        return header.partition("]")[0].lower() + "]"
    return header.partition(":")[0].lower()
