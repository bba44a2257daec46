"""The key ring: made at first start, refused when it is not to be trusted, changed in time."""

import base64
import json
import stat
from pathlib import Path

import pytest

from api.auth.signing_keys import DAY_NS, SigningKeysRefused, open_ring, secret_fault
from api.auth.tokens import access_token, session_of

T0 = 1_750_000_000_000_000_000
EXAMPLE = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
"""The private key of RFC 8037, appendix A, and RFC 8032, test 1."""


def test_first_start_makes_keys_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "signing-keys.json"
    ring = open_ring(file, T0)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert open_ring(file, T0).current == ring.current
    assert open_ring(tmp_path / "other.json", T0).current != ring.current


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o606])
def test_keys_that_others_may_read_or_write_are_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys.json"
    open_ring(file, T0)
    file.chmod(mode)
    with pytest.raises(SigningKeysRefused, match="others may read or write it"):
        open_ring(file, T0)


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        (EXAMPLE, "published"),
        (base64.b64encode(bytes(32)).decode(), "not drawn at random"),
        (base64.b64encode(b"correct horse battery staple 123").decode(), "not drawn at random"),
        (base64.b64encode(bytes(range(32))).decode(), "published"),
        (base64.b64encode(b"short").decode(), "5 bytes"),
        ("no base64!", "not base64"),
    ],
)
def test_weak_or_known_key_is_refused(tmp_path: Path, secret: str, why: str) -> None:
    file = tmp_path / "keys.json"
    open_ring(file, T0)
    for place in ("vault", "key"):
        content = json.loads(file.read_text())
        if place == "vault":
            content["vault"] = secret
        else:
            content["keys"][0]["private"] = secret
        weak = tmp_path / f"{place}.json"
        weak.touch(mode=0o600)
        weak.write_text(json.dumps(content))
        with pytest.raises(SigningKeysRefused, match=why):
            open_ring(weak, T0)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"vault": "x", "keys": [], "more": 1}'])
def test_file_that_is_no_key_file_is_refused_with_the_remedy(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(SigningKeysRefused, match="delete it"):
        open_ring(file, T0)


def test_generated_secrets_are_good_ones(tmp_path: Path) -> None:
    for number in range(50):
        file = tmp_path / f"{number}.json"
        open_ring(file, T0)
        content = json.loads(file.read_text())
        assert secret_fault(content["vault"]) is None


def test_rotation_keeps_tokens_of_the_old_key_until_they_are_over(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    ring = open_ring(file, T0)
    old = ring.current
    assert not ring.rotate_if_due(90, 2, T0 + 89 * DAY_NS)
    now = T0 + 91 * DAY_NS
    token = access_token(ring, "s1", "li", 15, now)
    assert ring.rotate_if_due(90, 2, now)
    assert ring.ids == (old, ring.current)
    assert session_of(ring, token, now) == "s1"
    assert session_of(open_ring(file, now), token, now) == "s1"
    assert ring.rotate_if_due(90, 2, now + 3 * DAY_NS)
    assert ring.ids == (ring.current,)
    assert session_of(ring, token, now) is None


def test_what_is_locked_away_opens_for_its_owner_alone(tmp_path: Path) -> None:
    ring = open_ring(tmp_path / "keys.json", T0)
    kept = ring.lock_away("SECRET", "li")
    assert "SECRET" not in kept
    assert ring.unlock(kept, "li") == "SECRET"
    for wrong in (
        lambda: ring.unlock(kept, "wang"),
        lambda: open_ring(tmp_path / "b", T0).unlock(kept, "li"),
    ):
        with pytest.raises(SigningKeysRefused, match="another key"):
            wrong()
