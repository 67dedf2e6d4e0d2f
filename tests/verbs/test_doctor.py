"""`graphpolicy doctor`: which credential is used, what its token permits, what the policy lacks."""

from __future__ import annotations

import json

import pytest

from graphpolicy.mock import DEFAULT_APPLICATION, DEFAULT_SECRET, Application, Mock, Server
from tests.shell import NO_PATIENCE, Shell, application, policy

READ = ("Policy.Read.AuthenticationMethod", "GroupMember.Read.All")
PILOT = policy("Sms: {state: disabled, includeTargets: [{group: SG-MFA-Pilot-P}]}")


@pytest.fixture
def signing(bare: Shell, server: Server) -> Shell:
    bare.write(PILOT)
    bare.environment |= application(server)
    return bare


def test_everything_works(signing: Shell, mock: Mock, server: Server) -> None:
    done = signing("doctor")
    assert done.code == 0, done.text
    assert "client secret, because AZURE_CLIENT_SECRET and AZURE_CLIENT_ID are set" in done.out
    assert server.authority in done.out
    assert done.out.endswith("plan and apply work\n")
    assert DEFAULT_SECRET not in done.text
    assert {each.method for each in mock.requests} == {"GET"}


def test_a_read_only_identity_plans_and_that_is_no_error(signing: Shell, mock: Mock) -> None:
    mock.add_application(
        Application(DEFAULT_APPLICATION, "plan", roles=READ, secrets=(DEFAULT_SECRET,))
    )
    done = signing("doctor")
    assert done.code == 0
    assert "missing apply Policy.ReadWrite.AuthenticationMethod" in " ".join(done.out.split())
    assert signing("plan").code == 0


def test_what_a_plan_lacks_is_named_before_it_fails(signing: Shell, mock: Mock) -> None:
    mock.add_application(
        Application(DEFAULT_APPLICATION, "plan", roles=READ[:1], secrets=(DEFAULT_SECRET,))
    )
    done = signing("doctor", "--format", "json")
    assert done.code == 4
    (tenant,) = json.loads(done.out)["tenants"]
    missing = {
        each["permission"]
        for each in tenant["permissions"]
        if each["state"] == "missing" and each["required"] and each["verb"] == "plan"
    }
    assert missing == {"GroupMember.Read.All"}
    assert signing("plan").code == 4
    signing.write(policy("Sms: {state: disabled}"))
    assert signing("doctor").code == 0
    assert signing("plan").code == 0


def test_a_person_with_the_scope_and_not_the_role(signing: Shell, mock: Mock) -> None:
    token = mock.issue_user_token(
        "reader@contoso.com", [*READ, "Policy.ReadWrite.AuthenticationMethod"]
    )
    done = signing("doctor", env={"GRAPHPOLICY_ACCESS_TOKEN": token})
    assert done.code == 0
    assert "reader@contoso.com through" in done.out
    assert "the Entra role Authentication Policy Administrator is missing" in done.out
    assert token not in done.text


def test_a_github_job_sees_what_entra_must_hold(signing: Shell, mock: Mock) -> None:
    job = mock.github_job(repository="contoso/other", environment="entra-apply")
    done = signing("doctor", env=job)
    assert done.code == 4
    assert "repo:contoso/other:environment:entra-apply" in done.out
    assert "az ad app federated-credential create" in done.out
    assert "AADSTS700213" in done.out
    good = signing("doctor", env=mock.github_job(environment="entra-apply"))
    assert good.code == 0
    assert "subject repo:contoso/policy:environment:entra-apply" in good.out


@pytest.mark.parametrize(
    ("environment", "code", "said"),
    [
        ({"AZURE_CLIENT_SECRET": "wrong"}, 4, "AADSTS7000215"),
        ({"GRAPHPOLICY_ACCESS_TOKEN": "opaque"}, 4, "InvalidAuthenticationToken"),
        ({"GRAPHPOLICY_GRAPH_URL": "http://127.0.0.1:9"}, 1, "127.0.0.1:9"),
    ],
)
def test_what_is_broken(signing: Shell, environment: dict[str, str], code: int, said: str) -> None:
    signing.settings |= NO_PATIENCE
    done = signing("doctor", env=environment)
    assert done.code == code, done.text
    assert said in done.out
    assert "nothing works until this is fixed" in done.out


def test_without_a_policy_it_looks_at_the_credentials_own_tenant(
    bare: Shell, signing: Shell, server: Server
) -> None:
    (bare.folder / "policies" / "contoso.yaml").unlink()
    (bare.folder / "policies").rmdir()
    tenant = {"AZURE_TENANT_ID": server.mock.tenant_id}
    done = signing("doctor", env=tenant)
    assert done.code == 0, done.text
    assert done.out.endswith("plan and apply work\n")


def test_wrong_files_are_told_to_scripts_as_well(bare: Shell) -> None:
    bare.write("version: 1\ntenant: {id: contoso.com}\n")
    done = bare("doctor", "--format", "json")
    assert done.code == 1
    document = json.loads(done.out)
    assert document["tenants"] == []
    assert [finding["rule"] for finding in document["findings"]] == ["bad-format"]
    assert "`bad-format`" in bare("doctor", "--format", "markdown").out
    assert bare("doctor", "-o", "doctor.html").code == 1
    assert "bad-format" in (bare.folder / "doctor.html").read_text(encoding="utf-8")
    assert bare("doctor").out == ""
