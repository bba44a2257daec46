"""Tags that the register does not have are kept for the administrator: bounded, counted, in no log."""

import pytest

from gateway.messages import Messages
from gateway.metrics import Metrics
from gateway.unknown_tags import MOST_OF_A_DEVICE, MOST_TAGS, UnknownTags
from tests.gateway.plant import make_site

SECOND = 1_000_000_000


@pytest.fixture
def table() -> UnknownTags:
    return UnknownTags(Metrics())


def test_unknown_tag_keeps_count_times_and_last_value(table):
    table.note("E001/GW1", "TK9.LT1", 4.5, 10 * SECOND)
    table.note("E001/GW1", "TK9.LT1", 4.7, 20 * SECOND)
    (found,) = table.all()
    assert (found.times, found.first_seen, found.last_seen) == (2, 10 * SECOND, 20 * SECOND)
    assert found.last_value == 4.7


@pytest.mark.parametrize("value", ["open", None, True, [1], 10**400])
def test_value_that_is_no_number_is_kept_as_none(table, value):
    table.note("E001/GW1", "TK9.LT1", value, SECOND)
    assert table.all()[0].last_value is None


def test_device_that_makes_up_names_gives_up_its_own_oldest(table):
    table.note("E001/GW2", "KEPT", 1.0, 0)
    for number in range(MOST_OF_A_DEVICE + 5):
        table.note("E001/GW1", f"T{number}", 1.0, number)
    tags = {tag.tag for tag in table.all()}
    assert "KEPT" in tags
    assert "T4" not in tags
    assert "T5" in tags
    assert len(tags) == MOST_OF_A_DEVICE + 1


def test_table_never_grows_beyond_its_bound_and_counts_what_it_leaves_out():
    metrics = Metrics()
    table = UnknownTags(metrics)
    for number in range(MOST_TAGS + 7):
        table.note(f"E001/GW{number}", "T", 1.0, number)
    assert len(table.all()) == MOST_TAGS
    assert metrics.unknown_dropped._value.get() == 7
    assert metrics.unknown_values._value.get() == MOST_TAGS + 7


def test_message_tells_of_unknown_tags_with_their_values(tmp_path):
    site = make_site(tmp_path)
    number = {point.id: row for row, point in enumerate(site.points)}
    messages = Messages(site, number, {"data": "json"}, 10_000)
    told: list[tuple[str, str, object]] = []
    messages.on_unknown = lambda *seen: told.append(seen)
    enterprise = site.enterprises[0].id
    topic = f"hazardwatch/v1/{enterprise}/GW1/data"
    messages.read(enterprise, "GW1", topic, b'{"v": {"NO.SUCH": 5.5}}')
    messages.read(enterprise, "GW1", f"{topic}/NO.SUCH2", b'{"v": 7}')
    assert told == [(f"{enterprise}/GW1", "NO.SUCH", 5.5), (f"{enterprise}/GW1", "NO.SUCH2", 7)]
