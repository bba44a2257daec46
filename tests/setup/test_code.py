"""The one-time code: who has it may set up, who guesses waits, and afterwards it opens nothing."""

import stat
from pathlib import Path

import pytest

from api.setup.code import SetupCode
from api.setup.errors import CodeRequired, CodeThrottled, SetUpOver

SECOND_NS = 1_000_000_000


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_700_000_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def code(tmp_path: Path, clock: Clock) -> SetupCode:
    return SetupCode(tmp_path / "data", clock)


def test_code_is_for_its_owner_alone_and_stays_the_same(code: SetupCode) -> None:
    text = code.ensure()
    assert len(text) == 23
    assert stat.S_IMODE(code.file.stat().st_mode) == 0o600
    assert code.ensure() == text


def test_codes_of_two_folders_differ(tmp_path: Path, clock: Clock) -> None:
    one, other = (SetupCode(tmp_path / name, clock).ensure() for name in ("a", "b"))
    assert one != other


def test_right_code_is_taken_in_capitals_and_with_spaces_around(code: SetupCode) -> None:
    code.check(f" {code.ensure().upper()} ", "10.0.0.1")


@pytest.mark.parametrize("given", ["", "wrong", "x" * 10_000])
def test_wrong_code_is_refused(code: SetupCode, given: str) -> None:
    text = code.ensure()
    with pytest.raises(CodeRequired) as refused:
        code.check(given, "10.0.0.1")
    assert text not in refused.value.detail


def test_guessing_is_slowed_down_and_the_right_code_then_has_to_wait_too(
    code: SetupCode, clock: Clock
) -> None:
    text = code.ensure()
    for _ in range(6):
        with pytest.raises(CodeRequired):
            code.check("guess", "10.0.0.1")
    with pytest.raises(CodeThrottled) as throttled:
        code.check(text, "10.0.0.1")
    clock.now += int(throttled.value.more["retry_after_s"] * SECOND_NS) + 1
    code.check(text, "10.0.0.1")


def test_asking_without_a_code_costs_the_owner_nothing(code: SetupCode) -> None:
    text = code.ensure()
    for _ in range(50):
        with pytest.raises(CodeRequired):
            code.check("", "10.0.0.1")
    code.check(text, "10.0.0.1")


def test_finished_set_up_is_open_to_nobody(code: SetupCode) -> None:
    text = code.ensure()
    code.forget()
    assert not code.is_open
    with pytest.raises(SetUpOver):
        code.check(text, "10.0.0.1")
