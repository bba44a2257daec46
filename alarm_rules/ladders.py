"""The ladders of a site: its own first, then the defaults, so that nothing falls through.

The defaults stand in `packs/ladders.yaml`. Their times are policy: none of them is a regulation.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain

import msgspec

from alarm_rules.findings import Entry, Findings, meant
from alarm_rules.keys import shown
from alarm_rules.ladder_entries import LadderEntries
from alarm_rules.model import CallUpPolicy, Enterprise, Ladder, LadderMatch, LadderStep, Point, Priority
from alarm_rules.tables import FOLDER
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlMapping, read_yaml

FILE = FOLDER / "packs" / "ladders.yaml"
_SEE_REGISTER = Both("请对照台账", "see the register")
DEFAULT = "default"
"""Id of the packaged ladder that catches what no other does."""


@cache
def default_ladders() -> tuple[tuple[Ladder, ...], CallUpPolicy]:
    """The packaged ladders, the catch-all last, and the packaged policy of the call-up.

    ValueError if the release carries broken ones, or a time without its source.
    """
    findings = Findings()
    tree = read_yaml(FILE.read_text("utf-8"), FILE.name, findings)
    entries = LadderEntries(findings)
    if isinstance(tree, YamlMapping):
        entries.read_tree(Entry(FILE.name, 1, tree, tree.lines))
    ladders = tuple(ladder for ladder, _ in entries.ladders if ladder is not None)
    if len(findings) or not ladders or entries.call_up is None or entries.needs_top:
        raise ValueError("\n".join(map(str, findings.sorted())) or f"{FILE.name} is not complete")
    for step in chain.from_iterable((*ladder.steps, *ladder.acked_steps) for ladder in ladders):
        if not step.source:
            raise ValueError(f"{FILE.name}: a step after {step.after_s:g} s has no source")
    if ladders[-1].id != DEFAULT or ladders[-1].match != LadderMatch():
        raise ValueError(f"{FILE.name}: the last ladder must be {DEFAULT!r} and be for everything")
    return ladders, entries.call_up


def site_ladders(
    entries: LadderEntries, enterprises: Sequence[Enterprise], points: Iterable[Point], findings: Findings
) -> tuple[Ladder, ...]:
    """The site's ladders, completed and followed by the defaults; what cannot be right becomes a finding."""
    defaults, _ = default_ladders()
    check = _Check(enterprises, tuple(points), findings)
    own: list[Ladder] = []
    for ladder, entry in entries.ladders:
        if ladder is None:
            continue
        check.ladder(ladder, entry)
        needs_top = ladder.id in entries.needs_top
        own.append(msgspec.structs.replace(ladder, top=defaults[-1].top) if needs_top else ladder)
    if any(ladder.match == LadderMatch() for ladder in own):
        return tuple(own)
    taken = {ladder.id for ladder in own}
    return (*own, *(ladder for ladder in defaults if ladder.id not in taken))


