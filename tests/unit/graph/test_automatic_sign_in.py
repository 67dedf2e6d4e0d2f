"""`auto` without a variable for sign-in: a kept sign-in, Azure CLI if it is enough, a person."""

from __future__ import annotations

import json
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.identity import TokenCachePersistenceOptions
from starlette.responses import JSONResponse

from graphpolicy.graph import kept_sign_ins
from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import SignInError, refusal
from graphpolicy.graph.kept_sign_ins import (
    SignedInAccount,
    StoreError,
    kept_accounts,
    write_accounts,
)
from graphpolicy.graph.personal_sign_in import PersonalSignIn, has_browser
from graphpolicy.graph.sign_in import SignIn
from graphpolicy.graph.tokens import token_claims
from graphpolicy.graph.variables import AZURE_CLI, GRAPH_TOOLS
from graphpolicy.plan.verb_permissions import needed
from tests.unit.graph.entra import CONTOSO, FABRIKAM, SCOPE, Entra, Jwt, one, sign_in

PLAN = needed(("plan",))
HOME = "11111111-0000-4000-8000-000000000000.home"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake az is a shell script")


@pytest.fixture(autouse=True)
def _no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_sign_ins, "accounts_file", lambda: tmp_path / "sign-ins.json")

    def none() -> None:
        raise StoreError("none", "buy one", tokens=False)

    monkeypatch.setattr(kept_sign_ins, "open_store", none)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs an Azure CLI that answers a token, or fails if that is ''."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    def install(token: str) -> None:
        answer = json.dumps({"accessToken": token, "expires_on": int(time.time()) + 3600})
        az = tmp_path / "az"
        text = f"echo '{answer}'" if token else "echo 'Please run az login' >&2; exit 1"
        az.write_text(f"#!/bin/sh\n{text}\n")
        az.chmod(az.stat().st_mode | stat.S_IXUSR)

    return install


async def way(signing: SignIn) -> tuple[str, str]:
    await one(signing)
    return signing.chosen


def test_azure_cli_is_taken_where_its_token_carries_what_the_verb_needs(
    cli: Callable[[str], None], jwt: Jwt
) -> None:
    read = "Policy.Read.AuthenticationMethod"
    for claims in ({"scp": f"openid {read}"}, {"roles": ["Policy.Read.All"]}):
        cli(jwt(tid=CONTOSO.id, **claims))
        assert sign_in(connection({}, needs=PLAN), way)[0] == "Azure CLI"
    cli("opaque")
    assert sign_in(connection({}, needs=PLAN), way)[0] == "Azure CLI"


def test_without_a_terminal_azure_clis_lack_is_a_failure_that_names_the_way(
    cli: Callable[[str], None], jwt: Jwt
) -> None:
    for claims, fix in (
        ({"scp": "Group.ReadWrite.All"}, "--auth browser"),
        ({"roles": ["Group.Read.All"]}, "with admin consent"),
    ):
        cli(jwt(tid=CONTOSO.id, appid=AZURE_CLI, **claims))
        with pytest.raises(SignInError, match=r"lacks Policy\.Read") as failed:
            sign_in(connection({}, needs=PLAN), one)
        assert fix in failed.value.help


@pytest.mark.parametrize(
    ("scp", "why"),
    [
        ("Group.ReadWrite.All", "Azure CLI's token lacks Policy.Read.AuthenticationMethod"),
        ("", "neither the environment nor Azure CLI has a sign-in"),
    ],
)
def test_at_a_terminal_a_person_signs_in_instead(
    cli: Callable[[str], None], jwt: Jwt, monkeypatch: pytest.MonkeyPatch, scp: str, why: str
) -> None:
    cli(jwt(tid=CONTOSO.id, scp=scp) if scp else "")
    asked: list[str] = []

    def ask(_self: object, auth: str, *_: object, **__: object) -> AccessToken:
        asked.append(auth)
        return AccessToken(jwt(tid=CONTOSO.id), int(time.time()) + 3600)

    monkeypatch.setattr(PersonalSignIn, "token", ask)
    assert sign_in(connection({}, terminal=True, needs=PLAN), way) == ("browser", why)
    assert asked == ["browser"]


def test_at_a_terminal_a_foreign_authority_is_signed_in_to_by_a_person(
    entra: Entra, variables: dict[str, str]
) -> None:
    said: list[str] = []
    made = connection(variables, terminal=True, needs=PLAN)
    assert sign_in(made, way, said)[0] == "browser"
    assert "there is no browser here" in said[0]
    assert "enter ABCD" in said[1]


