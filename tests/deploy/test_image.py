"""Dockerfile, .dockerignore and package data against the project's description."""

import re
import tomllib

import pytest

from api.settings import ApiSettings
from gateway.settings import GatewaySettings
from tests.deploy.composition import COMPOSE, ROOT, SERVICES

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = [name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]


def test_base_image_is_pinned_and_new_enough() -> None:
    stages = re.findall(r"^FROM .* AS (\S+)", DOCKERFILE, re.MULTILINE)
    bases = [base for base in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) if base not in stages]
    assert len(set(bases)) == 1
    version = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-\w+", bases[0])
    least = re.search(r"(\d+)\.(\d+)", PROJECT["project"]["requires-python"])
    assert tuple(map(int, version.groups())) >= tuple(map(int, least.groups()))


def test_process_runs_as_a_user_without_rights() -> None:
    final_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    users = re.findall(r"^USER (\S+)", final_stage, re.MULTILINE)
    assert users == ["10001"]
    assert "--uid 10001" in final_stage


def test_folders_of_the_volumes_belong_to_that_user() -> None:
    made = re.search(r"install -d -o hazardwatch -g hazardwatch -m 0700 (.*) *$", DOCKERFILE, re.MULTILINE)
    targets = {
        volume.split(":")[1]
        for name in ("gateway", "api", "plant-key", "plant")
        for volume in SERVICES[name]["volumes"]
        if isinstance(volume, str)
    }
    assert targets == set(made[1].split())


def test_environment_names_settings() -> None:
    names = re.findall(r"\bHAZARDWATCH_\w+(?==)", DOCKERFILE)
    assert len(names) == 5
    for name in names:
        model = GatewaySettings if "_GATEWAY_" in name else ApiSettings
        assert name.removeprefix(model.model_config["env_prefix"]).lower() in model.model_fields


def test_image_is_named_after_the_version() -> None:
    assert SERVICES["gateway"]["image"] == f"hazardwatch:{PROJECT['project']['version']}"
    assert COMPOSE["name"] == PROJECT["project"]["name"]


def test_every_package_reaches_the_build_and_nothing_else_does() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert allowed == {*PACKAGES, "pyproject.toml", "requirements.lock", "README.md", "dashboard"}


@pytest.mark.parametrize("package", PACKAGES)
def test_data_files_of_a_package_are_in_the_wheel(package: str) -> None:
    folder = ROOT / package
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(package, [])
    packed = {file for pattern in patterns for file in folder.glob(pattern)}
    data = {
        file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc") and file.name != "py.typed"
    }
    assert data - packed == set()
    assert folder.is_dir()
