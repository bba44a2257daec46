"""The words of desks' messages and journals: Chinese first, English beside it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from api.desks.colours import WarningLevel
from api.desks.level_policy import LevelPolicy
from api.desks.levels import Derivation, Ground
from api.desks.local_time import spoken
from api.desks.register import InstallationFacts
from api.desks.standing import Cause, Standing
from api.desks.warning_loop import OWED, StepKind, WarningEpisode, state_name
from api.desks.warning_policy import StepName

STEP_NAMES: dict[StepName, str] = {
    "sign": "签收 sign",
    "ask": "要求反馈 ask",
    "answer": "企业反馈 answer",
    "verify": "核实 verify",
    "close": "闭环 close",
}
STEP_WORDS: dict[StepKind, str] = {
    "begun": "发布 begun",
    "raised": "升级 raised",
    "rose_again": "再次升级 risen again",
    "fell": "降级 fallen",
    "signed": "已签收 signed",
    "asked": "要求反馈 answer wanted",
    "answered": "企业已反馈 answered",
    "returned": "退回 returned",
    "verified": "已核实 verified",
    "closed": "已闭环 closed",
    "overdue": "超时 overdue",
}


def grounds_text(policy: LevelPolicy, grounds: Sequence[Ground]) -> str:
    """The rules that gave the highest level, with the number of alarms."""
    if not grounds:
        return "无达到预警条件的报警 no rule of the policy holds"
    return "；".join(_ground(policy, ground) for ground in grounds if ground.level == grounds[0].level)


def _ground(policy: LevelPolicy, ground: Ground) -> str:
    rule = policy.rule(ground.rule)
    names = f"{rule.name} {rule.name_en}" if rule else ground.rule
    return f"{names} ({ground.rule}, {ground.count})"


def why_changed(
    before: Standing, after: Standing, derivation: Derivation, policy: LevelPolicy
) -> tuple[Cause, str]:
    """What made the level another, for the journal."""
    grounds = grounds_text(policy, derivation.grounds)
    if after.adjustment is not None and after.adjustment != before.adjustment:
        adjustment = after.adjustment
        return "adjusted", f"{adjustment.by}: {adjustment.reason}"
    if before.adjustment is not None and after.adjustment is None:
        return "adjustment_ended", f"人工调整结束 adjustment ended；{grounds}"
    if after.settled < before.settled:
        return "held", f"保持时间已过 the hold is over；{grounds}"
    return "derived", grounds


def level_title(facts: InstallationFacts, level: WarningLevel) -> str:
    """First line of a message about a level."""
    return f"【{level.chinese}预警 {level.word}】{facts.enterprise_name} {facts.name}"


def level_body(facts: InstallationFacts, level: WarningLevel, why: str, now: int, zone: ZoneInfo) -> str:
    class_name = f"{facts.hazard_class}级 class {facts.hazard_class}" if facts.hazard_class else "未分级"
    return "\n".join(
        (
            f"时间 time: {spoken(now, zone)}",
            f"重大危险源 installation: {facts.name} ({facts.installation}), {class_name}",
            f"级别 level: {level.chinese} {level.word}",
            f"依据 why: {why}",
        )
    )


def owed_text(warning: WarningEpisode, zone: ZoneInfo) -> str:
    """What is owed next and until when."""
    owed = OWED[state_name(warning)]
    if owed is None or warning.due_at is None:
        return ""
    return f"下一步 next: {STEP_NAMES[owed]}，期限 until {spoken(warning.due_at, zone)}"
