"""Ten thousand points, as a city's register has them: checked completely, with every pack."""

from collections import Counter

from alarm_rules.load import check_site

KINDS = [
    "level,m,0,12,,0.8,1.5,10,11",
    "pressure,MPa,0,2.5,,,,1.6,1.8",
    "temperature,degC,-40,80,,,,40,50",
    "combustible_gas,%LEL,0,100,74-82-8,,,,",
    "toxic_gas,ppm,0,100,7783-06-4,,,,",
]
HEADING = "enterprise,installation,unit,tag,quantity,engineering_unit,range_low,range_high,cas,LL,L,H,HH\n"
POINTS = 10_000


def _row(i: int) -> str:
    return f"E{i % 50:03},H{i % 200:04},U{i % 2000:04},P{i:05},{KINDS[i % len(KINDS)]}\n"


def test_ten_thousand_points_are_checked_with_all_packs(tmp_path):
    rows = [_row(i) for i in range(POINTS)]
    rows[1233] = rows[1233].replace("74-82-8", "74-82-9").replace("%LEL", "%LLE")
    (tmp_path / "register.csv").write_text(HEADING + "".join(rows), "utf-8")
    (tmp_path / "rules.yaml").write_text("packs: [gas, level, pressure, temperature, instrument]\n", "utf-8")
    site, findings = check_site(tmp_path)
    assert site is None
    assert {finding.line for finding in findings} == {1235}

    rows[1233] = _row(1233)
    (tmp_path / "register.csv").write_text(HEADING + "".join(rows), "utf-8")
    site, findings = check_site(tmp_path)
    assert findings == []
    assert len(site.points) == POINTS
    kinds = Counter(rule.detector for rule in site.rules)
    assert kinds["stale"] == POINTS
    assert kinds["limit"] == POINTS // 5 * (4 + 2 + 2 + 2 + 2)
    assert len({rule.id for rule in site.rules}) == len(site.rules)
