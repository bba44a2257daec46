"""`hazardwatch check`: findings, which are mistakes, and remarks, which a person should have decided."""

import json
from collections.abc import Sequence
from pathlib import Path

from alarm_rules.coverage import coverage
from alarm_rules.load import check_site
from alarm_rules.model import Site
from alarm_rules.pack_files import pack_names
from hazardwatch.output import console

NAMED = 10
"""So many points are named in a remark; `--json` names all."""


def check_and_print(path: Path, *, as_json: bool) -> int:
    """Check a site and print what was found; the exit status: 0 if nothing is wrong, else 1."""
    site, findings = check_site(path)
    for finding in findings:
        _print(str(finding))
    remarks = _remarks(site) if site else {}
    points, rules = (len(site.points), len(site.rules)) if site else (0, 0)
    if as_json:
        figures = {"points": points, "rules": rules, "findings": len(findings), "remarks": remarks}
        print(json.dumps(figures, ensure_ascii=False))
        return 1 if findings else 0
    for kind, names in remarks.items():
        if names:
            _print(f"{path}: {_sentence(kind, names)}")
    if site and not rules:
        _print(f"{path}: {points} points, NO RULES: nothing can alarm; {_way_to_rules(site, path)}")
    elif site:
        _print(f"{path}: {points} points, {rules} rules, nothing wrong")
    return 1 if findings else 0


def _remarks(site: Site) -> dict[str, tuple[str, ...]]:
    return coverage(site)._asdict()


def _way_to_rules(site: Site, path: Path) -> str:
    if site.disabled:
        return f"all {len(site.disabled)} rules are disabled or of points out of service"
    packs = f"packs: [{', '.join(pack_names())}]"
    if path.is_dir():
        return f"add a line to {path / 'rules.yaml'}, or make that file: {packs}"
    if path.suffix.lower() == ".csv":
        return f"put it into a folder as register.csv, with a rules.yaml beside it that says {packs}"
    return f"add {packs}"


SENTENCES = {
    "without_process_rule": "in use, but nothing tells of a danger there: give limits or a rule",
    "without_stale_rule": "in use, but their silence would not be noticed: give a rule of kind stale",
    "out_of_service": "out of service, so nothing there alarms",
}


def _sentence(kind: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"remark: {len(names)} points are {SENTENCES[kind]}: {', '.join(names[:NAMED])}{more}"


def _print(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
