"""Fingerprints tell whether two processes run the same register and rules, enterprise by enterprise."""

from alarm_rules.fingerprint import fingerprints
from tests.alarm_rules.sites import LEVEL, gas, loaded

OTHER = LEVEL.replace("LT1", "LT2")


def test_fingerprint_is_the_same_for_the_same_content_at_another_place(tmp_path):
    one = loaded(tmp_path / "one", [LEVEL], "packs: [level]\n")
    two = loaded(tmp_path / "two", [LEVEL], "# a remark moves every line\npacks: [level]\n")
    assert fingerprints(one) == fingerprints(two)


def test_fingerprint_differs_for_a_point_a_limit_a_name_and_a_rule(tmp_path):
    sites = [
        loaded(tmp_path / "a", [LEVEL], "packs: [level]\n"),
        loaded(tmp_path / "b", [LEVEL, OTHER], "packs: [level]\n"),
        loaded(tmp_path / "c", [LEVEL.replace("HH: 11", "HH: 11.5")], "packs: [level]\n"),
        loaded(tmp_path / "d", [LEVEL + ", name: 液位"], "packs: [level]\n"),
        loaded(tmp_path / "e", [LEVEL], "packs: [level, instrument]\n"),
        loaded(tmp_path / "f", [gas("LT1", "74-82-8", "%LEL", quantity="combustible_gas")]),
    ]
    found = [fingerprints(site)["E001"] for site in sites]
    assert len(set(found)) == len(found)
