"""The example client against the real service."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from examples.client.hazardwatch_client import PAGE, ApiProblem, Client
from tests.api.plant import SECOND, T0, change, delivery
from tests.api.serving import Api, running_api

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30


@pytest.fixture
def api(tmp_path):
    with running_api(tmp_path / "data") as running:
        yield running


def test_client_lists_every_open_alarm_over_several_pages(api: Api) -> None:
    many = [change(n, onset=T0 + n * SECOND, point=f"acme/P{n}") for n in range(1, PAGE + 3)]
    assert api.post("/intake/conditions", delivery(*many)).status_code == 200
    with Client(api.url, api.key) as client:
        found = list(client.open_alarms())
        assert len(found) == len({alarm.id for alarm in found}) == len(many)
        assert list(client.open_alarms("LOW")) == []


def test_client_answers_an_alarm_and_is_told_who_was_first(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    with Client(api.url, api.key) as client:
        (alarm,) = client.open_alarms()
        assert client.acknowledge(alarm.id, "去看").acknowledged_by == "张伟"
        with pytest.raises(ApiProblem, match="张伟") as refused:
            client.acknowledge(alarm.id)
        assert (refused.value.status, refused.value.kind) == (409, "action-refused")


def test_client_follows_what_changes(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    with Client(api.url, api.key) as client:
        changes = client.changes()
        first = next(changes)
        client.acknowledge(first.id)
        assert next(changes).state == "ACKED"
        changes.close()


def test_client_with_a_wrong_key_is_refused(api: Api) -> None:
    with Client(api.url, "hw_wrong") as client, pytest.raises(ApiProblem) as refused:
        list(client.open_alarms())
    assert refused.value.status == 401


def test_client_with_a_wrong_key_is_refused_by_the_live_stream_too(api: Api) -> None:
    with Client(api.url, "hw_wrong") as client, pytest.raises(ApiProblem, match="no valid key") as refused:
        next(client.changes())
    assert (refused.value.status, refused.value.kind) == (401, "key-required")


def _program(api: Api, key: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "examples.client.hazardwatch_client", "--url", api.url, "--key", key]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_program_with_a_wrong_key_says_so_in_one_line(api: Api) -> None:
    with _program(api, "hw_wrong") as program:
        _, said = program.communicate(timeout=DEADLINE_S)
    assert (program.returncode, said) == (1, "refused (401): no valid key, token or login\n")


def test_program_ends_quietly_at_ctrl_c(api: Api) -> None:
    api.post("/intake/conditions", delivery(change(1)))
    with _program(api, api.key) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=DEADLINE_S)
    assert (program.returncode, said) == (130, "")
