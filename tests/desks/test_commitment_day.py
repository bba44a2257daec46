"""The daily safety commitment: its hour, its versions, and what it has to say."""

from datetime import date

import msgspec
import pytest

from api.desks.commitment_day import (
    Commitment,
    CommitmentContent,
    in_time,
    next_deadline,
    next_version,
)
from api.desks.errors import StepRefused, WrongEntry
from api.desks.policy import load_policy
from tests.desks.times import SHANGHAI, local

POLICY = load_policy().commitments
CONTENT = CommitmentContent(
    units_running=3, units_stopped=1, operations={"hot_work": 2}, statement="今日安全承诺", signed_by="陈总"
)


def entry(day: str = "2026-06-21", at: int = local(21, 8), **more) -> Commitment:
    fields = {
        "id": "c",
        "enterprise": "acme",
        "day": day,
        "version": 0,
        "recorded_at": at,
        "recorded_by": "赵敏",
        "content": CONTENT,
    }
    return Commitment(**(fields | more))


def test_before_ten_is_in_time_and_ten_is_late() -> None:
    day = date(2026, 6, 21)
    assert in_time(local(21, 10) - 1, day, POLICY, SHANGHAI)
    assert not in_time(local(21, 10), day, POLICY, SHANGHAI)


def test_next_deadline_is_today_before_ten_and_tomorrow_after() -> None:
    assert next_deadline(local(21, 9, 59), POLICY, SHANGHAI) == (date(2026, 6, 21), local(21, 10))
    assert next_deadline(local(21, 10), POLICY, SHANGHAI) == (date(2026, 6, 22), local(22, 10))


def test_first_commitment_is_version_one_and_a_correction_the_next() -> None:
    first = next_version(None, entry(), POLICY, SHANGHAI)
    second = next_version(first, entry(at=local(21, 9), correction="新增动火"), POLICY, SHANGHAI)
    assert (first.version, second.version) == (1, 2)


def test_correction_without_a_reason_is_refused() -> None:
    first = next_version(None, entry(), POLICY, SHANGHAI)
    with pytest.raises(StepRefused, match="理由"):
        next_version(first, entry(), POLICY, SHANGHAI)


@pytest.mark.parametrize("day", ["2026-06-23", "2026-6-21", "2026-02-30", "20260621", ""])
def test_day_that_cannot_be_is_refused(day: str) -> None:
    with pytest.raises(WrongEntry):
        next_version(None, entry(day), POLICY, SHANGHAI)


def test_missing_commitment_can_be_recorded_for_some_days() -> None:
    assert next_version(None, entry("2026-06-14"), POLICY, SHANGHAI).version == 1
    with pytest.raises(StepRefused, match="7"):
        next_version(None, entry("2026-06-13"), POLICY, SHANGHAI)


@pytest.mark.parametrize(
    "wrong",
    [{"units_running": -1}, {"statement": " "}, {"signed_by": ""}, {"operations": {"hot_work": 0}}],
)
def test_content_that_says_nothing_is_refused(wrong: dict) -> None:
    with pytest.raises(WrongEntry):
        next_version(None, entry(content=msgspec.structs.replace(CONTENT, **wrong)), POLICY, SHANGHAI)
