"""The examples of docs/wire.md, read by the reader that the endpoint uses."""

import math
import re
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from alarm_rules.wording import halves
from detectors.quality import quality_name
from gateway.messages import Messages, Reading
from gateway.settings import GatewaySettings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "wire.md"
_EXAMPLE = re.compile(
    r"```mqtt\n(?P<topic>.*?)\n(?P<payload>.*?)\n```\n\n(?P<outcome>(?:- [^\n]*\n)+)", re.DOTALL
)

EXAMPLES = [
    pytest.param(match, id=match["payload"][:60]) for match in _EXAMPLE.finditer(PAGE.read_text("utf-8"))
]


@pytest.fixture(scope="module")
def messages() -> Messages:
    site = load_site(ROOT / "examples" / "tank-farm")
    numbers = {point.id: row for row, point in enumerate(site.points)}
    settings = GatewaySettings()
    return Messages(site, numbers, settings.formats, settings.payload_bytes)


def _outcome(reading: Reading, names: list[str]) -> list[str]:
    """What a reading brought, in the words of the page."""
    samples = reading.samples
    lines = []
    for point, value, quality in zip(samples.point, samples.value, samples.quality, strict=True):
        tag = names[point].partition("/")[2]
        shown = "no value" if math.isnan(value) else f"{value:g}"
        lines.append(f"- taken: `{tag}` = {shown} `{quality_name(int(quality))}`")
    lines += [f"- refused: {halves(row.reason).english}" for row in reading.quarantined]
    lines += [
        f"- condition: `{event.rule}` of `{event.point}` {'begins' if event.active else 'ends'}"
        for event in reading.events
    ]
    return lines


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_does_what_the_page_says(example: re.Match[str], messages: Messages) -> None:
    reading = messages.read("E001", "GW1", example["topic"], example["payload"].encode())
    names = [point.id for point in load_site(ROOT / "examples" / "tank-farm").points]
    assert _outcome(reading, names) == example["outcome"].splitlines()


def test_every_block_of_the_page_is_an_example() -> None:
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```mqtt") > 10
