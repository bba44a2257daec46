"""What is worth a second look in a register that is imported."""

from pathlib import Path

from alarm_rules.load import load_site
from api.bilingual import halves
from api.register.remarks import Remark, remarks_on
from tests.register.plants import REGISTER, write_yard

FIRST = """\
              - {tag: TK1.LT1, name: 液位, quantity: level, engineering_unit: m, range_low: 0, range_high: 12,
                 limits: {H: 10, HH: 11}, longitude: 117.0, latitude: 38.0}
"""
PAIR = REGISTER.replace(FIRST, FIRST + FIRST.replace("LT1", "LT2"))


def remarked(folder: Path, before: str, after: str) -> list[Remark]:
    new = load_site(write_yard(folder / "new", after))
    found = remarks_on(new, new.enterprises[0], load_site(write_yard(folder / "old", before)))
    return [each for each in found if each.kind == "twin_keeps_limit"]


def yard_of(register: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        register = register.replace(old, new, 1)
    return register


def test_gauge_whose_twin_keeps_the_old_limit_is_remarked(tmp_path: Path) -> None:
    (remark,) = remarked(tmp_path, PAIR, yard_of(PAIR, ("{H: 10,", "{H: 9.5,")))
    chinese, english = halves(remark.subject)
    assert chinese == "TK1.LT1 改为 H 9.5；TK1.LT2 仍为 H 10"
    assert english == "TK1.LT1 gets H 9.5; TK1.LT2 keeps H 10"


def test_pair_that_changes_together_is_not_remarked(tmp_path: Path) -> None:
    assert remarked(tmp_path, PAIR, PAIR.replace("{H: 10,", "{H: 9.5,")) == []


def test_gauge_that_had_limits_of_its_own_is_not_remarked(tmp_path: Path) -> None:
    unlike = yard_of(PAIR, ("{H: 10, HH: 11}", "{H: 9, HH: 11}"))
    assert remarked(tmp_path, unlike, yard_of(unlike, ("{H: 9,", "{H: 8,"))) == []
