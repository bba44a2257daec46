"""Which register and rules belong to a scenario: those of the example that has all points of its layout."""

from functools import cache
from pathlib import Path

from alarm_rules.load import SiteInvalid, load_site, load_site_files
from alarm_rules.model import Site
from simulators.layout import Layout

EXAMPLES = Path(__file__).parents[1] / "examples"


class NoSiteForLayout(ValueError):
    """No register at hand describes the points of a layout."""


@cache
def _site(folder: Path) -> Site:
    return load_site(folder)


def site_folders() -> list[Path]:
    """The delivered examples that are whole sites, by name."""
    return sorted(path.parent for path in EXAMPLES.glob("*/register.*"))


def find_site(layout: Layout, register: Path | None = None, rules: Path | None = None) -> Site:
    """The site that the layout's instruments report to.

    register: instead of the example's, a site's folder or register file. rules: instead of the rules that
    lie beside the register. Raises SiteInvalid, NoSiteForLayout.
    """
    if register is None:
        register = _folder(layout)
    if rules is None:
        site = _site(register)
    else:
        registers = sorted(register.glob("register.*")) if register.is_dir() else [register]
        site = load_site_files(registers, [rules])
    missing = _missing(layout, site)
    if missing:
        raise NoSiteForLayout(
            f"{register}: {len(missing)} points of the scenario's layout are not in this register, as "
            f"{missing[0]}: give a register that has them with --register"
        )
    return site


def _folder(layout: Layout) -> Path:
    known = []
    for folder in site_folders():
        try:
            missing = _missing(layout, _site(folder))
        except SiteInvalid:
            continue
        if not missing:
            return folder
        known.append((len(missing), f"{folder.name} lacks {missing[0]}"))
    said = min(known)[1] if known else "there is none"
    raise NoSiteForLayout(
        f"no example's register has all points of the layout of {layout.enterprise}: {said}: give one with "
        "--register"
    )


def _missing(layout: Layout, site: Site) -> list[str]:
    points = {point.id for point in site.points}
    wanted = [f"{layout.enterprise}/{one.tag}" for one in layout.instruments]
    return [point for point in wanted if point not in points]
