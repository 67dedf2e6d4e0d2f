"""What `doctor` shows: nothing hostile, nothing too wide, and the same for scripts."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from graphpolicy.model import Desired, Failure, Finding, Place, Tenant
from graphpolicy.model.words import Default
from graphpolicy.plan.permission_check import (
    Federation,
    PermissionCheck,
    PermissionChecks,
    checked,
    identity,
)
from graphpolicy.plan.verb_permissions import needs
from graphpolicy.render import Style, render
from tests.unit.render.hostile import HOSTILE

TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
CLAIMS = {
    "tid": TENANT.id,
    "appid": "99999999-8888-4777-8666-555555555555",
    "app_displayname": "pipeline",
    "roles": ["Policy.Read.All", "User.ReadWrite.All"],
    "exp": 1893456000,
}


def checkup(desired: Desired | None = None) -> PermissionCheck:
    held = identity(CLAIMS)
    return PermissionCheck(
        tenant=TENANT,
        file="policies/contoso.yaml",
        credential="client secret",
        because="AZURE_CLIENT_SECRET is set",
        authority="https://login.microsoftonline.com",
        root="https://graph.microsoft.com",
        identity=held,
        checked=checked(needs(desired or Desired("", TENANT, ())), held),
        answered=120,
    )


def test_a_reader_is_told_what_apply_lacks() -> None:
    text = render(PermissionChecks((checkup(),)), "text", Style(width=120))
    assert "ok        plan   Policy.Read.AuthenticationMethod (as Policy.Read.All)" in text
    assert "missing   apply  Policy.ReadWrite.AuthenticationMethod: writes the policy" in text
    assert "without   plan   Directory.Read.All" in text
    assert "the token also has User.ReadWrite.All" in text
    assert text.endswith(
        "plan works, apply does not: Policy.ReadWrite.AuthenticationMethod is missing\n"
    )


def test_a_failure_comes_with_its_help_and_a_job_with_its_command() -> None:
    failure = Failure(TENANT, "", "AADSTS700213", "no credential matches", "add one", 4)
    job = Federation("https://token.actions.githubusercontent.com", "repo:a/b:it's", "api://x")
    broken = replace(checkup(), identity=None, checked=(), failure=failure, federation=job)
    text = render(PermissionChecks((broken,)), "text", Style())
    assert "error[AADSTS700213]: no credential matches" in text
    assert "az ad app federated-credential create" in text
    assert "'\"'\"'" in text  # the quote in the subject is quoted for the shell
    assert text.endswith("nothing works until this is fixed\n")


def test_hostile_text_is_escaped_and_colour_is_ours_alone() -> None:
    for name in HOSTILE.values():
        held = identity({**CLAIMS, "app_displayname": name, "scp": "x", "upn": name})
        nasty = replace(checkup(), identity=held, credential=name)
        shown = render(PermissionChecks((nasty,)), "text", Style())
        assert all(char.isprintable() or char == "\n" for char in shown)
        assert (
            json.loads(render(PermissionChecks((nasty,)), "json", Style()))["tenants"][0][
                "identity"
            ]["person"]
            == name
        )
    assert "\x1b[" in render(PermissionChecks((checkup(),)), "text", Style(color=True))


def test_nothing_that_can_be_wrapped_is_wider_than_the_terminal() -> None:
    for line in render(PermissionChecks((checkup(),)), "text", Style(width=80)).splitlines():
        assert len(line) <= 84


def test_the_same_for_scripts() -> None:
    document = json.loads(render(PermissionChecks((checkup(),)), "json", Style()))
    assert document["format_version"] == "1"
    (tenant,) = document["tenants"]
    assert tenant["works"] == {"plan": True, "apply": False}
    assert tenant["identity"]["expires"] == "2030-01-01T00:00:00Z"
    assert tenant["unneeded"] == ["User.ReadWrite.All"]
    assert [entry["state"] for entry in tenant["permissions"] if entry["verb"] != "impact"] == [
        "held",
        "missing",
        "missing",
        "missing",
    ]


def test_every_format_tells_of_a_wrong_entry_where_it_stands_and_what_to_do() -> None:
    wrong = Finding("helpdesk-group-not-found", "error", "no Execs", "correct the name")
    wrong = replace(wrong, source=Place("policies/contoso.yaml", 6, 12))
    made = PermissionChecks((replace(checkup(), findings=(wrong,)),))
    for format_ in ("text", "markdown", "html"):
        said = render(made, format_, Style())
        for part in ("no Execs", "policies/contoso.yaml:6:12", "help: correct the name", "error"):
            assert part in said, (format_, part)


def test_the_page_has_one_title_and_names_the_tenant() -> None:
    page = render(PermissionChecks((checkup(),)), "html", Style())
    [title] = re.findall("<title>(.*)</title>", page)
    assert title.count("graphpolicy") == 1
    assert "contoso" in title


def test_the_page_of_several_tenants_is_not_called_by_the_first() -> None:
    other = replace(checkup(), tenant=Tenant("fabrikam", "b"))
    flags = (Default("format", ("text",), "built in"),)
    one = render(PermissionChecks((checkup(),), defaults=flags), "html", Style())
    two = render(PermissionChecks((checkup(), other), defaults=flags), "html", Style())
    assert re.findall("<title>(.*)</title>", two) == ["graphpolicy doctor"]
    assert "contoso" in re.findall("<title>(.*)</title>", one)[0]
