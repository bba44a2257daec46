"""The reference is the loader's own schema: complete, and without two meanings for one heading."""

from alarm_rules.detector_params import all_parameter_names, detector_names, parameters_of
from alarm_rules.pack_files import pack_names
from alarm_rules.reference import file_keys, packs, register_columns, register_keys, rule_keys
from alarm_rules.register_keys import IGNORED_COLUMNS, OPPOSITE_OF_IN_USE
from alarm_rules.rule_keys import FILE_KEYS, RULE


def test_reference_explains_every_key():
    for reference in (*file_keys(), *register_keys(), *register_columns(), *rule_keys()):
        assert reference.doc.endswith("."), reference.key
        assert reference.type, reference.key


def test_rule_keys_hold_every_parameter_of_every_detector():
    listed = {reference.key for reference in rule_keys()}
    for detector in detector_names():
        assert {f"when.{detector}.{name}" for name in parameters_of(detector)} <= listed


def test_register_keys_show_how_yaml_nests_them():
    listed = {reference.key for reference in register_keys()}
    assert {"enterprise.id", "installation.hazard_class", "unit.kind", "point.limits.HH"} <= listed
    assert "point.out_of_service.reason" in listed


def test_parameter_of_a_detector_is_never_taken_for_a_key_of_the_rule():
    assert not all_parameter_names() & {*RULE, "change", "since"}


def test_default_from_the_point_is_said():
    (period,) = [reference for reference in rule_keys() if reference.key == "when.stale.period_s"]
    assert period.default == "the point's period_s"


def test_no_heading_of_a_register_means_two_columns():
    headings = [name for column in register_columns() for name in (column.key, *column.aliases)]
    headings += [*OPPOSITE_OF_IN_USE, *IGNORED_COLUMNS]
    assert sorted(headings) == sorted(set(headings))


def test_packs_and_file_keys_are_all_listed():
    assert tuple(pack.name for pack in packs()) == pack_names()
    assert [reference.key for reference in file_keys()] == list(FILE_KEYS)
