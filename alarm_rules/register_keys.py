"""Keys of the register (台账): enterprise, installation, unit, point.

The Chinese and upper-case aliases are the headings of registers in use in China: the labels of the
provincial "five in one" reports and the column names of their tables, so that an export can be
loaded without renaming. `docs/` lists everything here by introspection.
"""

import re
from typing import get_args

from alarm_rules.dimension_keys import phone
from alarm_rules.findings import Wrong
from alarm_rules.keys import (
    Key,
    Read,
    choice,
    flag,
    identifier,
    not_negative,
    number,
    one_of,
    positive,
    required_topic_name,
    shown,
    text,
    topic_name,
)
from alarm_rules.model import Quantity, Signal
from alarm_rules.wording import Both

_CAS = re.compile(r"([0-9]{2,7})-([0-9]{2})-([0-9])", re.ASCII)
QUANTITIES: tuple[str, ...] = get_args(Quantity)
_QUANTITY_WORDS = {
    "可燃气体": "combustible_gas",
    "可燃气体浓度": "combustible_gas",
    "有毒气体": "toxic_gas",
    "有毒气体浓度": "toxic_gas",
    "氧气": "oxygen",
    "氧含量": "oxygen",
    "液位": "level",
    "压力": "pressure",
    "温度": "temperature",
    "流量": "flow",
    "状态": "state",
    "其他": "other",
}
QUANTITY_NAMES = {quantity: chinese for chinese, quantity in reversed(_QUANTITY_WORDS.items())}
"""What is measured, as findings say it in Chinese."""
_LEL_WORDS = {
    "IEC": "IEC",
    "NFPA": "NFPA",
    "IEC 60079-20-1": "IEC",
    "IEC 60079-20-1:2010": "IEC",
    "NFPA 497": "NFPA",
    "NFPA 497:2008": "NFPA",
}
_CLASS_WORDS = {"1": 1, "2": 2, "3": 3, "4": 4} | dict(
    zip(("一级", "二级", "三级", "四级"), range(1, 5), strict=True)
)
_CLASS_WORDS |= dict(zip("一二三四", range(1, 5), strict=True))


def _hazard_class(value: str) -> int:
    found = _CLASS_WORDS.get(value.strip())
    if found is None:
        raise Wrong(
            Both(f"{shown(value)} 不是重大危险源等级", f"{shown(value)} is no class"),
            Both("GB 18218 分 1 到 4 级（一级至四级）", "GB 18218 knows 1 to 4 (一级 to 四级)"),
        )
    return found


def _cas(value: str) -> str:
    """A CAS number whose last digit is right."""
    found = _CAS.fullmatch(value.strip())
    if found is None or sum(n * int(d) for n, d in enumerate(reversed(found[1] + found[2]), 1)) % 10 != int(
        found[3]
    ):
        raise Wrong(
            Both(f"{shown(value)} 不是 CAS 号", f"{shown(value)} is no CAS number"),
            Both(
                "写法如 67-56-1，最后一位是校验位",
                "write it as 67-56-1; its last digit is a check digit",
            ),
        )
    return value.strip()


_ANGLES = {"longitude": "经度", "latitude": "纬度"}


def _between(low: float, high: float, what: str) -> Read:
    def read(value: str) -> float:
        result = number(value)
        if not low <= result <= high:
            raise Wrong(
                Both(f"{shown(value)} 不是{_ANGLES[what]}", f"{shown(value)} is no {what}"),
                Both(
                    f"{_ANGLES[what]}以度为单位（WGS 84），在 {low:g} 到 {high:g} 之间",
                    f"{what} in degrees (WGS 84) is {low:g} to {high:g}",
                ),
            )
        return result

    return read


def _limit(name: str, words: str, *aliases: str) -> Key:
    doc = f"The point's own {words} limit, in its engineering unit."
    return Key(name, "number", number, doc, aliases=aliases, group="limits", inner=name)


