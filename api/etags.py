"""Entity tags: an answer that has not changed since it was read last is not sent again (304).

They are weak (`W/"..."`), because the same state may be encoded differently.
"""

from typing import Annotated, Any

from fastapi import Header, Response

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match", max_length=1000, description="`ETag` of the answer that the caller has: 304."
    ),
]
KEEP = "private, no-cache"
"""It may be kept, but has to be asked for again each time."""
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Unchanged since the answer with this `ETag`; without a body."}
}


def matches(if_none_match: str | None, tag: str) -> bool:
    """Does the caller have this already? `*` is any."""
    given = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    return "*" in given or tag.removeprefix("W/") in given


def unchanged(tag: str) -> Response:
    """The answer to a caller who has it."""
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": KEEP})


def mark(response: Response, tag: str) -> None:
    """Give an answer its tag."""
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = KEEP
