"""Entries, packs and points brought together: the rules that a gateway evaluates."""

from collections.abc import Iterator, Mapping
from typing import Any

from alarm_rules.check import LIMITS
from alarm_rules.detector_params import DETECTOR, detector_names, make_params, read_params
from alarm_rules.findings import Entry, Findings, Place, Wrong, meant
from alarm_rules.keys import shown
from alarm_rules.model import DisabledRule, Point, Priority, Rule
from alarm_rules.pack_files import PACKS, Figure, PackRule, load_pack
from alarm_rules.pack_rules import SETPOINT, bound_of, parameters_for, rules_for
from alarm_rules.rule_entries import RuleEntries, RuleEntry

_NO_ENTRY = Entry("", 0, {}, None)


class RuleBuilder:
    """Makes every rule of a site once; `rules` and `disabled` are the result."""

    def __init__(
        self,
        points: Mapping[str, tuple[Point, Entry]],
        broken: set[str],
        enterprises: tuple[str, ...],
        findings: Findings,
    ) -> None:
        self._points = points
        self._broken = broken
        self._enterprises = enterprises
        self._findings = findings
        self._places: dict[str, Place] = {}
        self._changed: dict[str, Place] = {}  # points whose limits do not come from the register alone
        self.rules: list[Rule] = []
        self.disabled: list[DisabledRule] = []

    def build(self, entries: RuleEntries) -> None:
        """Pack rules in the order of the points, then the site's own in the order of the files."""
        overrides = self._by_full_id(entries.overrides)
        disabled = self._by_full_id(entries.disabled)
        packs = [load_pack(name) for name in entries.packs]
        given: set[str] = set()
        for point, entry in self._points.values():
            for pack, rule in rules_for(point, packs):
                full = f"{point.id}.{rule.suffix}"
                given.add(full)
                if full in disabled:
                    self._disable(full, point, disabled[full])
                else:
                    self._add_pack_rule(full, point, entry, pack, rule, overrides.get(full))
        for kind, changes in (("override", overrides), ("disable", disabled)):
            self._refuse_strays(kind, changes, given)
        for own in entries.rules:
            self._add_own(own)
        self._check_order()

    def _by_full_id(self, changes: Mapping[str, RuleEntry]) -> dict[str, RuleEntry]:
        result: dict[str, RuleEntry] = {}
        for name, change in changes.items():
            full = self._full(name, change.entry.place, "rule")
            if full is not None:
                result[full] = change
        return result

    def _full(self, name: str, place: Place, what: str) -> str | None:
        """`{enterprise}/{name}`; the enterprise may be left out where there is only one."""
        if "/" in name:
            return name
        if len(self._enterprises) == 1:
            return f"{self._enterprises[0]}/{name}"
        if self._enterprises:
            listed = ", ".join(self._enterprises[:10])
            self._findings.add(
                place,
                f"{what} {name} does not say which enterprise",
                f"write {{enterprise}}/{name}; there are {listed}",
            )
        return None

    def _add_pack_rule(
        self, full: str, point: Point, entry: Entry, pack: str, rule: PackRule, override: RuleEntry | None
    ) -> None:
        what = f"pack {pack}, rule {point.tag}.{rule.suffix}"
        changed: dict[str, Any] = {}
        if override is not None:
            what = f"override of {point.tag}.{rule.suffix}"
            read = self._override_params(override, rule, what)
            if read is None:
                return
            changed = read
        place = override.entry.place if override else entry.place
        try:
            values = parameters_for(rule, point, changed)
            if SETPOINT in rule.when and SETPOINT not in values:
                return  # a fault of the point, reported with the point, leaves nothing to compare with
            self._keep_bound(values.get(SETPOINT), rule, point, entry, override)
            params = make_params(rule.detector, values, point)
        except Wrong as wrong:
            self._findings.add(place, f"{what}: {wrong.wrong}", wrong.right)
            return
        if override is not None and SETPOINT in changed:
            self._check_setpoint(params, point, override.when.at(SETPOINT), what)
            self._changed[point.id] = override.when.at(SETPOINT)
        origin = str(override.entry.place) if override else f"{PACKS.name}/{pack}.yaml"
        fields = _pack_fields(rule, point) | (override.values if override else {})
        self._add(_make_rule(full, point, rule.detector, params, fields, origin), point, place)

    def _override_params(self, override: RuleEntry, rule: PackRule, what: str) -> dict[str, Any] | None:
        named = override.when.values.get(DETECTOR, rule.detector)
        if named != rule.detector:
            self._findings.add(
                override.when.at(DETECTOR),
                f"{what} names detector {shown(named)}, the pack's is {rule.detector}",
                "disable the pack's rule and write a rule of your own",
            )
            return None
        return read_params(override.when, rule.detector, what, self._findings)

    def _keep_bound(
        self, setpoint: float | None, rule: PackRule, point: Point, entry: Entry, override: RuleEntry | None
    ) -> None:
        """A set-point beyond what the standard allows needs a reason and a person, hence an override."""
        figure = rule.when.get(SETPOINT)
        if setpoint is None or not isinstance(figure, Figure):
            return
        bound = bound_of(rule, point)
        if bound is None or bound.allows(setpoint):
            return
        if override is not None and override.values.get("reason") and override.values.get("person"):
            return
        place = entry.at(rule.suffix)
        if override is not None:
            place = override.when.at(SETPOINT) if SETPOINT in override.when.values else override.entry.place
        self._findings.add(
            place,
            f"{rule.suffix} {setpoint:g} {point.engineering_unit} of point {point.tag} is "
            f"{'above' if bound.upper else 'below'} {bound.value:.4g} {point.engineering_unit} ({bound.words})",
            f"{'lower' if bound.upper else 'raise'} it, or override {point.tag}.{rule.suffix} with reason and person",
        )

    def _disable(self, full: str, point: Point, change: RuleEntry) -> None:
        self._places[full] = change.entry.place
        self.disabled.append(
            DisabledRule(
                id=full, point=point.id, origin=str(change.entry.place),
                **{key: change.values[key] for key in ("reason", "person", "since")},
            )
        )  # fmt: skip

    def _refuse_strays(self, kind: str, changes: Mapping[str, RuleEntry], given: set[str]) -> None:
        for full, change in changes.items():
            if full in given:
                continue
            tag, _, _ = full.partition("/")[2].rpartition(".")
            siblings = [other for other in given if other.startswith(f"{full.rpartition('.')[0]}.")]
            if tag in self._broken:
                continue
            if siblings:
                right = "its pack rules are " + ", ".join(sorted(name.partition("/")[2] for name in siblings))
            else:
                right = meant(
                    self._findings.nearest(full, given), "add its pack to packs, or the limit to the register"
                )
            self._findings.add(change.entry.place, f"{kind} of {change.id}, which no pack gives", right)

    def _add_own(self, own: RuleEntry) -> None:
        what = f"rule {own.id}"
        detector = own.when.values.get(DETECTOR, "")
        known = detector_names()
        params = None
        if detector in known:
            params = read_params(own.when, detector, what, self._findings)
        elif detector == "":
            self._findings.add(own.when.place, f"{what} names no detector", f"known are {', '.join(known)}")
        else:
            close = self._findings.nearest(detector, known) if isinstance(detector, str) else None
            right = meant(close, f"known are {', '.join(known)}")
            self._findings.add(own.when.at(DETECTOR), f"{what}: unknown detector {shown(detector)}", right)
        point = self._point_of(own)
        if point is None or params is None:
            return
        full = self._own_id(own, point)
        if full is None:
            return
        try:
            made = make_params(detector, params, point)
        except Wrong as wrong:
            self._findings.add(own.when.place, f"{what}: {wrong.wrong}", wrong.right)
            return
        self._check_setpoint(made, point, own.when.at(SETPOINT), what)
        if getattr(made, SETPOINT, None) is not None:
            self._changed[point.id] = own.when.at(SETPOINT)
        self._add(
            _make_rule(full, point, detector, made, own.values, str(own.entry.place)), point, own.entry.place
        )

    def _point_of(self, own: RuleEntry) -> Point | None:
        name = own.values["point"]
        full = self._full(name, own.entry.at("point"), "point")
        if full is None:
            return None
        if full in self._points:
            return self._points[full][0]
        if name.rpartition("/")[2] not in self._broken:
            self._findings.add(
                own.entry.at("point"),
                f"rule {own.id} watches {name}, which the register does not know",
                meant(
                    self._findings.nearest(full, self._points),
                    "add the point to the register, or correct the tag",
                ),
            )
        return None

    def _own_id(self, own: RuleEntry, point: Point) -> str | None:
        enterprise, slash, _ = own.id.partition("/")
        if not slash:
            return f"{point.enterprise}/{own.id}"
        if enterprise == point.enterprise:
            return own.id
        self._findings.add(
            own.entry.at("id"),
            f"rule {own.id} watches point {point.id} of another enterprise",
            f"call it {point.enterprise}/{own.id.partition('/')[2]}",
        )
        return None

    def _check_setpoint(self, params: Any, point: Point, place: Place, what: str) -> None:
        setpoint = getattr(params, SETPOINT, None)
        if setpoint is None or point.range_low >= point.range_high:
            return
        if not point.range_low <= setpoint <= point.range_high:
            self._findings.add(
                place,
                f"{what}: setpoint {setpoint:g} lies outside the range of point {point.tag}",
                f"the range is {point.range_low:g} to {point.range_high:g} {point.engineering_unit}",
            )

    def _add(self, rule: Rule, point: Point, place: Place) -> None:
        first = self._places.get(rule.id)
        if first is not None:
            self._findings.add(
                place,
                f"the rule {rule.id} stands twice, first at {first}",
                "rename one, or override the pack's rule",
            )
            return
        self._places[rule.id] = place
        if point.in_use or point.out_of_service is None:
            self.rules.append(rule)
            return
        stopped = point.out_of_service
        self.disabled.append(
            DisabledRule(
                id=rule.id, point=point.id, origin=rule.origin,
                reason=stopped.reason, person=stopped.person, since=stopped.since,
            )
        )  # fmt: skip

    def _check_order(self) -> None:
        """LL < L < H < HH among the limit rules in force of points that the site changed."""
        sides: dict[str, dict[str, list[float]]] = {point: {} for point in self._changed}
        for rule in self.rules:
            if rule.point in sides and rule.detector == "limit":
                sides[rule.point].setdefault(rule.params.side, []).append(rule.params.setpoint)
        for point, found in sides.items():
            for lower, low, upper, high in _pairs(found):
                if low >= high:
                    self._findings.add(
                        self._changed[point],
                        f"limits in force of point {point} are out of order: {lower} {low:g} is not below {upper} {high:g}",
                        "LL < L < H < HH",
                    )


