"""Reports of calls are signed: whoever can say "he has answered" could keep a person from being woken.

`X-Hazardwatch-Time` holds the seconds since 1970, `X-Hazardwatch-Signature` the HMAC-SHA-256 in hex of
time, a full stop, and the body, with the secret of the file `voice_report.secret`.
"""

import hashlib
import hmac

TIME_HEADER, SIGNATURE_HEADER = "x-hazardwatch-time", "x-hazardwatch-signature"
WINDOW_S = 300
SECOND_NS = 1_000_000_000


class ReportRefused(Exception):
    """A report that cannot be trusted. `kind` is one word for the metrics."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


def sign(secret: str, time_s: str, body: bytes) -> str:
    """The signature of a body that is sent at this time."""
    return hmac.new(secret.encode(), time_s.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(secret: str, time_s: str, signature: str, body: bytes, now: int) -> None:
    """Raises ReportRefused unless the signature is right and at most five minutes old or early."""
    if not (time_s.isascii() and time_s.isdigit() and len(time_s) <= 12):
        raise ReportRefused("unsigned", f"{TIME_HEADER} must hold the seconds since 1970")
    if not hmac.compare_digest(sign(secret, time_s, body).encode(), signature.encode()):
        raise ReportRefused("signature", f"{SIGNATURE_HEADER} does not fit: sign time, full stop and body")
    if abs(now - int(time_s) * SECOND_NS) > WINDOW_S * SECOND_NS:
        raise ReportRefused("time", "the report is too old or too early: check the sender's clock")
