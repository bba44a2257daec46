"""What a person or key is given to see: enterprises by name, regions of the register, or everything.

A grant is what an administrator writes; a `Scope` is what comes of it with the register of now: an
enterprise that is added to a district is seen by that district's bureau without anybody touching its people.
"""

from collections.abc import Iterable

import msgspec

from alarm_rules.model import Enterprise
from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was given. An empty one lets nothing be seen."""

    enterprises: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    """`city`, or `city/district`, as the register writes them."""
    everything: bool = False


def scope_of(grant: Grant, enterprises: Iterable[Enterprise]) -> Scope:
    """The enterprises that a grant holds in this register."""
    if grant.everything:
        return EVERYTHING
    regions = set(grant.regions)
    in_regions = (enterprise.id for enterprise in enterprises if not regions.isdisjoint(_regions(enterprise)))
    return Scope(frozenset(grant.enterprises) | frozenset(in_regions))


def is_within(inner: Scope, outer: Scope) -> bool:
    """Does `outer` see everything that `inner` sees? Nobody can give what he does not have."""
    if outer.enterprises is None:
        return True
    return inner.enterprises is not None and inner.enterprises <= outer.enterprises


def grant_faults(grant: Grant, enterprises: Iterable[Enterprise]) -> tuple[str, ...]:
    """Names in a grant that the register does not have: a slip would silently show nothing."""
    known = list(enterprises)
    ids = {enterprise.id for enterprise in known}
    regions = {region for enterprise in known for region in _regions(enterprise)}
    faults = [
        both(f"台账中没有企业 {name}", f"the register has no enterprise {name!r}")
        for name in grant.enterprises
        if name not in ids
    ]
    faults += [
        both(
            f"台账中没有企业位于 {name}：请写 市，或 市/区县",
            f"no enterprise of the register is in {name!r}: write city, or city/district",
        )
        for name in grant.regions
        if name not in regions
    ]
    return tuple(faults)


def grant_text(grant: Grant) -> str:
    """A grant in one line, for lists and the audit."""
    return "everything" if grant.everything else ", ".join((*grant.enterprises, *grant.regions)) or "nothing"


def _regions(enterprise: Enterprise) -> tuple[str, ...]:
    city, district = enterprise.city, enterprise.district
    return tuple(region for region in (city, f"{city}/{district}" if district else "") if region)
