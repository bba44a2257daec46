"""SMS (短信) by Aliyun: Dysmsapi SendSms with an approved signature and template.

help.aliyun.com/document_detail/101414.html. The outbox key travels as OutId.
"""

import hashlib

from api.bilingual import both
from api.notify.aliyun import Aliyun
from api.notify.facts import provider
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Field, NotConfigured, Receipt, Surroundings, Target
from api.notify.templates import check_phone, template_values


class AliyunSms:
    """One message to one number."""

    def __init__(self, around: Surroundings) -> None:
        settings = around.settings
        if not settings.notify_sms_sign_name or not settings.notify_sms_template:
            raise NotConfigured(
                both(
                    "短信须设置 HAZARDWATCH_API_NOTIFY_SMS_SIGN_NAME 和 HAZARDWATCH_API_NOTIFY_SMS_TEMPLATE",
                    "SMS needs HAZARDWATCH_API_NOTIFY_SMS_SIGN_NAME and _NOTIFY_SMS_TEMPLATE",
                )
            )
        self._settings = settings
        self._facts = provider("sms")
        self._aliyun = Aliyun("sms", self._facts, around)

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        told = await self._aliyun.call(
            "SendSms",
            {
                "PhoneNumbers": target.address,
                "SignName": self._settings.notify_sms_sign_name,
                "TemplateCode": self._settings.notify_sms_template,
                "TemplateParam": template_values(message, self._facts.parameter_characters),
                "OutId": hashlib.sha256(message.key.encode()).hexdigest()[:32],
            },
        )
        return Receipt(reference=str(told.get("BizId", "")), words=str(told.get("Message", "")))

    async def close(self) -> None:
        await self._aliyun.close()


ADAPTER = Adapter(
    channel="sms",
    name="短信（阿里云）",
    name_en="SMS (Aliyun)",
    form=AddressForm(
        address=Field(name="address", title="手机号", title_en="Mobile number", example="13800000000"),
        check=check_phone,
    ),
    make=AliyunSms,
    configured_by=(
        "notify_aliyun_key_id",
        "notify_aliyun_key_secret_file",
        "notify_sms_sign_name",
        "notify_sms_template",
    ),
)
