"""The section `audiences` of the policy: receivers or a rota for each authority."""

import msgspec

from api.desks.warning_policy import Authority

EVERYBODY = "*"


class Audience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands for an authority."""

    authority: Authority
    of: str = EVERYBODY
    """Id of the enterprise, name of the district or city; `*`: all of them."""
    receivers: tuple[str, ...] = ()
    rota: str = ""
    channels: tuple[str, ...] = ()
    """Empty: every channel that the receiver has."""

    def __post_init__(self) -> None:
        if not self.receivers and not self.rota:
            raise ValueError(f"the audience of {self.authority} {self.of} names receivers or a rota")
