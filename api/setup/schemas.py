"""Bodies and answers of the first start. All times are ns UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alarm_rules.model import Quantity
from api.auth.schemas import NAME_ROOM, PASSWORD_ROOM

MOST_POINTS = 50
TEXT = 200
ID = 64
NAMED = r"\S"
"""A name that people will see is more than blanks."""


class Body(BaseModel):
    """What a caller sends: nothing but the fields that are known, and numbers that are numbers."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class SetupSteps(BaseModel):
    """Which steps of the first start are done."""

    administrator: bool = Field(description="Somebody can log in and manage persons.")
    enterprise: bool = Field(description="There is a register with its rules.")
    gateway: bool = Field(description="A device has credentials.")
    first_sample: bool = Field(description="A point of the register has a value.")
    gateway_ready: bool = Field(description="The gateway answers; it may still wait for its site.")


class AdministratorRequest(Body):
    """The first person."""

    name: str = Field(
        min_length=1, max_length=NAME_ROOM, description="Name to log in with.", examples=["王强"]
    )
    password: str = Field(max_length=PASSWORD_ROOM, description="By the rules for passwords.")


class AdministratorView(BaseModel):
    """Who can log in now."""

    name: str = Field(description="Name to log in with.")
    roles: list[str] = Field(description="What he may do.")


class LimitsBody(Body):
    """A point's own limits in its engineering unit; null where it has none."""

    LL: float | None = Field(None, description="Low-low.")
    L: float | None = Field(None, description="Low.")
    H: float | None = Field(None, description="High.")
    HH: float | None = Field(None, description="High-high.")


class PointBody(Body):
    """One of the first points."""

    tag: str = Field(min_length=1, max_length=ID, description="Tag after ISA-5.1.", examples=["TK101.LT01"])
    name: str = Field(
        min_length=1, max_length=TEXT, pattern=NAMED, description="As people say it.", examples=["TK101 液位"]
    )
    quantity: Quantity = Field(description="What is measured.")
    engineering_unit: str = Field(
        min_length=1, max_length=32, description="Unit of value, range and limits.", examples=["m"]
    )
    range_low: float = Field(description="Lower end of the instrument's range.", examples=[0.0])
    range_high: float = Field(description="Upper end of the instrument's range.", examples=[12.0])
    period_s: float = Field(10.0, gt=0, le=86400, description="Expected reporting period in seconds.")
    limits: LimitsBody = Field(LimitsBody(), description="Own limits of the point.")
    cas: str = Field("", max_length=16, description="CAS number of the gas.", examples=[""])
    lel_authority: Literal["", "IEC", "NFPA"] = Field(
        "", description="Whose lower explosive limit counts, where a unit has to be converted."
    )


class EnterpriseRequest(Body):
    """The first enterprise with its first installation, unit and points."""

    id: str = Field(min_length=1, max_length=ID, description="Level of the MQTT topics.", examples=["E001"])
    name: str = Field(
        min_length=1, max_length=TEXT, pattern=NAMED, description="As people say it.", examples=["示范石化"]
    )
    district: str = Field("", max_length=TEXT, description="Whose bureau watches it.", examples=["滨海新区"])
    city: str = Field("", max_length=TEXT, description="City of the district.", examples=["示范市"])
    installation_id: str = Field(min_length=1, max_length=ID, description="重大危险源编码.", examples=["H01"])
    installation_name: str = Field(
        min_length=1, max_length=TEXT, pattern=NAMED, description="As people say it.", examples=["甲醇罐区"]
    )
    hazard_class: Literal[1, 2, 3, 4] | None = Field(
        None, description="Class after GB 18218; null if it is not classified yet."
    )
    unit_id: str = Field(min_length=1, max_length=ID, description="Tank, vessel or area.", examples=["TK101"])
    unit_name: str = Field(
        min_length=1, max_length=TEXT, pattern=NAMED, description="As people say it.", examples=["TK101 储罐"]
    )
    unit_kind: str = Field("", max_length=ID, description="What it is.", examples=["storage_tank"])
    points: list[PointBody] = Field(
        min_length=1, max_length=MOST_POINTS, description="The first points of the unit."
    )


class SiteFindingView(BaseModel):
    """What is wrong with the described site, where, and what would be right."""

    field: str = Field(description="Which field of the request: `points.0.range_high`; empty: the whole.")
    place: str = Field(description="Where it would stand: `register.yaml:12`.")
    wrong: str = Field(description="What is wrong.")
    right: str = Field(description="What would be right.")


class WrittenSiteView(BaseModel):
    """What was written."""

    folder: str = Field(description="The site folder.")
    files: list[str] = Field(description="Names of the files in it.")
    points: int = Field(description="How many points.")
    rules: int = Field(description="How many rules the packs gave to them.")
    packs: list[str] = Field(description="Packs that were chosen for the points' quantities.")


class GatewayRequest(Body):
    """The first gateway."""

    gateway: str = Field(
        min_length=1, max_length=ID, description="Its name, a level of its topics.", examples=["GW1"]
    )


