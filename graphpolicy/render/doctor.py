"""What `doctor` found, for people and for scripts."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

from graphpolicy.model import Finding, Json
from graphpolicy.plan.permission_check import (
    CheckedPermission,
    Federation,
    Identity,
    PermissionCheck,
    PermissionChecks,
)
from graphpolicy.render import Style
from graphpolicy.render.as_json import members, tenant_json
from graphpolicy.render.blocks import Block, Command, FactList, Gap, Heading, Items, Line
from graphpolicy.render.plan_json import findings_json

MARKS = {
    "held": ("ok", "green"),
    "missing": ("missing", "red"),
    "asked": ("asked", "yellow"),
    "unknown": ("unknown", "yellow"),
}
INDENT = 12


def blocks(result: PermissionChecks, style: Style) -> Iterator[Block]:
    """The defaults for flags, then each tenant: who signs in and how, and what is missing."""
    if result.defaults:
        yield Heading("defaults of this command", 3)
        rows = [(one.name, f"{', '.join(one.values)} ({one.source})") for one in result.defaults]
        yield FactList(rows, INDENT)
    if result.defaults and result.file_findings:
        yield Gap()
    yield from result.file_findings
    for number, item in enumerate(result.checks):
        if number or result.defaults:
            yield Gap()
        yield from _tenant(item)


def document(result: PermissionChecks, style: Style) -> Json:
    """`{tenants: […], defaults: […]}`, with `findings` where a file is wrong."""
    return {
        "tenants": [_object(item) for item in result.checks],
        "defaults": [
            {**members(item, "name source"), "values": list(item.values)}
            for item in result.defaults
        ],
        **({"findings": findings_json(result.file_findings)} if result.file_findings else {}),
    }


def _tenant(item: PermissionCheck) -> Iterator[Block]:
    where = f", from {item.file}" if item.file else ""
    yield Heading(f"{item.tenant.name}  {item.tenant.id}{where}")
    yield FactList(list(_facts(item)), INDENT)
    if item.failure:
        yield Finding(item.failure.code, "error", item.failure.message, item.failure.help)
        if item.federation and item.identity is None:
            lead = "help: the app needs this federated credential:"
            yield Items([lead])
            yield Command("", _command(item.federation))
    yield from item.findings
    yield Line(item.verdict)


def _facts(item: PermissionCheck) -> Iterator[tuple[str, str] | tuple[str, str, str]]:
    yield "sign-in", f"{item.credential}, because {item.because}"
    yield "authority", item.authority
    yield "graph", item.root + (f", answered in {item.answered} ms" if item.answered else "")
    if item.federation:
        yield "job", f"issuer {item.federation.issuer}"
        yield "", f"subject {item.federation.subject}"
        yield "", f"audience {item.federation.audience}"
    if item.identity:
        yield "identity", _who(item.identity)
        if item.account:
            yield "", item.account
        yield "token", f"for tenant {item.identity.tenant}, until {_until(item.identity)}"
    elif item.answered is not None:
        yield "identity", "this token can't be read, so its permissions are not known"
    for entry in item.checked if item.identity else ():
        yield _permission(entry)
    if item.unneeded:
        yield "unneeded", f"the token also has {', '.join(item.unneeded)}"


def _permission(entry: CheckedPermission) -> tuple[str, str, str]:
    word, colour = MARKS[entry.state]
    if entry.state == "missing" and not entry.need.required:
        word, colour = "without", "yellow"
    scope = entry.need.permission.scope
    if entry.by != scope:
        scope += f" (as {entry.by})" if entry.state == "held" else f" and {entry.by}"
    return f"  {word}", f"{entry.need.verb:<7}{scope}: {entry.need.why}", colour


def _who(held: Identity) -> str:
    app = f"{held.application_name or 'application'} ({held.application})"
    return f"{held.person} through {app}" if held.person else app


def _until(held: Identity) -> str:
    return f"{datetime.fromtimestamp(held.expires, UTC):%Y-%m-%d %H:%M} UTC"


def _command(job: Federation) -> str:
    parameters = {
        "name": "graphpolicy",
        "issuer": job.issuer,
        "subject": job.subject,
        "audiences": [job.audience],
    }
    return (
        'az ad app federated-credential create --id "$AZURE_CLIENT_ID" --parameters '
        + shlex.quote(json.dumps(parameters))
    )


def _object(item: PermissionCheck) -> dict[str, object]:
    held = item.identity
    return {
        "tenant": tenant_json(item.tenant),
        **members(item, "file? credential because account? authority"),
        "graph": item.root,
        "answered_ms": item.answered,
        "job": item.federation and members(item.federation, "issuer subject audience"),
        "identity": held
        and {
            **members(held, "tenant application application_name? person?"),
            "expires": f"{datetime.fromtimestamp(held.expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
        },
        "permissions": [
            {
                "verb": entry.need.verb,
                "permission": entry.need.permission.scope,
                "required": entry.need.required,
                **members(entry, "state by"),
                "why": entry.need.why,
            }
            for entry in item.checked
        ],
        "unneeded": list(item.unneeded),
        "findings": findings_json(item.findings),
        "works": {"plan": item.works("plan"), "apply": item.works("apply")},
        "error": item.failure and members(item.failure, "code message help"),
    }
