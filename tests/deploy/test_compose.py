"""docker-compose.yml against settings, routes, commands and files. No container engine is needed."""

import ast
import json
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import typer.main
from sqlalchemy import make_url

from api.back_testing.program import environment as program_environment
from api.routers import ROUTERS
from api.settings import ApiSettings
from gateway.settings import GatewaySettings
from hazardwatch.cli import app
from hazardwatch.reference.interfaces import gateway_routes_table
from tests.deploy.composition import (
    COMPOSE,
    ROOT,
    SERVICES,
    TLS,
    VARIABLE,
    environment,
    make_secrets_script,
    texts,
)

OURS = ("gateway", "api", "plant-key", "plant")
SETTINGS = {"gateway": GatewaySettings, "api": ApiSettings}
PORTS = {
    "gateway": {1883, 8471},
    "api": {8470},
    "postgres": {5432},
    "influxdb": {8086},
    "mosquitto": {1883},
    "grafana": {3000},
}
MADE_ON_THE_SITE = {"deploy/mosquitto/passwords", "deploy/mosquitto/access", "deploy/certificates"}


def _binds() -> list[dict]:
    both = [*SERVICES.values(), *TLS["services"].values()]
    volumes = [volume for service in both for volume in service.get("volumes", [])]
    return [volume for volume in volumes if isinstance(volume, dict)]


@pytest.mark.parametrize("service", SETTINGS)
@pytest.mark.parametrize("tls", [False, True])
def test_environment_makes_valid_settings(service: str, tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(service, tls=tls).items():
        owner = name.split("_")[1].lower()
        field = name.removeprefix(f"HAZARDWATCH_{owner.upper()}_").lower()
        assert field in SETTINGS[owner].model_fields, f"{name} is no setting"
        monkeypatch.setenv(name, value)
    SETTINGS[service]()


def test_back_tests_find_the_history_that_the_gateway_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in program_environment(environment("api")).items():
        monkeypatch.setenv(name, value)
    read = GatewaySettings()
    for name, value in environment("gateway").items():
        monkeypatch.setenv(name, value)
    written = GatewaySettings()
    assert written.history == "influxdb"
    for field in ("history", "influxdb_url", "influxdb_org", "influxdb_bucket", "influxdb_token"):
        assert getattr(read, field) == getattr(written, field), field
    for service in ("gateway", "api"):
        assert set(SERVICES[service]["networks"]) & set(
            SERVICES[urlsplit(read.influxdb_url).hostname]["networks"]
        )


def test_ports_of_the_settings_are_those_that_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**environment("gateway", tls=True), **environment("api")}.items():
        monkeypatch.setenv(name, value)
    gateway, api = GatewaySettings(), ApiSettings()
    assert _container_ports("gateway") == {gateway.mqtt_port}
    assert _container_ports("api") == {api.port}
    assert PORTS["gateway"] == {gateway.mqtt_port, gateway.http_port}
    assert TLS["services"]["gateway"]["ports"][0].endswith(f":{gateway.mqtt_tls_port}:8883")


def _container_ports(service: str) -> set[int]:
    return {int(port.rsplit(":", 1)[1]) for port in SERVICES[service]["ports"]}


def test_every_published_port_is_bound_to_loopback() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(published) == 4
    for port in published:
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


def test_tls_port_is_published_only_where_somebody_said() -> None:
    (port,) = TLS["services"]["gateway"]["ports"]
    assert VARIABLE.match(port)["kind"] == ":?"


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("gateway", "HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL"),
        ("gateway", "HAZARDWATCH_GATEWAY_INFLUXDB_URL"),
        ("api", "HAZARDWATCH_API_GATEWAY_URL"),
    ],
)
def test_addresses_lead_to_a_service_that_can_be_reached(service: str, variable: str) -> None:
    address = urlsplit(environment(service)[variable])
    assert set(SERVICES[service]["networks"]) & set(SERVICES[address.hostname]["networks"])
    assert address.port in PORTS[address.hostname]


