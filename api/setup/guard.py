"""Who may set up: whoever has the code, as long as there is something to set up."""

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.auth.caller import caller_of
from api.setup.service import SetUp

setup_code = HTTPBearer(
    scheme_name="setup code",
    description="The one-time code of the first start: in the log, and in `setup.code` in the data folder",
    auto_error=False,
)
GivenCode = Annotated[HTTPAuthorizationCredentials | None, Security(setup_code)]


async def require_setup_code(connection: HTTPConnection, given: GivenCode) -> SetUp:
    """The set-up of the application that serves this, for somebody who has its code.

    Raises CodeRequired, CodeThrottled, PlainHttpRefused.
    """
    set_up = connection.app.state.set_up
    assert isinstance(set_up, SetUp)
    caller = caller_of(connection, set_up.settings.trusted_proxies)
    set_up.admit(given.credentials if given else "", caller)
    return set_up


SetUpOf = Annotated[SetUp, Depends(require_setup_code)]
