"""What can go wrong between here and Graph, each as one sentence and the next thing to do.

Graph's error envelope, its codes and the permissions by operation follow Microsoft's pages
"Microsoft Graph error responses" and "authenticationMethodsPolicy: get, update"; no code is relied
upon beyond being shown, since neighbouring services spell the same refusal differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from graphpolicy.catalogue.permissions import permission_for
from graphpolicy.model import Unread
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.model.records import dataclass

REFUSED = (400, 403, 404, 405, 501)
"""Answers that say that this may not, or can't, be asked here. Any other failure of a read leaves
open what it would have told.
"""

_VERSION = re.compile(r"^.*?/(?=v1\.0/|beta/)(v1\.0|beta)")
_PERSONS = re.compile(r"/users/[^/]+/(authentication/|revokeSignInSessions)")
_ID = re.compile(r"(?!eyJ)[\w-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]+)*|(?<=Bearer )\S+")

MOST_WORDS = 400
"""Characters of Graph's own words that a person is shown."""


@dataclass(eq=False)
class GraphError(GraphPolicyError):
    """A read that failed or a write that Graph refused: nothing of it took effect."""

    status: int | None = None
    code: str = ""
    message: str = ""
    """Graph's own words."""
    request_id: str = ""
    method: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if self.status in (401, 403):
            self.exit_code = Exit.SIGN_IN

    @property
    def unread(self) -> Unread:
        """The same of something that a plan can do without."""
        return Unread(self.text, self.help)


@dataclass(eq=False)
class AnswerLostError(GraphError):
    """A write whose fate is unknown: it may have taken effect. Read back, then decide."""

    reason: str = ""
    """What became of the answer, without a word on the write."""
    wait: float = 0.0
    """The seconds that Graph asked to wait (503 with Retry-After), before anything else is sent."""


@dataclass(eq=False)
class SignInError(GraphError):
    """No token, or one that must not be used; `code` is Entra's AADSTS code where there is one."""

    exit_code: int = Exit.SIGN_IN


def clean(text: str) -> str:
    """Somebody else's words on one line: no control characters, nothing that is a token."""
    shown = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(_TOKEN.sub("***", shown).split())


