"""The errors of Graph and sign-in: each has one sentence and the next thing to do.

Graph's error envelope, its codes and the permissions by operation follow Microsoft's pages
"Microsoft Graph error responses" and "authenticationMethodsPolicy: get, update". Error codes are
shown but never decide anything, because neighbouring services use other codes for the same refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from graphpolicy.catalogue.permissions import Permission, permission_for
from graphpolicy.graph.variables import AZURE_CLI, THROUGH_CLI
from graphpolicy.model import Unread
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.model.records import dataclass

REFUSED = (400, 403, 404, 405, 501)
"""Statuses that mean "not allowed" or "does not exist here". After one of these a plan continues
without the answer; after any other failure it stops.
"""

_VERSION = re.compile(r"^.*?/(?=v1\.0/|beta/)(v1\.0|beta)")
_PERSONS = re.compile(r"/users/[^/]+/(authentication/|revokeSignInSessions)")
_ID = re.compile(r"(?!eyJ)[\w-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]+)*|(?<=Bearer )\S+")

MOST_WORDS = 400
"""Characters of Graph's own message that are shown."""


@dataclass(eq=False)
class GraphError(GraphPolicyError):
    """A read failed, or Graph refused a write. Nothing was changed."""

    status: int | None = None
    code: str = ""
    message: str = ""
    """Graph's own message."""
    request_id: str = ""
    method: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if self.status in (401, 403):
            self.exit_code = Exit.SIGN_IN

    @property
    def unread(self) -> Unread:
        """This failure as the reason why something was not read, for a plan that continues."""
        return Unread(self.text, self.help)


@dataclass(eq=False)
class AnswerLostError(GraphError):
    """A write that may or may not have taken effect. Read the policy back, then decide."""

    reason: str = ""
    """What happened to the answer; says nothing about the write."""
    wait: float = 0.0
    """Seconds that Graph asked to wait (503 with Retry-After) before the next request."""


@dataclass(eq=False)
class SignInError(GraphError):
    """No token, or a token that must not be used; `code` is Entra's AADSTS code if it gave one."""

    exit_code: int = Exit.SIGN_IN


def clean(text: str) -> str:
    """Foreign text on one line, without control characters and with tokens as `***`."""
    shown = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(_TOKEN.sub("***", shown).split())


def refusal(
    method: str,
    path: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    claims: Mapping[str, Any] | None = None,
) -> GraphError:
    """The failure that Graph's raw answer to `method path` means. `headers` ignore case.

    `claims` are those of the token, for what to do about a 403.
    """
    code, message, request_id = _envelope(body)
    request_id = id_of(request_id) or id_of(headers.get("request-id", ""))
    said = f" {code}" if code else ""
    words = f": {message.rstrip('.')}" if message else ""
    noted = f" (request-id {request_id})" if request_id else ""
    page = "html" in headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
    verb = "Graph failed" if status >= 500 else "Graph refused"
    if not code and page:
        words = ": the answer is a web page, so a proxy or gateway sent it and not Graph"
    return GraphError(
        text=f"{verb} {method} {_short(path)}: {status}{said}{words}{noted}",
        help=_advice(method, path, status, message, claims or {}),
        status=status,
        code=code,
        message=message,
        request_id=request_id,
        method=method,
        url=path,
    )


def not_graph(method: str, path: str, status: int, what: str) -> GraphError:
    """An answer that is not from Graph, such as a captive portal's page with status 200."""
    text = f"the answer to {method} {_short(path)} ({status}) is not from Graph: it is {what}"
    fix = (
        "a proxy, gateway or captive portal answered: sign in to the network or set HTTPS_PROXY, "
        "and check GRAPHPOLICY_GRAPH_URL if it is set"
    )
    return GraphError(text, fix, status=status, method=method, url=path)


def elsewhere(method: str, path: str, status: int | None, target: str) -> GraphError:
    """A redirect or next page at another address: not followed, so that no token goes there."""
    there = clean(_short(target))[:200] or "an empty address"
    text = (
        f"{method} {_short(path)} leads to another address ({there}): not followed, no token was "
        "sent there"
    )
    fix = "a proxy or gateway may be rewriting addresses; check GRAPHPOLICY_GRAPH_URL if it is set"
    return GraphError(text, fix, status=status, method=method, url=path)


def astray(method: str, path: str, status: int | None, what: str) -> GraphError:
    """Pages or redirects on the same host that never lead to a complete answer."""
    fix = (
        "a proxy or gateway may be rewriting addresses; graphpolicy does not use incomplete answers"
    )
    return GraphError(
        f"{method} {_short(path)} {what}", fix, status=status, method=method, url=path
    )


