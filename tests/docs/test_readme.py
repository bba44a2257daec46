"""The two readmes and the pages around them: links, commands, and one story in both languages."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from hazardwatch.cli import app

ROOT = Path(__file__).parents[2]
README, MIRROR = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAGES = [README, MIRROR, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
_BLOCK = re.compile(r"```(\w*)\n(.*?)\n```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"\bhazardwatch((?: [a-z]+)+)(?P<rest>(?: --[a-z-]+[^\s`]*| [^\s`]+)*)")


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{page.name} links to {link}"


def _blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in _BLOCK.findall(page.read_text("utf-8")) if language in languages]


def test_both_languages_show_the_same_commands_and_files() -> None:
    assert _blocks(README, "bash") == _blocks(MIRROR, "bash")
    shells = [[re.sub(r" *#.*", "", text) for text in _blocks(page, "sh")] for page in (README, MIRROR)]
    assert shells[0] == shells[1]


def test_both_languages_have_the_same_sections_and_links() -> None:
    def shape(page: Path) -> tuple[list[int], list[str]]:
        text = _BLOCK.sub("", page.read_text("utf-8"))
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        links = sorted(link for link in _LINK.findall(text) if not link.startswith("README"))
        return levels, links

    assert shape(README) == shape(MIRROR)


def test_pictures_of_both_languages_have_the_same_arrows() -> None:
    def arrows(page: Path) -> list[str]:
        (picture,) = _blocks(page, "mermaid")
        return [re.sub(r"[\[({|].*?[\])}|]+|(?<=-- ).*?(?= -->)|(?<=-\. ).*?(?= \.->)", "", line).strip()
                for line in picture.splitlines()]  # fmt: skip

    assert arrows(README) == arrows(MIRROR)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_exist(page: Path) -> None:
    inline = re.findall(r"`(hazardwatch [^`]*)`", page.read_text("utf-8"))
    shown = "\n".join([*_blocks(page, "sh", "bash"), *inline])
    for match in _COMMAND.finditer(shown):
        words = match[1].split()
        commands = typer.main.get_command(app).commands
        assert words[0] in commands, f"{page.name} shows hazardwatch {words[0]}"
        command = commands[words[0]]
        if hasattr(command, "commands") and len(words) > 1:
            assert words[1] in command.commands, f"{page.name} shows hazardwatch {words[0]} {words[1]}"
            command = command.commands[words[1]]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        shown_options = set(re.findall(r"--[a-z-]+", match["rest"]))
        assert shown_options <= known, f"{page.name} shows {match[0]}"


def test_make_targets_that_the_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        text = page.read_text("utf-8")
        named = set(re.findall(r"`make ([a-z]+)`", text))
        named |= set(re.findall(r"^make ([a-z]+)", "\n".join(_blocks(page, "sh", "bash")), re.MULTILINE))
        assert named <= targets, f"{page.name} names a target that is not in the Makefile"


def test_contributing_fits_on_a_page() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").split()) < 450


def test_every_decision_has_its_three_parts_and_a_number_of_its_own() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for number, page in zip(numbers, decisions, strict=True):
        text = page.read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        assert [part in text for part in ("**Context.**", "**Decision.**", "**Consequence.**")] == [True] * 3


def test_ci_script_is_sound_shell() -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
