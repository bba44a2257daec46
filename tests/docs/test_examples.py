"""YAML in the pages, read by what reads it in the product."""

import re
import shutil
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from api.call_up.sandbox import read_script
from api.desks.policy import load_policy
from api.publish.platforms import load_platforms

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def example(page: str, begins: str) -> str:
    """The YAML block of a page that begins so."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if block.startswith(begins)]
    return found


def test_ladder_of_the_page_is_taken_first_for_what_it_is_for(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "examples" / "tank-farm", site)
    (site / "ladders.yaml").write_text(example("escalation.md", "ladders:"))
    ladder = load_site(site).ladders[0]
    assert (ladder.id, ladder.top.call_up) == ("second-level-gas", True)
    assert [step.after_s for step in ladder.steps] == [0, 60, 300]
    assert [step.after_s for step in ladder.acked_steps] == [600]


@pytest.mark.parametrize(("page", "begins"), [("desks.md", "audiences:"), ("operations.md", "duty_checks:")])
def test_sections_of_a_desk_policy_replace_the_shipped_ones(page: str, begins: str, tmp_path: Path) -> None:
    file = tmp_path / "desks.yaml"
    file.write_text(example(page, begins))
    changed, shipped = load_policy(file), load_policy()
    assert changed.fingerprint != shipped.fingerprint
    assert changed.levels == shipped.levels


def test_platform_of_the_page_is_read_with_its_keys(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name, text in (("key.hex", "00" * 16), ("iv.hex", "11" * 16), ("app", "secret")):
        (tmp_path / "secrets" / name).write_text(text)
    file = tmp_path / "platforms.yaml"
    file.write_text(example("operations.md", "platforms:"))
    (platform,) = load_platforms(file)
    assert (platform.id, platform.entry.envelope) == ("province", "sm4_cbc_hex")


def test_script_of_a_drill_is_read(tmp_path: Path) -> None:
    file = tmp_path / "drill.yaml"
    file.write_text(example("people.md", "li-qiang:"))
    assert [one.outcome for one in read_script(file)["li-qiang"]] == ["no_answer", "answered"]
