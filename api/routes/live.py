"""The WebSocket to the screens. See `api/live.py` for what goes over it.

The screen speaks first: `{"type": "hello", "key": "<key or access token>"}`, or without a key in a browser
that has logged in. With `"watch": {"installations": [...], "points": [...], "alarms": true}` in it, only
these values are sent. Later `{"type": "watch", ...}` says that the page shows something else, and
`{"type": "resync"}` that a number was missed; either is answered with a new snapshot. Close codes: 4401 key
refused or withdrawn, 4403 not allowed to look, 4400 not understood, 1009 too long, 1013 too many screens.
"""

import asyncio

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api.auth.caller import caller_of
from api.auth.cookies import ACCESS, read_cookie
from api.auth.origin import is_own_origin
from api.auth.principal import Principal
from api.live import KEY_REFUSED, NOT_ALLOWED, LiveClient, LiveHub
from api.live_watch import Shown
from api.parts import Parts, parts_of

HELLO_WITHIN_S = 5.0
NOT_UNDERSTOOD, TOO_MANY = 4400, 1013
REASON_BYTES = 123

router = APIRouter()


class Hello(msgspec.Struct, tag_field="type", tag="hello", forbid_unknown_fields=True):
    """The first message."""

    key: str = ""
    """Empty: the cookie of the browser's login speaks."""
    watch: Shown | None = None
    """What the page shows; left out: everything in sight."""


class Resync(msgspec.Struct, tag_field="type", tag="resync", forbid_unknown_fields=True):
    """The screen missed a number, or wants to begin anew."""


class Watch(Shown, tag_field="type", tag="watch", forbid_unknown_fields=True, frozen=True):
    """The page shows something else now."""


class Refused(Exception):
    """End the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@router.websocket("/live")
async def live(websocket: WebSocket) -> None:
    """Snapshot, deltas and heartbeats for one screen."""
    parts = parts_of(websocket)
    if not is_own_origin(websocket):
        await websocket.close(1008, "foreign origin")
        return
    await websocket.accept()
    try:
        principal, shown = await _recognise(websocket, parts)
        _refuse_crowd(parts)
        await _serve(websocket, parts, principal, shown)
    except WebSocketDisconnect:
        return
    except Refused as refused:
        await websocket.close(refused.code, str(refused))


async def _recognise(websocket: WebSocket, parts: Parts) -> tuple[Principal, Shown | None]:
    try:
        async with asyncio.timeout(HELLO_WITHIN_S):
            hello = msgspec.json.decode(await websocket.receive_text(), type=Hello)
    except TimeoutError as error:
        raise Refused(KEY_REFUSED, f"no hello within {HELLO_WITHIN_S:g} s") from error
    except (msgspec.MsgspecError, KeyError) as error:
        reason = _shortened(f"the first message is a hello with a key or a token: {error}")
        raise Refused(NOT_UNDERSTOOD, reason) from error
    principal = _principal(websocket, parts, hello.key)
    if principal is None:
        parts.metrics.keys_refused.labels("live").inc()
        raise Refused(KEY_REFUSED, "no valid key, token or login")
    if not (principal.may("alarm.read") and principal.may("point.read")):
        raise Refused(NOT_ALLOWED, f"{principal.name} may not look at alarms and points")
    return principal, hello.watch


def _principal(websocket: WebSocket, parts: Parts, key: str) -> Principal | None:
    """Who is speaking. A cookie counts only when the browser says that our own page sent it."""
    caller = caller_of(websocket, parts.settings.trusted_proxies)
    if not key and is_own_origin(websocket, required=True):
        key = read_cookie(websocket, ACCESS, caller)
    return parts.auth.access.of_bearer(key, caller.address) if key else None


def _refuse_crowd(parts: Parts) -> None:
    if len(parts.hub.clients) >= parts.settings.max_live_clients:
        parts.metrics.live_refused.inc()
        raise Refused(TOO_MANY, "too many screens are connected")


async def _serve(websocket: WebSocket, parts: Parts, principal: Principal, shown: Shown | None) -> None:
    client = parts.hub.join(principal, shown)
    work = [
        asyncio.create_task(_listen(websocket, client, parts.hub), name="live-listen"),
        asyncio.create_task(_send(websocket, client, parts.hub), name="live-send"),
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        parts.hub.leave(client)


async def _listen(websocket: WebSocket, client: LiveClient, hub: LiveHub) -> None:
    while True:
        try:
            said = msgspec.json.decode(await websocket.receive_text(), type=Resync | Watch)
        except (msgspec.MsgspecError, KeyError) as error:
            reason = _shortened(f"only resync and watch are understood here: {error}")
            raise Refused(NOT_UNDERSTOOD, reason) from error
        if isinstance(said, Watch):
            hub.watch(client, said)
        else:
            client.want_snapshot()


def _shortened(reason: str) -> str:
    """A close frame has room for 123 bytes of it."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")


async def _send(websocket: WebSocket, client: LiveClient, hub: LiveHub) -> None:
    """Sending waits while the screen does not read; meanwhile its messages gather in the client."""
    while client.dismissed is None:
        message = client.take(hub)
        if message is None:
            await client.ready.wait()
        else:
            await websocket.send_text(message)
    raise Refused(client.dismissed, "this connection is no longer served")
