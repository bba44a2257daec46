"""Aliyun's RPC interfaces (SMS, voice): request, signature V3, and what the codes of answers mean.

Signature ACS3-HMAC-SHA256 after "V3 request structure and signature" (help.aliyun.com/document_detail/
2593177.html; V2 with HMAC-SHA1 is deprecated there). Parameters go into the query, the body is empty.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from api.bilingual import both
from api.notify.errors import NotifyFailed, Unclear
from api.notify.facts import WORDS, Provider
from api.notify.files import read_secret
from api.notify.http import Answer, check_status, json_object, make_client, post, retry_after_s
from api.notify.port import NotConfigured, Surroundings

ALGORITHM = "ACS3-HMAC-SHA256"
SECOND_NS = 1_000_000_000
NO_BODY = hashlib.sha256(b"").hexdigest()
VERSION = "2017-05-25"
"""Of both Dysmsapi and Dyvmsapi."""


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Sorted by name, percent-encoded after RFC 3986."""
    pairs = sorted(parameters.items())
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)


def authorization(
    method: str, path: str, query: str, headers: Mapping[str, str], key_id: str, key_secret: str
) -> str:
    """Value of the Authorization header. All of `headers` are signed; their names are lower case."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join((method, path, query, lines, names, headers["x-acs-content-sha256"]))
    told = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), told.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


class Aliyun:
    """Calls one of Aliyun's services with the account of the settings."""

    def __init__(self, channel: str, facts: Provider, around: Surroundings) -> None:
        settings = around.settings
        if not settings.notify_aliyun_key_id or settings.notify_aliyun_key_secret_file is None:
            raise NotConfigured(
                "needs HAZARDWATCH_API_NOTIFY_ALIYUN_KEY_ID and _NOTIFY_ALIYUN_KEY_SECRET_FILE"
            )
        self._settings = settings
        self._facts = facts
        self._clock = around.clock
        self._endpoint = settings.notify_endpoints.get(channel, facts.endpoint)
        self._client = make_client(settings.notify_timeout_s, settings.notify_proxy)

    async def call(self, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The answer, whose code is OK. Raises NotifyFailed for every other."""
        query = canonical_query({name: value for name, value in parameters.items() if value})
        parts = urlsplit(self._endpoint)
        path = parts.path or "/"
        moment = datetime.fromtimestamp(self._clock() // SECOND_NS, UTC)
        headers = {
            "host": parts.netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": NO_BODY,
            "x-acs-date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": VERSION,
        }
        key_secret = read_secret(self._settings.notify_aliyun_key_secret_file)
        signed = authorization("POST", path, query, headers, self._settings.notify_aliyun_key_id, key_secret)
        url = f"{parts.scheme}://{parts.netloc}{path}?{query}"
        answer = await post(
            self._client, url, b"", headers | {"authorization": signed}, self._settings.notify_timeout_s
        )
        return self._checked(answer)

    async def close(self) -> None:
        await self._client.aclose()

    def _checked(self, answer: Answer) -> dict[str, Any]:
        """Errors of the gateway come with a status of 4xx and a Code, those of the service with 200."""
        if answer.status == 429 or answer.status >= 500:
            check_status(answer)
        try:
            told = json_object(answer)
        except Unclear:
            check_status(answer)
            raise
        code = str(told.get("Code", ""))
        if code == "OK":
            check_status(answer)
            return told
        if not code:
            check_status(answer)
            raise Unclear(
                both(f"应答中没有代码：{answer.words}", f"an answer without a code: {answer.words}")
            )
        raise self._error(code, str(told.get("Message", ""))[:WORDS], answer)

    def _error(self, code: str, words: str, answer: Answer) -> NotifyFailed:
        error = self._facts.error_of(code, words)
        asked = retry_after_s(answer.headers)
        if asked is not None and hasattr(error, "retry_after_s"):
            error.retry_after_s = max(asked, error.retry_after_s or 0.0)
        return error