class DoorsView(BaseModel):
    """Where devices publish. A port of 0: that door is closed."""

    mqtt_host: str = Field(description="Address of the endpoint without TLS.")
    mqtt_port: int = Field(description="Its port.")
    mqtt_tls_host: str = Field(description="Address of the endpoint with TLS.")
    mqtt_tls_port: int = Field(description="Its port.")
    broker: str = Field(description="`host:port` of the site's broker; it has accounts of its own.")


class CredentialsView(BaseModel):
    """A device's credentials, shown only now, and how to use them."""

    name: str = Field(description="User name of the device: `{enterprise}/{gateway}`.")
    key: str = Field(description="Its password, shown only now.")
    topic: str = Field(description="Where it publishes.")
    sample: str = Field(description="A message that is right for the first point.")
    point: str = Field(description="The point that the message is for; empty if there is none.")
    doors: DoorsView = Field(description="Where it may publish.")
    mosquitto_pub: str = Field(description="A line for a shell that sends the message.")
    python: str = Field(description="The same in Python, with paho-mqtt.")


class FirstSampleView(BaseModel):
    """Has a first sample come? `hints` say what is known as long as it has not."""

    state: Literal["waiting", "arrived"] = Field(description="Has one come?")
    point: str | None = Field(None, description="Id of the point.")
    tag: str | None = Field(None, description="Its tag.")
    name: str | None = Field(None, description="Its name; null if it has none.")
    value: float | None = Field(None, description="Its newest value.")
    engineering_unit: str | None = Field(None, description="Unit of the value.")
    quality: str | None = Field(None, description="How far the value can be trusted.")
    source_time: int | None = Field(None, description="When it was measured.")
    gateway_ready: bool = Field(description="The gateway answers and has taken the site.")
    device_heard: int = Field(0, description="When a device of the enterprise last spoke; 0: not yet.")
    device_connections: int = Field(0, description="How many devices of it are connected now.")
    refused: str = Field("", description="Why its newest message could not be used; empty: none was refused.")


class QuantityChoice(BaseModel):
    """What to start from for a point of this quantity: defaults, not a regulation."""

    quantity: Quantity = Field(description="What is measured.")
    tag: str = Field(description="Instrument part of a tag after ISA-5.1.")
    unit_kind: str = Field(description="Kind of unit that usually has such a point.")
    units: list[str] = Field(description="Engineering units that it may have; empty: any.")
    engineering_unit: str = Field(description="The usual one.")
    range_low: float = Field(description="Lower end of a common instrument's range.")
    range_high: float = Field(description="Its upper end.")
    limits: LimitsBody = Field(description="Limits to start from.")
    packs: list[str] = Field(description="Packs that give rules to such points.")
    gases: list[str] = Field(description="CAS numbers; empty: the point is for no gas.")
    source: str = Field(description="Where the figures come from.")


class GasChoice(BaseModel):
    """A gas of the table of substances."""

    cas: str = Field(description="CAS number.")
    name: str = Field(description="Its name.")
    name_en: str = Field(description="Its name in English.")
    formula: str = Field(description="Chemical formula.")


class SetupChoices(BaseModel):
    """What the page may offer."""

    note: str = Field(description="What the figures are.")
    quantities: list[QuantityChoice] = Field(description="What a point may measure.")
    gases: list[GasChoice] = Field(description="Every gas that one of them can be for.")
    unit_kinds: list[str] = Field(description="What a unit may be.")
    period_s: float = Field(description="Usual reporting period in seconds.")


class FinishedView(BaseModel):
    """The set-up is over; its code opens nothing any more."""

    finished: bool = Field(description="Always true.")


class DeviceWish(Body):
    """A device to be let in."""

    enterprise: str = Field(min_length=1, max_length=ID, description="Whose it is.", examples=["E001"])
    gateway: str = Field(
        min_length=1, max_length=ID, description="Its name, a level of its topics.", examples=["GW2"]
    )
    certificate_cn: str = Field(
        "", max_length=ID, description="Common name of a client certificate that may prove it too."
    )


class DeviceView(BaseModel):
    """A gateway device that may publish."""

    enterprise: str = Field(description="Whose it is.")
    gateway: str = Field(description="Its name, a level of its topics.")
    topic: str = Field(description="Where it publishes.")
    has_key: bool = Field(description="It has a password.")
    certificate_cn: str = Field(description="Common name of its client certificate; empty: it has none.")
    connections: int = Field(description="How many connections it has open now.")
    heard_time: int = Field(description="When it last said something; 0: never since the gateway started.")
    messages: int = Field(description="Messages taken of it since the gateway started.")
    points: int = Field(description="Points of the register that it may publish.")


class DevicePage(BaseModel):
    """The devices in the caller's sight."""

    devices: list[DeviceView] = Field(description="By enterprise and name.")
    doors: DoorsView = Field(description="Where they publish.")
