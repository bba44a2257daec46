"""Judgements a second of the engine alone: settling and every kind of detector, no journal."""

import time
from typing import NamedTuple

import numpy as np

from alarm_rules.model import Site
from gateway.engine import Engine
from gateway.samples import columns

BATCH = 20_000
DIFFERENT = 16
"""Rounds of values made beforehand; making them is not what is measured."""
STEP_NS = 1_000_000_000


class KernelFigures(NamedTuple):
    judgements_per_s: float
    samples_per_s: float
    bytes_per_point: float
    """State of the point and of all its rules."""


def measure(site: Site, seconds: float) -> KernelFigures:
    """Batches of scattered points for some seconds."""
    names = ["", *(point.id for point in site.points)]
    engine = Engine(site, names)
    random = np.random.default_rng(1)
    order = random.permutation(len(site.points)).astype(np.int32) + 1
    now = 1_700_000_000 * 1_000_000_000
    samples = before = 0
    spent = 0.0
    noise = [500 + random.normal(0, 1, len(order)) for _ in range(DIFFERENT)]
    rounds = 0
    while spent < seconds:
        now += STEP_NS
        rounds += 1
        values = noise[rounds % DIFFERENT]
        started = time.perf_counter()
        for at in range(0, len(order), BATCH):
            points = order[at : at + BATCH]
            batch = columns(points, np.full(len(points), now), values[at : at + BATCH], np.zeros(len(points)))
            engine.judge(batch, now)
        if rounds == 1:
            # Kernels are loaded, and perhaps compiled, at their first use.
            before = engine.bank.judgements
            continue
        spent += time.perf_counter() - started
        samples += len(order)
    judged = engine.bank.judgements - before
    return KernelFigures(judged / spent, samples / spent, len(engine.snapshot()) / len(site.points))
