"""Whether a refresh token continues its login. Each is used once; a second use gives a theft away."""

from typing import Literal

from api.auth.records import Session

Decision = Literal["rotate", "repeat", "reused", "unknown"]


def refresh_decision(session: Session, generation: int, now: int, grace_ns: int) -> Decision:
    """What to do with a rightly sealed token of this generation, for a login that has not ended.

    rotate   it is the newest one: make the next
    repeat   the one before, a moment ago: the answer was lost, or two pages asked at once
    reused   an older one, or too late: somebody has a copy, so the login must end
    unknown  it is of the future: the store was set back to an older copy
    """
    if generation == session.generation:
        return "rotate"
    if generation > session.generation:
        return "unknown"
    if generation == session.generation - 1 and 0 <= now - session.rotated <= grace_ns:
        return "repeat"
    return "reused"
