"""The answering page as HTML: works on any phone, without a script; every text of others is escaped."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple, cast

from api.alarms.model import StateName
from api.alarms.naming import duration
from api.answering.decide import MAX_COMMENT
from api.answering.model import Answer, Choice, Shown
from api.answering.service import View
from api.answering.trend import HEIGHT, WIDTH
from api.answering.words import (
    CHOICE_WORDS,
    PRIORITY_WORDS,
    RESTING,
    SAID,
    STATE_WORDS,
    STATUSES,
    Language,
    pick,
    word,
)
from api.bilingual import in_language
from api.notify.texts import SHANGHAI as _ZONE
from api.notify.texts import local_time

STYLE_PATH = "/answer.css"
MINUTE_NS = 60 * 10**9


class Newest(NamedTuple):
    """The newest reading of the point that a page is about."""

    text: str
    """Value and unit; empty when there is none to trust."""
    age_s: float | None
    """None: nothing was heard of the point since the service started."""
    trend: str
    """Address of the picture of its trend."""


def page_of(view: View, language: Language, refused: str = "", newest: Newest | None = None) -> str:
    """The page of a link as it stands now; `refused` is why an answer was not taken."""
    shown = view.shown
    title = f"{_status(view, language)} · {_what(shown, language)}"
    return _document(language, title, _body(view, language, refused, newest), shown.priority.name)


def notice_page(name: str, language: Language) -> str:
    """A page without a subject: unknown link, too many requests, cannot be stored."""
    heading, more = word(name, language), word(f"{name}_more", language)
    return _document(language, heading, [f"<h1>{escape(heading)}</h1>", f"<p>{escape(more)}</p>"], "")


def _document(language: Language, title: str, body: "list[str] | Iterator[str]", priority: str) -> str:
    other = "en" if language == "zh" else "zh"
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{word("lang", language)}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex, nofollow, noarchive">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(title)}</title>",
            f'<link rel="stylesheet" href="{STYLE_PATH}">',
            "</head>",
            f'<body class="{escape(priority)}">',
            f'<nav><a href="?lang={other}" lang="{other}">{word("switch", language)}</a></nav>',
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _body(view: View, language: Language, refused: str, newest: Newest | None) -> Iterator[str]:
    shown = view.shown
    priority = pick(PRIORITY_WORDS[shown.priority.name], language)
    yield f'<p class="kind"><b>{priority}</b> {word(view.link.kind, language)}</p>'
    yield f"<h1>{escape(_what(shown, language))}</h1>"
    yield f'<p class="where">{escape(in_language(shown.where, language))}</p>'
    at_onset = word("at_onset", language) if newest else ""
    value = escape(in_language(shown.value, language))
    yield f'<p class="value">{at_onset} <b>{value}</b> {_ago(view, language)}</p>'
    if newest:
        yield f'<p class="value">{_now(newest, language)}</p>'
    if refused:
        yield f'<p class="refused" role="alert">{escape(refused)}</p>'
    yield from _standing(view, language)
    if view.offer.choices:
        yield from _form(view, language)
    else:
        yield from _response(shown, language)
    yield "<dl>"
    for name, value in _facts(view, language):
        yield f"<dt>{word(name, language)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    if newest:
        yield from _trend(newest, language)


def _now(newest: Newest, language: Language) -> str:
    """A reading that cannot be trusted shows no number as if it were true."""
    name = word("value_now", language)
    if newest.age_s is None:
        return f"{name} <b>—</b> {word('value_unknown', language)}"
    ago = word("read_ago", language).format(f"{max(0.0, newest.age_s):.0f}")
    if not newest.text:
        return f"{name} <b>—</b> {word('value_bad', language)} · {ago}"
    return f"{name} <b>{escape(newest.text)}</b> {ago}"


def _trend(newest: Newest, language: Language) -> Iterator[str]:
    """Loaded after the page: the history may be slow or away, and the button must not wait for it."""
    yield f'<h2 class="trend">{word("trend", language)}</h2>'
    yield "<picture>"
    address = escape(newest.trend)
    yield f'<source media="(prefers-color-scheme: dark)" srcset="{address}?theme=dark&amp;lang={language}">'
    size = f'width="{WIDTH}" height="{HEIGHT}" loading="lazy"'
    yield f'<img src="{address}?lang={language}" {size} alt="{word("trend", language)}">'
    yield "</picture>"


def _standing(view: View, language: Language) -> Iterator[str]:
    """How it stands: open, taken by whom, answered how, over."""
    status, shown = view.offer.status, view.shown
    yield f'<section class="standing {status}">'
    yield f"<h2>{_status(view, language)}</h2>"
    for answer in view.answers:
        yield f"<p>{word('you_said', language)}：{escape(_said(view, answer, language))}</p>"
    if shown.taken_by and not (view.answers and view.answers[-1].choice == "acknowledge"):
        when = f" · {local_time(shown.taken_at, _ZONE)}" if shown.taken_at is not None else ""
        yield f"<p>{word('by', language)}：{escape(shown.taken_by)}{when}</p>"
    if status == "open":
        yield f"<p>{word(_advice(view), language)}</p>"
    yield "</section>"


def _status(view: View, language: Language) -> str:
    """One state, not two: an alarm that was put aside does not wait for an answer."""
    if view.offer.status == "open" and view.shown.state in RESTING:
        return _state(view.shown, language)
    return pick(STATUSES[view.offer.status], language)


def _advice(view: View) -> str:
    """The name of the sentence that tells whether an answer is wanted now."""
    if view.shown.state in RESTING:
        return "rests"
    return "goes_on" if view.answers else "is_open"


def _response(shown: Shown, language: Language) -> Iterator[str]:
    """What to do, and how soon: right below the button, which stays in sight on a small phone."""
    text = _written(shown.response, shown.response_en, language)
    within = _within(shown, language)
    if text or within:
        limit = f'<span class="within">{word("within", language)} {escape(within)}</span>' if within else ""
        yield '<section class="response">'
        yield f"<h2>{word('response', language)} {limit}</h2>"
        yield f"<p>{escape(text)}</p>"
        yield "</section>"


def _form(view: View, language: Language) -> Iterator[str]:
    choices = view.offer.choices
    yield '<form method="post" autocomplete="off">'
    yield f'<input type="hidden" name="nonce" value="{escape(view.link.nonce)}">'
    yield f'<input type="hidden" name="lang" value="{language}">'
    if "acknowledge" in choices:
        yield _button("acknowledge", language)
    yield from _response(view.shown, language)
    yield f'<label for="comment">{word("comment", language)}</label>'
    yield f'<textarea id="comment" name="comment" rows="2" maxlength="{MAX_COMMENT}"></textarea>'
    if rest := [choice for choice in choices if choice != "acknowledge"]:
        yield f"<details{'' if 'acknowledge' in choices else ' open'}>"
        yield f"<summary>{word('others', language)}</summary>"
        if "cannot_come" in rest:
            yield _button("cannot_come", language)
        if "hand_over" in rest:
            yield from _colleagues(view, language)
            yield _button("hand_over", language)
        yield "</details>"
    yield "</form>"


def _colleagues(view: View, language: Language) -> Iterator[str]:
    yield f'<label for="colleague">{word("colleague", language)}</label>'
    yield '<select id="colleague" name="colleague">'
    yield f'<option value="">{word("choose", language)}</option>'
    for receiver, name in view.colleagues.items():
        yield f'<option value="{escape(receiver)}">{escape(name)}</option>'
    yield "</select>"


def _button(choice: Choice, language: Language) -> str:
    words = pick(CHOICE_WORDS[choice], language)
    return f'<button name="choice" value="{choice}" class="{choice}">{words}</button>'


def _facts(view: View, language: Language) -> Iterator[tuple[str, str]]:
    shown = view.shown
    facts = (
        ("since", local_time(shown.since, _ZONE)),
        ("state", _state(shown, language)),
        ("consequence", _written(shown.consequence, shown.consequence_en, language)),
        ("for", view.person),
    )
    return ((name, value) for name, value in facts if value)


def _what(shown: Shown, language: Language) -> str:
    return _written(shown.what, shown.what_en, language)


def _written(chinese: str, english: str, language: Language) -> str:
    """In the reader's language; in the other one where nobody wrote it in this."""
    return pick((chinese or english, english or chinese), language)


def _state(shown: Shown, language: Language) -> str:
    return pick(STATE_WORDS[cast(StateName, shown.state)], language) if shown.state else ""


def _ago(view: View, language: Language) -> str:
    """How long ago it began, to the minute below."""
    minutes = max(0, view.now - view.shown.since) // MINUTE_NS
    hours, rest = divmod(minutes, 60)
    hour, minute = word("hours", language), word("minutes", language)
    long = f"{hours} {hour} {rest} {minute}" if hours else f"{rest} {minute}"
    return word("began", language).format(long)


def _within(shown: Shown, language: Language) -> str:
    if shown.within_s is None:
        return ""
    return in_language(duration(shown.within_s), language)


def _said(view: View, answer: Answer, language: Language) -> str:
    words = pick(SAID[answer.choice], language)
    if answer.colleague:
        words += f" → {view.colleagues.get(answer.colleague, answer.colleague)}"
    return f"{words} · {local_time(answer.time, _ZONE)}"