class _Check:
    """Ladders against the register, and against those that stand above them."""

    def __init__(
        self, enterprises: Sequence[Enterprise], points: tuple[Point, ...], findings: Findings
    ) -> None:
        installations = [item for enterprise in enterprises for item in enterprise.installations]
        self._findings = findings
        self._known: dict[str, frozenset[str]] = {
            "enterprise": frozenset(item.id for item in enterprises),
            "installation": frozenset(item.id for item in installations),
            "unit": frozenset(unit.id for item in installations for unit in item.units),
        }
        self._points = points
        self._ids: dict[str, Entry] = {}
        self._catches_all: Entry | None = None

    def ladder(self, ladder: Ladder, entry: Entry) -> None:
        if first := self._ids.get(ladder.id):
            self._findings.add(
                entry.at("id"),
                Both(
                    f"升级规则 {ladder.id} 出现两次，第一次在 {first.place}",
                    f"the ladder {ladder.id} stands twice, first at {first.place}",
                ),
                Both("请改名其中之一", "rename one"),
            )
        self._ids.setdefault(ladder.id, entry)
        if ladder.id == DEFAULT and ladder.match != LadderMatch():
            self._findings.add(
                entry.at("for"),
                Both(
                    f"升级规则 {DEFAULT!r} 没有覆盖全部报警",
                    f"the ladder {DEFAULT!r} is not for everything",
                ),
                Both("请改名，或去掉它的 for", "rename it, or take away its for"),
            )
        if self._catches_all is not None:
            self._findings.add(
                entry.place,
                Both(
                    f"升级规则 {ladder.id} 永远用不到：{self._catches_all.place} 的那条覆盖全部报警",
                    f"the ladder {ladder.id} is never reached: "
                    f"the one at {self._catches_all.place} is for everything",
                ),
                Both("请把没有 for 的升级规则放在最后", "put the ladder without for last"),
            )
        elif ladder.match == LadderMatch():
            self._catches_all = entry
        self._check_names(ladder, entry)
        self._check_first_step(ladder, entry)

    def _check_names(self, ladder: Ladder, entry: Entry) -> None:
        for key, known in self._known.items():
            for name in getattr(ladder.match, key):
                if name not in known:
                    self._findings.add(
                        entry.at("for"),
                        Both(
                            f"升级规则 {ladder.id} 针对的 {key} {shown(name)} 台账中没有",
                            f"ladder {ladder.id} is for {key} {shown(name)}, "
                            "which the register does not have",
                        ),
                        meant(self._findings.nearest(name, known), _SEE_REGISTER),
                    )
        for pattern in ladder.match.point:
            if not any(fits_point(pattern, point.id) for point in self._points):
                self._findings.add(
                    entry.at("for"),
                    Both(
                        f"升级规则 {ladder.id} 针对的测点 {shown(pattern)} 与任何测点都不符",
                        f"ladder {ladder.id} is for point {shown(pattern)}, which fits no point",
                    ),
                    meant(
                        self._findings.nearest(pattern, [point.tag for point in self._points]),
                        _SEE_REGISTER,
                    ),
                )

    def _check_first_step(self, ladder: Ladder, entry: Entry) -> None:
        urgent = not ladder.match.priority or Priority.CRITICAL in ladder.match.priority
        if urgent and ladder.steps and ladder.steps[0].after_s > 0:
            self._findings.add(
                entry.at("steps"),
                Both(
                    f"升级规则 {ladder.id} 在紧急（CRITICAL）报警后 {ladder.steps[0].after_s:g} 秒内"
                    "不通知任何人",
                    f"ladder {ladder.id} tells nobody of a CRITICAL alarm for {ladder.steps[0].after_s:g} s",
                ),
                Both(
                    "请加一步 after_s: 0，或写明针对哪些优先级",
                    "add a step with after_s: 0, or say which priorities it is for",
                ),
            )


def fits_point(pattern: str, point_id: str) -> bool:
    """Does `TK101.*` or `E001/TK101.*` fit `E001/TK101.LT01`? Large and small letters differ."""
    return fits_name(pattern, point_id)


def fits_name(pattern: str, full_id: str) -> bool:
    """The same for any id `{enterprise}/{name}`; only `*` means something."""
    subject = full_id if "/" in pattern else full_id.partition("/")[2]
    return fnmatchcase(subject, pattern.replace("[", "[[]").replace("?", "[?]"))


def largest_gap_s(ladder: Ladder) -> float:
    """The longest wait between two calls of an alarm that nobody answers, in seconds."""
    times = sorted(chain.from_iterable(_times(step) for step in ladder.steps))
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    acked = sorted(chain.from_iterable(_times(step) for step in ladder.acked_steps))
    gaps += [later - earlier for earlier, later in zip([0.0, *acked], acked, strict=False)]
    return max([*gaps, ladder.top.every_s]) * ladder.returned_factor


def _times(step: LadderStep) -> list[float]:
    return [step.after_s + turn * step.repeat_every_s for turn in range(step.repeat_times + 1)]
