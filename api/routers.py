"""Every router of `api/routes/`: a module in that folder is served by its presence."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter

from api import routes


def _found() -> Iterator[APIRouter]:
    for module in sorted(info.name for info in iter_modules(routes.__path__)):
        members = vars(import_module(f"{routes.__name__}.{module}"))
        yield from (member for member in members.values() if isinstance(member, APIRouter))


ROUTERS = tuple(_found())
