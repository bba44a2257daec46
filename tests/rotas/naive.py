"""Slow and obvious twin of `resolve`: walks from the first handover to the instant, turn by turn."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.rotas.model import Layer, Restriction, Rota
from api.rotas.wall_clock import instant_of


def on_call_by_walking(rota: Rota, at: int) -> tuple[str, ...]:
    version = rota.versions[0]
    for later in rota.versions:
        if later.valid_from <= at:
            version = later
    found: tuple[str, ...] = ()
    for layer in version.definition.layers:
        found = _by_layer(layer, at, ZoneInfo(version.definition.zone)) or found
    for override in rota.overrides:
        if override.counts_from <= at < override.counts_until and not override.instead_of:
            found = override.receivers
    for override in rota.overrides:
        if override.counts_from <= at < override.counts_until and override.instead_of in found:
            place = found.index(override.instead_of)
            replaced = (*found[:place], *override.receivers, *found[place + 1 :])
            found = tuple(dict.fromkeys(replaced))
    return found or (version.definition.fallback,)


def _by_layer(layer: Layer, at: int, zone: ZoneInfo) -> tuple[str, ...]:
    if layer.restrictions and not any(_holds(restriction, at, zone) for restriction in layer.restrictions):
        return ()
    found: tuple[str, ...] = ()
    wall, number = layer.rotation.start, 0
    while instant_of(wall, zone) <= at:
        found = layer.turns[number % len(layer.turns)]
        wall, number = wall + layer.rotation.length, number + 1
    return found


def _holds(restriction: Restriction, at: int, zone: ZoneInfo) -> bool:
    for back in range(-1, 4):
        now = datetime.fromtimestamp(at / 1e9, zone).date() - timedelta(days=back)
        end_day = now if restriction.end > restriction.start else now + timedelta(days=1)
        starts = instant_of(datetime.combine(now, restriction.start), zone)
        ends = instant_of(datetime.combine(end_day, restriction.end), zone)
        if now.weekday() in restriction.weekdays and starts <= at < ends:
            return True
    return False
