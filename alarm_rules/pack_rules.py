"""Where a pack meets a point: figures become set-points in the point's own unit.

Pure functions of figure and point. What cannot be applied is a `Wrong` with the remedy: a pack never
leaves a point unguarded in silence.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from alarm_rules.detector_params import parameters_of
from alarm_rules.findings import Wrong
from alarm_rules.model import Point
from alarm_rules.pack_files import Figure, Pack, PackRule
from alarm_rules.tables import Substance, gas_concentration, share_of_lel, substances, unit_text
from alarm_rules.wording import Both

SETPOINT = "setpoint"
_NO_WORDS = Both("", "")
Setpoints = dict[str, float]
"""Set-points in force of one point, by the suffix of the rule."""


class Bound(NamedTuple):
    """What a standard allows for a set-point, in the point's unit."""

    value: float
    upper: bool
    """True: a set-point may not be above the value; False: not below."""
    words: Both
    """Where it comes from, in brackets, if that is more than the value; else empty."""

    def allows(self, setpoint: float) -> bool:
        return setpoint <= self.value if self.upper else setpoint >= self.value


def rules_for(quantity: str, packs: Iterable[Pack]) -> Iterator[tuple[str, PackRule]]:
    """(pack, rule) for each pack rule that is for points of this quantity."""
    for pack in packs:
        for rule in pack.rules:
            if quantity in rule.applies_to.quantity:
                yield pack.pack, rule


def has_setpoint(rule: PackRule, point: Point) -> bool:
    """Does the rule apply to a point of its quantity? A limit that the point lacks gives none."""
    figure = rule.when.get(SETPOINT)
    if not isinstance(figure, Figure) or figure.own_limit is None:
        return True
    return _is_bounded(figure) or getattr(point.limits, figure.own_limit) is not None


def _is_bounded(figure: Figure) -> bool:
    return (
        figure.at_most is not None or figure.at_least is not None or figure.at_most_share_of_oel is not None
    )


def bound_of(rule: PackRule, point: Point) -> Bound | None:
    """The bound of the rule's set-point; None where the pack or the gas has none.

    Raises Wrong when the instrument's range holds no set-point that the standard allows.
    """
    figure = rule.when.get(SETPOINT)
    if not isinstance(figure, Figure) or not _is_bounded(figure):
        return None
    if figure.at_most_share_of_oel is not None:
        return _toxic_bound(rule, figure, figure.at_most_share_of_oel, point)
    level = figure.at_most if figure.at_most is not None else figure.at_least
    assert level is not None
    value = _in_unit_of(point, level, figure.unit)
    if value is None:
        return None
    words = (
        _NO_WORDS
        if figure.unit == point.engineering_unit
        else Both(f"（{level:g} {unit_text(figure.unit)}）", f" ({level:g} {unit_text(figure.unit)})")
    )
    return Bound(value, figure.at_most is not None, words)


def _in_unit_of(point: Point, level: float, unit: str) -> float | None:
    """A level in the point's unit; None if the gas or authority is missing, as reported with the point."""
    if unit == point.engineering_unit:
        return level
    substance = substances().get(point.cas)
    if unit != "%LEL" or substance is None or not point.lel_authority:
        return None
    lel = substance.lel(point.lel_authority)
    return None if lel is None else share_of_lel(level, point.engineering_unit, lel)


def _toxic_bound(rule: PackRule, figure: Figure, share: float, point: Point) -> Bound | None:
    substance = substances().get(point.cas)
    if substance is None:
        return None  # reported with the point
    oel = substance.oel(point.oel_basis)
    candidates: list[Bound] = []
    if oel is not None:
        basis = Both(f"（职业接触限值 {oel:g} mg/m³ 的 {share:.0%}）", f" ({share:.0%} of OEL {oel:g} mg/m³)")
        candidates += _concentration(oel * share, basis, substance, point)
    if substance.idlh is not None and figure.or_share_of_idlh is not None:
        idlh = Both(
            f"（IDLH {substance.idlh:g} mg/m³ 的 {figure.or_share_of_idlh:.0%}）",
            f" ({figure.or_share_of_idlh:.0%} of IDLH {substance.idlh:g} mg/m³)",
        )
        candidates += _concentration(substance.idlh * figure.or_share_of_idlh, idlh, substance, point)
    for candidate in candidates:
        if point.range_low < candidate.value <= point.range_high:
            return candidate
    if not candidates or getattr(point.limits, rule.suffix, None) is not None:
        return None
    unit = unit_text(point.engineering_unit)
    listed = " nor ".join(f"{bound.value:.4g} {unit}{bound.words}" for bound in candidates)
    listed_zh = "也不含 ".join(f"{bound.value:.4g} {unit}{bound.words.chinese}" for bound in candidates)
    raise Wrong(
        Both(
            f"测点 {point.tag} 的量程 {point.range_low:g} 到 {point.range_high:g} {unit} 不含 {listed_zh}，"
            f"即{substance.name}的 {rule.suffix} 报警值",
            f"range {point.range_low:g} to {point.range_high:g} {unit} of point {point.tag} "
            f"holds neither {listed}, the {rule.suffix} level for {substance.name_en}",
        ),
        _other_range(rule),
    )


