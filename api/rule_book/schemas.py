"""What the routes of the master alarm database answer. Times are ns UTC."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from alarm_rules.changes import rule_facts
from alarm_rules.detector_params import Parameter, parameters_of
from alarm_rules.detector_words import chinese_parameter
from alarm_rules.model import Point, Rule
from api.limits.facts import FIXED
from api.rule_book.kinds import KindDescription
from api.rule_book.listing import Counts, Listed, Origin, origin_of
from api.rule_book.noise import Noise
from api.schemas import PriorityName

RuleClass = Literal["process", "instrument", "system", "advisory"]
Value = str | bool | float | list[str] | None


class ParameterValue(BaseModel):
    """One parameter of the rule's detector, as it is in force."""

    name: str = Field(description="As `GET /detector-kinds` describes it.", examples=["setpoint"])
    value: Value = Field(description="In the unit beside it; null: the kind's own way without it.")
    unit: str = Field(description="Engineering unit or `s`; empty for a number without unit and for words.")


class RuleLine(BaseModel):
    """One rule of the master alarm database. What is null or empty of a rule that is not in force is not
    known any more: it is not evaluated."""

    id: str = Field(description="`{enterprise}/{rule}`.", examples=["E001/TK101.LT01.HH"])
    in_force: bool = Field(description="False: not evaluated; `reason`, `person` and `since` say why.")
    enterprise: str = Field(description="Id of the enterprise.")
    installation: str = Field(description="Id of the installation.")
    unit: str = Field(description="Id of the tank, vessel or area.")
    unit_name: str = Field(description="Its name.")
    point: str = Field(description="Id of the point that it watches.")
    point_name: str = Field(description="Name of the point.")
    quantity: str = Field(description="What the point measures.")
    engineering_unit: str = Field(description="Unit of the point.")
    name: str = Field(description="What the alarm says.")
    name_en: str = Field(description="The same in English; empty if nobody wrote it.")
    detector: str | None = Field(description="Kind of detector.")
    parameters: list[ParameterValue] = Field(description="Set-point and other parameters of the detector.")
    on_delay_s: float | None = Field(description="So long the condition must hold before it is an alarm.")
    off_delay_s: float | None = Field(description="So long it must be over before the alarm is.")
    latched: bool | None = Field(description="Once over, it stays until a person resets it.")
    priority: PriorityName | None = Field(description="Urgency (ISA-18.2).")
    rule_class: RuleClass | None = Field(description="Process alarm, instrument fault, or announcement.")
    second_level_gas: bool = Field(description="Of the second level of a gas: to loosen it takes more.")
    consequence: str = Field(description="What happens if nobody answers.")
    consequence_en: str = Field(description="The same in English; empty if nobody wrote it.")
    response: str = Field(description="What the operator does.")
    response_en: str = Field(description="The same in English; empty if nobody wrote it.")
    time_to_respond_s: float | None = Field(description="How soon the answer must come, in seconds.")
    origin: Origin = Field(
        description="`pack`: as the pack has it; `override`: a pack's with keys of the site's; `own`: the "
        "site's; `switched_off` by the site; `point_out_of_service`."
    )
    origin_place: str = Field(description="`file:line`, or the pack's file.")
    pack: str = Field(description="Name of the pack; empty if it is none's, or not in force.")
    reason: str = Field(description="Why it is as it is, or why it is off.")
    person: str = Field(description="Who decided so.")
    since: str = Field(description="Since when it is off.")


class RulePage(BaseModel):
    """Some rules, in the order of the register."""

    total: int = Field(description="So many answer to the question.")
    skip: int = Field(description="So many of them stand before the first of this page.")
    rules: list[RuleLine] = Field(description="Of this page.")


class RuleCountsView(BaseModel):
    """How many rules there are, and of which sorts; for choosing among them."""

    total: int = Field(description="Rules in sight.")
    in_force: int = Field(description="Of these, evaluated.")
    enterprise: dict[str, int] = Field(description="By enterprise.")
    detector: dict[str, int] = Field(description="By kind of detector.")
    priority: dict[str, int] = Field(description="By priority.")
    rule_class: dict[str, int] = Field(description="By class.")
    origin: dict[str, int] = Field(description="By where the rule was decided.")


