"""Classifies answers: Graph's JSON, another server's page, a broken connection."""

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
"""A content type that is safe to show in a message."""


def broken(problem: httpx.RequestError, token: str) -> Broken:
    """httpx's error as `Broken`. Its message may quote what was sent, so the token is masked."""
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
    """Path and query of an address, for messages."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def masked(url: str) -> str:
    """Path and query of an address, with the token of the next page as `***`."""
    return re.sub(r"(skiptoken=)[^&]*", r"\1***", path_of(url), flags=re.IGNORECASE)


def without(token: str, headers: httpx.Headers) -> httpx.Headers:
    """The headers of an answer, with the token as `***` if they repeat it."""
    import httpx

    return httpx.Headers([(name, text.replace(token, "***")) for name, text in headers.items()])


def kind_of(reply: Reply) -> str:
    """What an answer is that is not Graph's JSON: "a web page", "text/plain, not a JSON object"."""
    if not reply.body:
        return "empty"
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = kind if KIND.fullmatch(kind) else "of an unknown type"
    return "a web page" if "html" in kind else f"{kind}, not a JSON object"


def broken_off(reply: Reply) -> bool:
    """Whether an answer is the beginning of a JSON object without its end."""
    begun = reply.status == 200 and reply.body.lstrip().startswith(b"{")
    return begun and json_of(reply) is None


def json_of(reply: Reply) -> Json:
    """The answer's JSON, or None. The content type is ignored: a web page may claim to be JSON."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
