"""DingTalk, WeCom and Feishu robots against a server that answers as theirs do."""

import base64
import socket
import subprocess

import pytest

from api.notify.adapters import dingtalk, feishu
from api.notify.errors import (
    MessageRefused,
    NotifyFailed,
    ProviderBusy,
    ProviderDown,
    TargetRefused,
    Unclear,
)
from api.notify.port import Receipt, Target
from tests.notify.adapting import make, outgoing, target
from tests.notify.provider import Provider, Reply, running_provider, told

TOKEN = "abcdef0123456789abcdef"
SECRET = "SECf00dfacecafe"
NOW = 1_763_797_087_123_000_000
ROBOTS = ("dingtalk", "wecom", "feishu")


async def send(channel: str, provider: Provider, **more) -> Receipt:
    robot = make(channel, clock=lambda: NOW, notify_endpoints={channel: provider.url + "/robot"})
    try:
        return await robot.send(outgoing(channel), more.pop("to", None) or target(channel, TOKEN, **more))
    finally:
        await robot.close()


async def failed(channel: str, reply: Reply) -> NotifyFailed:
    async with running_provider(lambda _request: reply) as provider:
        with pytest.raises(NotifyFailed) as caught:
            await send(channel, provider)
    return caught.value


async def test_dingtalk_message_is_signed_and_calls_persons() -> None:
    async with running_provider() as provider:
        await send("dingtalk", provider, secret=SECRET, options={"at_mobiles": "13800000000，13900000000"})
    [request] = provider.requests
    timestamp = NOW // 1_000_000
    assert request.query == {
        "access_token": TOKEN,
        "timestamp": str(timestamp),
        "sign": dingtalk.sign(SECRET, timestamp),
    }
    body = request.json
    assert body["msgtype"] == "markdown"
    assert body["at"] == {"atMobiles": ["13800000000", "13900000000"], "isAtAll": False}
    assert "液位高高" in body["markdown"]["title"]
    assert "[处理 Answer](https://watch.example/a/k3y)" in body["markdown"]["text"]
    assert "@13800000000" in body["markdown"]["text"]


def test_dingtalk_signature_is_that_of_the_published_algorithm() -> None:
    """Another program computes the same."""
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "this is secret", "-binary"],
        input=b"1577262236757\nthis is secret",
        capture_output=True,
        check=True,
    )
    assert dingtalk.sign("this is secret", 1577262236757) == base64.b64encode(done.stdout).decode()


