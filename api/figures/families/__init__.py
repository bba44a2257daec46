"""One file a family of figures; presence in this folder registers it (its `FAMILY`)."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from api.figures.model import Family


def _load() -> dict[str, Family]:
    modules = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").FAMILY for name in modules}


FAMILIES: Mapping[str, Family] = _load()
