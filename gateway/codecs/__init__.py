"""Payload formats. A codec is one file here that offers `CODEC`; its presence registers it."""

import importlib
import pkgutil
from functools import cache

from gateway.codecs.contract import Codec


@cache
def codecs() -> dict[str, Codec]:
    """Every codec of this folder by its name."""
    found: dict[str, Codec] = {}
    for module in pkgutil.iter_modules(__path__):
        codec = getattr(importlib.import_module(f"{__name__}.{module.name}"), "CODEC", None)
        if codec is not None:
            found[codec.name] = codec
    return found
