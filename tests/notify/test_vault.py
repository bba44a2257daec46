"""Addresses at rest: sealed, bound to their place, and opened by their key only."""

import stat
from pathlib import Path

import pytest

from api.notify.vault import SealBroken, VaultRefused, open_vault, place


def test_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "notify.key"
    sealed = open_vault(file).seal("a", "13800000000")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert open_vault(file).open("a", sealed) == "13800000000"
    assert "13800000000" not in sealed


def test_value_copied_to_another_target_does_not_open(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "key")
    sealed = vault.seal(place("li.wei", 1, "address"), "13800000000")
    with pytest.raises(SealBroken, match="another target"):
        vault.open(place("wang.fang", 1, "address"), sealed)


def test_other_key_or_tampered_value_says_what_to_do(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path / "one").seal("a", "x")
    for vault, value in ((open_vault(tmp_path / "two"), sealed), (open_vault(tmp_path / "one"), sealed[:-4])):
        with pytest.raises(SealBroken, match="restore the key file"):
            vault.open("a", value)


def test_new_key_before_the_old_one_opens_both(tmp_path: Path) -> None:
    file = tmp_path / "key"
    old = open_vault(file)
    sealed, mark = old.seal("a", "x"), old.mark("x")
    other = tmp_path / "other"
    open_vault(other)
    file.write_bytes(other.read_bytes() + file.read_bytes())
    both = open_vault(file)
    assert both.open("a", sealed) == "x"
    assert both.mark("x") == mark
    with pytest.raises(SealBroken):
        old.open("a", both.seal("a", "x"))


@pytest.mark.parametrize("content", ["", "short", "not base64 at all !!!"])
def test_damaged_key_file_is_named(tmp_path: Path, content) -> None:
    file = tmp_path / "key"
    file.write_text(content)
    with pytest.raises(VaultRefused, match="holds no usable key"):
        open_vault(file)


def test_equal_addresses_have_equal_marks_that_tell_nothing(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "key")
    assert vault.mark("sms\n138") == vault.mark("sms\n138") != vault.mark("sms\n139")
    assert "138" not in vault.mark("sms\n138")
