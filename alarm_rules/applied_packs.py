"""Packs laid over the points of a site, with the site's overrides and disabled rules."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from alarm_rules.detector_params import DETECTOR, make_params, read_params
from alarm_rules.findings import Entry, Findings, Place, Wrong, meant
from alarm_rules.keys import shown
from alarm_rules.model import Point, Priority
from alarm_rules.pack_files import FROM_PACKS, Figure, PackRule, load_pack
from alarm_rules.pack_rules import SETPOINT, Setpoints, bound_of, has_setpoint, parameters_for, rules_for
from alarm_rules.rule_book import RuleBook, make_rule
from alarm_rules.rule_entries import RuleEntries, RuleEntry
from alarm_rules.rule_keys import BILINGUAL
from alarm_rules.tables import unit_text
from alarm_rules.wording import Both


def apply_packs(entries: RuleEntries, book: RuleBook) -> None:
    """Every rule that the chosen packs give to a point, in the order of points and packs, into the book."""
    overrides = _by_full_id(entries.overrides, book)
    disabled = _by_full_id(entries.disabled, book)
    packs = [load_pack(name) for name in entries.packs]
    of_quantity: dict[str, list[_Given]] = {}
    given: set[str] = set()
    for point, entry in book.points.values():
        if point.quantity not in of_quantity:
            of_quantity[point.quantity] = [_given(*each) for each in rules_for(point.quantity, packs)]
        in_force: Setpoints = {}
        for each in of_quantity[point.quantity]:
            if not has_setpoint(each.rule, point):
                continue
            full = f"{point.id}.{each.rule.suffix}"
            given.add(full)
            if full in disabled:
                change = disabled[full]
                book.disable(full, point, change.entry.place, change.values)
            else:
                _Application(full, each, point, entry, overrides.get(full)).add_to(book, in_force)
    _refuse_strays("override", overrides, given, book)
    _refuse_strays("disable", disabled, given, book)


def _by_full_id(changes: Mapping[str, RuleEntry], book: RuleBook) -> dict[str, RuleEntry]:
    result: dict[str, RuleEntry] = {}
    for name, change in changes.items():
        full = book.full_id(name, change.entry.place, Both("规则", "rule"))
        if full is not None:
            result[full] = change
    return result


class _Given(NamedTuple):
    """A pack's rule with what it says of every point alike: made once, and not for each of its points."""

    pack: str
    rule: PackRule
    fields: dict[str, Any]
    origin: str


def _given(pack: str, rule: PackRule) -> _Given:
    return _Given(pack, rule, _pack_fields(rule), f"{FROM_PACKS}{pack}.yaml")


