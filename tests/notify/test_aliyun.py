"""SMS and calls by Aliyun against a server that checks the signature as theirs does."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.notify.aliyun import authorization, canonical_query
from api.notify.errors import MessageRefused, NotifyFailed, ProviderBusy, ProviderDown, TargetRefused, Unclear
from api.notify.port import NotConfigured
from api.notify.templates import template_values
from tests.notify.adapting import make, outgoing, target
from tests.notify.provider import Provider, Reply, Request, running_provider, told

KEY_ID, KEY_SECRET = "key-of-the-test", "secret-of-the-test"
NOW = 1_763_797_087_000_000_000


def test_signature_is_that_of_the_published_example() -> None:
    """The "fixed parameters" of help.aliyun.com/document_detail/2593177.html, V3 signature."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    value = authorization("POST", "/", query, headers, "YourAccessKeyId", "YourAccessKeySecret")
    assert value.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=10), max_size=5))
def test_query_has_no_character_that_would_have_to_be_escaped_again(parameters) -> None:
    query = canonical_query(parameters)
    assert all(c.isascii() and (c.isalnum() or c in "-_.~%=&") for c in query)
    assert query.count("=") == len(parameters)


def checked(answer: Reply):
    """Answers only requests with a right signature."""

    def answerer(request: Request) -> Reply:
        names = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = {name: request.headers[name] for name in names}
        query = canonical_query(request.query)
        right = authorization("POST", request.path, query, headers, KEY_ID, KEY_SECRET)
        if right != request.headers["authorization"]:
            return told(400, Code="SignatureDoesNotMatch", Message="Specified signature is not matched")
        return answer

    return answerer


@pytest.fixture
def settings(tmp_path):
    secret = tmp_path / "aliyun.secret"
    secret.write_text(KEY_SECRET + "\n")
    return {
        "notify_aliyun_key_id": KEY_ID,
        "notify_aliyun_key_secret_file": secret,
        "notify_sms_sign_name": "示例园区",
        "notify_sms_template": "SMS_1",
        "notify_voice_template": "TTS_1",
    }


async def send(channel: str, provider: Provider, settings, message=None, **options):
    notifier = make(channel, clock=lambda: NOW, notify_endpoints={channel: provider.url}, **settings)
    try:
        return await notifier.send(
            outgoing(channel, **(message or {})), target(channel, "13800000000", options=options)
        )
    finally:
        await notifier.close()


async def test_sms_is_signed_and_its_template_is_filled(settings) -> None:
    parameters = {"where": "示例化工 / 一号储罐", "value": "96.5 %", "since": "15:58"}
    async with running_provider(checked(told(Code="OK", Message="OK", BizId="9006^0"))) as provider:
        receipt = await send("sms", provider, settings, {"detail": {"parameters": parameters}})
    [request] = provider.requests
    assert request.headers["x-acs-action"] == "SendSms"
    assert request.query["PhoneNumbers"] == "13800000000"
    assert request.query["SignName"] == "示例园区"
    values = json.loads(request.query["TemplateParam"])
    assert values["value"] == "96.5 %"
    assert set(values) == {"title", "where", "value", "since", "link"}
    assert receipt.reference == "9006^0"


@pytest.mark.parametrize("channel", ["sms", "voice"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (told(Code="isv.BUSINESS_LIMIT_CONTROL", Message="触发分钟级流控Permits:1"), ProviderBusy),
        (told(Code="isv.MOBILE_NUMBER_ILLEGAL", Message="号码格式非法"), TargetRefused),
        (told(Code="isp.SYSTEM_ERROR", Message="系统错误"), ProviderDown),
        (told(Code="isv.SOMETHING_NEW", Message="?"), MessageRefused),
        (told(400, Code="SignatureDoesNotMatch", Message="no"), TargetRefused),
        (told(404, Code="InvalidAccessKeyId.NotFound", Message="no"), TargetRefused),
        (told(429, {"Retry-After": "9"}, Code="Throttling.User"), ProviderBusy),
        (told(503, Code="ServiceUnavailable"), ProviderDown),
        (told(RequestId="x"), Unclear),
        (Reply(b"<html>portal</html>"), Unclear),
        (Reply(hang=True), Unclear),
    ],
)
async def test_code_of_the_answer_says_whether_to_try_again(settings, channel, reply, error) -> None:
    async with running_provider(lambda _request: reply) as provider:
        with pytest.raises(NotifyFailed) as caught:
            await send(channel, provider, settings)
    assert type(caught.value) is error
    assert KEY_SECRET not in str(caught.value)