_MIDDLE = (
    Key("longitude", "number", _between(-180, 180, "longitude"), "Its middle in degrees, WGS 84; "
        "left out: the middle of its points."),
    Key("latitude", "number", _between(-90, 90, "latitude"), "Its middle in degrees, WGS 84."),
)  # fmt: skip
ENTERPRISE_KEYS = (
    Key(
        "id",
        "name",
        required_topic_name,
        "Identity of the enterprise, a level of its MQTT topics.",
        required=True,
    ),
    Key("name", "text", text, "Its name as people say it.", default=""),
    Key("district", "text", text, "County, district or park whose bureau watches it.", default=""),
    Key("city", "text", text, "City that the district belongs to.", default=""),
)
INSTALLATION_KEYS = (
    Key(
        "id", "name", identifier, "Identity of the major hazard installation (重大危险源编码).", required=True
    ),
    Key("name", "text", text, "Its name as people say it.", default=""),
    Key("hazard_class", "1 to 4", _hazard_class, "Class after GB 18218; left out if not classified."),
    Key("r_value", "number from 0", not_negative, "R of the classification; must fit the class."),
    *_MIDDLE,
)
UNIT_KEYS = (
    Key("id", "name", identifier, "Identity of the tank, vessel or gas area.", required=True),
    Key("kind", "text", text, "What it is: storage_tank, pressure_vessel, gas_area, ...", default=""),
    Key("name", "text", text, "Its name as people say it.", default=""),
    Key("substance", "text", text, "What it holds, as people say it.", default=""),
    Key("cas", "CAS number", _cas, "CAS number of what it holds.", default=""),
    Key("height_m", "number above 0", positive, "Height of the shell in metres."),
    Key("diameter_m", "number above 0", positive, "Diameter in metres."),
    Key("volume_m3", "number above 0", positive, "Nominal volume in cubic metres."),
    *_MIDDLE,
)
_WHY = Key(
    "out_of_service_reason", "text", text, "Why the point is not in use.",
    default="", aliases=("停用原因", "STOP_REMARK"), group="out_of_service", inner="reason",
)  # fmt: skip
_WHO = Key(
    "out_of_service_person", "text", text, "Who took it out of service.",
    default="", aliases=("停用人", "STOP_PSN"), group="out_of_service", inner="person",
)  # fmt: skip
_SINCE = Key(
    "out_of_service_since", "text", text, "Since when, as a date or date and time.",
    default="", aliases=("停用时间", "STOP_TIME"), group="out_of_service", inner="since",
)  # fmt: skip

POINT_KEYS = (
    Key(
        "tag", "name", identifier, "Tag of the point, unique in the enterprise: TK101.LT01.",
        required=True, aliases=("位号", "BIT_NO"),
    ),
    Key(
        "name", "text", text, "Name as people say it.",
        default="", aliases=("指标名称", "点位名称", "TARGET_NAME"),
    ),
    Key(
        "quantity", one_of(*QUANTITIES), choice({name: name for name in QUANTITIES} | _QUANTITY_WORDS),
        "What is measured.", required=True, aliases=("监测类型", "指标类型", "MONITOR_TYPE"),
    ),
    Key(
        "engineering_unit", "unit of the quantity", text, "Unit of value, range and limits.",
        required=True, aliases=("计量单位", "单位", "UNIT"),
    ),
    Key(
        "range_low", "number", number, "Lower end of the instrument's range.",
        required=True, aliases=("量程下限", "LOW_VALUE"),
    ),
    Key(
        "range_high", "number", number, "Upper end of the instrument's range.",
        required=True, aliases=("量程上限", "TOP_VALUE"),
    ),
    Key(
        "period_s", "number above 0", positive, "Expected reporting period in seconds; drives `stale`.",
        default=10.0, aliases=("采集周期", "上报周期"),
    ),
    Key(
        "gateway", "name", topic_name, "Device that may publish the point; empty: any of the enterprise's.",
        default="", aliases=("网关编码", "GATEWAY_CODE"),
    ),
    Key(
        "signal", one_of(*get_args(Signal)), choice({name: name for name in get_args(Signal)}),
        "What arrives: the value, or the loop current in mA.", default="value", aliases=("信号类型",),
    ),
    Key(
        "latches_over_range", "true or false", flag,
        "True for a catalytic detector, which may read low after it saw more than its range.", default=False,
    ),
    Key(
        "deadband", "number from 0", not_negative,
        "How far a value must come back before a limit of this point clears; replaces the packs' figure.",
        aliases=("死区", "回差"),
    ),
    Key(
        "cas", "CAS number", text, "CAS number of the gas.",
        default="", aliases=("气体CAS号", "CAS号", "MONITOR_CASCODE"),
    ),
    Key(
        "lel_authority", one_of("IEC", "NFPA"), choice(_LEL_WORDS),
        "Whose lower explosive limit the point goes by; required where %LEL has to be converted.",
        default="", aliases=("爆炸下限依据",),
    ),
    Key(
        "oel_basis", one_of("MAC", "TWA", "STEL"), choice({name: name for name in ("MAC", "TWA", "STEL")}),
        "Which exposure limit counts; left out: MAC if the gas has one, else TWA.",
        default="", aliases=("职业接触限值依据",),
    ),
    Key("longitude", "number", _between(-180, 180, "longitude"), "Degrees, WGS 84.",
        aliases=("经度", "LONGITUDE")),
    Key("latitude", "number", _between(-90, 90, "latitude"), "Degrees, WGS 84.",
        aliases=("纬度", "LATITUDE")),
    Key("in_use", "true or false", flag, "False takes the point out of service.", default=True,
        aliases=("是否在用", "是否启用")),
    _WHY, _WHO, _SINCE,
    _limit("LL", "low-low", "低低报", "低低报值", "LOW_VALUE_01"),
    _limit("L", "low", "低报", "低报值", "LOW_VALUE_02"),
    _limit("H", "high", "高报", "高报值", "TOP_VALUE_01"),
    _limit("HH", "high-high", "高高报", "高高报值", "TOP_VALUE_02"),
)  # fmt: skip
"""One point. In YAML, limits and the particulars of an outage stand in mappings of their own."""

