"""Figures of the field: complete, sourced, and in agreement with themselves."""

import pytest
import yaml

from alarm_rules.model import Quantity
from alarm_rules.tables import (
    FOLDER,
    classification,
    engineering_units,
    gas_concentration,
    hazard_class_of,
    share_of_lel,
    substances,
    unit_symbols,
    unit_text,
)


def _is_cas(number: str) -> bool:
    digits = number.replace("-", "")
    total = sum(int(digit) * place for place, digit in enumerate(reversed(digits[:-1]), 1))
    return number.count("-") == 2 and total % 10 == int(digits[-1])


def test_every_cas_number_has_its_check_digit():
    listed = [*substances(), *classification().beta["gases"], *classification().threshold_t["substances"]]
    assert [number for number in listed if not _is_cas(number)] == []


def test_substances_are_listed_once_each():
    tree = yaml.safe_load((FOLDER / "substances.yaml").read_text("utf-8"))
    assert len(tree["substances"]) == len(substances())
    assert all(source["status"] and source["text"] for source in tree["sources"].values())


def test_explosive_and_exposure_limits_are_in_order():
    for gas in substances().values():
        for lel in (gas.lel_iec, gas.lel_nfpa):
            assert lel is None or 0 < lel < gas.uel <= 100
        oel = gas.oel()
        assert oel is None or gas.idlh is None or 0 < oel < gas.idlh


def test_one_percent_lel_of_methane_is_440_or_500_ppm_by_authority():
    methane = substances()["74-82-8"]
    assert share_of_lel(1, "ppm", methane.lel("IEC")) == pytest.approx(440)
    assert share_of_lel(1, "ppm", methane.lel("NFPA")) == pytest.approx(500)


def test_gas_concentration_keeps_mass_and_converts_volume():
    h2s = substances()["7783-06-4"]
    assert gas_concentration(10, "mg/m3", h2s) == 10
    assert gas_concentration(10, "ppm", h2s) == pytest.approx(7.05, abs=0.01)
    assert gas_concentration(10, "ppb", h2s) == pytest.approx(7054, abs=1)
    assert gas_concentration(10, "kg", h2s) is None


@pytest.mark.parametrize(
    ("r", "expected"), [(480, 1), (100, 1), (99.9, 2), (50, 2), (12, 3), (10, 3), (9.9, 4), (0, 4)]
)
def test_hazard_class_of_r_value(r, expected):
    assert hazard_class_of(r) == expected


def test_classification_says_that_it_is_a_transcription():
    assert classification().status == "third-party transcription"


def test_every_quantity_has_its_units_and_no_spelling_means_two():
    assert set(engineering_units()) == set(Quantity.__args__)
    for quantity, allowed in engineering_units().items():
        spellings = [name for kept, others in allowed.units.items() for name in (kept, *others)]
        assert len(spellings) == len(set(spellings)), quantity


def test_unit_is_read_by_its_symbol_and_a_register_may_write_the_symbol():
    assert [unit_text(unit) for unit in ("degC", "m3/h", "mg/m3", "-", "%LEL")] == [
        "°C",
        "m³/h",
        "mg/m³",
        "",
        "%LEL",
    ]
    for quantity, allowed in engineering_units().items():
        for kept, others in allowed.units.items():
            assert unit_text(kept) in (kept, "", *others), (quantity, kept)


def test_every_unit_that_is_kept_with_a_power_or_a_degree_has_a_symbol():
    kept = {unit for allowed in engineering_units().values() for unit in allowed.units}
    written = {
        unit for unit in kept if unit.startswith("deg") or any(power in unit for power in ("m2", "m3"))
    }
    assert written <= set(unit_symbols())
