"""What can be refused here; each has the status and the kind of the problem that the caller is told.

AccessRefused           anything below
  LoginRefused          401  wrong name, password or code: which of them is not said
  SecondFactorRequired  401  the password was right, a code is needed
  LoginThrottled        429  too many failures: wait
  RefreshRefused        401  log in again
  PlainHttpRefused      403  a password would go over the wire in the clear
  PasswordRefused       422  not good enough
  NotAllowed            403  separated powers, or more than one has oneself
  UnknownThing          404  no such person, login or key in sight
  AccessConflict        409  it is so already, or somebody else was quicker
"""

import math
from typing import Any, ClassVar

from api.bilingual import both
from api.problems import Problem


class AccessRefused(Problem):
    """Something about a login, a person or a key was refused."""

    STATUS: ClassVar[int] = 403
    KIND: ClassVar[str] = "access-refused"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(self.STATUS, self.KIND, detail, **more)


class LoginRefused(AccessRefused):
    """Wrong name, password or code."""

    STATUS, KIND = 401, "login-refused"


class SecondFactorRequired(AccessRefused):
    """The password was right; send it again with a code of the authenticator, or a recovery code."""

    STATUS, KIND = 401, "second-factor-required"


class LoginThrottled(AccessRefused):
    """Too many failures."""

    STATUS, KIND = 429, "login-throttled"

    def __init__(self, wait_s: float) -> None:
        wait_s = math.ceil(wait_s)
        super().__init__(
            both(
                f"密码错误次数过多，请在 {wait_s} 秒后重试。",
                f"Too many failed logins: try again in {wait_s} s.",
            ),
            retry_after_s=wait_s,
        )


class RefreshRefused(AccessRefused):
    """The login cannot be continued."""

    STATUS, KIND = 401, "refresh-refused"


class PlainHttpRefused(AccessRefused):
    """A password would be readable on the way."""

    KIND = "tls-required"


class PasswordRefused(AccessRefused):
    """The new password is not good enough."""

    STATUS, KIND = 422, "password-refused"


class NotAllowed(AccessRefused):
    """The caller's role would do, but this goes beyond his powers."""

    KIND = "not-allowed"


class UnknownThing(AccessRefused):
    """No such person, login or key in the caller's sight."""

    STATUS, KIND = 404, "not-found"


class AccessConflict(AccessRefused):
    """It is so already, or was changed meanwhile."""

    STATUS, KIND = 409, "access-conflict"