def refusal(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> GraphError:
    """What Graph's answer to `method path` says, from the raw body. `headers` ignore case."""
    code, message, request_id = _envelope(body)
    request_id = id_of(request_id) or id_of(headers.get("request-id", ""))
    said = f" {code}" if code else ""
    words = f": {message.rstrip('.')}" if message else ""
    noted = f" (request-id {request_id})" if request_id else ""
    if not code and _looks_like_page(headers, body):
        words = ": a web page, so a proxy or gateway answered in Graph's place"
    return GraphError(
        text=f"{_verb(status)} {method} {_short(path)}: {status}{said}{words}{noted}",
        help=_advice(method, path, status, message),
        status=status,
        code=code,
        message=message,
        request_id=request_id,
        method=method,
        url=path,
    )


def not_graph(method: str, path: str, status: int, what: str) -> GraphError:
    """An answer that cannot be Graph's, such as a captive portal's page with status 200."""
    return GraphError(
        text=f"{method} {_short(path)} was answered with {what} ({status}), which is not Graph's",
        help="a proxy, gateway or captive portal answered: sign in to the network or set "
        "HTTPS_PROXY, and check GRAPHPOLICY_GRAPH_URL if it is set",
        status=status,
        method=method,
        url=path,
    )


def elsewhere(method: str, path: str, status: int | None, target: str) -> GraphError:
    """Graph, or something in between, sends us to another place: refused, nothing was sent."""
    there = clean(_short(target))[:200] or "nowhere"
    return GraphError(
        text=f"{method} {_short(path)} points to {there}: refused, no token goes there",
        help="a proxy or gateway may be rewriting addresses; check GRAPHPOLICY_GRAPH_URL if it "
        "is set",
        status=status,
        method=method,
        url=path,
    )


def astray(method: str, path: str, status: int | None, what: str) -> GraphError:
    """Graph, or something in between, sends us around at home, which leads to no whole answer."""
    return GraphError(
        text=f"{method} {_short(path)} {what}",
        help="a proxy or gateway may be rewriting addresses; nothing is concluded from a part",
        status=status,
        method=method,
        url=path,
    )


def unreachable(method: str, path: str, reason: str, certificate: bool) -> GraphError:
    """No answer at all: the name did not resolve, the connection or TLS failed, time ran out."""
    return GraphError(
        text=f"no answer to {method} {_short(path)}: {clean(reason)}",
        help="a proxy may be breaking TLS open: put its certificate in the operating system's "
        "store or name its file in SSL_CERT_FILE"
        if certificate
        else "check the network, the proxy (HTTPS_PROXY) and GRAPHPOLICY_GRAPH_URL if it is set",
        method=method,
        url=path,
    )


def unusable(method: str, path: str, reason: str) -> GraphError:
    """An answer that is too large or slow to be Graph's, or packed as nobody asked for."""
    return GraphError(
        text=f"{method} {_short(path)} was answered {clean(reason)}; nothing of it is used",
        help="Graph's answers are smaller and faster: a proxy or gateway may have answered; check "
        "HTTPS_PROXY, and GRAPHPOLICY_GRAPH_URL if it is set",
        method=method,
        url=path,
    )


def lost(failure: GraphError, wait: float = 0.0) -> AnswerLostError:
    """`failure` seen as the answer to a write that Graph may nevertheless have carried out."""
    return AnswerLostError(
        text=f"whether it took effect is unknown: {failure.text}",
        help="read the policy back before writing again",
        status=failure.status,
        code=failure.code,
        message=failure.message,
        request_id=failure.request_id,
        method=failure.method,
        url=failure.url,
        reason=failure.text,
        wait=wait,
    )


def _envelope(body: bytes) -> tuple[str, str, str]:
    """Code, message and request id; Graph spells the keys in several ways."""
    try:
        error = _member(json.loads(body), "error")
    except (ValueError, RecursionError):
        return "", "", ""
    inner = _member(error, "innererror")
    found = (_member(error, "code"), _member(error, "message"), _member(inner, "request-id"))
    code, message, request_id = (cut(part) if isinstance(part, str) else "" for part in found)
    return code, message, request_id


def id_of(text: str) -> str:
    """What Microsoft's support finds a request by, or nothing where something else is there."""
    return text if _ID.fullmatch(text) else ""


def cut(text: str) -> str:
    """Somebody else's words on one line, up to as many as a person reads."""
    words = clean(text)
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS].rstrip()}…"


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return None
    return next((item for key, item in value.items() if key.lower() == name), None)


def _looks_like_page(headers: Mapping[str, str], body: bytes) -> bool:
    return "html" in headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"


def _verb(status: int) -> str:
    return "Graph failed" if status >= 500 else "Graph refused"


def _short(path: str) -> str:
    """The path without its query, which may hold hundreds of names."""
    return path.partition("?")[0]


def _advice(method: str, path: str, status: int, message: str) -> str:
    match status:
        case 401:
            return (
                "sign in again; a token in GRAPHPOLICY_ACCESS_TOKEN may have expired or be meant "
                "for another service"
            )
        case 403:
            return _permission(method, path)
        case 429:
            return "Graph still throttles this tenant and patience is used up: try again later"
        case 404 | 405:
            return _absent(path)
        case 400 if "for the segment" in message:
            return _absent(path)
        case _ if status >= 500:
            return "this is on Microsoft's side: try again in some minutes"
        case _:
            return "read Graph's words above; with --debug every request is listed"


def _permission(method: str, path: str) -> str:
    needed = permission_for(method, _VERSION.sub("", path))
    if needed and _PERSONS.search(path):
        scopes = f"{needed.scope} or {needed.either}" if needed.either else needed.scope
        return (
            f"this call needs the Graph permission {scopes}, consented to by an administrator; a "
            f"person also needs the Entra role {needed.role} or a higher one, for administrators "
            "Privileged Authentication Administrator, and can't do it for themselves; a role that "
            "was activated a moment ago counts after a new sign-in only"
        )
    if needed:
        return (
            f"this call needs the Graph permission {needed.scope}, consented to by an "
            f"administrator; a person also needs the Entra role {needed.role} or a higher one"
        )
    return "the app lacks a Graph permission for this call, or the person an Entra role"


def _absent(path: str) -> str:
    version = _VERSION.match(path)
    which = f" on {version[1]}" if version else ""
    return f"it may not exist in this tenant, or this API{which} may not exist in its cloud"
