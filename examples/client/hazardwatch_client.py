"""A typed client of the alert service: list open alarms, answer one, follow the live stream.

    python -m examples.client.hazardwatch_client --url http://127.0.0.1:8470 --key hw_...

prints the open alarms and then every change. It needs httpx and websockets, nothing of hazardwatch.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

Priority = Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]
PAGE = 500
REFUSED = {4401: (401, "key-required"), 4403: (403, "not-allowed")}
"""Close codes with which the live stream refuses; status and kind of the `ApiProblem` that says so."""


class ApiProblem(Exception):
    """The service said no. `kind` is for programs, the message for people (RFC 9457)."""

    def __init__(self, status: int, kind: str, detail: str, retry_after_s: float | None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.retry_after_s = retry_after_s
        """Given with 429: ask again after so long."""


@dataclass(frozen=True)
class Alarm:
    """What this example uses of an alarm; the API's description has all of it."""

    id: str
    state: str
    priority: Priority
    name: str
    point: str
    onset: int
    """ns UTC."""
    value: float | None
    response: str
    acknowledged_by: str | None

    @classmethod
    def read(cls, view: dict[str, Any]) -> "Alarm":
        """From an item of `GET /alarms` or of the live stream."""
        answer = view["acknowledged"]
        return cls(
            id=view["id"],
            state=view["state"],
            priority=view["priority"],
            name=view["name"],
            point=view["point"],
            onset=view["onset"],
            value=view["value"],
            response=view["response"],
            acknowledged_by=answer["by"] if answer else None,
        )


class Client:
    """`with Client(url, key) as client: ...`"""

    def __init__(self, url: str, key: str) -> None:
        """key: of a person (`hw_...`), or the access token of a login (see `log_in`)."""
        self._url = url.rstrip("/")
        self._key = key
        self._http = httpx.Client(base_url=self._url, headers={"Authorization": f"Bearer {key}"}, timeout=10)

    @classmethod
    def log_in(cls, url: str, user: str, password: str, code: str = "") -> "Client":
        """With a person's password; the token lasts for minutes, so this suits short work."""
        form = {"grant_type": "password", "username": user, "password": password, "totp": code}
        answer = httpx.post(f"{url.rstrip('/')}/session/token", data=form, timeout=10)
        return cls(url, _body(answer)["access_token"])

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def open_alarms(self, *priorities: Priority) -> Iterator[Alarm]:
        """Every alarm that still needs somebody, newest first, page after page."""
        query: dict[str, Any] = {"open": True, "priority": priorities, "limit": PAGE}
        while True:
            page = _body(self._http.get("/alarms", params=query))
            yield from map(Alarm.read, page["alarms"])
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def acknowledge(self, alarm_id: str, comment: str = "") -> Alarm:
        """Take an alarm on, in the name that goes with the key. ApiProblem 409 says who has done so."""
        return Alarm.read(
            _body(self._http.post(f"/alarms/{alarm_id}/acknowledge", json={"comment": comment}))
        )

    def changes(self) -> Iterator[Alarm]:
        """Open alarms as they are now, then every change, for as long as the link lives.

        A gap in the numbering is healed by asking for a new snapshot, so nothing is missed silently.
        Raises ApiProblem where the service refuses; websockets' ConnectionClosedError when the link breaks.
        """
        with connect(self._url.replace("http", "ws", 1) + "/live", max_size=None) as socket:
            socket.send(json.dumps({"type": "hello", "key": self._key}))
            reached = -1
            for text in _texts(socket):
                message = json.loads(text)
                if message["type"] == "delta" and message["seq"] != reached + 1:
                    socket.send(json.dumps({"type": "resync"}))
                    continue
                if message["type"] in ("snapshot", "delta"):
                    reached = message["seq"]
                    yield from map(Alarm.read, message["alarms"])


def _texts(socket: ClientConnection) -> Iterator[str | bytes]:
    """What comes until the service ends the link; ApiProblem if it does so to refuse."""
    try:
        yield from socket
    except ConnectionClosed as closed:
        if closed.rcvd is None or closed.rcvd.code not in REFUSED:
            raise
        status, kind = REFUSED[closed.rcvd.code]
        raise ApiProblem(status, kind, closed.rcvd.reason or "the key counts no longer", None) from closed


def _body(answer: httpx.Response) -> Any:
    """The JSON of a good answer; ApiProblem for any other."""
    if answer.is_success:
        return answer.json()
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    kind = str(problem.get("type", "")).rpartition(":")[2]
    retry_after = answer.headers.get("retry-after")
    raise ApiProblem(
        answer.status_code,
        kind,
        str(problem.get("detail", answer.reason_phrase)),
        float(retry_after) if retry_after else None,
    )


def follow(url: str, key: str) -> None:
    """Print every alarm of the live stream, until the link ends."""
    with Client(url, key) as client:
        for alarm in client.changes():
            print(f"{alarm.priority:9}{alarm.state:7}{alarm.point:24}{alarm.value}  {alarm.name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8470")
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    try:
        follow(options.url, options.key)
    except ApiProblem as problem:
        sys.exit(f"refused ({problem.status}): {problem}")
    except (OSError, WebSocketException) as trouble:
        sys.exit(f"the link to {options.url} is lost: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
