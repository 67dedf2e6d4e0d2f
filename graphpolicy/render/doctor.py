"""What `doctor` found, for people and for scripts."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import click

from graphpolicy import __version__
from graphpolicy.model import Finding
from graphpolicy.plan.permission_check import Checked, Federation, Identity, PermissionCheck
from graphpolicy.render import Style
from graphpolicy.render.as_json import findings_json
from graphpolicy.render.escape import printable
from graphpolicy.render.findings import finding_lines, folded

_MARKS = {"held": ("ok", "green"), "missing": ("missing", "red"), "unknown": ("unknown", "yellow")}
_INDENT = 12


def render_doctor(checkups: Iterable[PermissionCheck], style: Style) -> str:
    """One block a tenant: how it signs in, who that is, what it may, what is missing."""
    return "\n".join("\n".join(_block(item, style)) + "\n" for item in checkups)


def doctor_json(checkups: Sequence[PermissionCheck], findings: Sequence[Finding] = ()) -> str:
    """`{format_version, tool_version, tenants: […]}`, with `findings` where a file is wrong."""
    document = {
        "format_version": "1",
        "tool_version": __version__,
        "tenants": [_object(item) for item in checkups],
        **({"findings": findings_json(findings)} if findings else {}),
    }
    return json.dumps(document, indent=2) + "\n"


def _block(item: PermissionCheck, style: Style) -> Iterator[str]:
    where = f", from {item.file}" if item.file else ""
    yield printable(f"{item.tenant.name}  {item.tenant.id}{where}")
    yield from _row("sign-in", f"{item.credential}, because {item.because}", style)
    yield from _row("authority", item.authority, style)
    yield from _row(
        "graph", item.root + (f", answered in {item.answered} ms" if item.answered else ""), style
    )
    if item.federation:
        yield from _row("job", f"issuer {item.federation.issuer}", style)
        yield from _row("", f"subject {item.federation.subject}", style)
        yield from _row("", f"audience {item.federation.audience}", style)
    if item.identity:
        yield from _row("identity", _who(item.identity), style)
        yield from _row(
            "token", f"for tenant {item.identity.tenant}, until {_until(item.identity)}", style
        )
    elif item.answered is not None:
        yield from _row("identity", "this token can't be read; what it permits is not known", style)
    for entry in item.checked if item.identity else ():
        yield from _permission(entry, style)
    if item.unneeded:
        yield from _row("unneeded", f"the token also has {', '.join(item.unneeded)}", style)
    if item.failure:
        lead = click.style("error", fg="red", bold=True) if style.color else "error"
        yield f"{lead}[{printable(item.failure.code)}]: {printable(item.failure.message)}"
        yield f"  help: {printable(item.failure.help)}"
        if item.federation and item.identity is None:
            yield "  help: the app must hold this federated credential:"
            yield f"  {printable(_command(item.federation))}"
    for finding in folded(item.findings, quiet=style.quiet):
        yield from finding_lines(finding, color=style.color)
    yield printable(_verdict(item))


def _row(name: str, text: str, style: Style) -> Iterator[str]:
    yield from _wrapped(f"  {name:<{_INDENT}}", text, style)


def _permission(entry: Checked, style: Style) -> Iterator[str]:
    word, hue = _MARKS[entry.state]
    if entry.state == "missing" and not entry.need.required:
        word, hue = "without", "yellow"
    scope = entry.need.permission.scope
    if entry.by != scope:
        scope += f" (as {entry.by})" if entry.state == "held" else f" and {entry.by}"
    lines = list(_wrapped(" " * _INDENT, f"{entry.need.verb:<6}{scope}: {entry.need.why}", style))
    mark = f"    {word:<{_INDENT - 4}}"
    yield (click.style(mark, fg=hue) if style.color else mark) + lines[0][_INDENT:]
    yield from lines[1:]


def _wrapped(lead: str, text: str, style: Style) -> Iterator[str]:
    room = max(style.width - len(lead), 40)
    lines = textwrap.wrap(printable(text), room, break_long_words=False, break_on_hyphens=False)
    for line in lines or [""]:
        yield lead + line
        lead = " " * len(lead)


def _who(held: Identity) -> str:
    app = f"{held.application_name or 'application'} ({held.application})"
    return f"{held.person} through {app}" if held.person else app


def _until(held: Identity) -> str:
    return f"{datetime.fromtimestamp(held.expires, UTC):%Y-%m-%d %H:%M} UTC"


def _verdict(item: PermissionCheck) -> str:
    if item.failure:
        return "nothing works before that is repaired"
    if item.identity is None:
        return "reading works; whether writing does is not known"
    if not item.works("plan"):
        return f"plan does not work: {_lack(item, 'plan')}"
    if not item.works("apply"):
        return f"plan works, apply does not: {_lack(item, 'apply')}"
    errors = sum(finding.level == "error" for finding in item.findings)
    if errors:
        wrong = "1 entry is wrong" if errors == 1 else f"{errors} entries are wrong"
        return f"sign-in and permissions work; {wrong} in the policy"
    return "plan and apply work"


def _lack(item: PermissionCheck, verb: str) -> str:
    lacking = [
        entry.by
        for entry in item.checked
        if entry.state == "missing" and entry.need.required and entry.need.verb == verb
    ]
    return f"{' and '.join(dict.fromkeys(lacking))} {'is' if len(lacking) == 1 else 'are'} missing"


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
        "tenant": {"name": item.tenant.name, "id": item.tenant.id, "cloud": item.tenant.cloud},
        "file": item.file or None,
        "credential": item.credential,
        "because": item.because,
        "authority": item.authority,
        "graph": item.root,
        "answered_ms": item.answered,
        "job": item.federation
        and {
            "issuer": item.federation.issuer,
            "subject": item.federation.subject,
            "audience": item.federation.audience,
        },
        "identity": held
        and {
            "tenant": held.tenant,
            "application": held.application,
            "application_name": held.application_name or None,
            "person": held.person or None,
            "expires": f"{datetime.fromtimestamp(held.expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
        },
        "permissions": [
            {
                "verb": entry.need.verb,
                "permission": entry.need.permission.scope,
                "required": entry.need.required,
                "state": entry.state,
                "by": entry.by,
                "why": entry.need.why,
            }
            for entry in item.checked
        ],
        "unneeded": list(item.unneeded),
        "findings": findings_json(item.findings),
        "works": {"plan": item.works("plan"), "apply": item.works("apply")},
        "error": item.failure
        and {
            "code": item.failure.code,
            "message": item.failure.message,
            "help": item.failure.help,
        },
    }
