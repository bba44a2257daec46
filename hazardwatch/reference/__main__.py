"""`python -m hazardwatch.reference docs`: make the pages anew."""

import sys
from pathlib import Path

from hazardwatch.reference.pages import outdated


def main(arguments: list[str]) -> int:
    """One argument, the folder of the pages; says which were changed."""
    if len(arguments) != 1:
        print("give the folder of the pages: python -m hazardwatch.reference docs", file=sys.stderr)
        return 2
    pages = outdated(Path(arguments[0]))
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path}: made anew")
    if not pages:
        print("nothing to change")
    return 0


sys.exit(main(sys.argv[1:]))
