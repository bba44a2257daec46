"""The words of desks' messages and journals, in both languages."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from api.bilingual import both, halves, joined
from api.desks.colours import WarningLevel
from api.desks.level_policy import LevelPolicy
from api.desks.levels import Derivation, Ground
from api.desks.local_time import spoken
from api.desks.register import InstallationFacts
from api.desks.standing import Cause, Standing
from api.desks.warning_loop import OWED, STEP_NAMES, StepKind, WarningEpisode, state_name

STEP_WORDS: dict[StepKind, str] = {
    "begun": both("发布", "begun"),
    "raised": both("升级", "raised"),
    "rose_again": both("再次升级", "risen again"),
    "fell": both("降级", "fallen"),
    "signed": both("已签收", "signed"),
    "asked": both("要求反馈", "answer wanted"),
    "answered": both("企业已反馈", "answered"),
    "returned": both("退回", "returned"),
    "verified": both("已核实", "verified"),
    "closed": both("已闭环", "closed"),
    "overdue": both("超时", "overdue"),
}


def grounds_text(policy: LevelPolicy, grounds: Sequence[Ground]) -> str:
    """The rules that gave the highest level, with the number of alarms."""
    if not grounds:
        return both("无达到预警条件的报警", "no rule of the policy holds")
    return joined(_ground(policy, ground) for ground in grounds if ground.level == grounds[0].level)


def _ground(policy: LevelPolicy, ground: Ground) -> str:
    """A rule that the policy has no more is named by its id."""
    rule = policy.rule(ground.rule)
    name, name_en = (rule.name, rule.name_en) if rule else (ground.rule, ground.rule)
    return both(f"{name}（{ground.count} 条）", f"{name_en} ({ground.count})")


def why_changed(
    before: Standing, after: Standing, derivation: Derivation, policy: LevelPolicy
) -> tuple[Cause, str]:
    """What made the level another, for the journal."""
    grounds = grounds_text(policy, derivation.grounds)
    if after.adjustment is not None and after.adjustment != before.adjustment:
        adjustment = after.adjustment
        return "adjusted", f"{adjustment.by}: {adjustment.reason}"
    if before.adjustment is not None and after.adjustment is None:
        return "adjustment_ended", joined([both("人工调整结束", "adjustment ended"), grounds])
    if after.settled < before.settled:
        return "held", joined([both("保持时间已过", "the hold is over"), grounds])
    return "derived", grounds


def level_title(facts: InstallationFacts, level: WarningLevel) -> str:
    """First line of a message about a level."""
    about = f"{facts.enterprise_name} {facts.name}"
    chinese, english = _warning(level)
    return both(f"【{chinese}】{about}", f"[{english}] {about}")


def step_title(facts: InstallationFacts, warning: WarningEpisode, kind: StepKind) -> str:
    """First line of a message about a step of a warning."""
    (chinese, english), word = _warning(warning.level), halves(STEP_WORDS[kind])
    return both(f"【{chinese}{word[0]}】{facts.name}", f"[{english}: {word[1]}] {facts.name}")


def step_text(kind: StepKind, text: str, level: WarningLevel | None = None) -> str:
    """A step of a warning and what was said with it; the colour before it where it is not clear."""
    chinese, english = halves(STEP_WORDS[kind])
    if level is not None:
        before = _warning(level)
        chinese, english = f"{before[0]}{chinese}", f"{before[1]} {english}"
    name = both(chinese, english)
    return joined([name, text], "：", ": ") if text else name


def _warning(level: WarningLevel) -> tuple[str, str]:
    """`红色预警`, `red warning`; the end of one where there is none."""
    if level is WarningLevel.NONE:
        return level.chinese, "no warning"
    return f"{level.chinese}预警", f"{level.word} warning"


def level_body(facts: InstallationFacts, level: WarningLevel, why: str, now: int, zone: ZoneInfo) -> str:
    hazard_class = facts.hazard_class
    place = f"{facts.name} ({facts.installation})"
    lines = (
        both(f"时间：{spoken(now, zone)}", f"Time: {spoken(now, zone)}"),
        both(
            f"重大危险源：{place}，{f'{hazard_class}级' if hazard_class else '未分级'}",
            f"Installation: {place}, {f'class {hazard_class}' if hazard_class else 'no class'}",
        ),
        both(f"级别：{level.chinese}", f"Level: {level.word}"),
        joined([both("依据", "Why"), why], "：", ": "),
    )
    return joined(lines, "\n", "\n")


def owed_text(warning: WarningEpisode, zone: ZoneInfo) -> str:
    """What is owed next and until when."""
    owed = OWED[state_name(warning)]
    if owed is None or warning.due_at is None:
        return ""
    (chinese, english), until = halves(STEP_NAMES[owed]), spoken(warning.due_at, zone)
    return both(f"下一步：{chinese}，期限 {until}", f"Next: {english}, until {until}")
