"""The long tail through Apprise, against a server of our own."""

import pytest

from api.notify.errors import ProviderDown, TargetRefused
from tests.notify.adapting import make, outgoing, target
from tests.notify.provider import Reply, running_provider


async def test_message_goes_out_in_the_form_of_the_service() -> None:
    async with running_provider(lambda _request: Reply(b"ok")) as provider:
        one = make("apprise", notify_apprise_schemas=("json",))
        await one.send(outgoing("apprise"), target("apprise", f"json://127.0.0.1:{provider.port}/hook"))
    body = provider.requests[0].json
    assert "液位高高" in body["title"]
    assert "https://watch.example/a/k3y" in body["message"]


async def test_refusal_is_not_taken_for_success() -> None:
    async with running_provider(lambda _request: Reply(b"no", 500)) as provider:
        one = make("apprise", notify_apprise_schemas=("json",))
        with pytest.raises(ProviderDown) as caught:
            await one.send(outgoing("apprise"), target("apprise", f"json://127.0.0.1:{provider.port}/"))
    assert "500" in caught.value.words


async def test_service_that_is_not_allowed_is_refused() -> None:
    """json:// reaches any host, also inner ones: not by default."""
    async with running_provider() as provider:
        with pytest.raises(TargetRefused, match="APPRISE_SCHEMAS"):
            await make("apprise").send(
                outgoing("apprise"), target("apprise", f"json://127.0.0.1:{provider.port}/")
            )
    assert provider.requests == []


async def test_address_that_apprise_does_not_understand_is_refused() -> None:
    with pytest.raises(TargetRefused, match="understand"):
        await make("apprise").send(outgoing("apprise"), target("apprise", "tgram://x"))
