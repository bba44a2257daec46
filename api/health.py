"""Readiness: what keeps this service from doing its work now, in words without site data."""

from api.auth.principal import EVERYTHING
from api.parts import Parts
from api.store.errors import StoreUnavailable


async def unready_because(parts: Parts) -> list[str]:
    """One sentence for each thing that is missing; empty when all is well."""
    reasons = []
    try:
        await parts.service.counts(EVERYTHING)
    except StoreUnavailable:
        reasons.append("the alarm store cannot be read")
    if parts.writer.trouble is not None:
        reasons.append("the alarm store failed on the last work; the log has the particulars")
    accounts = parts.auth.access.directory
    if parts.operators.trouble is not None and not accounts.anybody_may("alarm.acknowledge"):
        reasons.append("there is no readable list of operators, and no account may: nobody can acknowledge")
    feeds = parts.values.feeds(parts.clock())
    if not feeds:
        reasons.append("no gateway has delivered values since the start")
    if silent := [feed.heard_ago_s for feed in feeds if feed.silent]:
        reasons.append(f"{len(silent)} of {len(feeds)} gateways silent, the longest for {max(silent):.0f} s")
    return reasons
