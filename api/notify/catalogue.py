"""Which channels there are: the files in `api/notify/adapters/`."""

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from api.bilingual import both
from api.notify import adapters as adapters_package
from api.notify.errors import AddressWrong
from api.notify.port import Adapter


@cache
def adapters() -> Mapping[str, Adapter]:
    """All adapters by channel, in the order of their names."""
    found = {}
    for module in sorted(pkgutil.iter_modules(adapters_package.__path__), key=lambda m: m.name):
        adapter = importlib.import_module(f"{adapters_package.__name__}.{module.name}").ADAPTER
        if adapter.channel != module.name:
            raise ValueError(
                f"api/notify/adapters/{module.name}.py registers the channel {adapter.channel!r}: "
                "give both one name"
            )
        found[adapter.channel] = adapter
    return MappingProxyType(found)


def adapter(channel: str) -> Adapter:
    """The adapter of a channel. AddressWrong that says which there are."""
    known = adapters()
    if channel not in known:
        meant = difflib.get_close_matches(channel, known, n=1)
        hint = f"did you mean {meant[0]}? " if meant else ""
        like = f"是否指 {meant[0]}？" if meant else ""
        raise AddressWrong(
            both(
                f"没有通知渠道 {channel}：{like}已有的是 {'、'.join(known)}",
                f"channel {channel!r} is not known: {hint}there are {', '.join(known)}",
            )
        )
    return known[channel]
