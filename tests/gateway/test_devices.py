"""The devices file: who may publish, what becomes of a spoilt one, and what it never holds."""

import resource
import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.mqtt.devices import Devices, DevicesInvalid, add_device, load_devices, remove_device


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "devices.yaml"


def test_device_is_let_in_with_its_key_alone(path):
    key = add_device(path, "E1", "GW1")
    devices = Devices(path)
    found = devices.by_key("E1/GW1", key.encode())
    assert found is not None
    assert (found.name, found.topic) == ("E1/GW1", "hazardwatch/v1/E1/GW1")
    for name, password in (
        ("E1/GW1", b"other"),
        ("E1/GW1", None),
        ("E1/GW1", b""),
        ("E1/GW2", key.encode()),
        (None, key.encode()),
        ("", b""),
    ):
        assert devices.by_key(name, password) is None


def test_file_holds_no_key_and_only_its_owner_reads_it(path):
    key = add_device(path, "E1", "GW1")
    assert key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) >= 32


def test_device_added_again_has_a_new_key(path):
    old, new = add_device(path, "E1", "GW1"), add_device(path, "E1", "GW1")
    devices = Devices(path)
    assert devices.by_key("E1/GW1", old.encode()) is None
    assert devices.by_key("E1/GW1", new.encode()) is not None
    assert len(load_devices(path)) == 1


def test_device_added_or_removed_while_running_is_known_at_once(path):
    devices = Devices(path)
    assert devices.by_key("E1/GW1", b"") is None
    key = add_device(path, "E1", "GW1")
    assert devices.by_key("E1/GW1", key.encode()) is not None
    assert remove_device(path, "E1/GW1")
    assert devices.by_key("E1/GW1", key.encode()) is None
    assert not remove_device(path, "E1/GW1")


def test_device_of_a_certificate_needs_no_key(path):
    add_device(path, "E1", "GW1", "gw1.plant.example")
    devices = Devices(path)
    assert devices.by_certificate("gw1.plant.example").name == "E1/GW1"
    assert devices.by_certificate("other") is None
    assert devices.by_certificate("") is None


def test_device_without_key_hash_takes_no_password(path):
    path.parent.mkdir()
    path.write_text("- {enterprise: E1, gateway: GW1, certificate_cn: gw1}\n")
    assert Devices(path).by_key("E1/GW1", b"") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {enterprise: E1", "hazardwatch device add"),
        ("- {enterprise: E1, gateway: GW1, password: secret}\n", "password"),
        ("- {enterprise: E1}\n", "gateway"),
        ("E1: GW1\n", "array"),
        (
            "- {enterprise: E1, gateway: GW1}\n- {enterprise: E1, gateway: GW1}\n",
            "'E1/GW1' stands there twice",
        ),
        (
            "".join(f"- {{enterprise: E1, gateway: {name}, certificate_cn: x}}\n" for name in "AB"),
            "certificate_cn 'x' stands there twice",
        ),
        ("- !!python/object/apply:os.system ['true']\n", "python/object"),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_what_to_do(path, text, words):
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(DevicesInvalid) as refused:
        load_devices(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    with pytest.raises(DevicesInvalid):
        Devices(path).by_key("E1/GW1", b"")


def test_file_that_is_not_text_is_refused(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(DevicesInvalid):
        load_devices(path)


def test_file_spoilt_while_running_keeps_the_devices_known_before(path):
    key = add_device(path, "E1", "GW1")
    devices = Devices(path)
    assert devices.by_key("E1/GW1", key.encode())
    path.write_text("- {enterprise:")
    with capture_logs() as logs:
        assert devices.by_key("E1/GW1", key.encode())
        assert devices.by_key("E1/GW1", key.encode())
    assert [entry["log_level"] for entry in logs] == ["error"], "said once, not at every connection"
    assert str(path) in logs[0]["error"]
    path.unlink()
    new = add_device(path, "E1", "GW2")
    assert devices.by_key("E1/GW2", new.encode())
    assert devices.by_key("E1/GW1", key.encode()) is None


@pytest.mark.parametrize("part", ["", "a/b", "+", "a#", " a", "a\0"])
def test_device_name_that_cannot_be_part_of_a_topic_is_refused(path, part):
    with pytest.raises(DevicesInvalid):
        add_device(path, "E1", part)
    with pytest.raises(DevicesInvalid):
        add_device(path, part, "GW1")
    assert not path.exists()


def test_file_that_cannot_be_written_leaves_the_old_one(path):
    add_device(path, "E1", "GW1")
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))  # as a full disk: no file grows beyond ten bytes
    try:
        with pytest.raises(OSError, match="too large"):
            add_device(path, "E1", "GW2")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
