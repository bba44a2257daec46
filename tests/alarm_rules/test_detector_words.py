"""Every kind of detector and every parameter is described in Chinese, and nothing else is."""

import importlib
import math
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from alarm_rules.detector_params import detector_names, make_params, parameters_of
from alarm_rules.detector_words import chinese_kind, chinese_kinds, chinese_parameter, shared_parameters
from alarm_rules.findings import Wrong
from detectors.catalogue import kinds

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d[\d,.]*\d|\d")


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


@pytest.mark.parametrize("name", detector_names())
def test_figures_and_sources_in_chinese_are_those_of_the_english(name):
    english = importlib.import_module(f"detectors.kinds.{name}").__doc__
    evidence = chinese_kind(name).evidence
    known = set(NUMBER.findall(english))
    assert [each for each in evidence if not (is_chinese(each) and each.endswith("。"))] == []
    assert any(each.startswith("出处：") for each in evidence)
    assert [number for each in evidence for number in NUMBER.findall(each) if number not in known] == []


def test_shared_words_stand_for_one_meaning_only():
    for name in shared_parameters():
        english = {
            parameters_of(kind)[name].doc
            for kind in detector_names()
            if name in parameters_of(kind) and name not in chinese_kind(kind).parameters
        }
        assert len(english) == 1, (name, english)


@pytest.mark.parametrize(
    ("detector", "given", "chinese", "english"),
    [
        ("limit", {"side": "H", "setpoint": math.nan}, "请给有限的数", "give a finite number"),
        ("stale", {"period_s": 10.0, "factor": 0.5}, "factor=0.5 应大于 1", "factor=0.5 must be above 1"),
        (
            "rate_of_change",
            {"rate": 1.0, "deadband": 2.0, "direction": "rising"},
            "不小于 0，小于 1",
            "0 or above, below 1",
        ),
        ("off_normal", {"trip": (1.0,), "normal": (1.0,)}, "请从一个列表中删去", "take it out of one list"),
        (
            "rate_of_change",
            {"rate": -1.0, "direction": "rising"},
            "rate=-1.0 应大于 0",
            "rate=-1.0 must be above 0",
        ),
    ],
)
def test_parameters_that_a_kind_refuses_are_told_in_both_languages(detector, given, chinese, english):
    with pytest.raises(Wrong) as refused:
        make_params(detector, given, SimpleNamespace(range_low=0.0, range_high=10.0, period_s=10.0))
    told, right = refused.value.wrong, refused.value.right
    assert chinese in f"{told.chinese}：{right.chinese}"
    assert english in f"{told.english}: {right.english}"
    assert is_chinese(right.chinese)
    assert not is_chinese(told.english + right.english)


def test_every_refusal_of_parameters_has_its_chinese():
    files = [ROOT / "detectors/parameters.py", *(ROOT / "detectors/kinds").glob("*.py")]
    assert len(files) > 10
    assert [file.name for file in files if "raise ValueError" in file.read_text()] == []
