"""`docs/screens.md`: every page with its pictures."""

from pathlib import Path

from hazardwatch.screenshots.pages import Shown

HEAD = """# The screens in pictures

Every page in Chinese and English, light and dark, as `python -m hazardwatch.screenshots` finds them on the
demonstrations. Most show the tank farm soon after its start: a gas leak and a tank overfill alarm, one alarm
is answered, somebody is being called. The bureau's pages show the park of six enterprises some six minutes
later. Persons and places are invented.

This page is made by that command. [The screens](dashboard.md) says how they are built.
"""


def write_album(folder: Path, pages: list[Shown]) -> None:
    """Beside the folder with the pictures, in its name."""
    parts = [HEAD, *(_section(folder.name, page) for page in pages)]
    folder.with_suffix(".md").write_text("\n".join(parts))


def _section(folder: str, page: Shown) -> str:
    def shot(language: str, theme: str) -> str:
        return f"![{page.name}, {language}, {theme}]({folder}/{page.name}-{language}-{theme}.webp)"

    seen_by = f", as `{page.role}` sees it" if page.role else ""
    seen_by += " on a telephone" if page.phone else ""
    return "\n".join(
        (
            f"## {page.title}",
            "",
            f"`/app/{page.path.partition('?')[0]}`{seen_by}"
            if not page.path.count("/")
            else _address(page, seen_by),
            "",
            "| 浅色 light | 深色 dark |",
            "|---|---|",
            f"| {shot('zh', 'light')} | {shot('zh', 'dark')} |",
            f"| {shot('en', 'light')} | {shot('en', 'dark')} |",
            "",
        )
    )


def _address(page: Shown, seen_by: str) -> str:
    """Without the identities of one run, which would be others in the next."""
    return f"`/app/{page.path.partition('/')[0]}/...`{seen_by}"
