"""A door before the alert service that can replay its live stream at speed, over a real WebSocket.

Everything goes through unchanged, and the newest deltas are kept. `replay(hours)` holds the service's own
messages back and sends the kept ones again and again, renumbered and dated on, as many as come in so many
hours, and an alarm in every ten minutes that is answered and ends. Afterwards the service's numbers do not
fit any more: the page asks for a snapshot by itself.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from hazardwatch.processes import free_port

PER_S = 4
"""Deltas a second, as the service sends them."""
KEPT = 240
STEP_NS = 10**9 // PER_S
ALARM_EVERY_S, ANSWERED_AFTER_S, OVER_AFTER_S, NEWS_EVERY_S = 600, 60, 300, 300
HOP = ("content-encoding", "content-length", "transfer-encoding", "connection")
START_S = 20.0


class Replayer:
    """Serves the alert service at `url`, and replays to the one page that looks."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self.port = free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._alarms: list[dict[str, Any]] = []
        self._screen: WebSocket | None = None
        self._sequence = 0
        self._replaying = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def serving(self) -> Iterator["Replayer"]:
        methods = ["GET", "POST", "PUT", "DELETE"]
        routes = [
            WebSocketRoute("/live", self._live),
            Route("/{path:path}", self._pass_on, methods=methods),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), port=self.port, log_level="error", ws_per_message_deflate=False
        )
        server = uvicorn.Server(config)

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="replayer", daemon=True)
        thread.start()
        end = time.monotonic() + START_S
        while not server.started and time.monotonic() < end:
            time.sleep(0.05)
        try:
            yield self
        finally:
            server.should_exit = server.force_exit = True
            thread.join(START_S)

    @property
    def kept(self) -> int:
        return len(self._kept)

    def replay(self, hours: float) -> int:
        """Send what comes in so many hours; returns how many messages that were."""
        if self._loop is None or self._screen is None:
            raise RuntimeError("nothing to replay to: no page has opened the live stream")
        return asyncio.run_coroutine_threadsafe(self._replay(hours), self._loop).result()

    async def _replay(self, hours: float) -> int:
        assert self._screen is not None
        self._replaying = True
        templates, sent = list(self._kept), 0
        try:
            for number in range(int(hours * 3600 * PER_S)):
                second = number // PER_S if number % PER_S == 0 else None
                await self._screen.send_text(self._dated(templates[number % len(templates)], number, second))
                sent += 1
                if second is not None:
                    await self._screen.send_text(self._heartbeat(templates[-1], number))
                    sent += 1
        finally:
            self._replaying = False
        return sent

    def _dated(self, template: dict[str, Any], number: int, second: int | None) -> str:
        """The message as it would be, had it come `number` steps after the newest one."""
        later = (number + KEPT) * STEP_NS
        self._sequence += 1
        values = [
            {"gateway": group["gateway"], "rows": [[p, t + later, v, q] for p, t, v, q in group["rows"]]}
            for group in template["values"]
        ]
        message = self._standing(template, later) | {
            "type": "delta",
            "seq": self._sequence,
            "values": values,
            "alarms": [] if second is None else self._alarm(second),
            "news": [] if second is None or second % NEWS_EVERY_S else [NEWS],
        }
        return msgspec.json.encode(message).decode()

    def _heartbeat(self, template: dict[str, Any], number: int) -> str:
        standing = self._standing(template, (number + KEPT) * STEP_NS)
        message = standing | {"type": "heartbeat", "seq": self._sequence}
        return msgspec.json.encode(message).decode()

    def _standing(self, template: dict[str, Any], later: int) -> dict[str, Any]:
        feeds = [feed | {"gateway_time": feed["gateway_time"] + later} for feed in template["feeds"]]
        return {
            "server_time": template["server_time"] + later,
            "open_alarms": template["open_alarms"],
            "feeds": feeds,
        }

    def _alarm(self, second: int) -> list[dict[str, Any]]:
        """What becomes of the alarm of these ten minutes in this second, if anything."""
        if not self._alarms:
            return []
        episode, passed = divmod(second, ALARM_EVERY_S)
        states = {0: "UNACK", ANSWERED_AFTER_S: "ACKED", OVER_AFTER_S: "NORM"}
        if passed not in states:
            return []
        model = self._alarms[episode % len(self._alarms)]
        return [
            model | {"id": f"replayed-{episode}", "state": states[passed], "active": passed < OVER_AFTER_S}
        ]

    async def _live(self, screen: WebSocket) -> None:
        await screen.accept()
        self._screen = screen
        address = self._upstream.replace("http", "ws", 1) + "/live"
        async with websockets.connect(address, max_size=None, compression=None) as service:
            up = asyncio.create_task(self._up(screen, service), name="up")
            down = asyncio.create_task(self._down(screen, service), name="down")
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _up(self, screen: WebSocket, service: websockets.ClientConnection) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await service.send(await screen.receive_text())

    async def _down(self, screen: WebSocket, service: websockets.ClientConnection) -> None:
        async for text in service:
            if self._replaying:
                continue
            message = json.loads(text)
            self._sequence = message["seq"]
            if message["type"] == "delta" and message["values"]:
                self._kept.append(message)
            if message["type"] == "snapshot":
                self._alarms = message["alarms"] or self._alarms
            await screen.send_text(str(text))

    async def _pass_on(self, request: Request) -> Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.request(
                request.method,
                f"{self._upstream}{request.url.path}",
                params=request.query_params,
                headers=request.headers.raw,
                content=await request.body(),
            )
        headers = {name: value for name, value in answer.headers.items() if name not in HOP}
        return Response(answer.content, answer.status_code, headers)


NEWS = {"topic": "warnings", "subject": "", "enterprise": ""}
