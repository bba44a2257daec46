"""The example client against the real service."""

import pytest

from examples.client.hazardwatch_client import PAGE, ApiProblem, Client
from tests.api.plant import SECOND, T0, change, delivery
from tests.api.serving import Api, running_api


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
