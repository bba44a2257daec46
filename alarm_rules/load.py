"""Site files to a checked `Site`: the only way in.

`check_site` collects every finding and never raises for what a file holds; `load_site` raises
`SiteInvalid` if there is any. Neither ever gives a site that is only half right.
"""

from collections.abc import Sequence
from pathlib import Path

from alarm_rules.collector import collector_paused
from alarm_rules.csv_rows import read_rows
from alarm_rules.detector_params import DETECTOR, all_parameter_names
from alarm_rules.findings import Entry, Findings, Place, SiteInvalid
from alarm_rules.keys import Key, refuse_unknown, shown
from alarm_rules.ladder_entries import LadderEntries
from alarm_rules.ladders import default_ladders, site_ladders
from alarm_rules.layers import lay_over, refuse_other_keys
from alarm_rules.model import Finding, Site
from alarm_rules.register import RegisterReader
from alarm_rules.register_keys import IGNORED_COLUMNS, OPPOSITE_OF_IN_USE, PLACE, POINT
from alarm_rules.rule_book import RuleBook
from alarm_rules.rule_entries import RuleEntries
from alarm_rules.rule_keys import FILE_KEYS, RULE
from alarm_rules.rules import build_rules
from alarm_rules.site_files import YAML, SiteFiles, find_files, given_files, read_text
from alarm_rules.wording import Both
from alarm_rules.yaml_lines import YamlMapping, read_yaml

__all__ = [
    "SiteInvalid",
    "check_site",
    "check_site_files",
    "load_changed_site",
    "load_site",
    "load_site_files",
    "register_headings",
]

_NOT_IN_USE = "not_in_use"


def load_site(path: Path) -> Site:
    """The site at `path`, a folder or one file. Raises SiteInvalid with all findings."""
    return _or_raise(*check_site(path))


def load_site_files(registers: Sequence[Path], rules: Sequence[Path]) -> Site:
    """The site made of these files. Raises SiteInvalid with all findings."""
    return _or_raise(*check_site_files(registers, rules))


def load_changed_site(path: Path, rules: Path, *, whole: bool | None = None) -> Site:
    """The site at `path` as it would be with other rules. Raises SiteInvalid with all findings.

    rules: a file of changes, laid over the site's own (`alarm_rules.layers`); or all rules that there would
    be, in the place of the site's own. whole says which; None: a file that chooses `packs` is whole, and so
    is a folder.
    """
    findings = Findings()
    files = find_files(path, findings)
    if whole is None:
        whole = rules.is_dir() or _chooses_packs(rules)
    if not whole:
        return _or_raise(*_check(files._replace(changes=(*files.changes, rules)), findings))
    held = find_files(rules, Findings()).rules if rules.is_dir() else (rules,)
    if not held:
        findings.add(
            Place(str(rules), 1),
            Both("此文件夹中没有规则文件", "no rules file in this folder"),
            Both("请给出 rules.yaml 或其所在文件夹", "give rules.yaml or its folder"),
        )
    return _or_raise(*_check(files._replace(rules=held, changes=()), findings, others=True))


def _chooses_packs(path: Path) -> bool:
    text = read_text(path, Findings()) if path.suffix.lower() in YAML else None
    tree = None if text is None else read_yaml(text, str(path), Findings())
    return isinstance(tree, YamlMapping) and bool(tree.get("packs"))


def check_site(path: Path) -> tuple[Site | None, list[Finding]]:
    """The site at `path` and what is wrong with it; the site is None if anything is."""
    findings = Findings()
    return _check(find_files(path, findings), findings)


def check_site_files(registers: Sequence[Path], rules: Sequence[Path]) -> tuple[Site | None, list[Finding]]:
    """Like `check_site`, for files named one by one."""
    return _check(given_files(registers, rules), Findings())


def _or_raise(site: Site | None, findings: list[Finding]) -> Site:
    if site is None:
        raise SiteInvalid(findings)
    return site


