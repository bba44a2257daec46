"""A generic webhook: JSON, signed with HMAC-SHA256 in a header, to an address that was judged and pinned.

The receiver checks `X-Hazardwatch-Signature: sha256=HEX` over `TIMESTAMP.BODY` with the shared secret, and
that `X-Hazardwatch-Timestamp` (seconds) is not old. `Idempotency-Key` is the same when a message is sent
again. Any 2xx is a receipt; 429 and 503 may ask for patience with Retry-After.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import msgspec

from api.bilingual import both
from api.notify.errors import AddressWrong
from api.notify.http import check_status, make_client, post
from api.notify.message import Outgoing
from api.notify.networks import networks, pinned
from api.notify.port import Adapter, AddressForm, Clock, Field, NotConfigured, Receipt, Surroundings, Target

SECOND_NS = 1_000_000_000
PORTS = {"http": 80, "https": 443}


def sign(secret: str, timestamp_s: int, body: bytes) -> str:
    """Value of the signature header."""
    told = f"{timestamp_s}.".encode() + body
    return "sha256=" + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


class Webhook:
    """Posts to any public address, or one in an allowed network."""

    def __init__(self, around: Surroundings) -> None:
        try:
            self._allowed = networks(around.settings.notify_private_networks)
        except ValueError as error:
            raise NotConfigured(f"HAZARDWATCH_API_NOTIFY_PRIVATE_NETWORKS: {error}") from error
        self._timeout_s = around.settings.notify_timeout_s
        self._clock: Clock = around.clock
        self._client = make_client(self._timeout_s, kept_alive=0)  # and no proxy: it would resolve again

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        parts = urlsplit(target.address)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        address = await pinned(host, port, self._allowed)
        content = msgspec.json.encode(_body(message))
        timestamp_s = self._clock() // SECOND_NS
        headers = {
            "Host": parts.netloc.rpartition("@")[2],
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(message.key.encode()).hexdigest(),
            "X-Hazardwatch-Timestamp": str(timestamp_s),
        }
        if target.secret:
            headers["X-Hazardwatch-Signature"] = sign(target.secret, timestamp_s, content)
        answer = await post(
            self._client,
            _to_address(parts, address, port),
            content,
            headers,
            self._timeout_s,
            {"sni_hostname": host},
        )
        check_status(answer)
        return Receipt(words=f"HTTP {answer.status}: {answer.words}")

    async def close(self) -> None:
        await self._client.aclose()


def _to_address(parts: SplitResult, address: str, port: int) -> str:
    """The URL with the judged address in place of the name; certificate and Host stay those of the name."""
    literal = f"[{address}]" if ":" in address else address
    return urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))


def _body(message: Outgoing) -> dict[str, Any]:
    return {
        "version": 1,
        "key": message.key,
        "kind": message.kind,
        "priority": message.priority.name,
        "enterprise": message.enterprise,
        "receiver": message.receiver,
        "title": message.title,
        "body": message.body,
        "link": message.link,
        "alarms": message.alarm_ids,
        "messages": message.messages,
        "created_at": message.created_at,
    }


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressWrong(both(f"不是有效的地址：{error}", f"that is no address: {error}")) from error
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise AddressWrong(
            both(
                "Webhook 地址形如 `http://host/path` 或 `https://host/path`",
                "a webhook is http://host/path or https://host/path",
            )
        )
    if parts.username is not None or parts.fragment or not address.isprintable() or " " in address:
        raise AddressWrong(
            both(
                "Webhook 地址中不得有用户名、密码、# 片段或空格",
                "a webhook address has no user, password, fragment or blanks",
            )
        )
    if secret and len(secret) < 16:
        raise AddressWrong(
            both(
                "Webhook 的签名密钥至少 16 个字符", "the shared secret of a webhook has 16 characters or more"
            )
        )


ADAPTER = Adapter(
    channel="webhook",
    name="通用 Webhook",
    name_en="Generic webhook",
    form=AddressForm(
        address=Field(
            name="address", title="地址", title_en="Address", example="https://duty.example/hazardwatch"
        ),
        secret=Field(
            name="secret",
            title="签名密钥（至少 16 个字符）",
            title_en="Secret for the signature, 16 characters or more",
            required=False,
        ),
        check=_check,
    ),
    make=Webhook,
    merges=False,
)
