"""Connections that the service keeps to the gateway."""

from api.history import IDLE_S
from gateway.serving import KEEP_ALIVE_S


def test_idle_connection_is_given_up_by_the_service_long_before_the_gateway_closes_it() -> None:
    assert IDLE_S < KEEP_ALIVE_S / 2
