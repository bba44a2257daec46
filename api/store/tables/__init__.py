"""The tables, one module a noun. A module in this folder is loaded by itself: presence is registration."""

from importlib import import_module
from pkgutil import iter_modules

from api.store.tables.base import metadata

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["metadata"]
