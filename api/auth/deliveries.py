"""What a gateway may deliver: in its own name, for its own enterprises."""

from typing import NamedTuple

from alarm_rules.condition import ConditionDelivery, ValueDelivery
from api.auth.principal import EVERYTHING, Scope


class Deliverer(NamedTuple):
    """A gateway that has been recognised."""

    name: str
    """Empty: the token that all gateways of a one-machine set-up share, which binds to no name."""
    scope: Scope


SHARED = Deliverer("", EVERYTHING)


def foreign_part(deliverer: Deliverer, delivery: ConditionDelivery | ValueDelivery) -> str | None:
    """What in a delivery is not this gateway's to deliver, in words; None if all of it is."""
    if deliverer.name and delivery.gateway != deliverer.name:
        return (
            f"this key belongs to gateway {deliverer.name!r}, but the delivery calls itself "
            f"{delivery.gateway!r}: make a key for that name, or set the gateway's name"
        )
    if deliverer.scope.enterprises is None:
        return None
    foreign = _enterprises(delivery) - deliverer.scope.enterprises
    if not foreign:
        return None
    return (
        f"this key may not deliver for {', '.join(sorted(foreign))}: it may for "
        f"{', '.join(sorted(deliverer.scope.enterprises)) or 'nobody'}; give it another scope"
    )


def _enterprises(delivery: ConditionDelivery | ValueDelivery) -> set[str]:
    if isinstance(delivery, ValueDelivery):
        return {row.point.partition("/")[0] for row in delivery.values}
    named = {change.rule.partition("/")[0] for change in delivery.changes}
    return named | {change.point.partition("/")[0] for change in delivery.changes}
