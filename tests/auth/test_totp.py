"""The second factor: codes of RFC 6238, each taken once, and recovery codes."""

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth import totp

SECOND = 1_000_000_000
SECRET = base64.b32encode(b"12345678901234567890").decode()
"""Of the test vectors in RFC 6238, appendix B."""


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_code_of_the_standards_examples_is_right(seconds: int, code: str) -> None:
    assert totp.accepted_step(SECRET, code, 0, seconds * SECOND) == seconds // 30


def test_code_is_taken_once() -> None:
    code, now = "287082", 59 * SECOND
    step = totp.accepted_step(SECRET, code, 0, now)
    assert step is not None
    assert totp.accepted_step(SECRET, code, step, now) is None
    assert totp.accepted_step(SECRET, code, step, now + 20 * SECOND) is None


@pytest.mark.parametrize(("off_s", "right"), [(-61, False), (-29, True), (0, True), (29, True), (61, False)])
def test_clock_of_the_telephone_may_be_one_step_off(off_s: int, right: bool) -> None:
    code = pyotp.TOTP(SECRET).at(1_750_000_005 + off_s)
    assert (totp.accepted_step(SECRET, code, 0, 1_750_000_005 * SECOND) is not None) is right


@given(st.text(max_size=12))
def test_anything_else_is_wrong(code: str) -> None:
    now = 1_750_000_000 * SECOND
    right = {pyotp.TOTP(SECRET).at(1_750_000_000 + off) for off in (-30, 0, 30)}
    if code.replace(" ", "") not in right:
        assert totp.accepted_step(SECRET, code, 0, now) is None


def test_qr_code_names_the_person_and_the_service() -> None:
    uri = urlsplit(totp.provisioning_uri(SECRET, "张伟"))
    assert uri.scheme == "otpauth"
    assert unquote(uri.path) == "/Hazardwatch:张伟"
    assert parse_qs(uri.query)["secret"] == [SECRET]


def test_recovery_code_works_once_however_it_is_typed() -> None:
    codes = totp.new_recovery_codes()
    kept = tuple(map(totp.recovery_digest, codes))
    assert len(set(codes)) == 10
    left = totp.without_recovery_code(kept, codes[3].upper().replace("-", " "))
    assert left is not None
    assert len(left) == 9
    assert totp.without_recovery_code(left, codes[3]) is None
    assert totp.without_recovery_code(kept, "") is None
    assert not any(code in str(kept) for code in codes)
