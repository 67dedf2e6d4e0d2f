"""What an answer is: Graph's JSON, a page of somebody else's, a broken connection."""

from __future__ import annotations

import json
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphpolicy.graph.errors import cut
from graphpolicy.graph.retry import Broken, Reply
from graphpolicy.model import Json

if TYPE_CHECKING:
    import httpx

KIND = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}")
"""What a content type looks like; anything else in its place is nothing to repeat."""


def broken(problem: httpx.RequestError, token: str) -> Broken:
    """What became of a request that httpx has no answer to. Its words may quote what was sent."""
    import httpx

    before = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__).lower()
    words = cut(str(problem).replace(token, "***"))
    reason = f"{kind}: {words}" if words else kind
    return Broken(reason, sent=not isinstance(problem, before), certificate=cause is not None)


def path_of(url: str) -> str:
    """The address without its host, for people to read."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def masked(url: str) -> str:
    """The same without the token that the next page is asked for by."""
    return re.sub(r"(skiptoken=)[^&]*", r"\1***", path_of(url), flags=re.IGNORECASE)


def without(token: str, headers: httpx.Headers) -> httpx.Headers:
    """The headers of an answer, where one that repeats the token must not pass it on."""
    import httpx

    return httpx.Headers([(name, text.replace(token, "***")) for name, text in headers.items()])


def kind_of(reply: Reply) -> str:
    """What something is that is not Graph's JSON, in a few words."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = kind if KIND.fullmatch(kind) else "something"
    return "a web page" if "html" in kind else f"{kind} that is no JSON object"


def broken_off(reply: Reply) -> bool:
    """Whether an answer begins like a JSON object and does not end like one."""
    begun = reply.status == 200 and reply.body.lstrip().startswith(b"{")
    return begun and json_of(reply) is None


def json_of(reply: Reply) -> Json:
    """The answer's JSON, or None: judged by the content, for a page may call itself JSON."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
