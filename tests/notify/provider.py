"""A provider's HTTP side on this machine: it answers as it was told, or not at all. Real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Request(NamedTuple):
    """What came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    """What is answered. `hang`: nothing, for ever; `drip`: a byte now and then, for ever."""

    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    hang: bool = False
    drip: bool = False
    cut: bool = False
    """The connection ends in the middle of the answer."""


def told(status: int = 200, headers: dict[str, str] | None = None, **fields: Any) -> Reply:
    """A JSON answer."""
    return Reply(json.dumps(fields).encode(), status, tuple((headers or {}).items()))


Answerer = Callable[[Request], Reply]


class Provider:
    """`requests` has what came; the answerer may be changed at any time."""

    def __init__(self, answerer: Answerer) -> None:
        self.requests: list[Request] = []
        self.answerer = answerer
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                self.requests.append(request)
                if not await _answer(writer, self.answerer(request)):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def running_provider(answerer: Answerer | None = None) -> AsyncIterator[Provider]:
    """Serve until the block ends; calls that hang are cut then."""
    provider = Provider(answerer or (lambda _request: Reply()))
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(provider.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    line = await reader.readline()
    if not line:
        return None
    _method, target, _version = line.decode().split()
    headers = {}
    while (header := (await reader.readline()).decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


async def _answer(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.hang:
        await asyncio.Event().wait()
    length = len(reply.body) + (100 if reply.cut else 0)
    lines = [f"HTTP/1.1 {reply.status} Told", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    if reply.drip:
        await writer.drain()
        await asyncio.Event().wait()
    writer.write(reply.body)
    await writer.drain()
    return not reply.cut
