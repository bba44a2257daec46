"""Every text that the service makes is readable in one language alone: no string mixes Chinese and English.

What people read is made by `both(chinese, english)`; a string with both languages in it elsewhere is a slip.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("api", "gateway", "hazardwatch")
HAN = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{4,}")
CODE = re.compile(
    r"`[^`]*`"  # quoted code
    r"|\{[^{}]*\}"  # a place for a value
    r"|\b(?:GET|POST|PUT|PATCH|DELETE) /\S+"  # a route
    r"|/[\w/{}-]+"  # a path
    r"|(?:\b\w+)?[._]\w[\w.]*"  # a file, a setting, a key
    r"|\b[A-Z]{2,}[\w-]*"  # MQTT, YYYY-MM-DD
)
NAMES = frozenset(
    {"Apprise", "Cookie", "Excel", "Webhook", "hazardwatch", "bytes", "enterprises", "defaults"}
)
"""Products, units as screens show them, keys of files: the same in both languages."""
IN_BOTH = frozenset({"both", "Both"})
"""Who is given the Chinese and the English of a text, in this order."""
FOR_PROGRAMMERS = frozenset({"description", "help", "examples", "pattern"})
"""Keywords of texts for the interface's documentation: English, with the field's words beside."""
ELSEWHERE = {
    "hazardwatch/screenshots/album.py": "the heading of a table in the documentation",
    "api/register/exporting.py": "a comment in a file that is written for the administrator",
    "api/setup/site_draft.py": "a comment in a file that is written for the administrator",
    "api/rotas/calendar_export.py": "a calendar is read by people of either language: both stand in it",
}


def mixed(text: str) -> bool:
    """Does it hold Chinese, and English words that are no names?"""
    words = LATIN_WORD.findall(CODE.sub(" ", text))
    return bool(HAN.search(text)) and any(word not in NAMES for word in words)


def texts_of(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, text and where it stands: `plain`, or `zh` or `en` as a part of `both`."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return  # a docstring
    if isinstance(tree, ast.keyword) and tree.arg in FOR_PROGRAMMERS:
        return
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in IN_BOTH:
        for language, part in zip(("zh", "en"), tree.args, strict=False):
            yield from ((line, text, language) for line, text in _strings(part))
        return
    if isinstance(tree, ast.Constant | ast.JoinedStr):
        yield from ((line, text, "plain") for line, text in _strings(tree))
        return
    for child in ast.iter_child_nodes(tree):
        yield from texts_of(child)


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.JoinedStr):
        literal = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        yield node.lineno, "".join(str(part) for part in literal)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _strings(part.value)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.lineno, node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def faults_of(source: str) -> Iterator[str]:
    """The texts of a file that one of its readers cannot read."""
    for line, text, place in texts_of(ast.parse(source)):
        if place == "en" and HAN.search(text):
            yield f"{line}: Chinese in the English half: {text!r}"
        elif mixed(text):
            yield f"{line}: both languages in one text: {text!r}"


def files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


FOR_GATEWAYS = frozenset({"api/routes/intake.py", "api/intake.py"})
"""What a gateway alone is told stands in its log, which is English."""


def english_problems(source: str) -> Iterator[str]:
    """Problems whose detail is a sentence in English alone: whoever reads Chinese cannot read why."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            detail = node.args[2] if len(node.args) > 2 else None
            if isinstance(detail, ast.Constant | ast.JoinedStr):
                (_, text), *_ = _strings(detail)
                if len(LATIN_WORD.findall(CODE.sub(" ", text))) > 1:
                    yield f"{node.lineno}: {text!r}"


def test_no_problem_is_told_in_english_alone() -> None:
    faults = [
        f"{name}:{fault}"
        for path in files()
        if (name := path.relative_to(ROOT).as_posix()).startswith("api/") and name not in FOR_GATEWAYS
        for fault in english_problems(path.read_text())
    ]
    assert not faults, "make these with api.bilingual.both:\n" + "\n".join(faults)
    assert list(english_problems('raise Problem(404, "unknown", f"there is no alarm {one}")'))
    assert not list(english_problems('raise Problem(404, "unknown", both("没有报警", "there is no alarm"))'))


REFUSING = frozenset({"refuse", "_refused", "Refusal", "Quarantined", "RejectedSample", "ChangeRefused"})
"""Who is given the reason of a refusal that screens show."""


def english_refusals(source: str) -> Iterator[str]:
    """Reasons of the gateway and of the command that changes limits, in English alone."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in REFUSING:
            continue
        for given in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "reason")]:
            if isinstance(given, ast.Constant | ast.JoinedStr):
                for _, text in list(_strings(given))[:1]:
                    if len(LATIN_WORD.findall(CODE.sub(" ", text))) > 1:
                        yield f"{given.lineno}: {text!r}"


@pytest.mark.parametrize("folder", ["gateway", "hazardwatch"])
def test_no_refusal_is_told_in_english_alone(folder: str) -> None:
    faults = [
        f"{name}:{fault}"
        for path in files()
        if (name := path.relative_to(ROOT).as_posix()).startswith(f"{folder}/")
        for fault in english_refusals(path.read_text())
    ]
    assert not faults, "make these with alarm_rules.wording.Both:\n" + "\n".join(faults)
    assert list(english_refusals('out.refuse(f"value is {value}: give a number", tag)'))
    assert list(english_refusals('Quarantined(topic, device, payload, reason="it cannot be read")'))
    assert not list(english_refusals('raise ChangeRefused(both("没有改变", "nothing would change"))'))


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_text_mixes_the_languages(folder: str) -> None:
    faults = [
        f"{name}:{fault}"
        for path in files()
        if (name := path.relative_to(ROOT).as_posix()).startswith(f"{folder}/") and name not in ELSEWHERE
        for fault in faults_of(path.read_text())
    ]
    assert not faults, "make these with api.bilingual.both:\n" + "\n".join(faults)


def test_exceptions_are_needed() -> None:
    for name in ELSEWHERE:
        assert list(faults_of((ROOT / name).read_text())), f"{name} needs no exception any more"


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused("没有此报警。 There is no such alarm.")',
        'text = f"报警 {alarm} was acknowledged"',
        'text = both("报警 acknowledged", "acknowledged")',
        'text = both("没有此报警", f"there is no {kind} 报警")',
        'text = both("已确认", "acknowledged") + "已确认 acknowledged"',
    ],
)
def test_a_mixed_text_is_found(source: str) -> None:
    assert list(faults_of(source))


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused(both("没有此报警。", "There is no such alarm."))',
        'def show():\n    """报警 of an installation."""',
        'text = f"网关 {gateway.name_of_it} 已离线"',
        'text = both("请修改密码：POST /session/password", "Change it: POST /session/password")',
        'name = Field(description="Units (装置) that run.")',
        'name = "机器人 Webhook 地址"',
    ],
)
def test_a_text_in_one_language_passes(source: str) -> None:
    assert not list(faults_of(source))
