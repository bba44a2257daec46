"""Settings of the gateway: read from the environment, refused at the door."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings


def test_defaults_stay_on_this_machine() -> None:
    settings = GatewaySettings()
    assert {settings.mqtt_host, settings.mqtt_tls_host, settings.http_host} == {"127.0.0.1"}
    assert settings.intake_token_file == settings.data_folder / "intake.token"
    assert settings.devices_file == settings.data_folder / "devices.yaml"


def test_every_setting_is_described() -> None:
    for name, field in GatewaySettings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_environment_is_read_and_files_follow_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAZARDWATCH_GATEWAY_DATA_FOLDER", "/srv/hw")
    monkeypatch.setenv("HAZARDWATCH_GATEWAY_MQTT_PORT", "")
    monkeypatch.setenv("HAZARDWATCH_GATEWAY_FORMATS", '{"data": "json", "raw": "json"}')
    settings = GatewaySettings()
    assert settings.journal_file == Path("/srv/hw/journal.sqlite")
    assert settings.intake_token_file == Path("/srv/hw/intake.token")
    assert settings.mqtt_port is None
    assert settings.formats == {"data": "json", "raw": "json"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mqtt_host": "0.0.0.0"}, "mqtt_plain_beyond_loopback"),
        ({"mqtt_tls_port": 8883}, "mqtt_tls_certificate"),
        ({"history": "influxdb"}, "influxdb_token"),
        ({"history": "mysql"}, "embedded"),
        ({"journal_budget_bytes": 1}, "greater than or equal"),
        ({"journal_when_full": "drop"}, "keep_judging"),
        ({"changes_days": 1}, "greater than or equal"),
        ({"alert_service_url": "alerts:8470"}, "http://host:port"),
        ({"influxdb_url": "influx"}, "http://host:port"),
        ({"mqtt_port": 70000}, "less than or equal"),
        ({"data_foldr": "x"}, "Extra inputs"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_wrong_setting_is_refused_with_the_remedy(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GatewaySettings(**wrong)


def test_no_alert_service_is_a_choice() -> None:
    assert GatewaySettings(alert_service_url="").alert_service_url == ""


def test_secrets_are_not_shown() -> None:
    settings = GatewaySettings(
        history="influxdb", influxdb_token="very-secret", broker_password="also-secret"
    )
    assert "secret" not in repr(settings)