async def test_feishu_card_is_signed_with_seconds() -> None:
    async with running_provider(lambda _request: told(code=0, msg="success", data={})) as provider:
        await send("feishu", provider, secret=SECRET)
    [request] = provider.requests
    assert request.path == f"/robot/{TOKEN}"
    body = request.json
    assert body["timestamp"] == str(NOW // 1_000_000_000)
    assert body["sign"] == feishu.sign(SECRET, NOW // 1_000_000_000)
    assert body["card"]["header"]["template"] == "red"


async def test_wecom_calls_persons_in_a_text_because_markdown_cannot() -> None:
    async with running_provider() as provider:
        await send("wecom", provider)
        await send("wecom", provider, options={"at_mobiles": "13800000000,@all"})
    markdown, text = (request.json for request in provider.requests)
    assert markdown["msgtype"] == "markdown"
    assert text["text"]["mentioned_mobile_list"] == ["13800000000", "@all"]
    assert "https://watch.example/a/k3y" in text["text"]["content"]
    assert len(text["text"]["content"].encode()) <= 2048


async def test_pasted_webhook_address_gives_its_token_but_not_its_host() -> None:
    """An address in a target cannot lead the service to another host."""
    async with running_provider() as provider, running_provider() as elsewhere:
        pasted = target("dingtalk", f"{elsewhere.url}/robot/send?access_token={TOKEN}")
        await send("dingtalk", provider, to=pasted)
    assert elsewhere.requests == []
    assert provider.requests[0].query["access_token"] == TOKEN


@pytest.mark.parametrize(
    ("channel", "reply", "error", "pause_s"),
    [
        (
            "dingtalk",
            told(errcode=130101, errmsg="send too fast, exceed 20 times per minute"),
            ProviderBusy,
            600,
        ),
        ("dingtalk", told(errcode=310000, errmsg="sign not match"), TargetRefused, None),
        ("dingtalk", told(errcode=-1, errmsg="系统繁忙"), ProviderDown, None),
        ("dingtalk", told(errcode=88, errmsg="too long"), MessageRefused, None),
        ("dingtalk", told(errcode=999999, errmsg="new code"), MessageRefused, None),
        ("wecom", told(errcode=45009, errmsg="api freq out of limit"), ProviderBusy, 60),
        ("wecom", told(errcode=93000, errmsg="invalid webhook url"), TargetRefused, None),
        ("feishu", told(code=11232, msg="create message trigger frequency limit"), ProviderBusy, 10),
        (
            "feishu",
            told(code=19021, msg="sign match fail or timestamp is not within one hour"),
            TargetRefused,
            None,
        ),
        ("feishu", told(400, code=9499, msg="Bad Request"), MessageRefused, None),
        ("feishu", told(400, code=99991400, msg="request trigger frequency limit"), ProviderBusy, 60),
    ],
)
async def test_refusal_with_a_code_is_read_although_the_status_is_200(channel, reply, error, pause_s) -> None:
    caught = await failed(channel, reply)
    assert type(caught) is error
    assert getattr(caught, "retry_after_s", None) == pause_s


@pytest.mark.parametrize("channel", ROBOTS)
@pytest.mark.parametrize(
    ("reply", "error", "pause_s"),
    [
        (told(429, {"Retry-After": "52"}), ProviderBusy, 52),
        (told(429, {"x-ogw-ratelimit-reset": "7"}, code=99991400), ProviderBusy, 7),
        (told(503, {"Retry-After": "soon"}), ProviderDown, None),
        (told(500), ProviderDown, None),
        (Reply(b"<html>login to the guest network</html>"), Unclear, None),
        (Reply(b'[{"errcode": 0, "code": 0}]'), Unclear, None),
        (Reply(b"{}"), MessageRefused, None),
        (told(errcode=False, code=False), MessageRefused, None),
        (told(302, {"Location": "http://169.254.169.254/"}), TargetRefused, None),
        (Reply(b"not here", 404), TargetRefused, None),
        (Reply(hang=True), Unclear, None),
        (Reply(drip=True), Unclear, None),
        (Reply(cut=True), Unclear, None),
        (Reply(b'{"errcode":0,"code":0,"x":"' + b"x" * 200_000 + b'"}'), Unclear, None),
    ],
)
async def test_whatever_goes_wrong_is_an_error_that_says_whether_to_try_again(
    channel, reply, error, pause_s
) -> None:
    caught = await failed(channel, reply)
    assert type(caught) is error
    assert getattr(caught, "retry_after_s", None) == pause_s


@pytest.mark.parametrize("channel", ROBOTS)
async def test_refused_connection_is_a_provider_that_is_down(channel) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        robot = make(channel, notify_endpoints={channel: f"http://127.0.0.1:{port}"})
        with pytest.raises(ProviderDown) as caught:
            await robot.send(outgoing(channel), target(channel, TOKEN))
        await robot.close()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("channel", ROBOTS)
async def test_names_from_the_plant_make_no_links_and_call_nobody(channel) -> None:
    async with running_provider(lambda _request: told(errcode=0, code=0)) as provider:
        robot = make(channel, notify_endpoints={channel: provider.url})
        message = outgoing(
            channel, title="[x](http://evil.example) @all", body="<font color='red'>@所有人</font>"
        )
        await robot.send(message, target(channel, TOKEN))
        await robot.close()
    sent = provider.requests[0].body.decode()
    assert "](http://evil.example)" not in sent
    assert "<font" not in sent
    assert "@所有人" not in sent


def test_target_tells_no_secret_when_it_is_printed() -> None:
    one: Target = target("dingtalk", TOKEN, secret=SECRET)
    assert TOKEN not in repr(one)
    assert SECRET not in f"{one}"
