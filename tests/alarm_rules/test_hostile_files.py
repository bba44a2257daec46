"""Whatever a file holds, `check` answers with findings, never with an exception."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alarm_rules.csv_rows import read_rows
from alarm_rules.findings import Findings
from alarm_rules.load import check_site
from alarm_rules.yaml_lines import MAX_NODES, YamlMapping, read_yaml

EXAMPLE = Path(__file__).parents[2] / "examples" / "tank-farm"
REGISTER = (EXAMPLE / "register.yaml").read_text("utf-8")
RULES = (EXAMPLE / "rules.yaml").read_text("utf-8") + (
    "rules:\n  - id: A\n    point: TK101.LT01\n    when: {detector: limit, side: HH, setpoint: 11.5}\n"
    "disable:\n  TK101.TT01.STALE: {reason: a, person: b}\n"
)
TABLE = (
    "enterprise,installation,hazard_class,unit,tag,quantity,engineering_unit,range_low,range_high,HH,cas\n"
    'E001,H01,3,U1,"LT1",level,m,0,12,11,\nE001,H01,3,U1,G1,toxic_gas,ppm,0,100,,7783-06-4\n'
)
PIECES = [
    *(
        "\n",
        "  ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "&a ",
        "*a",
        "#",
        "!x ",
        "|",
        ">",
        "?",
        "---",
        "\t",
        ",",
    ),
    *("1e999", "-0", "nan", "inf", "é", "\x00", "\x85", "\ufeff", "true", "~", "/", "9" * 400),
]


def _mutated(text: str, seed: int) -> str:
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(text)), chance.randint(0, 12)
        other = chance.randrange(len(text))
        inserted = chance.choice([chance.choice(PIECES), text[other : other + chance.randint(0, 60)], ""])
        text = text[:at] + inserted + text[at + length :]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**9), which=st.sampled_from(["register.yaml", "rules.yaml", "both", "register.csv"])
)
def test_mutated_site_gives_findings_or_a_site(seed, which, tmp_path):
    (tmp_path / "register.csv").unlink(missing_ok=True)
    register = _mutated(REGISTER, seed) if which in ("register.yaml", "both") else REGISTER
    rules = _mutated(RULES, seed) if which in ("rules.yaml", "both") else RULES
    (tmp_path / "register.yaml").write_text(register, "utf-8")
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    if which == "register.csv":
        (tmp_path / "register.csv").write_text(_mutated(TABLE, seed), "utf-8")
    site, findings = check_site(tmp_path)
    assert (site is None) == bool(findings)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=300),
    name=st.sampled_from(["register.yaml", "register.csv", "rules.csv", "rules.yaml"]),
)
def test_any_bytes_give_findings(raw, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(raw)
    site, findings = check_site(path)
    assert (site is None) == bool(findings)
    path.unlink()


def test_nested_aliases_are_refused_without_being_written_out():
    text = "a: &a [" + ",".join("x" * 10) + "]\n"
    for old, new in zip("abcdefghijklm", "bcdefghijklmn", strict=True):
        text += f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
    findings = Findings()
    assert read_yaml(text, "bomb.yaml", findings) is None
    assert f"{MAX_NODES:,}" in findings.sorted()[0].wrong


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 5_000 + "a", "a: &a [*a]"])
def test_bottomless_yaml_is_one_finding(text):
    findings = Findings()
    assert read_yaml(text, "deep.yaml", findings) is None
    assert len(findings) == 1


def test_yaml_keeps_the_line_of_every_key():
    findings = Findings()
    tree = read_yaml("a: 1\n\n# remark\nb:\n  - c: 2\n    d: &x {e: 3}\nf: *x\n", "f.yaml", findings)
    assert isinstance(tree, YamlMapping)
    assert tree.lines == {"a": 1, "b": 4, "f": 7}
    assert tree["b"][0].lines == {"c": 5, "d": 6}
    assert tree["f"]["e"] == "3"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_table_with_another_delimiter_reads_the_same(delimiter):
    findings = Findings()
    text = '# remark\n\na,b\n1,"2\nx"\n\n3,4\n'.replace(",", delimiter)
    rows = list(read_rows(text, "t.csv", {"a": "a", "b": "b"}, findings))
    assert [(row.line, row.values) for row in rows] == [
        (4, {"a": "1", "b": "2\nx"}),
        (7, {"a": "3", "b": "4"}),
    ]
    assert len(findings) == 0
