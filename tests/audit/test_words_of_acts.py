"""Every act that the service writes into its audit has words on the screen, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "dashboard" / "src" / "desks" / "administration" / "audit" / "words.ts"
ACT = re.compile(r"[a-z][a-z_]*(?:[.-][a-z_-]+)?")
WRITING = {"audit": 1, "_audit": 2, "_note": 2}
"""Who writes a row, and which of its arguments is the act."""


def acts_of(source: str) -> Iterator[str]:
    """Acts that a file names where it writes them; those that it puts together are not found."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = WRITING.get(name)
        if place is None or len(node.args) <= place:
            continue
        given = node.args[place]
        for each in [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]:
            if isinstance(each, ast.Constant) and ACT.fullmatch(str(each.value)):
                yield str(each.value)


def test_every_act_has_words_in_both_languages() -> None:
    acts = {act for path in (ROOT / "api").rglob("*.py") for act in acts_of(path.read_text())}
    assert {"limit.test", "session.login", "target.change", "acknowledge"} <= acts
    words = WORDS.read_text()
    told = {act: len(re.findall(rf'^\s+"?{re.escape(act)}"?: ', words, re.MULTILINE)) for act in acts}
    assert {act for act, languages in told.items() if languages < 2} == set()