class FactView(BaseModel):
    """One fact of a rule, by the name that a change of limits gives it."""

    field: str = Field(description="Key of the rule, or `when.` and a parameter.")
    value: Value = Field(description="As it is in force.")
    unit: str = Field(description="Its unit; empty if it has none.")
    may_change: bool = Field(description="False: it makes the rule the one that it is.")


class NoiseView(BaseModel):
    """What the rule has told of lately."""

    start: int = Field(description="Beginning of the span.")
    end: int = Field(description="End of the span: now.")
    alarms: int = Field(description="Episodes that people were told of.")
    annunciations: int = Field(description="Times that they were; an alarm that asks again counts each time.")
    acknowledged: int = Field(description="Annunciations that somebody answered.")
    median_to_acknowledge_s: float | None = Field(description="Seconds; null: nobody has answered any.")
    fleeting: int = Field(description="Over within 10 s and not repeated within 60 s.")
    worst_transitions: int = Field(
        description="Transitions in its worst 5 minutes when it chattered, else 0. Chattering is more than 5."
    )
    cut: bool = Field(description="There were more annunciations; the newest are counted.")


class RuleDetail(RuleLine):
    """A rule with all that is known of it."""

    facts: list[FactView] = Field(description="Every fact of a rule in force; empty of others.")
    suppressed_by: list[str] = Field(description="Rules that suppress it by design while they are true.")
    suppresses: list[str] = Field(description="Rules that it suppresses by design.")
    noise: NoiseView = Field(description="Its alarms of the last 30 days.")


class ParameterDescription(BaseModel):
    """One parameter of a kind of detector."""

    name: str = Field(description="Key under `when`.")
    kind: str = Field(description="What is written there: a number, one of some words, ...")
    required: bool = Field(description="A rule has to give it.")
    default: Value = Field(description="Without it; null: none, or taken from the point.")
    from_point: str = Field(description="Attribute of the point that fills it; empty if none.")
    unit: str = Field(description="`point`: the point's engineering unit; `s`; empty if it has none.")
    doc: str = Field(description="What it means, in English.")
    doc_zh: str = Field(description="The same in Chinese; empty if nobody wrote it.")


class FalseAlarmView(BaseModel):
    """Alarms of a kind over months in which nothing happened, at points of one quantity."""

    quantity: str = Field(description="What the points measure.")
    per_point_year: float | None = Field(description="Alarms a point-year; null: none, so under `high`.")
    low: float | None = Field(description="Lower bound of 95 %.")
    high: float = Field(description="Upper bound of 95 %.")


class DetectorKindView(BaseModel):
    """One kind of detector, from its own file."""

    name: str = Field(description="As rules name it.", examples=["limit"])
    meaning: str = Field(description="What it finds, in a sentence, in English.")
    meaning_zh: str = Field(description="The same in Chinese; empty if nobody wrote it.")
    paragraphs: list[str] = Field(description="When to choose another, formula, behaviour, example, source.")
    paragraphs_zh: list[str] = Field(description="In Chinese: when to choose it, how it judges.")
    evidence_zh: list[str] = Field(description="In Chinese: formula, false alarms, example, source.")
    figure: str = Field(description="What its alarms carry beside the value; empty if nothing.")
    figure_zh: str = Field(description="The same in Chinese; empty if nobody wrote it.")
    parameters: list[ParameterDescription] = Field(description="What a rule may say.")
    false_alarms: list[FalseAlarmView] = Field(description="By quantity; empty if it was not measured.")
    measured_with: str = Field(description="With which settings of the kind.")


class DetectorKindList(BaseModel):
    """All kinds of detectors."""

    kinds: list[DetectorKindView] = Field(description="In the order of their names.")


def line_of(listed: Listed, unit_name: str, *, second_level_gas: bool) -> RuleLine:
    """A rule as it stands in a list."""
    return RuleLine(**_line_fields(listed, unit_name, second_level_gas=second_level_gas))


def view_of(
    listed: Listed,
    unit_name: str,
    noise: NoiseView,
    suppresses: tuple[str, ...],
    *,
    second_level_gas: bool,
) -> RuleDetail:
    """A rule with everything."""
    rule = listed.rule
    return RuleDetail(
        **_line_fields(listed, unit_name, second_level_gas=second_level_gas),
        facts=[] if rule is None else _facts(rule, listed.point),
        suppressed_by=[] if rule is None else list(rule.suppressed_by),
        suppresses=list(suppresses),
        noise=noise,
    )


