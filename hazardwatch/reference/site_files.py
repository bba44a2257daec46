"""Keys of the site files, detectors with their parameters, packs, and the gateway's own conditions."""

import importlib
from collections.abc import Iterable

from alarm_rules.detector_params import parameters_of
from alarm_rules.pack_files import load_system_rules
from alarm_rules.reference import (
    KeyReference,
    file_keys,
    ladder_keys,
    packaged_ladders,
    packs,
    register_columns,
    register_keys,
    rule_keys,
)
from detectors import kinds as kinds_package
from detectors.catalogue import kinds
from hazardwatch.reference.markdown import code, table

_WHEN = "when."
_DETECTOR = "when.detector"


def file_keys_table() -> str:
    return table(("key", "what"), [(code(key.key), key.doc) for key in file_keys()])


def register_keys_table() -> str:
    return _keys(register_keys())


def register_columns_table() -> str:
    """Columns of a CSV register with every heading that is understood."""
    return table(
        ("column", "other headings", "value", "default", "what"),
        [
            (code(key.key), ", ".join(map(code, key.aliases)), key.type, key.default, key.doc)
            for key in register_columns()
        ],
    )


def rule_keys_table() -> str:
    """Keys of rules; the parameters of the kinds stand with the kinds."""
    return _keys(key for key in rule_keys() if not key.key.startswith(_WHEN) or key.key == _DETECTOR)


def ladder_keys_table() -> str:
    return _keys(ladder_keys())


def packaged_ladders_table() -> str:
    """Each step of each packaged ladder."""
    rows = []
    for ladder in packaged_ladders():
        named = [("after the alarm", step) for step in ladder.steps]
        named += [("after its acknowledgement", step) for step in ladder.acked_steps]
        for since, step in named:
            how = "phoned until they answer" if step.call_up else "told"
            if step.repeat_times:
                how += f", {step.repeat_times} times more every {step.repeat_every_s:g} s"
            rows.append((code(ladder.id), f"{step.after_s:g} s {since}", ", ".join(map(code, step.to)), how))
        top = ladder.top
        how = "phoned until they answer" if top.call_up else "told"
        rows.append((code(ladder.id), f"then every {top.every_s:g} s", ", ".join(map(code, top.to)), how))
    return table(("ladder", "when", "who", "how"), rows)


def detectors_section() -> str:
    """Each kind: what it finds, its parameters, what its figure means."""
    parts = []
    for name, kind in kinds().items():
        module = importlib.import_module(f"{kinds_package.__name__}.{name}")
        what = (module.__doc__ or "").split("\n\n")
        keys = [key for key in rule_keys() if key.key.startswith(f"{_WHEN}{name}.")]
        parameters = [
            (code(key.key.rpartition(".")[2]), key.type, key.default, key.doc)
            for key in keys
            if key.key.rpartition(".")[2] in parameters_of(name)
        ]
        parts.append(
            f"### `{name}`\n\n"
            + "\n\n".join(paragraph.strip() for paragraph in what[:2])
            + "\n\n"
            + table(("parameter", "value", "default", "what"), parameters)
            + (f"\nIts changes carry: {kind.figure}.\n" if kind.figure else "")
        )
    return "\n".join(parts)


def packs_table() -> str:
    return table(
        ("pack", "title", "rules", "what"),
        [
            (code(pack.name), f"{pack.title}<br>{pack.title_en}", ", ".join(map(code, pack.rules)), pack.doc)
            for pack in packs()
        ],
    )


def system_conditions_table() -> str:
    """The gateway's own conditions, as the alert service shows them."""
    return table(
        ("condition", "name", "priority", "consequence", "response"),
        [
            (
                code(rule.id),
                f"{rule.name}<br>{rule.name_en}",
                rule.priority.name,
                f"{rule.consequence}<br>{rule.consequence_en}",
                f"{rule.response}<br>{rule.response_en}",
            )
            for rule in load_system_rules().values()
        ],
    )


def _keys(keys: Iterable[KeyReference]) -> str:
    return table(
        ("key", "value", "default", "what"),
        [(code(key.key), key.type, key.default, key.doc) for key in keys],
    )
