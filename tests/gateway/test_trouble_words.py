"""What the gateway tells of itself is readable in either language."""

import asyncio
from types import SimpleNamespace

import pytest

from alarm_rules.wording import SEPARATOR, Both
from gateway.budget import judge
from gateway.differences import Episodes, differences
from gateway.messages import offline
from gateway.troubles import FAILED, Troubles, clock_set_back, points_ahead, quarantined


def is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def halves_of(text: str | None) -> tuple[str, str]:
    chinese, separator, english = (text or "").partition(SEPARATOR)
    assert separator, text
    assert is_chinese(chinese)
    assert not is_chinese(english)
    return chinese, english


@pytest.mark.parametrize("when_full", ["keep_judging", "push_back"])
def test_budget_tells_numbers_and_meaning_in_both_languages(when_full) -> None:
    state = judge(120 << 20, 100 << 20, False, when_full)
    for text in (state.nearing, state.full):
        chinese, english = halves_of(text)
        assert "120 MiB，限额 100 MiB：" in chinese
        assert "the journal uses 120 of 100 MiB: " in english


def test_own_conditions_are_told_in_both_languages() -> None:
    assert halves_of(quarantined(2))[1] == "2 messages were put into quarantine since the start"
    assert halves_of(points_ahead(2, ["e/A", "e/B"])) == ("2 个测点：e/A, e/B", "2 points, e/A, e/B")
    assert points_ahead(0, []) is None
    assert "30" in halves_of(clock_set_back(30.2))[0]


def test_rules_that_are_gone_are_told_in_both_languages() -> None:
    told, found = Episodes({("e/R", "e/P"): 1}, frozenset()), Episodes({}, frozenset())
    for rules in (frozenset(), frozenset({"e/R"})):
        (change,) = differences(told, found, rules, 5)
        halves_of(change.text)


@pytest.mark.parametrize("kind", FAILED)
async def test_words_of_others_are_quoted_within_the_chinese(kind) -> None:
    reported = []
    pipeline = SimpleNamespace(report=lambda *events: reported.extend(events))
    troubles = Troubles(pipeline, ["E001"], "gateway")
    troubles.tell(kind, "connection was refused")
    troubles.tell("quarantine", Both("有 1 条", "there is 1").stored)
    await asyncio.sleep(0)
    assert halves_of(reported[0].text) == (
        f"{FAILED[kind]}：“connection was refused”",
        "connection was refused",
    )
    assert reported[1].text == "有 1 条 ‖ there is 1"
    assert offline("E001", "g", False).text == ""
