"""Which section of which page is made by which function."""

from collections.abc import Callable, Mapping
from pathlib import Path

from api.settings import ApiSettings
from evaluation.false_alarm_texts import kinds_section, packs_section, situations_section, totals_section
from evaluation.false_alarms import kept
from gateway.settings import GatewaySettings
from hazardwatch.reference import interfaces, permissions, scenarios, site_files
from hazardwatch.reference.markdown import MarkersWrong, fill
from hazardwatch.reference.settings import settings_table
from simulators.processes.pressure_vessel import VesselDesign
from simulators.processes.pump_line import LineDesign
from simulators.processes.storage_tank import TankDesign
from simulators.processes.weather import WeatherModel

Section = Callable[[], str]

PAGES: Mapping[str, Mapping[str, Section]] = {
    "settings.md": {
        "settings of the gateway": lambda: settings_table(GatewaySettings),
        "settings of the alert service": lambda: settings_table(ApiSettings),
    },
    "rules.md": {
        "keys of a file": site_files.file_keys_table,
        "keys of the register": site_files.register_keys_table,
        "columns of a CSV register": site_files.register_columns_table,
        "keys of a rule": site_files.rule_keys_table,
        "detectors": site_files.detectors_section,
        "packs": site_files.packs_table,
    },
    "escalation.md": {
        "keys of a ladder": site_files.ladder_keys_table,
        "packaged ladders": site_files.packaged_ladders_table,
    },
    "system-conditions.md": {"system conditions": site_files.system_conditions_table},
    "metrics.md": {
        "metrics of the gateway": interfaces.gateway_metrics_table,
        "metrics of the alert service": interfaces.api_metrics_table,
    },
    "http.md": {
        "routes of the alert service": interfaces.api_routes_table,
        "routes of the gateway": interfaces.gateway_routes_table,
    },
    "wire.md": {
        "codecs": interfaces.codecs_table,
        "qualities": interfaces.qualities_table,
    },
    "permissions.md": {
        "roles": permissions.roles_table,
        "permissions": permissions.permissions_table,
    },
    "commands.md": {"commands": interfaces.commands_section},
    "scenarios.md": {
        "what happens": scenarios.happenings_table,
        "keys of a scenario": scenarios.scenario_keys_table,
        "keys of the weather": lambda: scenarios.keys_table(WeatherModel),
        "keys of a tank": lambda: scenarios.keys_table(TankDesign),
        "keys of a vessel": lambda: scenarios.keys_table(VesselDesign),
        "keys of a line": lambda: scenarios.keys_table(LineDesign),
        "quantities": scenarios.quantities_table,
    },
    "simulator.md": {
        "keys of an instrument": scenarios.instrument_keys_table,
        "keys of an event": scenarios.event_keys_table,
        "events of the process": scenarios.process_events_table,
        "faults of instruments": scenarios.fault_events_table,
        "faults of the line": scenarios.link_events_table,
        "incidents": scenarios.incidents_table,
    },
    "false-alarms.md": {
        "packs together": lambda: totals_section(kept()),
        "kinds on quiet months": lambda: kinds_section(kept()),
        "pack rules on quiet months": lambda: packs_section(kept()),
        "situations": lambda: situations_section(kept()),
    },
}


def outdated(folder: Path) -> dict[Path, str]:
    """Pages of the folder that are not what the code makes -> what they should be.

    Raises MarkersWrong when a page has other sections than the code makes, OSError when it is missing.
    """
    found = {}
    for name, sections in PAGES.items():
        path = folder / name
        page = path.read_text(encoding="utf-8")
        try:
            made = fill(page, {title: section() for title, section in sections.items()})
        except MarkersWrong as error:
            raise MarkersWrong(f"{path}: {error}") from error
        if made != page:
            found[path] = made
    return found