def test_a_kept_sign_in_to_this_tenant_comes_before_azure_cli(
    cli: Callable[[str], None], jwt: Jwt, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli(jwt(tid=CONTOSO.id, scp="Policy.Read.AuthenticationMethod"))
    asked = AccessToken(jwt(tid=CONTOSO.id), int(time.time()) + 3600)
    monkeypatch.setattr(PersonalSignIn, "token", lambda *_, **__: asked)
    monkeypatch.setattr(kept_sign_ins, "open_store", lambda: None)
    names = {"clientId": GRAPH_TOOLS, "homeAccountId": HOME, "tenantId": CONTOSO.id}
    record = {**names, "authority": "login.microsoftonline.com", "username": "ana@contoso.com"}
    for tenant, expected in ((CONTOSO.id, "browser"), (FABRIKAM.id, "Azure CLI")):
        write_accounts((SignedInAccount(tenant, record),))
        made = connection({}, needs=PLAN, keeps=True, terminal=True)
        assert sign_in(made, way)[0] == expected


def test_nobody_is_asked_in_a_pipeline() -> None:
    for variable in ("CI", "TF_BUILD", "GITHUB_ACTIONS"):
        made = connection({variable: "true"}, terminal=True, keeps=True)
        assert (made.terminal, made.keeps) == (False, False)
    assert connection({"CI": "false"}, terminal=True).terminal


def kept(entra: Entra, tenant: str = CONTOSO.id) -> SignedInAccount:
    authority = entra.url.removeprefix("https://")
    names = {"clientId": GRAPH_TOOLS, "homeAccountId": HOME, "tenantId": tenant}
    return SignedInAccount(tenant, {**names, "authority": authority, "username": "ana@contoso.com"})


def test_a_kept_sign_in_that_ended_needs_a_terminal(
    entra: Entra, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del variables["AZURE_CLIENT_ID"]
    write_accounts((kept(entra),))
    plain = TokenCachePersistenceOptions(name="x", allow_unencrypted_storage=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(kept_sign_ins, "open_store", lambda: None)
    monkeypatch.setattr(kept_sign_ins, "options", lambda: plain)
    made = connection(variables, keeps=True)
    with pytest.raises(SignInError, match=r"ana@contoso\.com does not suffice") as failed:
        sign_in(made, one)
    assert "graphpolicy login" in failed.value.help


def test_who_declines_is_asked_once(entra: Entra, variables: dict[str, str]) -> None:
    declined = {"error": "access_denied", "error_description": "AADSTS65004: Declined."}
    entra.failures = [JSONResponse(declined, 400)] * 2

    async def twice(signing: SignIn) -> None:
        for _ in range(2):
            with pytest.raises(SignInError, match="AADSTS65004"):
                await one(signing)

    sign_in(connection(variables, "device-code"), twice)
    assert len(entra.failures) == 1


def test_a_file_of_accounts_that_is_not_ours_is_nobody(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"accounts": 7}', '{"accounts": [{"tenant": 7}]}', "\xff"):
        (tmp_path / "sign-ins.json").write_bytes(text.encode("latin-1"))
        assert kept_accounts() == ()


def test_the_display_decides_whether_there_is_a_browser() -> None:
    for environment, platform, expected in (
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "linux", True),
        ({"BROWSER": "x"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "x"}, "darwin", False),
        ({"SSH_TTY": "x"}, "win32", False),
    ):
        assert has_browser(environment, platform) == expected, environment


def test_a_403_says_which_of_scope_and_role_is_missing(jwt: Jwt) -> None:
    url = "/v1.0/policies/authenticationMethodsPolicy"
    read = "Policy.Read.AuthenticationMethod"
    for claims, words in (
        ({"appid": AZURE_CLI, "scp": "Group.ReadWrite.All"}, "--auth browser"),
        ({"appid": GRAPH_TOOLS, "scp": "Group.ReadWrite.All"}, "admin consent"),
        ({"appid": GRAPH_TOOLS, "scp": read}, "the person needs the Entra role Global Reader"),
        ({"appid": AZURE_CLI, "roles": []}, "admin consent"),
        ({}, "admin consent"),
    ):
        found = refusal("GET", url, 403, {}, b"", claims=token_claims(jwt(**claims)))
        assert words in found.help, claims


def test_the_scope_is_asked_for_at_the_clouds_own_graph(
    entra: Entra, variables: dict[str, str]
) -> None:
    sign_in(connection(variables, "device-code", needs=needed(("apply",))), one)
    graph = SCOPE.removesuffix(".default")
    asked = {name.removeprefix(graph) for name in entra.scopes if name.startswith(graph)}
    assert asked == {"GroupMember.Read.All", "Policy.ReadWrite.AuthenticationMethod"}