def _pairs(sides: Mapping[str, list[float]]) -> Iterator[tuple[str, float, str, float]]:
    present = [side for side in LIMITS if side in sides]
    for lower, upper in zip(present, present[1:], strict=False):
        yield lower, max(sides[lower]), upper, min(sides[upper])


def _seconds(figure: Figure | None) -> float:
    return 0.0 if figure is None or figure.value is None else figure.value


def _pack_fields(rule: PackRule, point: Point) -> dict[str, Any]:
    """A pack rule's keys as a site's rule would give them."""
    return {
        "name": f"{point.name} {rule.name}".strip(),
        "name_en": f"{point.tag} {rule.name_en}",
        "on_delay_s": _seconds(rule.on_delay_s),
        "off_delay_s": _seconds(rule.off_delay_s),
        "latched": rule.latched,
        "priority": Priority[rule.priority],
        "class": rule.alarm_class,
        "consequence": rule.consequence,
        "response": rule.response,
        "time_to_respond_s": _seconds(rule.time_to_respond_s) or None,
    }


def _make_rule(
    full: str, point: Point, detector: str, params: Any, fields: dict[str, Any], origin: str
) -> Rule:
    others = {name: value for name, value in fields.items() if name not in ("id", "point", "class")}
    return Rule(
        id=full,
        point=point.id,
        detector=detector,
        params=params,
        alarm_class=fields.get("class", "process"),
        origin=origin,
        **others,
    )
