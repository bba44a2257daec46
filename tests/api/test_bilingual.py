"""Texts in both languages: made once, read by each in his own."""

import pytest

from api.bilingual import SIGN, all_in_language, asked_language, both, halves, in_language, joined, sent


def test_each_reader_gets_his_half() -> None:
    text = both("没有此报警。", "There is no such alarm.")
    assert in_language(text, "zh") == "没有此报警。"
    assert in_language(text, "en") == "There is no such alarm."
    assert in_language(text, None) == text


@pytest.mark.parametrize("text", ["", "张伟", "valve V3 was shut", "旧文本 old text"])
def test_a_text_without_halves_is_shown_as_it_is(text: str) -> None:
    assert halves(text) == (text, text)
    assert in_language(text, "zh") == in_language(text, "en") == text


def test_a_separator_in_a_name_does_not_split_the_text() -> None:
    name = f"甲 {SIGN} A"
    text = both(f"{name} 已确认。", f"{name} acknowledged it.")
    assert text.count(SIGN) == 1
    assert in_language(text, "en") == "甲 | A acknowledged it."


def test_equal_halves_stand_once() -> None:
    assert both("TK101.LT01", "TK101.LT01") == "TK101.LT01"


def test_several_grounds_are_one_sentence_in_each_language() -> None:
    text = joined([both("气体二级报警", "second-level gas alarm"), "TK101", both("离线", "offline")])
    assert halves(text) == ("气体二级报警；TK101；离线", "second-level gas alarm; TK101; offline")


def test_a_body_is_in_one_language_at_every_depth() -> None:
    body = {"detail": both("无", "none"), "errors": [{"wrong": both("太短", "too short")}], "status": 409}
    assert all_in_language(body, "en") == {
        "detail": "none",
        "errors": [{"wrong": "too short"}],
        "status": 409,
    }
    assert all_in_language(body, None) == body


def test_what_is_sent_has_no_separator() -> None:
    text = both("储罐液位高", "tank level high")
    assert sent(text) == "储罐液位高 tank level high"
    assert sent(text, "\n") == "储罐液位高\ntank level high"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("", None),
        ("*", None),
        ("de-DE, fr;q=0.8", None),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de, en-GB;q=0.7", "en"),
        ("zh;q=0.2, en;q=0.9", "en"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en;q=loud", None),
    ],
)
def test_language_asked_for(header: str | None, language: str | None) -> None:
    assert asked_language(header) == language
