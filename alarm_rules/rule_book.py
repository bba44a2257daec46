"""The rules of a site while they are being made: each id once, each rule with its place."""

from collections.abc import Iterable, Mapping
from typing import Any

from alarm_rules.findings import Entry, Findings, Place
from alarm_rules.model import DisabledRule, Point, Rule
from alarm_rules.wording import Both, Text, both


class RuleBook:
    """Collects rules and disabled rules; `places` says where each one was decided."""

    def __init__(
        self,
        points: Mapping[str, tuple[Point, Entry]],
        broken: Iterable[str],
        enterprises: tuple[str, ...],
        findings: Findings,
    ) -> None:
        self.points = points
        self.broken = frozenset(broken)
        """Tags of points that were refused; what refers to them is not reported again."""
        self.findings = findings
        self.rules: list[Rule] = []
        self.disabled: list[DisabledRule] = []
        self.places: dict[str, Place] = {}
        self._enterprises = enterprises

    def full_id(self, name: str, place: Place, what: Text) -> str | None:
        """`{enterprise}/{name}`; the enterprise may be left out where there is only one."""
        if "/" in name:
            return name
        if len(self._enterprises) == 1:
            return f"{self._enterprises[0]}/{name}"
        if self._enterprises:
            listed = ", ".join(self._enterprises[:10])
            self.findings.add(
                place,
                Both(
                    f"{both(what).chinese} {name} 没有说明是哪个企业",
                    f"{what} {name} does not say which enterprise",
                ),
                Both(
                    f"请写成 {{企业}}/{name}；现有 {'、'.join(self._enterprises[:10])}",
                    f"write {{enterprise}}/{name}; there are {listed}",
                ),
            )
        return None

    def add(self, rule: Rule, point: Point, place: Place) -> None:
        """Keep a rule; that of a point out of service is kept as disabled, with the outage's owner."""
        first = self.places.get(rule.id)
        if first is not None:
            self.findings.add(
                place,
                Both(
                    f"规则 {rule.id} 出现两次，第一次在 {first}",
                    f"the rule {rule.id} stands twice, first at {first}",
                ),
                Both("请改名，或覆盖规则包的规则", "rename one, or override the pack's rule"),
            )
            return
        self.places[rule.id] = place
        stopped = point.out_of_service
        if stopped is None:
            self.rules.append(rule)
        else:
            self.disabled.append(
                DisabledRule(
                    id=rule.id,
                    point=point.id,
                    origin=rule.origin,
                    reason=stopped.reason,
                    person=stopped.person,
                    since=stopped.since,
                )
            )

    def disable(self, rule: str, point: Point, place: Place, owner: Mapping[str, Any]) -> None:
        """Note that the site does not want a pack's rule; `owner` holds reason, person and since."""
        self.places[rule] = place
        self.disabled.append(
            DisabledRule(
                id=rule,
                point=point.id,
                origin=str(place),
                reason=owner["reason"],
                person=owner["person"],
                since=owner["since"],
            )
        )


def make_rule(
    full_id: str,
    point: Point,
    detector: str,
    params: Any,
    fields: Mapping[str, Any],
    origin: str,
    pack: str = "",
) -> Rule:
    """A rule from its keys as `rule_keys.RULE` names them."""
    others = {name: value for name, value in fields.items() if name not in ("id", "point", "class")}
    others["suppressed_by"] = tuple(
        name if "/" in name else f"{point.enterprise}/{name}" for name in fields.get("suppressed_by", ())
    )
    return Rule(
        id=full_id,
        point=point.id,
        detector=detector,
        params=params,
        alarm_class=fields.get("class", "process"),
        origin=origin,
        pack=pack,
        **others,
    )
