"""From topic and payload to samples, refusals and events: the way that every ingress shares."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alarm_rules.load import load_site
from alarm_rules.model import Site
from gateway import messages as module
from gateway.journal import Journal
from gateway.messages import Messages, Reading, device_of
from tests.gateway.endpoint import OFFLINE, write_site

ROOT = "hazardwatch/v1/E1/GW1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load_site(write_site(tmp_path_factory.mktemp("site")))


@pytest.fixture(scope="module")
def number(site: Site) -> dict[str, int]:
    return {point.id: i + 1 for i, point in enumerate(site.points)}


@pytest.fixture(scope="module")
def messages(site: Site, number: dict[str, int]) -> Messages:
    return Messages(site, number, {"data": "json", "old": "json"}, 200)


def read(messages: Messages, topic: str, payload: str | bytes, device: str = "E1/GW1") -> Reading:
    raw = payload.encode() if isinstance(payload, str) else payload
    return messages.read(*device.split("/"), topic, raw)


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        (f"{ROOT}/data", ("E1", "GW1")),
        (f"{ROOT}/data/a/b", ("E1", "GW1")),
        (ROOT, None),
        (f"{ROOT}/", ("E1", "GW1")),
        ("hazardwatch/v1//GW1/data", None),
        ("hazardwatch/v1/E1//data", None),
        ("hazardwatch/v2/E1/GW1/data", None),
        ("x/hazardwatch/v1/E1/GW1/data", None),
        ("", None),
    ],
)
def test_device_of_a_topic(topic, expected):
    assert device_of(topic) == expected


def test_device_publishes_its_own_points_and_those_of_nobody_in_particular(messages, number):
    assert set(messages.tags("E1", "GW1").rows) == {"LT1", "LT2", "液位3"}
    assert set(messages.tags("E1", "GW2").rows) == {"OTHER", "液位3"}
    assert messages.tags("E2", "GW1").rows == {"LT1": number["E2/LT1"]}
    assert messages.tags("E9", "GW1").rows == {}


def test_batch_and_single_point_are_read_on_every_level_of_the_settings(messages, number):
    for level in ("data", "old"):
        batch = read(messages, f"{ROOT}/{level}", '{"t": 5, "v": {"LT1": 1, "LT2": 2}}')
        assert batch.samples.point.tolist() == [number["E1/LT1"], number["E1/LT2"]]
        assert batch.samples.source_time.tolist() == [5_000_000] * 2
        single = read(messages, f"{ROOT}/{level}/液位3", '{"v": 3}')
        assert single.samples.point.tolist() == [number["E1/液位3"]]
        assert (batch.quarantined, single.quarantined) == ((), ())


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("hazardwatch/v1/E2/GW1/data", "a device publishes its own"),
        ("hazardwatch/v1/E1/GW1", "a device publishes its own"),
        ("hazardwatch/v1/E1/GW10/data", "a device publishes its own"),
        (f"{ROOT}/dta", "topic level 'dta' is not known: use one of data, old, state"),
        (f"{ROOT}/", "topic level '' is not known"),
        (f"{ROOT}/state/LT1", "topic level 'state' is not known"),
    ],
)
def test_topic_that_cannot_be_read_is_quarantined_with_a_reason(messages, topic, words):
    found = read(messages, topic, '{"v": {"LT1": 1}}')
    (row,) = found.quarantined
    assert len(found.samples.point) == 0
    assert (row.topic, row.device, row.payload, row.tags) == (topic, "E1/GW1", b'{"v": {"LT1": 1}}', ())
    assert words in row.reason


def test_quarantine_of_a_part_names_first_reason_number_and_tags(messages, number):
    payload = '{"v": {"X": 1, "LT1": 2, "LT2": "3", "Y": 4}}'
    found = read(messages, f"{ROOT}/data", payload)
    assert found.samples.point.tolist() == [number["E1/LT1"]]
    (row,) = found.quarantined
    assert row.tags == ("X", "LT2", "Y")
    assert row.reason == (
        "X：台账中此设备没有这个位号：请登记测点，或改正位号（另有 2 处） ‖ "
        "X: the register has no such tag for this device: add the point or mend the tag (and 2 more)"
    )
    assert row.payload == payload.encode()


def test_payload_that_is_too_long_is_quarantined_unread(messages):
    assert read(messages, f"{ROOT}/data", '{"v":{"LT1":1}}'.ljust(200)).quarantined == ()
    (row,) = read(messages, f"{ROOT}/data", '{"v":{"LT1":1}}'.ljust(201)).quarantined
    assert "payload of 201 bytes: at most 200 are read" in row.reason


@pytest.mark.parametrize(("online", "active"), [(True, False), (False, True)])
def test_state_is_the_offline_condition_of_the_device(messages, online, active):
    found = read(messages, f"{ROOT}/state", json.dumps({"online": online}))
    (event,) = found.events
    assert (event.rule, event.point, event.active) == (OFFLINE, "E1/GW1", active)
    assert found.quarantined == ()


@pytest.mark.parametrize(
    "payload", ["", "{}", '{"online": 1}', '{"online": true, "x": 1}', "[" * 190, b"\xff"]
)
def test_state_that_cannot_be_read_is_quarantined(messages, payload):
    found = read(messages, f"{ROOT}/state", payload)
    assert found.events == ()
    assert "state is not readable" in found.quarantined[0].reason


def test_codec_of_the_settings_that_does_not_exist_is_refused(site, number):
    with pytest.raises(ValueError, match="codec 'xml' is not known: use one of json"):
        Messages(site, number, {"data": "xml"}, 100)


def test_tags_of_made_up_devices_do_not_pile_up(site, number, monkeypatch):
    monkeypatch.setattr(module, "MOST_DEVICES", 10)
    messages = Messages(site, number, {"data": "json"}, 100)
    first = messages.tags("E1", "GW1")
    for i in range(100):
        messages.tags("E1", f"made-up-{i}")
    assert len(messages._tags) == 10
    assert messages.tags("E1", "GW1").rows == first.rows


levels = st.sampled_from(["data", "state", "old", "", "x"])
tags = st.sampled_from(["", "/LT1", "/液位3", "/\ud7ff", "//"]) | st.text(max_size=3).map(lambda t: f"/{t}")
devices = st.sampled_from(["E1/GW1", "E2/GW1", "E9/GW9"])


@settings(max_examples=150, deadline=None)
@given(
    devices,
    devices,
    levels,
    tags,
    st.binary(max_size=40) | st.text(max_size=40).map(lambda t: json.dumps({"v": {t: 1}}).encode()),
)
@example("E1/GW1", "E1/GW1", "data", "", b'{"v": {"\\udfff": "\\ud800"}, "q": {"\\udbff": 1}}')
@example("E1/GW1", "E1/GW1", "data", "", b'{"v": {"\\u0000": 1}}')
@example("E1/GW1", "E1/GW1", "data", "", b'{"\\ud800": 1}')
def test_any_message_is_read_or_quarantined_and_fits_into_the_journal(
    messages, tmp_path_factory, of, says, level, tag, payload
):
    found = messages.read(*of.split("/"), f"hazardwatch/v1/{says}/{level}{tag}", payload)
    assert len({len(column) for column in found.samples}) == 1
    if not found.quarantined and not found.events:
        assert len(found.samples.point) or payload.strip() in (b"[]",) or b"{}" in payload.replace(b" ", b"")
    journal = journal_of(tmp_path_factory)
    journal.append(journal.received_time + 1, found.samples, [], found.quarantined)


_journals: list[Journal] = []


def journal_of(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    """One for all examples."""
    if not _journals:
        _journals.append(Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite"))
    return _journals[0]


@pytest.fixture(scope="module", autouse=True)
def _close_journals():
    yield
    while _journals:
        _journals.pop().close()


def test_samples_of_a_reading_are_columns_of_their_kinds(messages):
    samples = read(messages, f"{ROOT}/data", '{"v": {"LT1": 1}}').samples
    assert [column.dtype for column in samples] == [np.int32, np.int64, np.float64, np.uint8]
