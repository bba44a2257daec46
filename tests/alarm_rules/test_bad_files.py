"""Each folder under `bad/` holds one kind of mistake; `findings.txt` is what `check` must say about it."""

import re
from pathlib import Path

import pytest

from alarm_rules.check import ORDER
from alarm_rules.detector_params import detector_names
from alarm_rules.load import SiteInvalid, check_site, load_site
from alarm_rules.yaml_lines import MAX_BYTES

BAD = Path(__file__).parent / "bad"
MISTAKES = sorted(path.name for path in BAD.iterdir())


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_site_names_place_and_remedy_of(mistake, monkeypatch):
    monkeypatch.chdir(BAD)
    site, findings = check_site(Path(mistake))
    assert site is None
    said = [str(finding).removeprefix(f"{mistake}/") for finding in findings]
    expected = (BAD / mistake / "findings.txt").read_text("utf-8")
    assert said == expected.replace("{detectors}", ", ".join(detector_names())).splitlines()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_finding_has_a_line_and_three_parts_for(mistake):
    for finding in check_site(BAD / mistake)[1]:
        assert finding.line >= 1
        assert finding.wrong
        assert finding.right
        assert "\n" not in str(finding)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_finding_is_told_in_chinese_as_well_for(mistake):
    for finding in check_site(BAD / mistake)[1]:
        assert is_chinese(finding.wrong_zh), finding
        kinds_own_words = "检测方法" in finding.wrong_zh and "不接受" in finding.wrong_zh
        assert is_chinese(finding.right_zh) or finding.right_zh == ORDER.chinese or kinds_own_words, finding
        facts = re.findall(r"'[^']*'", finding.wrong)
        assert all(fact in finding.wrong_zh for fact in facts if fact != "'system'"), finding


def is_chinese(text):
    return any("一" <= character <= "鿿" for character in text)


def test_load_site_raises_all_findings_at_once():
    with pytest.raises(SiteInvalid) as raised:
        load_site(BAD / "csv-too-many-cells")
    assert len(raised.value.findings) == 3
    assert "register.csv:2" in str(raised.value)


def test_check_site_of_a_missing_path_is_a_finding(tmp_path):
    site, findings = check_site(tmp_path / "nowhere")
    assert site is None
    assert "no such file or folder" in findings[0].wrong


def test_check_site_refuses_a_huge_file_without_reading_it(tmp_path):
    path = tmp_path / "register.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    _, findings = check_site(path)
    assert "are not read" in findings[0].wrong


def test_thousands_of_mistakes_are_all_reported(tmp_path):
    rows = [f"R{i},P{i:05},limit,HH,5" for i in range(3000)]
    (tmp_path / "rules.csv").write_text("id,point,detector,side,setpoint\n" + "\n".join(rows), "utf-8")
    (tmp_path / "register.csv").write_text(
        "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high\n"
        "E001,H01,U1,P00000X,level,m,0,12\n",
        "utf-8",
    )
    assert len(check_site(tmp_path)[1]) == 3000