def unreachable(method: str, path: str, reason: str, certificate: bool) -> GraphError:
    """No answer: the name did not resolve, the connection or TLS failed, or time ran out."""
    text = f"no answer to {method} {_short(path)}: {clean(reason)}"
    fix = "check the network, the proxy (HTTPS_PROXY) and GRAPHPOLICY_GRAPH_URL if it is set"
    if certificate:
        fix = (
            "a proxy may be inspecting TLS: add its certificate to the operating system's store, "
            "or set SSL_CERT_FILE to its file"
        )
    return GraphError(text, fix, method=method, url=path)


def unusable(method: str, path: str, reason: str) -> GraphError:
    """An answer too large or slow for Graph, or in an encoding that was not requested."""
    text = f"the answer to {method} {_short(path)} {clean(reason)}; it was not used"
    fix = (
        "Graph does not answer like this: a proxy or gateway may have; check HTTPS_PROXY, and "
        "GRAPHPOLICY_GRAPH_URL if it is set"
    )
    return GraphError(text, fix, method=method, url=path)


def lost(failure: GraphError, wait: float = 0.0) -> AnswerLostError:
    """`failure` as the answer to a write that Graph may still have carried out."""
    told = {
        "text": f"it is not clear whether the write took effect: {failure.text}",
        "help": "read the policy back before writing again",
    }
    return AnswerLostError(**{**asdict(failure), **told}, reason=failure.text, wait=wait)


def _envelope(body: bytes) -> tuple[str, str, str]:
    """Code, message and request id. Graph varies the case of the keys."""
    try:
        error = _member(json.loads(body), "error")
    except (ValueError, RecursionError):
        return "", "", ""
    inner = _member(error, "innererror")
    found = (_member(error, "code"), _member(error, "message"), _member(inner, "request-id"))
    code, message, request_id = (cut(part) if isinstance(part, str) else "" for part in found)
    return code, message, request_id


def id_of(text: str) -> str:
    """`text` if it looks like a request id, else "". Microsoft's support asks for that id."""
    return text if _ID.fullmatch(text) else ""


def cut(text: str) -> str:
    """Foreign text on one line, as `clean` makes it, cut to `MOST_WORDS` characters."""
    words = clean(text)
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS].rstrip()}…"


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return None
    return next((item for key, item in value.items() if key.lower() == name), None)


def _short(path: str) -> str:
    """The path without its query, which may hold hundreds of names."""
    return path.partition("?")[0]


def _advice(method: str, path: str, status: int, message: str, claims: Mapping[str, Any]) -> str:
    match status:
        case 401:
            return (
                "sign in again, a person with `graphpolicy login`; a token in "
                "GRAPHPOLICY_ACCESS_TOKEN may have expired or belong to another service"
            )
        case 403:
            return _permission(method, path, claims)
        case 429:
            return "Graph still throttles this tenant and the waiting time is used up: try later"
        case 404 | 405:
            return _absent(path)
        case 400 if "for the segment" in message:
            return _absent(path)
        case _ if status >= 500:
            return "the fault is on Microsoft's side: try again in a few minutes"
        case _:
            return "read Graph's message above; --debug lists every request"


def _permission(method: str, path: str, claims: Mapping[str, Any]) -> str:
    needed = permission_for(method, _VERSION.sub("", path))
    scp = claims.get("scp")
    held = scp.split() if isinstance(scp, str) else None
    has = held is not None and needed and _suffices(needed, held)
    if needed and held is not None and not has and claims.get("appid") == AZURE_CLI:
        return f"this call needs the Graph permission {needed.scope}; {THROUGH_CLI}"
    if needed and _PERSONS.search(path):
        scopes = f"{needed.scope} or {needed.either}" if needed.either else needed.scope
        return (
            f"this call needs the Graph permission {scopes} with admin consent; a person who signs "
            f"in also needs the Entra role {needed.role} or higher (Privileged Authentication "
            "Administrator if the user is an administrator) and can't do this for themselves; if "
            "the role was activated just now, sign in again"
        )
    if needed and has:
        return (
            f"the sign-in has the permission; the person needs the Entra role {needed.role} or "
            "higher. The role must be active when the person signs in: activate it, then run "
            "`graphpolicy login`" + (f"; {_licence(needed.licence)}" if needed.licence else "")
        )
    if needed:
        words = (
            f"this call needs the Graph permission {needed.scope} with admin consent; a person who "
            f"signs in also needs the Entra role {needed.role} or higher"
        )
        return f"{words}; {_licence(needed.licence)}" if needed.licence else words
    return "the app lacks a Graph permission for this call, or the person lacks an Entra role"


def _suffices(needed: Permission, held: Collection[str]) -> bool:
    return any(set(one.split(" and ")) <= set(held) for one in (needed.scope, *needed.higher))


def _licence(name: str) -> str:
    return (
        f"the tenant needs {name}, which Graph may not be able to check without Directory.Read.All"
    )


def _absent(path: str) -> str:
    version = _VERSION.match(path)
    which = f" on {version[1]}" if version else ""
    return f"it may not exist in this tenant, or this API{which} may not exist in its cloud"
