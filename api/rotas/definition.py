"""A rota as people write it, in JSON or YAML; turned into the model and back. No mistake passes unnamed."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.bilingual import both
from api.rotas.model import Definition, Layer, Restriction, Rotation, RotationUnit

WeekdayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[WeekdayName, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_PRINTABLE = 32
RotationName = Literal["daily", "weekly", "custom"]
UNIT_OF: dict[RotationName, RotationUnit] = {"daily": "day", "weekly": "week"}


def plain(text: str) -> str:
    """Text without control characters other than line ends: some databases cannot keep them."""
    if any(ord(character) < FIRST_PRINTABLE and character not in "\n\r\t" for character in text):
        raise ValueError(both("含有控制字符：请重新输入", "it holds control characters: type it again"))
    return text


RotaId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
ReceiverId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain)]
WallTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain)]
Text = Annotated[str, AfterValidator(plain)]


class RestrictionBody(BaseModel):
    """When a layer counts."""

    model_config = ConfigDict(extra="forbid")

    weekdays: list[WeekdayName] = Field(
        list(WEEKDAYS), min_length=1, max_length=7, description="Days on which the time begins."
    )
    start: WallTime = Field("00:00", description="Wall time, HH:MM.")
    end: WallTime = Field("00:00", description="Wall time; at or before the start it is the next day's.")

    def restriction(self) -> Restriction:
        days = tuple(WEEKDAYS.index(day) for day in self.weekdays)
        return Restriction(
            weekdays=days, start=time.fromisoformat(self.start), end=time.fromisoformat(self.end)
        )


class LayerBody(BaseModel):
    """A rotation of persons or crews; of several layers the last one that has somebody wins."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="Unique in the rota, such as 白班.")
    rotation: RotationName = Field("weekly", description="How long a turn lasts; custom: `every` and `unit`.")
    every: int = Field(1, ge=1, le=9000, description="Turns of so many units, for a custom rotation.")
    unit: RotationUnit | None = Field(None, description="hour, day or week, for a custom rotation.")
    start_date: date = Field(
        ge=date(2000, 1, 1),
        le=date(2199, 12, 31),
        description="Day of the first handover; its weekday is that of a weekly one.",
    )
    handover: WallTime = Field("08:00", description="Wall time of the handover, HH:MM.")
    turns: list[list[ReceiverId] | ReceiverId] = Field(
        min_length=1,
        max_length=200,
        description="Receivers of each turn: one, or a list (a crew); an empty list leaves the turn to the "
        "layers below.",
    )
    restrictions: list[RestrictionBody] = Field(
        default=[], max_length=20, description="When the layer counts; always if empty."
    )

    @model_validator(mode="after")
    def _custom_has_a_unit(self) -> "LayerBody":
        if self.rotation == "custom" and self.unit is None:
            raise ValueError(
                both(
                    "自定义轮换须有单位：`unit` 为 `hour`、`day` 或 `week`",
                    "a custom rotation needs its unit: give unit: hour, day or week",
                )
            )
        if self.rotation != "custom" and (self.unit is not None or self.every != 1):
            raise ValueError(
                both(
                    f"{self.rotation} 轮换没有 `every` 和 `unit`：请写 `rotation: custom`",
                    f"a {self.rotation} rotation has no every or unit: write rotation: custom",
                )
            )
        return self

    def layer(self) -> Layer:
        rotation = Rotation(
            every=self.every,
            unit=self.unit or UNIT_OF[self.rotation],
            start_date=self.start_date,
            handover=time.fromisoformat(self.handover),
        )
        turns = tuple((turn,) if isinstance(turn, str) else tuple(turn) for turn in self.turns)
        restrictions = tuple(restriction.restriction() for restriction in self.restrictions)
        return Layer(name=self.name, rotation=rotation, turns=turns, restrictions=restrictions)


class DefinitionBody(BaseModel):
    """Who is on call when."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="What people call the rota.")
    name_en: Text = Field("", max_length=200, description="Its name in English.")
    zone: Text = Field(
        "Asia/Shanghai",
        max_length=64,
        description="Time zone of the IANA database: handovers follow its clocks.",
    )
    layers: list[LayerBody] = Field(default=[], max_length=20, description="The lowest first.")
    fallback: ReceiverId = Field(
        description="Receiver told when nobody else is on call: the 24-hour duty phone."
    )

    def definition(self) -> Definition:
        return Definition(
            name=self.name,
            name_en=self.name_en,
            zone=self.zone,
            layers=tuple(layer.layer() for layer in self.layers),
            fallback=self.fallback,
        )


def body_of(definition: Definition) -> DefinitionBody:
    """The definition as somebody would write it."""
    return DefinitionBody(
        name=definition.name,
        name_en=definition.name_en,
        zone=definition.zone,
        layers=[_layer_body(layer) for layer in definition.layers],
        fallback=definition.fallback,
    )


def _layer_body(layer: Layer) -> LayerBody:
    rotation = layer.rotation
    names: dict[tuple[int, RotationUnit], RotationName] = {(1, "day"): "daily", (1, "week"): "weekly"}
    name = names.get((rotation.every, rotation.unit), "custom")
    return LayerBody(
        name=layer.name,
        rotation=name,
        every=rotation.every,
        unit=rotation.unit if name == "custom" else None,
        start_date=rotation.start_date,
        handover=f"{rotation.handover:%H:%M}",
        turns=[list(turn) for turn in layer.turns],
        restrictions=[_restriction_body(restriction) for restriction in layer.restrictions],
    )


def _restriction_body(restriction: Restriction) -> RestrictionBody:
    return RestrictionBody(
        weekdays=[WEEKDAYS[day] for day in restriction.weekdays],
        start=f"{restriction.start:%H:%M}",
        end=f"{restriction.end:%H:%M}",
    )
