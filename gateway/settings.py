"""Settings of the gateway, read from the environment (`HAZARDWATCH_GATEWAY_...`).

Every field has a description: the documentation is generated from it.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.history.compression import QuantityCompression

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _in_data_folder(name: str) -> Any:
    return lambda data: data["data_folder"] / name


class GatewaySettings(BaseSettings):
    """Everything that can be set about the gateway."""

    model_config = SettingsConfigDict(env_prefix="HAZARDWATCH_GATEWAY_", frozen=True, extra="forbid")

    name: str = Field("gateway", min_length=1, description="Name of this gateway at the alert service.")
    data_folder: Path = Field(
        Path("data"), description="Folder for journal, history, devices and secrets; made when missing."
    )
    site: Path = Field(Path("site"), description="Folder or file of the register and the rules.")

    mqtt_host: str = Field("127.0.0.1", description="Address of the MQTT endpoint without TLS.")
    mqtt_port: int | None = Field(
        1883, ge=0, le=65535, description="Its port; 0 takes a free one, empty turns the endpoint off."
    )
    mqtt_plain_beyond_loopback: bool = Field(
        False, description="Allow the endpoint without TLS on other addresses than this machine's own."
    )
    mqtt_tls_host: str = Field("127.0.0.1", description="Address of the MQTT endpoint with TLS.")
    mqtt_tls_port: int | None = Field(
        None, ge=0, le=65535, description="Its port, usually 8883; empty turns it off."
    )
    mqtt_tls_certificate: Path | None = Field(None, description="Certificate chain of the endpoint (PEM).")
    mqtt_tls_key: Path | None = Field(None, description="Its private key (PEM).")
    mqtt_tls_client_ca: Path | None = Field(
        None, description="Authority of client certificates (PEM); with it, a device may prove itself by one."
    )
    mqtt_packet_bytes: int = Field(1 << 20, ge=1024, description="Largest MQTT packet taken, in bytes.")
    mqtt_connect_bytes: int = Field(16_384, ge=256, description="Largest CONNECT packet, in bytes.")
    mqtt_connect_timeout_s: float = Field(
        10.0, gt=0, description="How long a client may take to send CONNECT, in seconds."
    )
    mqtt_connections: int = Field(10_000, ge=1, description="Connections at a time at most.")
    mqtt_receive_maximum: int = Field(
        2_000, ge=1, le=65535, description="Unacknowledged messages of one MQTT 5 client at most."
    )
    mqtt_in_flight: int = Field(
        4_000, ge=1, description="Unacknowledged messages after which a connection is not read for a while."
    )
    mqtt_max_keep_alive_s: int = Field(
        600, ge=5, le=65535, description="Longest keep-alive granted to an MQTT 5 client, in seconds."
    )
    payload_bytes: int = Field(
        262_144, ge=64, description="Longest payload that is read, in bytes; a longer one goes to quarantine."
    )
    formats: dict[str, str] = Field(
        {"data": "json"},
        description="Topic level below the device and the codec that reads it, as JSON.",
    )
    devices_file: Path = Field(
        default_factory=_in_data_folder("devices.yaml"),
        description="File of the devices that may publish. Default: `devices.yaml` in the data folder.",
    )

    broker_host: str = Field("", description="Broker of the site to subscribe to; empty: there is none.")
    broker_port: int = Field(1883, ge=1, le=65535, description="Port of the broker.")
    broker_version: Literal["5", "3.1.1"] = Field("5", description="MQTT version spoken with the broker.")
    broker_client_id: str = Field(
        "hazardwatch-gateway", min_length=1, description="Client identifier; it names our session there."
    )
    broker_user_name: str = Field("", description="User name at the broker.")
    broker_password: SecretStr = Field(SecretStr(""), description="Password at the broker.")
    broker_ca: Path | None = Field(None, description="Authority of the broker's certificate (PEM): use TLS.")
    broker_certificate: Path | None = Field(None, description="Client certificate for the broker (PEM).")
    broker_key: Path | None = Field(None, description="Its private key (PEM).")
    broker_topics: tuple[str, ...] = Field(
        ("hazardwatch/v1/+/+/#",), description="Topic filters to subscribe to, as JSON."
    )
    broker_receive_maximum: int = Field(
        1_000, ge=1, le=65535, description="Messages the broker may have on the way to us unacknowledged."
    )
    broker_session_expiry_s: int = Field(
        604_800, ge=60, description="How long the broker keeps our session while we are away, in seconds."
    )

    http_host: str = Field("127.0.0.1", description="Address of the gateway's own HTTP side.")
    http_port: int = Field(8471, ge=0, le=65535, description="Its port; 0 takes a free one.")
    alert_service_url: str = Field(
        "http://127.0.0.1:8470", description="Address of the alert service; empty: none (replay, tests)."
    )
    probe_every_s: float = Field(
        300.0,
        ge=0,
        description="Seconds between synthetic alarms, which must come out as notifications in the sandbox "
        "of the alert service; 0: none.",
    )
    alert_service_key_file: Path | None = Field(
        None,
        description="File with this gateway's own key for the alert service (`hazardwatch key add gateway`), "
        "where it runs on another machine. Default: the shared token.",
    )
    intake_token_file: Path = Field(
        default_factory=_in_data_folder("intake.token"),
        description="File with the token that gateway and alert service share. "
        "Default: `intake.token` in the data folder.",
    )

    future_tolerance_s: float = Field(
        5.0, ge=0, description="How far a source time may lie in the future before its sample is UNCERTAIN."
    )
    batch_samples: int = Field(65_536, ge=1, description="Samples judged and committed at once at most.")
    waiting_bytes: int = Field(
        16 << 20, ge=1 << 16, description="Received and uncommitted bytes at which reading stops."
    )
    journal_budget_bytes: int = Field(
        10 << 30, ge=16 << 20, description="Disk space for the journal, in bytes; alarms at 80 % and 100 %."
    )
    journal_when_full: Literal["keep_judging", "push_back"] = Field(
        "keep_judging",
        description="At 100 %: `keep_judging` gives up the oldest samples that history has not taken, "
        "counted and with an alarm; `push_back` stops reading: nothing is lost, nothing is judged.",
    )
    snapshot_s: float = Field(60.0, gt=0, description="Seconds between snapshots of the engine's state.")
    changes_days: int = Field(
        366, ge=30, description="Days that delivered condition changes stay in the journal."
    )
    quarantine_rows: int = Field(
        100_000, ge=100, description="Messages kept in quarantine; beyond it the oldest go, counted."
    )

    history: Literal["embedded", "influxdb"] = Field("embedded", description="Where history is kept.")
    history_retention_days: int = Field(
        366, ge=30, description="Days that embedded history is kept (order 40 of 2011 asks for 30)."
    )
    history_max_bytes: int = Field(
        100 << 30, ge=16 << 20, description="Disk space for embedded history, in bytes; the oldest go first."
    )
    history_seal_s: float = Field(
        5.0, gt=0, description="Seconds of samples that one history segment gathers."
    )
    history_compression: dict[str, QuantityCompression] = Field(
        {},
        description='Thinning of history by quantity, as JSON, for example `{"level": {"method": '
        '"swinging_door", "deviation_percent": 0.2}}`: the error is at most that share of the instrument\'s '
        "range; empty: every sample is kept.",
    )
    influxdb_url: str = Field("http://127.0.0.1:8086", description="Address of InfluxDB.")
    influxdb_token: SecretStr = Field(SecretStr(""), description="Token of InfluxDB.")
    influxdb_org: str = Field("hazardwatch", description="Organisation in InfluxDB.")
    influxdb_bucket: str = Field("hazardwatch", description="Bucket in InfluxDB.")
    influxdb_timeout_s: float = Field(10.0, gt=0, description="Time-out of one request, in seconds.")

    @field_validator(
        "mqtt_port",
        "mqtt_tls_port",
        "mqtt_tls_certificate",
        "mqtt_tls_key",
        "mqtt_tls_client_ca",
        "broker_ca",
        "broker_certificate",
        "broker_key",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("alert_service_url", "influxdb_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no address: write http://host:port or https://host:port")
        return value

    @model_validator(mode="after")
    def _only_safe_combinations(self) -> Self:
        plain_outside = self.mqtt_port is not None and self.mqtt_host not in LOOPBACK
        if plain_outside and not self.mqtt_plain_beyond_loopback:
            raise ValueError(
                f"mqtt_host {self.mqtt_host} would take keys and samples in clear text from the network: "
                "use the TLS port, or set mqtt_plain_beyond_loopback if the network is trusted"
            )
        if self.mqtt_tls_port is not None and not (self.mqtt_tls_certificate and self.mqtt_tls_key):
            raise ValueError("mqtt_tls_port needs mqtt_tls_certificate and mqtt_tls_key")
        if self.history == "influxdb" and not self.influxdb_token.get_secret_value():
            raise ValueError("history influxdb needs influxdb_token")
        return self

    @property
    def journal_file(self) -> Path:
        return self.data_folder / "journal.sqlite"

    @property
    def history_folder(self) -> Path:
        return self.data_folder / "history"
