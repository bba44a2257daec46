"""What people read of a kind of detector is what stands in its file and what was measured."""

import pytest

from api.rule_book.kinds import false_alarms, kind_descriptions
from detectors.catalogue import kinds
from evaluation.false_alarm_texts import paragraph
from evaluation.false_alarms import kept

KINDS = {kind.name: kind for kind in kind_descriptions()}


def test_every_kind_says_what_it_finds_and_what_its_parameters_mean() -> None:
    assert list(KINDS) == list(kinds())
    silent = [name for name, kind in KINDS.items() if not kind.meaning.endswith((".", '"'))]
    assert silent == []
    assert [(n, p.name) for n, kind in KINDS.items() for p in kind.parameters if not p.doc] == []


def test_figures_are_those_that_were_measured() -> None:
    figures = kept()
    measured = {line.kind for line in figures.kinds}
    assert measured == {name for name, kind in KINDS.items() if kind.false_alarms}
    for line in figures.kinds:
        (found,) = [each for each in KINDS[line.kind].false_alarms if each.quantity == line.quantity]
        assert found.high == pytest.approx(line.high, rel=0.06)
        assert (found.per_point_year is None) == (line.alarms == 0)
        if found.per_point_year is not None:
            assert found.per_point_year == pytest.approx(line.per_point_year, rel=0.06)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_reading_a_paragraph_loses_no_quantity(name: str) -> None:
    figures = kept()
    text = " ".join(paragraph(name, figures).split())
    wanted = [line.quantity for line in figures.kinds if line.kind == name]
    assert [each.quantity for each in false_alarms(text)] == wanted