class _Application:
    """One pack rule on one point, perhaps with an override."""

    def __init__(
        self, full: str, given: _Given, point: Point, entry: Entry, override: RuleEntry | None
    ) -> None:
        """full: id of the rule that it makes."""
        self._full, self._given, self._point, self._entry = full, given, point, entry
        self._pack, self._rule = given.pack, given.rule
        self._override = override

    @property
    def _what(self) -> Both:
        name = f"{self._point.tag}.{self._rule.suffix}"
        if self._override:
            return Both(f"覆盖项 {name}", f"override of {name}")
        return Both(f"规则包 {self._pack} 的规则 {name}", f"pack {self._pack}, rule {name}")

    @property
    def _place(self) -> Place:
        return self._override.entry.place if self._override else self._entry.place

    def add_to(self, book: RuleBook, in_force: Setpoints) -> None:
        """Make the rule; `in_force` carries the point's set-points from its limits to its trends."""
        rule, point = self._rule, self._point
        changed = self._changes(book.findings)
        if changed is None:
            return
        try:
            values = parameters_for(rule, point, changed, in_force)
            if SETPOINT in rule.when and SETPOINT not in values:
                return  # a fault that is reported with the point leaves nothing to compare with
            self._keep_bound(values.get(SETPOINT), book.findings)
            params = make_params(rule.detector, values, point)
        except Wrong as wrong:
            book.findings.add(self._place, wrong.told_of(self._what), wrong.right)
            return
        if SETPOINT in rule.when:
            in_force[rule.suffix] = values[SETPOINT]
        origin, fields = self._given.origin, self._given.fields
        if self._override is not None:
            origin, fields = str(self._place), _overridden(fields, self._override.values)
        made = make_rule(self._full, point, rule.detector, params, fields, origin, self._pack)
        book.add(made, point, self._decided_at())

    def _decided_at(self) -> Place:
        if self._override is not None:
            return self._override.when.at(SETPOINT) if self._override.when.values else self._place
        return self._entry.at(self._rule.suffix)

    def _changes(self, findings: Findings) -> dict[str, Any] | None:
        """The parameters that the override gives; None with a finding if they cannot be used."""
        if self._override is None:
            return {}
        when = self._override.when
        named = when.values.get(DETECTOR, self._rule.detector)
        if named != self._rule.detector:
            findings.add(
                when.at(DETECTOR),
                Both(
                    f"{self._what.subject}用了检测方法 {shown(named)}，规则包的是 {self._rule.detector}",
                    f"{self._what} names detector {shown(named)}, the pack's is {self._rule.detector}",
                ),
                Both(
                    "请关闭规则包的规则，另写一条自有规则",
                    "disable the pack's rule and write a rule of your own",
                ),
            )
            return None
        return read_params(when, self._rule.detector, self._what, findings)

    def _keep_bound(self, setpoint: float | None, findings: Findings) -> None:
        """A set-point beyond what the standard allows needs a reason and a person, hence an override."""
        rule, point = self._rule, self._point
        if setpoint is None or not isinstance(rule.when.get(SETPOINT), Figure):
            return
        bound = bound_of(rule, point)
        if bound is None or bound.allows(setpoint):
            return
        owner = self._override.values if self._override else {}
        if owner.get("reason") and owner.get("person"):
            return
        side, remedy = ("above", "lower") if bound.upper else ("below", "raise")
        unit = unit_text(point.engineering_unit)
        beyond, back = ("高于", "降低") if bound.upper else ("低于", "提高")
        findings.add(
            self._decided_at(),
            Both(
                f"测点 {point.tag} 的 {rule.suffix} {setpoint:g} {unit} {beyond}规则包 {self._pack} "
                f"所定的界限 {bound.value:.4g} {unit}{bound.words.chinese}",
                f"{rule.suffix} {setpoint:g} {unit} of point {point.tag} is {side} "
                f"{bound.value:.4g} {unit}{bound.words}, where pack {self._pack} draws the line",
            ),
            Both(
                f"请{back}它，或覆盖 {point.tag}.{rule.suffix} 并写明原因和决定人",
                f"{remedy} it, or override {point.tag}.{rule.suffix} with reason and person",
            ),
        )


def _refuse_strays(kind: str, changes: Mapping[str, RuleEntry], given: set[str], book: RuleBook) -> None:
    strays = [full for full in changes if full not in given]
    by_point: dict[str, list[str]] = {}
    for name in sorted(given) if strays else ():
        by_point.setdefault(name.rpartition(".")[0], []).append(name.partition("/")[2])
    for full in strays:
        change = changes[full]
        point = full.rpartition(".")[0]
        if point.partition("/")[2] in book.broken:
            continue
        siblings = by_point.get(point, [])
        if siblings:
            right = Both(
                f"它的规则包规则有 {'、'.join(siblings)}", f"its pack rules are {', '.join(siblings)}"
            )
        else:
            close = book.findings.nearest(full, given)
            right = meant(
                close,
                Both(
                    "请把所属规则包加入 packs，或在台账中给出限值",
                    "add its pack to packs, or its limit to the register",
                ),
            )
        wrong = Both(
            f"{'覆盖' if kind == 'override' else '关闭'}的 {change.id} 不是任何规则包给出的",
            f"{kind} of {change.id}, which no pack gives",
        )
        book.findings.add(change.entry.place, wrong, right)


def _seconds(figure: Figure | None) -> float:
    return 0.0 if figure is None or figure.value is None else figure.value


def _overridden(fields: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A pack rule's keys with those that the site gives.

    A text that the site gives in one language only takes the pack's out of the other one too: nobody may read
    in his language what the site has replaced.
    """
    replaced = {
        other: ""
        for chinese in BILINGUAL
        for one, other in ((chinese, f"{chinese}_en"), (f"{chinese}_en", chinese))
        if one in given
    }
    return fields | replaced | dict(given)


def _pack_fields(rule: PackRule) -> dict[str, Any]:
    """A pack rule's keys as a rule of the site's own would give them."""
    return {
        "name": rule.name,
        "name_en": rule.name_en,
        "on_delay_s": _seconds(rule.on_delay_s),
        "off_delay_s": _seconds(rule.off_delay_s),
        "latched": rule.latched,
        "priority": Priority[rule.priority],
        "class": rule.alarm_class,
        "consequence": rule.consequence,
        "consequence_en": rule.consequence_en,
        "response": rule.response,
        "response_en": rule.response_en,
        "time_to_respond_s": _seconds(rule.time_to_respond_s) or None,
    }