def _other_range(rule: PackRule) -> Both:
    return Both(
        f"请选用量程合适的探测器，或为测点给出自己的 {rule.suffix}",
        f"use a detector whose range holds it, or give the point {rule.suffix} of its own",
    )


def _concentration(mg_per_m3: float, words: Both, substance: Substance, point: Point) -> list[Bound]:
    value = gas_concentration(mg_per_m3, point.engineering_unit, substance)
    return [] if value is None else [Bound(_rounded_down(value), True, words)]


def _rounded_down(value: float) -> float:
    """To four significant digits and never up: a converted limit stays within what the standard allows."""
    if value <= 0:
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 3)
    return float(f"{math.floor(value / step + 1e-9) * step:.6g}")


def setpoint_of(
    rule: PackRule, point: Point, in_force: Mapping[str, float]
) -> tuple[float | None, Bound | None]:
    """The set-point that pack and register give, and the bound that was kept.

    (None, None): a fault of the point that is reported already leaves nothing to compute.
    """
    figure = rule.when[SETPOINT]
    if figure.follows in in_force:
        return in_force[figure.follows], None
    bound = bound_of(rule, point)
    own = getattr(point.limits, figure.own_limit) if figure.own_limit else None
    if own is not None:
        return own, bound
    if bound is None:
        substance = substances().get(point.cas)
        if point.quantity == "toxic_gas" and substance is not None:
            raise Wrong(
                Both(
                    f"测点 {point.tag} 的{substance.name}没有已知的职业接触限值",
                    f"no exposure limit is known for {substance.name_en} of point {point.tag}",
                ),
                Both(
                    f"请为测点给出自己的 {rule.suffix}，或补上该限值及出处",
                    f"give the point {rule.suffix} of its own, or add the limit with its source",
                ),
            )
        return None, None
    if not point.range_low <= bound.value <= point.range_high and point.range_low < point.range_high:
        unit = unit_text(point.engineering_unit)
        raise Wrong(
            Both(
                f"测点 {point.tag} 的量程 {point.range_low:g} 到 {point.range_high:g} {unit} 不含 "
                f"{bound.value:.4g} {unit}{bound.words.chinese}，即其 {rule.suffix} 报警值",
                f"range {point.range_low:g} to {point.range_high:g} {unit} of point {point.tag} "
                f"does not hold {bound.value:.4g} {unit}{bound.words}, its {rule.suffix} level",
            ),
            _other_range(rule),
        )
    return bound.value, bound


def parameters_for(
    rule: PackRule, point: Point, changed: dict[str, Any], in_force: Mapping[str, float]
) -> dict[str, Any]:
    """Values for the detector's parameters: the pack's, with those in `changed` (an override's) first.

    A share of the set-point follows the set-point that is in force. Raises Wrong.
    """
    known = parameters_of(rule.detector)
    result = dict(changed)
    if SETPOINT in rule.when and SETPOINT not in result:
        setpoint, _ = setpoint_of(rule, point, in_force)
        if setpoint is not None:
            result[SETPOINT] = setpoint
    for name, content in rule.when.items():
        if name in result or name in ("detector", SETPOINT):
            continue
        if isinstance(content, Figure):
            result[name] = _figure(content, point, result.get(SETPOINT))
        elif known[name].many:
            result[name] = tuple(known[name].read(item) for item in content)
        else:
            result[name] = known[name].read(content)
    return result


def _figure(figure: Figure, point: Point, setpoint: float | None) -> float:
    own = getattr(point, figure.own) if figure.own else None
    if own is not None:
        return float(own)
    if figure.share_of_setpoint is not None:
        return float(f"{figure.share_of_setpoint * abs(setpoint or 0.0):.6g}")
    if figure.share_of_range is not None:
        return float(f"{figure.share_of_range * abs(point.range_high - point.range_low):.6g}")
    assert figure.value is not None
    if figure.at_least_s is not None:
        return max(figure.value, float(f"{figure.at_least_s / point.period_s:.6g}"))
    return figure.value
