"""What `GET /site` answers: the register as a tree."""

from pydantic import BaseModel, Field

from alarm_rules.model import PersonRole


class PositionView(BaseModel):
    """A place in WGS 84 degrees, and in metres on the plan of the installation."""

    longitude: float = Field(description="Degrees east.", examples=[117.7])
    latitude: float = Field(description="Degrees north.", examples=[38.95])
    x_m: float = Field(description="Metres east of the installation's middle.")
    y_m: float = Field(description="Metres north of the installation's middle.")
    derived: bool = Field(
        description="The register does not say it: it is the middle of the points that have coordinates."
    )


class SubstanceView(BaseModel):
    """A substance that a unit holds, or that its detectors look for."""

    cas: str = Field(description="CAS number; empty if the register has none.", examples=["67-56-1"])
    name: str = Field(description="Its Chinese name.", examples=["甲醇"])
    name_en: str = Field(description="Its English name.", examples=["methanol"])


class CountsView(BaseModel):
    """Monitoring: how many points there are. Their values are under `/points`."""

    points: int = Field(description="Points of the register.")
    in_use: int = Field(description="Points in use.")
    by_quantity: dict[str, int] = Field(description="Points in use by what they measure.")


class UnitView(BaseModel):
    """A tank, vessel, gas area or the like."""

    id: str = Field(description="Id of the unit, unique in its installation.", examples=["TK101"])
    kind: str = Field(
        description="What it is: storage_tank, sphere, pressure_vessel, gas_area, weather_station, ...",
        examples=["storage_tank"],
    )
    name: str = Field(description="Its name as people say it; its id if it has none.")
    substance: SubstanceView | None = Field(description="What it holds; null if the register does not say.")
    gases: list[SubstanceView] = Field(description="What its gas detectors look for.")
    height_m: float | None = Field(description="Height of the shell in metres; null if not known.")
    diameter_m: float | None = Field(description="Diameter in metres; null if not known.")
    volume_m3: float | None = Field(description="Nominal volume in cubic metres; null if not known.")
    position: PositionView | None = Field(description="Its middle; null if nothing of it has coordinates.")
    monitoring: CountsView = Field(description="How many points it has.")


class PlanView(BaseModel):
    """A plan for the emergency (应急预案)."""

    title: str = Field(description="Title of the plan.")
    version: str = Field(description="Its version; empty if not given.")
    filed: str = Field(description="Date on which it was filed with the authority; empty if not given.")
    document: str = Field(description="http(s) address of its text; empty if there is none.")


class PersonView(BaseModel):
    """One of the three persons who answer for the installation (包保责任人)."""

    role: PersonRole = Field(
        description="`main` 主要负责人, `technical` 技术负责人, `operational` 操作负责人."
    )
    name: str = Field(description="Name of the person.")
    phone: str | None = Field(
        description="Phone number; empty if not given, null without the right to see phone numbers."
    )


class TeamView(BaseModel):
    """A team for the emergency (应急队伍)."""

    name: str = Field(description="Name of the team.")
    leader: str = Field(description="Who leads it; empty if not given.")
    phone: str | None = Field(
        description="Phone number; empty if not given, null without the right to see phone numbers."
    )
    people: int | None = Field(description="How many persons it has; null if not given.")


class MaterialView(BaseModel):
    """Something kept for the emergency (应急物资)."""

    name: str = Field(description="What it is.")
    quantity: float | None = Field(description="How much; null if not given.")
    counted_in: str = Field(description="Unit of the quantity; empty if not given.")
    place: str = Field(description="Where it is kept; empty if not given.")
    keeper: str = Field(description="Who keeps it; empty if not given.")
    checked: str = Field(description="Date of the last check; empty if not given.")


class VideoView(BaseModel):
    """A camera. The address is a link, never to be embedded."""

    name: str = Field(description="What the camera shows.")
    address: str = Field(description="http, https or rtsp address.")


class InstallationView(BaseModel):
    """A major hazard installation (重大危险源) with its five dimensions (五维一体).

    Its warning level stands under `/warnings/levels/{enterprise}/{installation}`.
    """

    id: str = Field(description="Id of the installation, unique in its enterprise.", examples=["H01"])
    name: str = Field(description="Its name as people say it; its id if it has none.")
    hazard_class: int | None = Field(description="Class 1 to 4 after GB 18218; null if not classified.")
    r_value: float | None = Field(description="R of the classification; null if not given.")
    position: PositionView | None = Field(description="Its middle; null if nothing of it has coordinates.")
    monitoring: CountsView = Field(description="How many points it has.")
    plans: list[PlanView] = Field(description="Emergency plans.")
    persons: list[PersonView] = Field(description="The persons who answer for it.")
    teams: list[TeamView] = Field(description="Emergency teams.")
    materials: list[MaterialView] = Field(description="Emergency materials.")
    videos: list[VideoView] = Field(description="Cameras.")
    units: list[UnitView] = Field(description="Its tanks, vessels and areas, as the register has them.")


class EnterpriseView(BaseModel):
    """An enterprise with its installations."""

    id: str = Field(description="Id of the enterprise.", examples=["E001"])
    name: str = Field(description="Its name as people say it; its id if it has none.")
    district: str = Field(description="District whose bureau watches it; empty if not given.")
    city: str = Field(description="City of the district; empty if not given.")
    installations: list[InstallationView] = Field(description="Its installations, as the register has them.")


class SiteView(BaseModel):
    """The register without its points, within the reader's scope."""

    enterprises: list[EnterpriseView] = Field(description="The enterprises in sight.")