async def test_wrong_secret_is_refused_by_the_provider(settings, tmp_path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    async with running_provider(checked(told(Code="OK"))) as provider:
        with pytest.raises(TargetRefused, match="SignatureDoesNotMatch"):
            await send("sms", provider, settings | {"notify_aliyun_key_secret_file": wrong})


async def test_call_reads_the_message_out(settings) -> None:
    async with running_provider(checked(told(Code="OK", Message="OK", CallId="1160^1028"))) as provider:
        receipt = await send("voice", provider, settings, play_times="3")
    [request] = provider.requests
    assert request.headers["x-acs-action"] == "SingleCallByTts"
    assert request.query["CalledNumber"] == "13800000000"
    assert request.query["PlayTimes"] == "3"
    assert "CalledShowNumber" not in request.query, "empty parameters are left out"
    assert receipt.reference == "1160^1028"


async def test_call_that_asks_for_a_key_is_interactive(settings) -> None:
    async with running_provider(checked(told(Code="OK", CallId="1160^1028"))) as provider:
        await send("voice", provider, settings | {"notify_voice_keypad_template": "TTS_2"})
    [request] = provider.requests
    assert request.headers["x-acs-action"] == "IvrCall"
    assert request.query["StartCode"] == "TTS_1"
    assert request.query["MenuKeyMap.1.Key"] == "1"
    assert request.query["ByeCode"] == "TTS_2"


@pytest.mark.parametrize(
    ("data", "answered", "listened_s"),
    [
        ({"state": "200000", "stateDesc": "用户接听", "duration": 21}, True, 21),
        ({"state": "200005", "stateDesc": "用户无法接通", "duration": 0}, False, 0),
        ({"state": "200000", "stateDesc": "用户接听", "duration": "7"}, True, 7),
    ],
)
async def test_outcome_of_a_call_is_asked_for(settings, data, answered, listened_s) -> None:
    async with running_provider(checked(told(Code="OK", Data=json.dumps(data)))) as provider:
        voice = make("voice", notify_endpoints={"voice": provider.url}, **settings)
        outcome = await voice.outcome("1160^1028", NOW)
        await voice.close()
    assert (outcome.answered, outcome.listened_s, outcome.keypad) == (answered, listened_s, "")
    assert outcome.heard_out(20) == (listened_s >= 20)
    assert provider.requests[0].query["QueryDate"] == str(NOW // 1_000_000)


async def test_outcome_that_the_provider_does_not_know_yet_is_none(settings) -> None:
    async with running_provider(checked(told(Code="OK"))) as provider:
        voice = make("voice", notify_endpoints={"voice": provider.url}, **settings)
        assert await voice.outcome("1160^1028", NOW) is None
        await voice.close()


async def test_report_tells_the_key_that_was_pressed(settings) -> None:
    voice = make("voice", **settings)
    report = [
        {"call_id": "1^2", "status_code": "200000", "status_msg": "执行完成", "duration": "22", "dtmf": "1"},
        {"call_id": "3^4", "status_code": "200003", "duration": "0"},
    ]
    first, second = voice.read_report(json.dumps(report).encode())
    assert (first.reference, first.answered, first.listened_s, first.keypad) == ("1^2", True, 22, "1")
    assert (second.answered, second.keypad) == (False, "")
    for nonsense in (b"", b"{}", b'[{"call_id": "1", "duration": "soon"}]', b"[1]"):
        with pytest.raises((ValueError, NotifyFailed)):
            voice.read_report(nonsense)
    await voice.close()


def test_template_values_are_short_and_a_link_is_whole_or_missing() -> None:
    long = outgoing("sms", title="很" * 100, link="https://watch.example/" + "x" * 200)
    values = json.loads(template_values(long, 35))
    assert len(values["title"]) == 35
    assert values["link"] == "-"
    assert json.loads(template_values(outgoing("sms"), 35))["link"] == "https://watch.example/a/k3y"


def test_channel_without_its_account_is_not_configured() -> None:
    with pytest.raises(NotConfigured, match="SIGN_NAME"):
        make("sms")
    with pytest.raises(NotConfigured, match="VOICE_TEMPLATE"):
        make("voice")
