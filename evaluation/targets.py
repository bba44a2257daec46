"""What the detectors ought to reach, checked on what they told. The figures are this project's own aims."""

from collections.abc import Mapping, Sequence

from evaluation.figures import Figures, Seen
from evaluation.judging import ALARMS, WITH_PRE_ALARMS
from evaluation.report import Collected, Target

WARNING_S = 300.0
WARNED_SHARE = 0.95
TIME_ERROR = 0.15
EARLIER_SHARE = 0.80
SLOW_ENOUGH_S = 600.0
"""From the beginning to HH: what is quicker leaves no time for a warning of 5 min."""
FILLING = frozenset({"overfill", "transfer"})
FIELD_DELAY_S = 300.0

Key = tuple[int, str, str, int]


def scenario_targets(collected: Collected) -> list[Target]:
    """Of simulated runs."""
    total = collected.seen.get(("total", ALARMS), [])
    blind = _overfills_with_stuck_gauge(total)
    announcing = collected.seen.get(("total", WITH_PRE_ALARMS), [])
    times = collected.seen.get(("detector", "time_to_limit"), [])
    thresholds = collected.seen.get(("detector", "limit"), [])
    return [
        _fast(total, blind),
        _warned(times, blind),
        _stuck_gauge(total, announcing, blind),
        _slow(announcing, thresholds),
    ]


def _fast(total: Sequence[Seen], blind: set[Key]) -> Target:
    fast = [one for key, one in _by_key(total).items() if one.danger == "fast" and key not in blind]
    missed = [one for one in fast if not one.seen]
    worst = sorted({f"{one.scenario}/{one.event} seed {one.block}" for one in missed})
    return Target(
        name="fast_dangers",
        text="every fast danger is seen by a process alarm in every seed; one that a stuck gauge hides is "
        "another target",
        met=not missed if fast else None,
        figures={"events": len(fast), "seen": len(fast) - len(missed), "missed": ", ".join(worst[:5])},
    )


def _warned(times: Sequence[Seen], blind: set[Key]) -> Target:
    """Of tanks whose true level reached HH, unless their gauge was sick or it took less time than a warning
    needs."""
    fills = [
        one
        for key, one in _by_key(times).items()
        if one.event in FILLING
        and one.level_reached == "HH"
        and one.reached_after_s is not None
        and one.reached_after_s >= SLOW_ENOUGH_S
        and key not in blind
    ]
    early = [one for one in fills if one.lead_s is not None and one.lead_s >= WARNING_S]
    exact = [one for one in early if one.time_error is not None and one.time_error < TIME_ERROR]
    return Target(
        name="time_to_limit",
        text=f"time_to_limit warns at least {WARNING_S / 60:g} min before HH in {WARNED_SHARE:.0%} of "
        f"overfills of tanks that take at least {SLOW_ENOUGH_S / 60:g} min, with a relative time error "
        f"under {TIME_ERROR:.0%}",
        met=len(exact) >= WARNED_SHARE * len(fills) if fills else None,
        figures={
            "overfills": len(fills),
            "early": len(early),
            "early_and_exact": len(exact),
            "share": round(len(exact) / len(fills), 4) if fills else None,
        },
    )


def _stuck_gauge(total: Sequence[Seen], announcing: Sequence[Seen], blind: set[Key]) -> Target:
    told = {key for key, one in _by_key(total).items() if one.leads_s.get("rim", -1.0) > 0}
    announced = {key for key, one in _by_key(announcing).items() if one.leads_s.get("rim", -1.0) > 0}
    gauges = {
        (one.block, one.scenario)
        for one in total
        if one.event == "stuck" and one.leads_s.get("rim", -1.0) > 0
    }
    announced |= {key for key in blind if (key[0], key[1]) in gauges}
    return Target(
        name="stuck_gauge",
        text="an overfill with a stuck gauge is announced before the tank is full, itself or its gauge",
        met=blind <= told | announced if blind else None,
        figures={
            "overfills": len(blind),
            "alarmed_before": len(blind & told),
            "announced_before": len(blind & (told | announced)),
        },
    )


def _overfills_with_stuck_gauge(seen: Sequence[Seen]) -> set[Key]:
    stuck = {(one.block, one.scenario) for one in seen if one.event == "stuck"}
    return {
        key for key, one in _by_key(seen).items() if one.event == "overfill" and (key[0], key[1]) in stuck
    }


def _slow(announcing: Sequence[Seen], thresholds: Sequence[Seen]) -> Target:
    """Against the first limit that alarms, of the same run."""
    by_threshold = _by_key(thresholds)
    slow = {
        key: one
        for key, one in _by_key(announcing).items()
        if one.danger == "slow" and one.event.endswith("leak")
    }
    earlier = [key for key, one in slow.items() if _is_earlier(one, by_threshold.get(key))]
    seen = sum(one.seen for one in slow.values())
    by_limit = sum(by_threshold[key].seen for key in slow if key in by_threshold)
    return Target(
        name="slow_leaks",
        text=f"slow leaks are seen earlier than by plain thresholds in at least {EARLIER_SHARE:.0%} of seeds",
        met=len(earlier) >= EARLIER_SHARE * len(slow) if slow else None,
        figures={
            "events": len(slow),
            "seen": seen,
            "seen_by_thresholds": by_limit,
            "earlier": len(earlier),
            "share": round(len(earlier) / len(slow), 4) if slow else None,
        },
    )


def _is_earlier(ours: Seen, threshold: Seen | None) -> bool:
    if ours.delay_s is None:
        return False
    return threshold is None or threshold.delay_s is None or ours.delay_s < threshold.delay_s


def _by_key(seen: Sequence[Seen]) -> dict[Key, Seen]:
    return {(one.block, one.scenario, one.event, one.start): one for one in seen}


def field_target(rows: Mapping[str, Figures], threshold: Figures, name: str) -> Target:
    """Of a labelled recording: is there a detector that sees every release in time, and cries less than the
    plain threshold? rows: of the detectors by name."""

    def good(one: Figures) -> bool:
        median = one.delay_s.median
        return (
            one.events > 0
            and one.missed == 0
            and median is not None
            and median <= FIELD_DELAY_S
            and one.false_alarms < threshold.false_alarms
        )

    best = sorted(rows, key=lambda name: (not good(rows[name]), -rows[name].seen, rows[name].false_alarms))
    chosen = rows[best[0]] if best else None
    return Target(
        name="field_releases",
        text=f"a detector sees every release with a median delay of {FIELD_DELAY_S / 60:g} min or less and "
        f"fewer false alarms than the plain {name}",
        met=good(chosen) if chosen is not None and threshold.events else None,
        figures={
            "detector": best[0] if best else None,
            "events": chosen.events if chosen else 0,
            "seen": chosen.seen if chosen else 0,
            "delay_median_s": chosen.delay_s.median if chosen else None,
            "false_alarms": chosen.false_alarms if chosen else None,
            "false_alarms_of_threshold": threshold.false_alarms,
        },
    )
