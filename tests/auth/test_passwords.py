"""Passwords: what is accepted, how they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth.passwords import COMMON, Passwords, one_time_password, password_faults

QUICK = Passwords(rounds=1, memory_kib=64, lanes=1)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "PASSWORD1234",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "1234567890123",
        "abcdefghijklmnop",
        "987654321098",
        "我是张伟我是张伟我很好啊",
        "zhangwei-is-my-name!",
        "x" * 257,
    ],
)
def test_password_that_is_short_common_or_holds_the_name_is_refused(password: str) -> None:
    assert password_faults(password, "张伟" if "张伟" in password else "ZhangWei")


@pytest.mark.parametrize("password", ["purple otter drums", "储罐区今晚风很大要下雨了", "kx93hfw02mmz"])
def test_long_password_without_digits_or_signs_is_accepted(password: str) -> None:
    assert password_faults(password, "张伟") == ()


def test_every_listed_password_is_refused_and_would_have_been_long_enough() -> None:
    assert len(COMMON) > 150
    for password in COMMON:
        assert len(password) >= 12, password
        assert password_faults(password, "张伟"), password


def test_password_is_the_same_however_its_characters_are_composed() -> None:
    kept = QUICK.hash("caf\u00e9 au lait d'or")
    assert QUICK.verify("cafe\u0301 au lait d'or", kept)


def test_kept_password_is_argon2id_and_differs_each_time() -> None:
    one, other = Passwords().hash("purple otter drums"), QUICK.hash("purple otter drums")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert QUICK.hash("purple otter drums") != other
    assert "otter" not in one + other


def test_nobodys_password_is_never_right_and_a_damaged_hash_neither() -> None:
    assert not QUICK.verify("anything at all", None)
    assert not QUICK.verify("anything at all", "$argon2id$broken")


def test_password_kept_with_weaker_parameters_is_outdated() -> None:
    kept = QUICK.hash("purple otter drums")
    assert not QUICK.is_outdated(kept)
    assert Passwords(rounds=2, memory_kib=64, lanes=1).is_outdated(kept)


@given(st.text(min_size=1, max_size=40))
def test_only_the_same_password_is_right(password: str) -> None:
    kept = QUICK.hash(password)
    assert QUICK.verify(password, kept)
    assert not QUICK.verify(password + "x", kept)


def test_one_time_passwords_are_acceptable_and_never_repeat() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(password_faults(password, "张伟") == () for password in made)
