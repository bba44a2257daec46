"""The few figures that a generated plant follows from, kept as `plan.json` beside its register."""

from pathlib import Path
from typing import Annotated

import msgspec

from simulators.errors import PlanInvalid
from simulators.parameters import Parameters, Positive

FILE = "plan.json"
FEWEST, MOST = 10, 1_000_000
RELEASE = 1
"""Raised whenever the same plan would give another plant."""

Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-85, le=85)]


class Plan(Parameters, frozen=True, kw_only=True):
    """Same plan, same plant: to the byte."""

    points: Annotated[int, msgspec.Meta(ge=FEWEST, le=MOST)]
    seed: Annotated[int, msgspec.Meta(ge=0)] = 0
    centre: tuple[Longitude, Latitude] | None = None
    """Longitude and latitude, WGS 84 degrees; None: points have no place."""
    radius_km: Positive = 30.0
    """Enterprises stand within it around the centre."""
    names: bool = True
    """Enterprises, installations, units and points have names beside their identities."""
    period_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None
    """Every point reports so often; None: as the kind of point does."""
    release: int = RELEASE


def make_plan(**keys: object) -> Plan:
    """A checked plan. Raises PlanInvalid."""
    try:
        return msgspec.convert(keys, Plan)
    except msgspec.ValidationError as error:
        wrong, _, key = str(error).partition(" - at `$.")
        raise PlanInvalid(f"{key.rstrip('`') or 'plan'}: {wrong[:1].lower()}{wrong[1:]}") from None


def load_plan(folder: Path) -> Plan:
    """That of a generated plant's folder. Raises PlanInvalid."""
    path = folder / FILE
    remedy = "make the folder with  hazardwatch generate --points N --folder FOLDER"
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    except (OSError, msgspec.MsgspecError) as error:
        raise PlanInvalid(f"{path}: {error}: {remedy}") from None
    if plan.release != RELEASE:
        made = f"{path} was made by release {plan.release} of the generator, this is {RELEASE}"
        raise PlanInvalid(f"{made}: {remedy}")
    return plan
