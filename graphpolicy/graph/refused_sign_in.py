"""Entra's and azure-identity's refusals in our words, each with what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from graphpolicy.graph.connection import Connection, authority, scope, scopes_of_person
from graphpolicy.graph.credentials import client_of
from graphpolicy.graph.failures import SignInError, clean
from graphpolicy.graph.tokens import token_claims
from graphpolicy.graph.variables import GRAPH_TOOLS, THROUGH_CLI
from graphpolicy.model import Tenant
from graphpolicy.plan.verb_permissions import VerbPermission, scopes

NOT_OPENED = ("Failed to open a browser", "Couldn't start an HTTP server")
"""What azure-identity says if no browser could be started, or could not come back."""

ANY_TENANT = Tenant("", "")

_SAID = re.compile(r"(AADSTS\d+): ?(.*?)(?:'? Content: .*| Trace ID: ([0-9A-Fa-f-]+).*)?$")


def sign_in_refused(
    how: str,
    why: str,
    problem: Exception,
    connection: Connection | None = None,
    tenant: Tenant = ANY_TENANT,
) -> SignInError:
    """azure-identity's `problem` as a failure; `how` is the sign-in method, `why` its reason."""
    words = clean(str(problem)) or type(problem).__name__
    said = _SAID.search(words)
    if said is None:
        row = next((row for phrase, row in _known().items() if phrase in words), None)
        return SignInError(
            f"sign-in by {how} failed: {row['means'] if row else words.rstrip('.')}",
            f"{_filled(row['repair'], connection, tenant)}. The error was: {words}"
            if row
            else f"{how} was used because {why}; at a terminal a person can sign in with "
            "`graphpolicy login`, and --auth chooses another way",
            message=words,
        )
    code, message, request_id = said[1], said[2].rstrip("."), said[3] or ""
    known = _known().get(code)
    means = known["means"] if known else message
    return SignInError(
        f"sign-in by {how} was refused: {code}: {means}",
        f"{_filled(known['repair'], connection, tenant)}. Entra's message: {message}"
        if known
        else f"look it up: https://login.microsoftonline.com/error?code={code[6:]}",
        code=code,
        message=message,
        request_id=request_id,
    )


def _filled(repair: str, connection: Connection | None, tenant: Tenant) -> str:
    """What to do, with the app and the permissions of this sign-in."""
    if "{" not in repair:
        return repair
    client = client_of(connection) if connection else GRAPH_TOOLS
    app = "Microsoft Graph Command Line Tools" if client == GRAPH_TOOLS else f"the app {client}"
    wanted = connection.needs if connection else ()
    *others, last = scopes(wanted) or ("its permissions",)
    named = f"{', '.join(others)} and {last}" if others else last
    page = _consent_page(connection, client, tenant) if connection else ""
    return repair.format(app=app, permissions=named, login=_login(wanted), page=page)


def _consent_page(connection: Connection, client: str, tenant: Tenant) -> str:
    """Where an administrator consents for everybody, also after a consent for themselves alone.

    Source: Microsoft identity platform, "Admin consent on the Microsoft identity platform".
    """
    asked = {
        "client_id": client,
        "scope": " ".join(scopes_of_person(connection, scope(connection, tenant.cloud))),
        "redirect_uri": "http://localhost",
    }
    home = f"{authority(connection, tenant.cloud)}/{tenant.id or 'organizations'}"
    return f"{home}/v2.0/adminconsent?{urlencode(asked, quote_via=quote, safe=':/')}"


def _login(wanted: Sequence[VerbPermission]) -> str:
    """The command by which a person signs in with what is needed."""
    verbs = {each.verb for each in wanted}
    verb = next((each for each in ("apply", "tap", "mfa", "impact") if each in verbs), "")
    verb = verb or ("drift" if "AuditLog.Read.All" in scopes(wanted) else "")
    return f"graphpolicy login --for {verb}" if verb else "graphpolicy login"


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    text = (Path(__file__).parent / "entra_errors.json").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, str]] = json.loads(text)
    return rows


def too_little(missing: Sequence[str], token: str) -> SignInError:
    """The refusal to use Azure CLI's token, which lacks these permissions."""
    person = "scp" in token_claims(token)
    return SignInError(
        f"Azure CLI is signed in, but its token lacks {' and '.join(missing)}; nothing was sent",
        THROUGH_CLI if person else "grant them to its app, with admin consent",
        code="cli-lacks",
    )


def asked_again(username: str, problem: Exception, connection: Connection) -> SignInError:
    """The failure of a kept sign-in, or of none, where nobody is asked."""
    said = _SAID.search(clean(_answer(problem)))
    code, message = (said[1], said[2].rstrip(".")) if said else ("", "")
    return SignInError(
        f"{too_old(username, problem) or 'no sign-in is kept'}, and this command can't ask "
        "for a sign-in here",
        f"run `{_login(connection.needs)}` at a terminal, then this command again",
        code=code,
        message=message,
    )


def too_old(username: str, problem: Exception) -> str:
    """Why a kept sign-in does not suffice, in words; '' if none is kept."""
    if not username:
        return ""
    said = _SAID.search(clean(_answer(problem)))
    why = f": {said[1]}: {_known()[said[1]]['means']}" if said and said[1] in _known() else ""
    return f"the kept sign-in of {username} does not suffice{why}"


def _answer(problem: Exception) -> str:
    """Entra's answer that azure-identity has behind an error."""
    response = getattr(problem, "response", None)
    try:
        found = json.loads(response.text())  # type: ignore[union-attr]
        return str(found.get("error_description") or "")
    except (AttributeError, TypeError, ValueError):
        return str(problem)
