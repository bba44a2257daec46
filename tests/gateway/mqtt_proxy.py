"""A wire between client and broker that can be watched and cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
NOT_AUTHORIZED = b"\x87"


def packets(buffer: bytearray) -> list[tuple[int, bytes]]:
    """(first byte, body) of every complete packet; they are taken out of the buffer."""
    found = []
    while len(buffer) >= 2:
        length, shift, at = 0, 0, 1
        while at < len(buffer):
            length |= (buffer[at] & 127) << shift
            shift += 7
            at += 1
            if not buffer[at - 1] & 128:
                break
        else:
            break
        if len(buffer) < at + length:
            break
        found.append((buffer[0], bytes(buffer[at : at + length])))
        del buffer[: at + length]
    return found


class Proxy:
    """Records the packet identifiers of PUBLISH at QoS 1 and of PUBACK, in order, over all connections."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.published: list[int] = []
        self.acknowledged: list[int] = []
        self.swallow_next_connack = False
        self.refuse_subscriptions = False
        """Both filters that the gateway asks for; the broker's answer must come alone."""
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """End every connection without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, up_writer}
        for source, sink, watch in (
            (reader, up_writer, self._from_client),
            (up_reader, writer, self._from_broker),
        ):
            task = asyncio.create_task(self._pump(source, sink, watch), name="proxy")
            self._tasks.add(task)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        watch: Callable[[int, bytes], None],
    ) -> None:
        buffer = bytearray()
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                buffer += data
                for head, body in packets(buffer):
                    watch(head, body)
                sink.write(self._altered(data))
                await sink.drain()
        sink.close()

    def _altered(self, data: bytes) -> bytes:
        if self.refuse_subscriptions and data[0] >> 4 == SUBACK:
            return data[:-2] + 2 * NOT_AUTHORIZED
        return data

    def _from_client(self, head: int, body: bytes) -> None:
        if head >> 4 == PUBACK:
            self.acknowledged.append(int.from_bytes(body[:2], "big"))

    def _from_broker(self, head: int, body: bytes) -> None:
        if head >> 4 == CONNACK and self.swallow_next_connack:
            self.swallow_next_connack = False
            self.cut()
        if head >> 4 == PUBLISH and (head >> 1) & 3 == 1:
            end = 2 + int.from_bytes(body[:2], "big")
            self.published.append(int.from_bytes(body[end : end + 2], "big"))


@contextlib.asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    it = Proxy(target)
    server = await asyncio.start_server(it._client, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        server.close()
        it.cut()
        await asyncio.gather(*it._tasks, return_exceptions=True)
