"""Texts that the service makes for people: Chinese and English in one stored string.

    both("没有此报警。", "There is no such alarm.")   →  "没有此报警。 ‖ There is no such alarm."

Whoever shows a text takes the reader's half with `in_language`; a text without the separator (what a person
entered, or what was stored before there were two halves) is shown as it is. So a text is made once, is kept
as a plain string, and each reader gets it in one language. What goes out over a channel has no separator:
see `sent`.
"""

from collections.abc import Iterable
from typing import Any, Literal

from alarm_rules.wording import SEPARATOR, Both
from alarm_rules.wording import SIGN as SIGN
from alarm_rules.wording import halves as halves

Language = Literal["zh", "en"]


def both(chinese: str, english: str) -> str:
    """One text in both languages. Names, numbers and other data stand in each half.

    The parts are each in one language: of a text that has two halves itself take them with `halves`.
    """
    return Both(chinese, english).stored


def joined(texts: Iterable[str], chinese: str = "；", english: str = "; ") -> str:
    """Several such texts as one, each language by itself, with these signs between them."""
    pairs = [halves(text) for text in texts]
    return both(chinese.join(pair[0] for pair in pairs), english.join(pair[1] for pair in pairs))


def in_language(text: str, language: Language | None) -> str:
    """The reader's half; the whole text where the language is not known."""
    if language is None:
        return text
    return halves(text)[0 if language == "zh" else 1]


def all_in_language(value: Any, language: Language | None) -> Any:
    """A JSON value with every text in it in this language."""
    if isinstance(value, str):
        return in_language(value, language)
    if isinstance(value, dict):
        return {key: all_in_language(member, language) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [all_in_language(member, language) for member in value]
    return value


def sent(text: str, between: str = " ") -> str:
    """For a channel whose reader's language is not known: Chinese first, English after it, no separator."""
    return text.replace(SEPARATOR, between)


def asked_language(header: str | None) -> Language | None:
    """The language of an Accept-Language header (RFC 9110, 12.5.4); None if it asks for neither."""
    weights: dict[Language, float] = {"zh": 0.0, "en": 0.0}
    for choice in (header or "").split(","):
        name, _, parameter = choice.strip().partition(";")
        weight = _weight(parameter)
        match name.strip().lower().partition("-")[0]:
            case "zh":
                weights["zh"] = max(weight, weights["zh"])
            case "en":
                weights["en"] = max(weight, weights["en"])
    if not any(weights.values()):
        return None
    return "zh" if weights["zh"] >= weights["en"] else "en"


def _weight(parameter: str) -> float:
    """The q of a choice; 1 where it is missing, 0 where it is no number."""
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
