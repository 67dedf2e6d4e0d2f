"""The origin of Graph's root: no redirect and no next page leads away from it."""

from __future__ import annotations

from graphpolicy.graph import failures
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.transport import path_of
from graphpolicy.model import Json


def at_home(root: str, url: Json) -> bool:
    """Whether `url` has the same origin as the root, and every parser reads it alike."""
    import httpx

    home = httpx.URL(root)
    try:
        there = httpx.URL(url)
        same = (there.scheme, there.host, there.port) == (home.scheme, home.host, home.port)
    except (httpx.InvalidURL, TypeError, ValueError):
        return False
    return same and not there.userinfo and "\\" not in url


def redirected(root: str, method: str, url: str, status: int, target: str) -> str:
    """The address to which a GET was redirected.

    Raises:
        GraphError: it is on another host, or the request is not a GET.
    """
    import httpx

    try:
        following = str(httpx.URL(url).join(target))
    except (httpx.InvalidURL, ValueError):
        following = ""
    if method != "GET" or not at_home(root, following):
        raise not_followed(root, method, url, status, target)
    return following


def not_followed(root: str, method: str, url: str, status: int, target: str) -> GraphError:
    """The failure for a redirect to another host, or of a request that is not a GET."""
    within = target.startswith("/") and not target.startswith("//")
    if within or at_home(root, target):
        what = f"was redirected ({status}); only a GET follows a redirect"
        return failures.astray(method, path_of(url), status, what)
    return failures.elsewhere(method, path_of(url), status, target)
