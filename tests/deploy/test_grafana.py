"""What Grafana is given, against what the gateway writes."""

import inspect
import json

import yaml

from gateway.history.influxdb import InfluxHistory
from tests.deploy.composition import ROOT, SERVICES, environment

FOLDER = ROOT / "deploy" / "grafana"
SOURCE = yaml.safe_load((FOLDER / "datasources" / "influxdb.yml").read_text())["datasources"][0]
GATEWAY = environment("gateway")


def test_data_source_is_the_bucket_that_the_gateway_writes() -> None:
    assert SOURCE["url"] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_URL"]
    assert SOURCE["jsonData"]["organization"] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_ORG"]
    assert SOURCE["jsonData"]["defaultBucket"] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_BUCKET"]
    influxdb = environment("influxdb")
    assert influxdb["DOCKER_INFLUXDB_INIT_BUCKET"] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_BUCKET"]
    assert influxdb["DOCKER_INFLUXDB_INIT_ORG"] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_ORG"]


def test_token_comes_from_the_environment_and_is_the_gateways() -> None:
    variable = SOURCE["secureJsonData"]["token"].removeprefix("$")
    assert environment("grafana")[variable] == GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_TOKEN"]
    assert environment("influxdb")["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN"] == environment("grafana")[variable]


def test_dashboards_ask_for_what_the_gateway_writes() -> None:
    measurement = inspect.signature(InfluxHistory).parameters["measurement"].default
    bucket = GATEWAY["HAZARDWATCH_GATEWAY_INFLUXDB_BUCKET"]
    for file in (FOLDER / "dashboards").glob("*.json"):
        dashboard = json.loads(file.read_text())
        asked = [(variable["query"], variable["datasource"]) for variable in dashboard["templating"]["list"]]
        asked += [
            (target["query"], target["datasource"])
            for panel in dashboard["panels"]
            for target in panel["targets"]
        ]
        assert len(asked) >= 2
        for query, source in asked:
            assert source["uid"] == SOURCE["uid"]
            assert f'bucket: "{bucket}"' in query
            assert f'"{measurement}"' in query


def test_dashboards_are_looked_for_where_they_are_mounted() -> None:
    provider = yaml.safe_load((FOLDER / "dashboards" / "dashboards.yml").read_text())["providers"][0]
    targets = [volume["target"] for volume in SERVICES["grafana"]["volumes"] if isinstance(volume, dict)]
    assert provider["options"]["path"] in targets