RESPONSIBLE = {"main": "主要负责人", "technical": "技术负责人", "operational": "操作负责人"}
"""Roles of the three responsible persons (包保责任人) and their headings."""
PLACE_KEYS = (
    Key("enterprise", "name", required_topic_name, ENTERPRISE_KEYS[0].doc, required=True,
        aliases=("企业编码", "COMPANY_CODE")),
    Key("enterprise_name", "text", text, ENTERPRISE_KEYS[1].doc, default="", aliases=("企业名称",)),
    Key("district", "text", text, ENTERPRISE_KEYS[2].doc, default="", aliases=("区县", "所属区县")),
    Key("city", "text", text, ENTERPRISE_KEYS[3].doc, default="", aliases=("市", "所属市")),
    Key("installation", "name", identifier, INSTALLATION_KEYS[0].doc, required=True,
        aliases=("重大危险源编码", "HAZARD_CODE")),
    Key("installation_name", "text", text, INSTALLATION_KEYS[1].doc, default="", aliases=("重大危险源名称",)),
    Key("hazard_class", "1 to 4", _hazard_class, INSTALLATION_KEYS[2].doc,
        aliases=("重大危险源等级", "危险源等级")),
    Key("r_value", "number from 0", not_negative, INSTALLATION_KEYS[3].doc, aliases=("R值",)),
    Key("unit", "name", identifier, UNIT_KEYS[0].doc, required=True, aliases=("设备编码", "EQUIP_CODE")),
    Key("unit_kind", "text", text, UNIT_KEYS[1].doc, default="", aliases=("设备类型", "EQUIP_TYPE")),
    Key("unit_name", "text", text, UNIT_KEYS[2].doc, default="", aliases=("设备名称", "EQUIP_NAME")),
    Key("unit_substance", "text", text, UNIT_KEYS[3].doc, default="", aliases=("存储介质", "介质名称")),
    Key("unit_cas", "CAS number", _cas, UNIT_KEYS[4].doc, default="", aliases=("介质CAS号",)),
    Key("unit_height_m", "number above 0", positive, UNIT_KEYS[5].doc, aliases=("罐高", "设备高度")),
    Key("unit_diameter_m", "number above 0", positive, UNIT_KEYS[6].doc, aliases=("罐径", "设备直径")),
    Key("unit_volume_m3", "number above 0", positive, UNIT_KEYS[7].doc, aliases=("罐容", "设备容积")),
    *(
        column
        for role, chinese in RESPONSIBLE.items()
        for column in (
            Key(f"{role}_person", "text", text, f"Responsible person of the installation ({chinese}).",
                default="", aliases=(chinese, f"{chinese}姓名")),
            Key(f"{role}_phone", "telephone number", phone, f"Phone of this person ({chinese}).",
                default="", aliases=(f"{chinese}电话",)),
        )
    ),
)  # fmt: skip
"""Columns of a CSV register that say where the point is; in YAML the nesting says it."""

OPPOSITE_OF_IN_USE = ("是否停用",)
"""Headings whose "yes" means that the point is out of service."""
IGNORED_COLUMNS = frozenset(("指标编码", "TARGET_CODE", "设备编号", "EQUIP_NO", "备注", "remark"))
"""Columns of common exports that say nothing to a gateway."""

ENTERPRISE = {key.name: key for key in ENTERPRISE_KEYS}
INSTALLATION = {key.name: key for key in INSTALLATION_KEYS}
UNIT = {key.name: key for key in UNIT_KEYS}
POINT = {key.name: key for key in POINT_KEYS}
PLACE = {key.name: key for key in PLACE_KEYS}
