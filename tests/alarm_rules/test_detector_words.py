"""Every kind of detector and every parameter is described in Chinese, and nothing else is."""

import pytest

from alarm_rules.detector_params import detector_names, parameters_of
from alarm_rules.detector_words import chinese_kind, chinese_kinds, chinese_parameter, shared_parameters
from detectors.catalogue import kinds


def is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def test_kinds_in_chinese_are_those_that_there_are():
    assert set(chinese_kinds()) == set(detector_names())


@pytest.mark.parametrize("name", detector_names())
def test_kind_says_in_chinese_what_it_finds_how_it_judges_and_what_its_parameters_mean(name):
    words = chinese_kind(name)
    assert is_chinese(words.meaning)
    assert len(words.paragraphs) >= 2
    for paragraph in words.paragraphs:
        assert is_chinese(paragraph)
        assert paragraph.endswith("。")
    assert is_chinese(words.figure) == bool(kinds()[name].figure)
    lacking = [each for each in parameters_of(name) if not is_chinese(chinese_parameter(name, each))]
    assert lacking == []
    assert set(words.parameters) <= set(parameters_of(name))


def test_shared_words_stand_for_one_meaning_only():
    for name in shared_parameters():
        english = {
            parameters_of(kind)[name].doc
            for kind in detector_names()
            if name in parameters_of(kind) and name not in chinese_kind(kind).parameters
        }
        assert len(english) == 1, (name, english)
