"""The doors of a gateway: what the settings mean for its endpoint, its broker, its ports and TLS."""

import contextlib
import ssl
from collections.abc import Iterator

from gateway.device_http import Doors
from gateway.mqtt.broker_settings import SubscriberSettings
from gateway.mqtt.listener import EndpointLimits
from gateway.settings import GatewaySettings


def endpoint_limits(settings: GatewaySettings) -> EndpointLimits:
    return EndpointLimits(
        connect_timeout_s=settings.mqtt_connect_timeout_s,
        connect_bytes=settings.mqtt_connect_bytes,
        packet_bytes=settings.mqtt_packet_bytes,
        connections=settings.mqtt_connections,
        receive_maximum=settings.mqtt_receive_maximum,
        in_flight=settings.mqtt_in_flight,
        max_keep_alive_s=settings.mqtt_max_keep_alive_s,
    )


def broker_settings(settings: GatewaySettings, enterprises: tuple[str, ...]) -> SubscriberSettings:
    """How the gateway presents itself at the site's broker."""
    return SubscriberSettings(
        host=settings.broker_host,
        port=settings.broker_port,
        client_id=settings.broker_client_id,
        state_file=settings.data_folder / "broker-session.json",
        enterprises=enterprises,
        user_name=settings.broker_user_name or None,
        password=settings.broker_password.get_secret_value() or None,
        ca_file=settings.broker_ca,
        cert=settings.broker_certificate,
        key=settings.broker_key,
        topics=settings.broker_topics,
        version=5 if settings.broker_version == "5" else 4,
        receive_maximum=settings.broker_receive_maximum,
        session_expiry_s=settings.broker_session_expiry_s,
    )


def tls_context(settings: GatewaySettings) -> ssl.SSLContext:
    """TLS 1.2 and newer; with a client authority a certificate may prove the device."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert settings.mqtt_tls_certificate
    context.load_cert_chain(settings.mqtt_tls_certificate, settings.mqtt_tls_key)
    if settings.mqtt_tls_client_ca is not None:
        context.load_verify_locations(settings.mqtt_tls_client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


@contextlib.contextmanager
def port_of(part: str, host: str, port: int) -> Iterator[None]:
    """Name the setting when a port cannot be had."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"{part}_port {port} on {host} cannot be opened: {error.strerror or error}: "
            f"stop what uses it, or set HAZARDWATCH_GATEWAY_{part.upper()}_PORT"
        ) from error


def doors_of(settings: GatewaySettings, mqtt_port: int, mqtt_tls_port: int) -> Doors:
    """Where devices publish, with the ports that were really taken; 0: that door is closed."""
    return Doors(
        mqtt_host=settings.mqtt_host,
        mqtt_port=mqtt_port,
        mqtt_tls_host=settings.mqtt_tls_host,
        mqtt_tls_port=mqtt_tls_port,
        broker=f"{settings.broker_host}:{settings.broker_port}" if settings.broker_host else "",
    )
