"""Whether a request with a cookie came from our own page: browsers send cookies along for anybody."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_own_origin(connection: HTTPConnection, *, required: bool = False) -> bool:
    """Does the browser say that the request comes from a page of this host?

    Programs say nothing of it, old browsers not always: that passes, unless it is `required`.
    """
    origin = connection.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == connection.headers.get("host", "")
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return not required
