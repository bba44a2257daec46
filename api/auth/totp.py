"""The second factor: codes that change every 30 s (RFC 6238), and recovery codes for a lost telephone."""

import hashlib
import hmac
import secrets

import pyotp

SECOND_NS = 1_000_000_000
STEP_S = 30
DRIFT_STEPS = 1
"""Steps that a telephone's clock may be off to either side."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 8
ISSUER = "Hazardwatch"


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, user: str) -> str:
    """What the QR code holds (`otpauth://totp/...`)."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=user, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, last_step: int, now: int) -> int | None:
    """The 30 s step that this code belongs to; None if it is wrong, or not newer than `last_step`.

    Keep what is returned as the next `last_step`: a code that was seen over a shoulder is worth nothing
    (RFC 6238, section 5.2). `now` is ns UTC.
    """
    digits = code.replace(" ", "")
    current = now // SECOND_NS // STEP_S
    generator = pyotp.TOTP(secret, interval=STEP_S)
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        right = hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode())
        if right and step > last_step and found is None:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes that each let the person in once without the telephone. 64 random bits each."""
    return [_grouped(secrets.token_hex(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code; blanks, dashes and capitals do not count."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def without_recovery_code(digests: tuple[str, ...], code: str) -> tuple[str, ...] | None:
    """The digests that are left when this code is used; None if it is none of them."""
    given = recovery_digest(code)
    left = tuple(kept for kept in digests if not hmac.compare_digest(kept, given))
    return left if len(left) < len(digests) else None


def _grouped(text: str) -> str:
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
