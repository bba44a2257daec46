"""How long the next login has to wait: longer after each failure, never for ever.

An operator who is locked out cannot answer alarms, and whoever knows his name could lock him out. So there
is only a delay, with an upper bound; and an address from which an account has been used before is counted
by itself, so that failures from elsewhere cost the person at his own desk nothing.
"""

import ipaddress
from collections import OrderedDict
from typing import NamedTuple

import msgspec

SECOND_NS = 1_000_000_000
DOUBLINGS = 30
"""More would only make large numbers."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How failures of one kind are answered."""

    free: int
    """So many failures cost nothing."""
    first_s: float = 1.0
    """Delay after the first failure that costs something; twice as long after each further one."""
    longest_s: float = 60.0
    forgotten_after_s: float = 900.0
    """Without a failure for so long all is forgotten."""


class Failures(NamedTuple):
    """What is remembered of one account or address."""

    number: int
    last: int
    """ns UTC."""


def wait_ns(failures: Failures | None, patience: Patience, now: int) -> int:
    """How long the next attempt has to wait from now on, ns; 0: not at all.

    A clock that was set back makes nobody wait longer than `longest_s`.
    """
    if failures is None or now - failures.last > patience.forgotten_after_s * SECOND_NS:
        return 0
    costly = failures.number - patience.free
    if costly <= 0:
        return 0
    delay_s = min(patience.longest_s, patience.first_s * 2.0 ** min(costly - 1, DOUBLINGS))
    since = max(0, now - failures.last)
    return max(0, int(delay_s * SECOND_NS) - since)


class Throttle:
    """Failed logins by account and by address, in memory: a restart forgets them.

    `attempt` counts every attempt as failed until `succeeded` says otherwise, so that many attempts at the
    same time are no way round the delay. Attempts that are refused are not counted.
    """

    def __init__(self, account: Patience, address: Patience, room: int = 20_000) -> None:
        self._patience = {"account": account, "desk": account, "address": address}
        self._failures: OrderedDict[tuple[str, str], Failures] = OrderedDict()
        self._room = room

    def attempt(self, account: str, address: str, *, familiar: bool, now: int) -> float:
        """Seconds to wait before trying again; 0.0: go on, and say `succeeded` if it did.

        `familiar`: this account has been used from this address before.
        """
        keys = _keys(account, address, familiar=familiar)
        wait = max(wait_ns(self._failures.get(key), self._patience[key[0]], now) for key in keys)
        if wait == 0:
            for key in keys:
                self._count(key, now)
        return wait / SECOND_NS

    def succeeded(self, account: str, address: str, *, familiar: bool) -> None:
        """The right password: the account's failures are forgotten, and one is taken back of the address."""
        for key in _keys(account, address, familiar=familiar):
            known = self._failures.pop(key, None)
            if known and key[0] == "address" and known.number > 1:
                self._failures[key] = Failures(known.number - 1, known.last)

    def take_back(self, account: str, address: str, *, familiar: bool) -> None:
        """The attempt was neither right nor wrong (the code is still to come): it does not count, and
        what was counted before stays."""
        for key in _keys(account, address, familiar=familiar):
            if known := self._failures.pop(key, None):
                self._failures[key] = Failures(max(0, known.number - 1), known.last)

    def __len__(self) -> int:
        return len(self._failures)

    def _count(self, key: tuple[str, str], now: int) -> None:
        patience = self._patience[key[0]]
        known = self._failures.pop(key, None)
        if known and now - known.last > patience.forgotten_after_s * SECOND_NS:
            known = None
        self._failures[key] = Failures(known.number + 1 if known else 1, now)
        if len(self._failures) > self._room:
            self._failures.popitem(last=False)


def _keys(account: str, address: str, *, familiar: bool) -> list[tuple[str, str]]:
    network = network_of(address)
    if familiar:
        return [("desk", f"{account}\n{network}")]
    return [("account", account), ("address", network)]


def network_of(address: str) -> str:
    """What counts as one address: an IPv6 host owns at least a /64, and IPv4 written as IPv6 is IPv4."""
    try:
        host = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(host, ipaddress.IPv6Address):
        if host.ipv4_mapped:
            return str(host.ipv4_mapped)
        if not host.is_loopback:
            return str(ipaddress.ip_network((host, 64), strict=False))
    return str(host)