def test_alert_service_keeps_its_store_in_the_database_that_waits_for_it() -> None:
    address = make_url(environment("api")["HAZARDWATCH_API_DATABASE_URL"])
    database = environment("postgres")
    assert address.get_backend_name() == "postgresql"
    assert (address.host, address.port or 5432) == ("postgres", *PORTS["postgres"])
    assert address.username == database["POSTGRES_USER"]
    assert address.database == database["POSTGRES_DB"]
    assert address.password == database["POSTGRES_PASSWORD"]
    assert SERVICES["api"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_database_is_reached_from_the_inner_network_alone() -> None:
    service = SERVICES["postgres"]
    assert "ports" not in service
    assert service["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "--auth-host=scram-sha-256" in environment("postgres")["POSTGRES_INITDB_ARGS"]
    assert "postgres:/var/lib/postgresql/data" in service["volumes"]


def test_passwords_of_make_secrets_need_no_escape_in_an_address(tmp_path: Path) -> None:
    script = make_secrets_script()
    script.add_variables(tmp_path / ".env")
    password = script.read_variables(tmp_path / ".env")["HAZARDWATCH_DATABASE_PASSWORD"]
    assert make_url(f"postgresql://hazardwatch:{password}@postgres/hazardwatch").password == password
    assert quote(password, safe="") == password


def test_broker_can_be_reached_by_the_gateway() -> None:
    given = environment("gateway")
    host, port = (given[f"HAZARDWATCH_GATEWAY_BROKER_{part}"] for part in ("HOST", "PORT"))
    assert int(port) in PORTS[host]
    assert set(SERVICES["gateway"]["networks"]) & set(SERVICES[host]["networks"])


def test_alert_service_serves_the_name_that_the_gateway_calls() -> None:
    called = urlsplit(environment("gateway")["HAZARDWATCH_GATEWAY_ALERT_SERVICE_URL"]).hostname
    assert called in json.loads(environment("api")["HAZARDWATCH_API_ALLOWED_HOSTS"])


def test_both_processes_share_one_token_and_one_site() -> None:
    gateway, api = SERVICES["gateway"], SERVICES["api"]
    token = gateway["environment"]["HAZARDWATCH_GATEWAY_INTAKE_TOKEN_FILE"]
    assert api["environment"]["HAZARDWATCH_API_INTAKE_TOKEN_FILE"] == token
    shared = [volume for volume in gateway["volumes"] if volume in api["volumes"]]
    assert f"token:{token.rsplit('/', 1)[0]}" in shared
    assert any(isinstance(volume, dict) and volume["target"] == "/site" for volume in shared)


def test_there_is_no_secret_in_the_file_and_no_default_for_one() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|SECRET|KEY", variable) and not variable.endswith("_FILE"):
                match = VARIABLE.fullmatch(value)
                assert match, f"{variable} of {name} is written out"
                assert match["kind"] == ":?", f"{variable} of {name} has a default"


def test_every_required_variable_is_made_by_make_secrets() -> None:
    required = {
        match["name"] for text in texts(COMPOSE) for match in VARIABLE.finditer(text) if match["kind"] == ":?"
    }
    assert required == set(make_secrets_script().VARIABLES)


def test_images_are_pinned_to_a_version() -> None:
    for name, service in SERVICES.items():
        parts = 2 if name == "postgres" else 3  # PostgreSQL counts its versions with two numbers
        assert re.search(rf":\d+(\.\d+){{{parts - 1}}}$", service["image"]), f"image of {name} is not pinned"


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if name == "influxdb":  # its image drops from root by itself, and writes beside its volumes
        assert "SYS_ADMIN" not in service["cap_add"]
        return
    assert service["read_only"] is True
    assert "cap_add" not in service
    assert name in OURS or not service["user"].startswith(("0", "root"))


def test_long_running_services_have_a_health_check_and_restart() -> None:
    for name in ("gateway", "api", "postgres", "influxdb", "mosquitto", "grafana"):
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
        assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", ["gateway", "api"])
def test_health_check_asks_a_route_that_exists(service: str) -> None:
    _, python, flag, code = SERVICES[service]["healthcheck"]["test"]
    assert (python, flag) == ("python", "-c")
    constants = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    (port,) = [value for value in constants if isinstance(value, int) and value > 1000]
    (path,) = [value for value in constants if isinstance(value, str) and value.startswith("/")]
    assert port in PORTS[service]
    if service == "gateway":
        assert f"| `{path}` | anybody" in gateway_routes_table()
    else:
        assert path in {getattr(route, "path", "") for router in ROUTERS for route in router.routes}


@pytest.mark.parametrize("service", OURS)
def test_command_is_one_of_the_command_line(service: str) -> None:
    commands = typer.main.get_command(app).commands
    shell = SERVICES[service].get("entrypoint") == ["sh", "-c"]
    line = SERVICES[service]["command"]
    words = line[0].split("hazardwatch ", 1)[1].split(">")[0].split() if shell else line
    command = commands[words[0]]
    if hasattr(command, "commands"):
        command = command.commands[words[1]]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_simulated_plant_comes_only_with_its_profile() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" in service} == {"plant-key", "plant"}
    assert all(SERVICES[name]["profiles"] == ["demo"] for name in ("plant-key", "plant"))


def test_simulated_device_may_publish_what_the_example_site_expects() -> None:
    device = environment("plant")["HAZARDWATCH_DEVICE"]
    assert f"device add {device} " in SERVICES["plant-key"]["command"][0]
    layout = (ROOT / "simulators" / "layouts" / "tank-farm.yaml").read_text()
    enterprise, gateway = device.split("/")
    assert f"enterprise: {enterprise}\n" in layout
    assert f"gateway: {gateway}\n" in layout


def test_volumes_and_networks_are_declared_and_used() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if isinstance(volume, str)
    }
    assert named == set(COMPOSE["volumes"])
    used = {network for service in SERVICES.values() for network in service["networks"]}
    assert used == set(COMPOSE["networks"])


def test_mounted_files_exist_or_are_made_on_the_site_and_stay_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for bind in _binds():
        assert bind["bind"] == {"create_host_path": False}
        assert bind["read_only"] is True
        source = bind["source"].removeprefix("./")
        if match := VARIABLE.fullmatch(bind["source"]):
            source = match["rest"].removeprefix("./")
        if source in MADE_ON_THE_SITE:
            assert {f"/{source}", f"/{source}/"} & set(ignored)
        else:
            assert (ROOT / source).exists(), source
