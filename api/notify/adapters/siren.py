"""A local siren or beacon over MQTT.

The state kept by the broker (retained) is always "off": a siren that comes back after a power cut is
silent, however old the last alarm is. "on" is never retained and carries `off_after_s`, after which the
device goes off by itself even if nobody tells it; this service tells it as well. A message "returned"
puts it off at once. Address: the topic.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiomqtt
import msgspec

from api.bilingual import both
from api.notify.errors import AddressWrong, NotifyFailed, ProviderDown, TargetRefused, Unclear
from api.notify.files import read_secret
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Field, NotConfigured, Receipt, Surroundings, Target

OFF = msgspec.json.encode({"state": "off"})
AT_LEAST_ONCE = 1
LONGEST_TOPIC = 200


class Siren:
    """Switches sirens on, and off again."""

    def __init__(self, around: Surroundings) -> None:
        if not around.settings.notify_mqtt_host:
            raise NotConfigured(
                both(
                    "声光报警器须设置 HAZARDWATCH_API_NOTIFY_MQTT_HOST",
                    "sirens need HAZARDWATCH_API_NOTIFY_MQTT_HOST",
                )
            )
        self._settings = around.settings
        self._off_later: dict[str, asyncio.Task[None]] = {}

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        if message.kind == "returned":
            await self._publish(target.address, [(OFF, True)])
            self._forget(target.address)
            return Receipt(words="off")
        on_s = float(target.options.get("on_s") or self._settings.notify_siren_on_s)
        on = {
            "state": "on",
            "priority": message.priority.name,
            "off_after_s": on_s,
            "title": message.title,
            "key": message.key,
        }
        await self._publish(target.address, [(OFF, True), (msgspec.json.encode(on), False)])
        self._put_off_later(target.address, on_s)
        return Receipt(words=f"on for {on_s:g} s")

    async def close(self) -> None:
        """Put off what is on: nobody would do it later but the device itself."""
        topics = list(self._off_later)
        for topic in topics:
            self._forget(topic)
            with suppress(NotifyFailed):
                await self._publish(topic, [(OFF, True)])

    def _put_off_later(self, topic: str, on_s: float) -> None:
        self._forget(topic)
        self._off_later[topic] = asyncio.create_task(self._put_off(topic, on_s), name=f"siren-off-{topic}")

    async def _put_off(self, topic: str, on_s: float) -> None:
        await asyncio.sleep(on_s)
        with suppress(NotifyFailed):  # then the device goes off by itself: it was told when
            await self._publish(topic, [(OFF, True)])
        if self._off_later.get(topic) is asyncio.current_task():
            del self._off_later[topic]

    def _forget(self, topic: str) -> None:
        if task := self._off_later.pop(topic, None):
            task.cancel()

    async def _publish(self, topic: str, messages: list[tuple[bytes, bool]]) -> None:
        try:
            async with asyncio.timeout(self._settings.notify_timeout_s), self._client() as client:
                for payload, retain in messages:
                    await client.publish(topic, payload, qos=AT_LEAST_ONCE, retain=retain)
        except aiomqtt.MqttCodeError as error:
            raise _meaning(error) from error
        except TimeoutError as error:
            raise Unclear(
                f"the broker did not answer within {self._settings.notify_timeout_s:g} s"
            ) from error
        except (aiomqtt.MqttError, OSError) as error:
            raise ProviderDown(
                both(f"无法连接消息代理：{error}", f"no connection to the broker: {error}")
            ) from error

    def _client(self) -> aiomqtt.Client:
        settings = self._settings
        more: dict[str, Any] = {}
        if settings.notify_mqtt_user:
            password = read_secret(settings.notify_mqtt_password_file)
            more |= {"username": settings.notify_mqtt_user, "password": password}
        if settings.notify_mqtt_ca_file:
            more["tls_context"] = ssl.create_default_context(cafile=str(settings.notify_mqtt_ca_file))
        return aiomqtt.Client(
            settings.notify_mqtt_host,
            settings.notify_mqtt_port,
            timeout=settings.notify_timeout_s,
            protocol=aiomqtt.ProtocolVersion.V5,
            **more,
        )


def _meaning(error: aiomqtt.MqttCodeError) -> NotifyFailed:
    words = str(error)
    refused = ("authori", "bad user", "user name", "identifier", "banned")
    return TargetRefused(words) if any(word in words.lower() for word in refused) else ProviderDown(words)


def _check(address: str, secret: str, options: Mapping[str, str]) -> None:
    if not 0 < len(address) <= LONGEST_TOPIC or not address.isprintable() or set("+#") & set(address):
        raise AddressWrong(
            both(
                "声光报警器的地址是不含 + 和 # 的 MQTT 主题：`site/siren/north`",
                "the address of a siren is an MQTT topic without + and #: site/siren/north",
            )
        )
    if address.startswith("$"):
        raise AddressWrong(
            both("以 $ 开头的主题属于 MQTT 服务器", "topics that begin with $ belong to the broker")
        )
    try:
        on_s = float(options.get("on_s") or 60)
    except ValueError as error:
        raise AddressWrong(both("on_s 为秒数", "on_s is a number of seconds")) from error
    if not 1 <= on_s <= 3600:
        raise AddressWrong(both("on_s 为 1 至 3600 秒", "on_s is between 1 and 3600 seconds"))


ADAPTER = Adapter(
    channel="siren",
    name="声光报警器（MQTT）",
    name_en="Siren or beacon (MQTT)",
    form=AddressForm(
        address=Field(name="address", title="MQTT 主题", title_en="Topic", example="site/siren/north"),
        options=(
            Field(
                name="on_s",
                title="自动停止时间（秒）",
                title_en="Off by itself after, in seconds",
                required=False,
                example="60",
            ),
        ),
        check=_check,
    ),
    make=Siren,
    merges=False,
    configured_by=("notify_mqtt_host",),
)
