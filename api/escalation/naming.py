"""Roles and ways of telling as people say them, for the journal of an alarm."""

from api.bilingual import both, halves, joined

ROLES = {
    "operator": both("中控室值班员", "control room operator"),
    "enterprise_supervisor": both("企业主管", "enterprise supervisor"),
    "bureau_duty_officer": both("监管值班员", "bureau duty officer"),
    "bureau_administrator": both("监管管理员", "bureau administrator"),
    "on_call": both("待班人员", "on call"),
    "auditor": both("审计员", "auditor"),
    "system_administrator": both("系统管理员", "system administrator"),
    "viewer": both("观察员", "viewer"),
}
WAYS = {
    "sandbox": both("沙箱", "sandbox"),
    "voice": both("电话", "telephone"),
    "sms": both("短信", "SMS"),
    "email": both("邮件", "e-mail"),
    "wecom": both("企业微信", "WeCom"),
    "dingtalk": both("钉钉", "DingTalk"),
    "feishu": both("飞书", "Feishu"),
    "siren": both("声光报警器", "siren"),
}
ON_CALL_BY = {
    "layer": both("排班", "layer"),
    "override": both("替班", "override"),
    "fallback": both("无人值班时的备用", "fallback"),
}


def via_text(via: str, source: str = "") -> str:
    """How a ladder came to a person: `role:operator` by that role, `rota:tank-farm` by that rota."""
    kind, _, name = via.partition(":")
    if kind == "rota":
        via = both(f"值班表 {name}", f"rota {name}")
    elif kind == "role":
        via = ROLES.get(name, name)
    return joined([via, ON_CALL_BY.get(source, source)], " ", " ") if source else via


def ways_text(channels: str) -> str:
    """`sms,email` as they are called."""
    return joined((WAYS.get(one, one) for one in channels.split(",")), "、", ", ")


def with_remark(text: str, remark: str) -> str:
    """`李强（待班人员） ‖ 李强 (on call)`."""
    (chinese, english), (remark_zh, remark_en) = halves(text), halves(remark)
    return both(f"{chinese}（{remark_zh}）", f"{english} ({remark_en})")