def noise_view(noise: Noise, start: int, end: int) -> NoiseView:
    return NoiseView(start=start, end=end, **noise._asdict())


def counts_view(counts: Counts) -> RuleCountsView:
    by = {"rule_class" if name == "class" else name: each for name, each in counts.by.items()}
    return RuleCountsView(total=counts.total, in_force=counts.in_force, **by)


def kind_view(kind: KindDescription) -> DetectorKindView:
    return DetectorKindView(
        name=kind.name,
        meaning=kind.meaning,
        meaning_zh=kind.chinese.meaning,
        paragraphs=list(kind.paragraphs),
        paragraphs_zh=list(kind.chinese.paragraphs),
        evidence_zh=list(kind.chinese.evidence),
        figure=kind.figure,
        figure_zh=kind.chinese.figure,
        parameters=[_parameter(kind.name, each) for each in kind.parameters],
        false_alarms=[FalseAlarmView(**each._asdict()) for each in kind.false_alarms],
        measured_with=kind.measured_with,
    )


def _parameter(kind: str, parameter: Parameter) -> ParameterDescription:
    default = parameter.default
    return ParameterDescription(
        name=parameter.name,
        kind=parameter.kind,
        required=parameter.required,
        default=list(default) if isinstance(default, tuple) else default,
        from_point=parameter.from_point,
        unit=parameter.unit,
        doc=parameter.doc,
        doc_zh=chinese_parameter(kind, parameter.name),
    )


def _line_fields(listed: Listed, unit_name: str, *, second_level_gas: bool) -> dict[str, Any]:
    point = listed.point
    fields: dict[str, Any] = {
        "id": listed.id,
        "in_force": listed.rule is not None,
        "enterprise": point.enterprise,
        "installation": point.installation,
        "unit": point.unit,
        "unit_name": unit_name,
        "point": point.id,
        "point_name": point.name,
        "quantity": point.quantity,
        "engineering_unit": point.engineering_unit,
        "second_level_gas": second_level_gas,
        "origin": origin_of(listed),
    }
    return fields | (_of_rule(listed.rule, point) if listed.rule is not None else _of_disabled(listed))


def _of_rule(rule: Rule, point: Point) -> dict[str, Any]:
    facts = rule_facts(rule)
    return {
        "name": rule.name,
        "name_en": rule.name_en,
        "detector": rule.detector,
        "parameters": [
            ParameterValue(name=name, value=facts[f"when.{name}"], unit=_unit(each.unit, point))
            for name, each in parameters_of(rule.detector).items()
        ],
        "on_delay_s": rule.on_delay_s,
        "off_delay_s": rule.off_delay_s,
        "latched": rule.latched,
        "priority": rule.priority.name,
        "rule_class": rule.alarm_class,
        "consequence": rule.consequence,
        "consequence_en": rule.consequence_en,
        "response": rule.response,
        "response_en": rule.response_en,
        "time_to_respond_s": rule.time_to_respond_s,
        "origin_place": rule.origin,
        "pack": rule.pack,
        "reason": rule.reason,
        "person": rule.person,
        "since": "",
    }


def _of_disabled(listed: Listed) -> dict[str, Any]:
    off = listed.off
    assert off is not None
    return {
        "name": "",
        "name_en": "",
        "detector": None,
        "parameters": [],
        "on_delay_s": None,
        "off_delay_s": None,
        "latched": None,
        "priority": None,
        "rule_class": None,
        "consequence": "",
        "consequence_en": "",
        "response": "",
        "response_en": "",
        "time_to_respond_s": None,
        "origin_place": off.origin,
        "pack": "",
        "reason": off.reason,
        "person": off.person,
        "since": off.since,
    }


def _facts(rule: Rule, point: Point) -> list[FactView]:
    parameters = parameters_of(rule.detector)
    return [
        FactView(
            field=field,
            value=value,
            unit=_fact_unit(field, parameters, point),
            may_change=field not in FIXED,
        )
        for field, value in sorted(rule_facts(rule).items())
    ]


def _fact_unit(field: str, parameters: Mapping[str, Parameter], point: Point) -> str:
    if field.startswith("when."):
        return _unit(parameters[field.removeprefix("when.")].unit, point)
    return "s" if field.endswith("_s") else ""


def _unit(unit: str, point: Point) -> str:
    """`point/min` of a level in metres is `m/min`."""
    return unit.replace("point", point.engineering_unit)
