"""Two people: what nobody may hide alone (see `alone`) is only proposed by the first of them.

A proposal waits for a second, different person who may agree, and is void when its time is over. Until
then nothing is hidden. Ending a hold needs one person only: that is the safe direction.
"""

from typing import Literal

import msgspec

from api.alarms.holding import Wish, named
from api.alarms.lifecycle import ActionRefused, Step, act
from api.alarms.model import Alarm, Facts, Proposed
from api.auth.records import user_id
from api.bilingual import both, joined

Outcome = Literal["agreed", "refused", "withdrawn", "expired"]
WORDS: dict[Outcome, str] = {
    "agreed": both("已同意", "agreed"),
    "refused": both("未同意", "refused"),
    "withdrawn": both("已撤回", "withdrawn"),
    "expired": both("已过期", "expired"),
}
PROPOSE_AGAIN = both("请重新提出", "propose it again")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A wish of one person that a second one has to agree to. `outcome` is empty while it waits."""

    id: str
    wish: Wish
    enterprise: str
    time: int
    expires: int
    outcome: Outcome | Literal[""] = ""
    decided_by: str = ""
    decided_time: int | None = None


def check_agreement(proposal: Proposal, by: str, now: int) -> None:
    """May this person agree to it now? ActionRefused says why not."""
    check_waiting(proposal, now)
    if user_id(proposal.wish.by) == user_id(by):  # capitals and width make no second person
        raise ActionRefused(
            named(
                proposal.wish.kind,
                both(
                    f"须由另一人同意，{by} 不能同意自己的提议。",
                    f"a second, different person has to agree; {by} cannot agree to his own proposal.",
                ),
            )
        )


def check_refusal(proposal: Proposal, by: str, now: int) -> Outcome:
    """What it is called when this person says no: his own is withdrawn, another's refused."""
    check_waiting(proposal, now)
    return "withdrawn" if user_id(proposal.wish.by) == user_id(by) else "refused"


def check_waiting(proposal: Proposal, now: int) -> None:
    """ActionRefused if it no longer waits for anybody."""
    kind, by = proposal.wish.kind, proposal.decided_by
    if proposal.outcome:
        decided = joined([WORDS[proposal.outcome], both(f"（{by}）", f" ({by})") if by else ""], "", "")
        raise ActionRefused(named(kind, joined([decided, PROPOSE_AGAIN])))
    if now >= proposal.expires:
        raise ActionRefused(named(kind, joined([WORDS["expired"], PROPOSE_AGAIN])))


def propose(alarm: Alarm, proposal: Proposal, now: int) -> Step:
    """The alarm shows what was proposed; nothing is hidden yet. ActionRefused if something else waits."""
    if (earlier := alarm.facts.proposed) is not None and earlier.expires > now:
        raise ActionRefused(named(earlier.action, waiting_text(earlier.by)))
    wish = proposal.wish
    proposed = Proposed(
        proposal=proposal.id,
        action=wish.kind,
        by=wish.by,
        time=proposal.time,
        reason=wish.reason,
        until=wish.until,
        one_shot=wish.one_shot,
        expires=proposal.expires,
    )
    text = named(wish.kind, wish.reason)
    return act(alarm, _with(alarm, proposed), "proposed", f"operator:{wish.by}", text, now)


def end_proposal(alarm: Alarm, proposal: Proposal, outcome: Outcome, actor: str, now: int) -> Step | None:
    """The alarm no longer waits for a second person; None if it did not show this proposal."""
    if alarm.facts.proposed is None or alarm.facts.proposed.proposal != proposal.id:
        return None
    text = named(proposal.wish.kind, WORDS[outcome])
    return act(alarm, _with(alarm, None), "proposal_ended", actor, text, now)


def waiting_text(by: str) -> str:
    """Why nobody else may propose it now."""
    return both(f"{by} 已提出，等待另一人同意。", f"already proposed by {by}; agree or refuse first.")


def _with(alarm: Alarm, proposed: Proposed | None) -> Facts:
    return msgspec.structs.replace(alarm.facts, proposed=proposed)