@collector_paused()
def _check(
    files: SiteFiles, findings: Findings, *, others: bool = False
) -> tuple[Site | None, list[Finding]]:
    """others: rules that stand in the files of the register do not count."""
    register = RegisterReader(findings)
    entries = RuleEntries(findings)
    beside = RuleEntries(Findings()) if others else entries
    ladders = LadderEntries(findings)
    for path in (*files.registers, *files.rules):
        text = read_text(path, findings)
        if text is None:
            continue
        if path.suffix.lower() in YAML:
            held = entries if path in files.rules else beside
            _read_yaml_file(text, str(path), register, held, ladders, findings)
        elif path in files.registers:
            _read_register_table(text, str(path), register, findings)
        else:
            for row in read_rows(text, str(path), _rule_headings(), findings):
                entries.read_row(row)
    for path in files.changes:
        _lay_over(path, entries, findings)
    enterprises = register.enterprises()
    if files.registers and not register.points and not len(findings):
        findings.add(
            Place(str(files.registers[0]), 1),
            Both("台账中没有测点", "no point in the register"),
            Both("请加入测点，每个测点一个位号", "add points: a tag for each"),
        )
    book = RuleBook(register.points, register.broken, tuple(item.id for item in enterprises), findings)
    build_rules(entries, book)
    chosen = site_ladders(
        ladders, enterprises, tuple(point for point, _ in register.points.values()), findings
    )
    if len(findings):
        return None, findings.sorted()
    site = Site(
        enterprises=enterprises,
        points=tuple(point for point, _ in register.points.values()),
        rules=tuple(book.rules),
        disabled=tuple(book.disabled),
        ladders=chosen,
        call_up=ladders.call_up or default_ladders()[1],
    )
    return site, []


def _lay_over(path: Path, entries: RuleEntries, findings: Findings) -> None:
    text = read_text(path, findings)
    if text is None:
        return
    change = RuleEntries(findings)
    if path.suffix.lower() not in YAML:
        for row in read_rows(text, str(path), _rule_headings(), findings):
            change.read_row(row)
    else:
        before = len(findings)
        tree = read_yaml(text, str(path), findings)
        if not isinstance(tree, YamlMapping):
            if len(findings) == before:
                findings.add(
                    Place(str(path), 1),
                    Both("文件中什么也没有", "the file says nothing"),
                    Both("请写 override: {...}", "write override: {...}"),
                )
            return
        entry = Entry(str(path), 1, tree, tree.lines)
        refuse_other_keys(entry, findings)
        change.read_tree(entry)
    lay_over(entries, change, findings)


def _read_yaml_file(
    text: str,
    file: str,
    register: RegisterReader,
    entries: RuleEntries,
    ladders: LadderEntries,
    findings: Findings,
) -> None:
    before = len(findings)
    tree = read_yaml(text, file, findings)
    if not isinstance(tree, YamlMapping):
        if len(findings) == before:
            findings.add(
                Place(file, 1),
                Both("文件是空的", "the file is empty")
                if tree in (None, "")
                else Both(
                    f"文件中应为键，却是 {shown(tree)}", f"the file holds {shown(tree)} instead of keys"
                ),
                Both(f"可用的键有 {'、'.join(FILE_KEYS)}", f"known keys are {', '.join(FILE_KEYS)}"),
            )
        return
    entry = Entry(file, 1, tree, tree.lines)
    refuse_unknown(entry, FILE_KEYS, Both("文件", "the file"), findings)
    defaults = tree.get("defaults") or None
    if defaults is not None and not isinstance(defaults, YamlMapping):
        findings.add(
            entry.at("defaults"),
            Both("defaults 不是键值表", "defaults is no mapping"),
            Both("请写成 defaults: {period_s: 1, ...}", "write defaults: {period_s: 1, ...}"),
        )
        defaults = None
    if "enterprises" in tree:
        register.read_tree(tree["enterprises"], defaults, file, entry.at("enterprises").line)
    entries.read_tree(entry)
    ladders.read_tree(entry)


def _read_register_table(text: str, file: str, register: RegisterReader, findings: Findings) -> None:
    for row in read_rows(text, file, register_headings(), findings):
        opposite = row.values.pop(_NOT_IN_USE, "")
        if opposite and "in_use" not in row.values:
            row.values["in_use"] = _opposite(opposite)
        register.read_row(row)


def _opposite(value: str) -> str:
    return {"是": "否", "否": "是", "1": "0", "0": "1"}.get(value, value)


def _headings(keys: Sequence[Key]) -> dict[str, str | None]:
    return {heading: key.name for key in keys for heading in (key.name, *key.aliases)}


def register_headings() -> dict[str, str | None]:
    """Heading of a register's table -> key; None for columns that say nothing here."""
    headings = _headings((*PLACE.values(), *POINT.values()))
    headings |= dict.fromkeys(OPPOSITE_OF_IN_USE, _NOT_IN_USE)
    return headings | dict.fromkeys(IGNORED_COLUMNS)


def _rule_headings() -> dict[str, str | None]:
    headings = _headings(tuple(RULE.values()))
    others = ("change", "since", DETECTOR, *sorted(all_parameter_names()))
    return headings | {name: name for name in others}
