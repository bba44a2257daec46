"""Base of every parameter set: frozen, refuses unknown keys, numbers with their bounds in the type.

The bounds are checked where a file is read (`simulators.yaml_file`), so that physics never meets a
negative diameter.
"""

from typing import Annotated

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hour = Annotated[float, msgspec.Meta(ge=0, lt=24)]
Degrees = Annotated[float, msgspec.Meta(ge=0, lt=360)]
Celsius = Annotated[float, msgspec.Meta(gt=-273.15)]
Tag = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.\-]+$", max_length=128)]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a part is built with; keyword arguments only."""
