"""What can be refused while a service is being set up.

SetUpRefused         anything below
  CodeRequired   401  no set-up code, or a wrong one
  SetUpOver      401  there is nothing left to set up
  CodeThrottled  429  too many wrong codes
  StepRefused    409  the step was done already, or another one comes first
  DeviceRefused  409  the gateway knows the device already, or its name is none
  DraftRefused   422  the enterprise cannot be written as described; `findings` says where and why
  SiteNotWritten 503  the site folder cannot be written
  GatewayRefused 502  the gateway answered, but would not
  GatewayAway    503  the gateway does not answer yet
  UnknownDevice  404  no such device in sight
"""

from typing import Any, ClassVar

from api.problems import Problem


class SetUpRefused(Problem):
    """A step of the first start was refused."""

    STATUS: ClassVar[int] = 409
    KIND: ClassVar[str] = "step-refused"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(self.STATUS, self.KIND, detail, **more)


class CodeRequired(SetUpRefused):
    """No set-up code, or a wrong one."""

    STATUS, KIND = 401, "setup-code-required"


class SetUpOver(SetUpRefused):
    """There is nothing left to set up: log in."""

    STATUS, KIND = 401, "setup-over"


class CodeThrottled(SetUpRefused):
    """Too many wrong codes."""

    STATUS, KIND = 429, "setup-code-throttled"


class StepRefused(SetUpRefused):
    """The step was done already, or another one comes first."""


class DeviceRefused(SetUpRefused):
    """The gateway knows the device already, or its name cannot be part of a topic."""

    KIND = "device-refused"


class DraftRefused(SetUpRefused):
    """The register would not be usable; nothing was written."""

    STATUS, KIND = 422, "site-refused"


class SiteNotWritten(SetUpRefused):
    """The site folder cannot be written."""

    STATUS, KIND = 503, "site-not-written"


class GatewayRefused(SetUpRefused):
    """The gateway answered, but would not."""

    STATUS, KIND = 502, "gateway-refused"


class GatewayAway(SetUpRefused):
    """The gateway does not answer."""

    STATUS, KIND = 503, "gateway-unreachable"


class UnknownDevice(SetUpRefused):
    """No such device in sight."""

    STATUS, KIND = 404, "unknown-device"
