"""Access tokens, refresh tokens and CSRF marks."""

import base64
import json
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.records import Session
from api.auth.session_rules import refresh_decision
from api.auth.signing_keys import KeyRing, open_ring
from api.auth.tokens import (
    access_token,
    csrf_mark,
    is_csrf_mark,
    read_refresh_token,
    refresh_token,
    session_of,
)

SECOND = 1_000_000_000
T0 = 1_750_000_000 * SECOND


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return open_ring(tmp_path / "keys.json", T0)


def test_access_token_speaks_for_its_session_until_it_expires(ring: KeyRing) -> None:
    token = access_token(ring, "s1", "li", 15, T0)
    assert session_of(ring, token, T0) == "s1"
    assert session_of(ring, token, T0 + 899 * SECOND) == "s1"
    assert session_of(ring, token, T0 + 900 * SECOND) is None


def test_access_token_says_nothing_of_rights(ring: KeyRing) -> None:
    claims = jwt.decode(access_token(ring, "s1", "li", 15, T0), options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "iat", "exp"}


def _forged(ring: KeyRing, header: dict, claims: dict) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)
    ]
    return ".".join([*parts, ""])


def test_forged_tokens_speak_for_nobody(ring: KeyRing, tmp_path: Path) -> None:
    good = access_token(ring, "s1", "li", 15, T0)
    claims = jwt.decode(good, options={"verify_signature": False})
    other = open_ring(tmp_path / "other.json", T0)
    head, body, seal = good.split(".")
    public = ring.verifier(ring.current)
    assert public is not None
    forgeries = {
        "no signature": _forged(ring, {"alg": "none", "kid": ring.current}, claims),
        "another service's key": access_token(other, "s1", "li", 15, T0),
        "our key's name on another's": jwt.encode(
            claims, other.signer(), algorithm="EdDSA", headers={"kid": ring.current}
        ),
        "public key as a shared secret": jwt.encode(
            claims, public.public_bytes_raw(), algorithm="HS256", headers={"kid": ring.current}
        ),
        "for somebody else": jwt.encode(
            claims | {"aud": "x"}, ring.signer(), algorithm="EdDSA", headers={"kid": ring.current}
        ),
        "changed": ".".join([head, body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), seal]),
        "without a key id": jwt.encode(claims, ring.signer(), algorithm="EdDSA"),
        "without an end": jwt.encode(
            {k: v for k, v in claims.items() if k != "exp"},
            ring.signer(),
            algorithm="EdDSA",
            headers={"kid": ring.current},
        ),
        "nonsense": "a.b.c",
        "empty": "..",
    }
    for what, forged in forgeries.items():
        assert session_of(ring, forged, T0) is None, what


@given(st.text(max_size=60))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    ring = _a_ring()
    assert session_of(ring, text, T0) is None
    assert read_refresh_token(ring, text) is None
    assert not is_csrf_mark(ring, "s1", text)


_RINGS: list[KeyRing] = []


def _a_ring() -> KeyRing:
    import tempfile

    if not _RINGS:
        with tempfile.TemporaryDirectory() as folder:
            _RINGS.append(open_ring(Path(folder) / "keys.json", T0))
    return _RINGS[0]


def test_refresh_token_holds_session_and_generation_and_cannot_be_changed(ring: KeyRing) -> None:
    token = refresh_token(ring, "s1", 4)
    assert read_refresh_token(ring, token) == ("s1", 4)
    assert read_refresh_token(ring, token.replace(".4.", ".5.")) is None
    assert read_refresh_token(ring, token.replace("s1", "s2")) is None


def test_csrf_mark_belongs_to_one_session_and_outlives_a_rotation(ring: KeyRing) -> None:
    mark = csrf_mark(ring, "s1")
    assert is_csrf_mark(ring, "s1", mark)
    assert not is_csrf_mark(ring, "s2", mark)
    ring.rotate_if_due(1, 5, T0 + 10 * 86_400 * SECOND)
    assert is_csrf_mark(ring, "s1", mark)


@pytest.mark.parametrize(
    ("generation", "after_s", "decision"),
    [
        (7, 0, "rotate"),
        (7, 5000, "rotate"),
        (6, 3, "repeat"),
        (6, 10, "repeat"),
        (6, 11, "reused"),
        (6, -1, "reused"),
        (5, 0, "reused"),
        (0, 0, "reused"),
        (8, 0, "unknown"),
    ],
)
def test_refresh_is_decided_by_generation_and_time(generation: int, after_s: int, decision: str) -> None:
    session = Session(
        id="s", user="li", started=T0, used=T0, ends=T0 + 1, generation=7, rotated=T0, address="", device=""
    )
    assert refresh_decision(session, generation, T0 + after_s * SECOND, 10 * SECOND) == decision
