"""What InfluxDB's refusals mean: the data are at fault, a person is needed, or later will do."""

import json
import re
from contextlib import suppress
from typing import NamedTuple

from influxdb_client.client.exceptions import InfluxDBError

from gateway.history.port import HistoryUnavailable

DATA_AT_FAULT = {400, 413, 422}
PASSING = {408, 425, 429}
_DROPPED = re.compile(r"dropped=(\d+)")


class Refused(NamedTuple):
    """InfluxDB's judgement on the data of a request: its words, and how many lines it says it left out."""

    words: str
    dropped: int | None


def judge(error: InfluxDBError, url: str) -> Refused:
    """The refusal if the data are at fault; otherwise raises HistoryUnavailable."""
    status = getattr(error, "status", 0) or 0
    words = _words(error)
    if status in DATA_AT_FAULT and _is_influxdb(error, status):
        found = _DROPPED.search(words)
        return Refused(f"{status}: {words}", int(found[1]) if found else None)
    raise unavailable(error, url) from error


def unavailable(error: InfluxDBError, url: str) -> HistoryUnavailable:
    """An answer that is not about the data."""
    status = getattr(error, "status", 0) or 0
    passing = status in PASSING or status >= 500
    if passing:
        remedy = "tried again later"
    elif status in (401, 403):
        remedy = "check the token and its permission to the bucket"
    elif status == 404:
        remedy = "check that organisation and bucket exist"
    else:
        remedy = "check the address, the certificate and what stands in between"
    return HistoryUnavailable(
        f"InfluxDB at {url}: {status or 'no answer'}: {_words(error)}: {remedy}",
        operator_needed=not passing,
        retry_after_s=_retry_after_s(error),
    )


def unreachable(error: Exception, url: str) -> HistoryUnavailable:
    """No answer at all."""
    return HistoryUnavailable(f"InfluxDB at {url} cannot be reached: {type(error).__name__}: {error}")


def _headers(error: InfluxDBError) -> dict[str, str]:
    return {name.lower(): value for name, value in dict(getattr(error, "headers", None) or {}).items()}


def _words(error: InfluxDBError) -> str:
    """What the server said: InfluxDB 2 says it in `message`, 1.8 in `error`."""
    body = getattr(error, "body", None) or getattr(error, "reason", None) or str(error)
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    with suppress(ValueError):
        answer = json.loads(text)
        if isinstance(answer, dict):
            text = str(answer.get("message") or answer.get("error") or text)
    return text.strip()[:1000]


def _is_influxdb(error: InfluxDBError, status: int) -> bool:
    """Whether InfluxDB itself judged the data. Something in between that answers 400 to everything
    must not send a whole history into quarantine. 413 is often said by a proxy, and means the same."""
    if status == 413 or any(name.startswith("x-influx") for name in _headers(error)):
        return True
    try:
        answer = json.loads(getattr(error, "body", None) or "")
    except ValueError:
        return False
    return isinstance(answer, dict) and ("error" in answer or {"code", "message"} <= answer.keys())


def _retry_after_s(error: InfluxDBError) -> float | None:
    """Seconds of a Retry-After header; a date or nonsense is not used."""
    value = _headers(error).get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
