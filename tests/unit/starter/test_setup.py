"""The page that leads to the first merge, for every cloud, host and owner."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from graphpolicy.catalogue.permissions import APP_ROLES
from graphpolicy.graph.addresses import CLOUDS
from graphpolicy.model import Cloud, Desired, Tenant
from graphpolicy.plan.verb_permissions import needs
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.placeholders import TENANT_ID
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.starter.answers import OWNER, REPOSITORY, Answers
from graphpolicy.starter.baseline import baseline
from graphpolicy.starter.setup import permissions, setup_page
from graphpolicy.starter.workflows import Package

ID = "11111111-2222-4333-8444-555555555555"
ANSWERS = Answers(
    Tenant("contoso", ID),
    "contoso/policy",
    pilot="Pilot",
    assisted="Assisted",
    emergency=("bg@contoso.com",),
    owners=("@contoso/identity",),
)
PACKAGE = Package("9.9", ("a" * 64,), "by the file that it was installed from")


def desired(answers: Answers) -> Desired:
    found = judge(parse(baseline(answers).encode(), "policies/contoso.yaml")).desired
    assert found is not None
    return found


def page(answers: Answers = ANSWERS, package: Package = PACKAGE) -> str:
    return setup_page(answers, desired(answers), (), package, CLOUDS[answers.tenant.cloud])


def test_nothing_is_left_to_fill_in_where_all_was_answered() -> None:
    text = page()
    assert "Nothing: `init` has all of it." in text
    assert not re.search(r"OWNER/|REPLACE-WITH|%\{", text)
    assert "--hash" not in text
    assert "<!--" not in text
    assert "pr create" not in text
    assert "From now on the workflows" not in text


def test_an_account_of_emergency_access_asks_for_reading_people() -> None:
    needed, _, counting = page().partition("**Counting people")
    assert APP_ROLES["User.Read.All"] in needed
    assert APP_ROLES["User.Read.All"] not in counting
    group = replace(ANSWERS, emergency=("Break glass",))
    needed, _, counting = page(group).partition("**Counting people")
    assert APP_ROLES["User.Read.All"] in needed
    assert APP_ROLES["User.Read.All"] not in counting
    assert APP_ROLES["GroupMember.Read.All"] not in counting


def test_every_permission_that_a_policy_can_ask_of_plan_and_apply_has_its_id() -> None:
    text = baseline(ANSWERS) + "    Sms: {state: disabled}\n"
    policy = judge(parse(text.encode(), "policies/contoso.yaml")).desired
    assert policy is not None
    wanted = permissions(needs(policy), ("plan", "apply"))
    assert wanted.keys() <= APP_ROLES.keys()
    assert permissions(needs(policy), ("plan",)).keys() == wanted.keys() - {
        "Policy.ReadWrite.AuthenticationMethod"
    }
    text += "authenticationStrengthPolicies: {Keys: {allowedCombinations: [fido2]}}\n"
    stronger = judge(parse(text.encode(), "policies/contoso.yaml")).desired
    assert stronger is not None
    assert permissions(needs(stronger), ("plan", "apply")).keys() <= APP_ROLES.keys()
    assert not [name for name in permissions(needs(policy), ("plan",)) if "Write" in name]


@pytest.mark.parametrize(
    ("cloud", "audience", "az"),
    [
        ("global", "api://AzureADTokenExchange", ""),
        ("usgov", "api://AzureADTokenExchangeUSGov", "az cloud set --name AzureUSGovernment"),
        ("usgov-dod", "api://AzureADTokenExchangeUSGov", "az cloud set --name AzureUSGovernment"),
        ("china", "api://AzureADTokenExchangeChina", "az cloud set --name AzureChinaCloud"),
    ],
)
def test_each_cloud_has_its_audience(cloud: Cloud, audience: str, az: str) -> None:
    text = page(replace(ANSWERS, tenant=Tenant("contoso", ID, cloud)))
    assert f'\\"audiences\\": [\\"{audience}\\"]' in text
    assert f"audiences = @('{audience}')" in text
    assert f"\ngraph={CLOUDS[cloud].root}\n" in text
    assert ("az cloud set" in text) == bool(az)
    assert az in text


def test_in_china_permissions_have_other_ids_and_are_looked_up_by_name() -> None:
    text = page(replace(ANSWERS, tenant=Tenant("contoso", ID, "china")))
    assert not [id_ for id_ in APP_ROLES.values() if id_ in text]
    assert 'grant "$plan_sp" Policy.Read.AuthenticationMethod ' in text


def test_a_server_of_ones_own_signs_its_own_tokens() -> None:
    text = page(replace(ANSWERS, host="ghe.contoso.com"))
    assert '\\"issuer\\": \\"https://ghe.contoso.com/_services/token\\"' in text
    assert "issuer = 'https://ghe.contoso.com/_services/token'" in text
    assert "Entra must be able to read `https://ghe.contoso.com/_services/token/.well-known" in text
    assert "a server of your own" not in page()
    assert "github.com" not in text.replace("cli.github.com", "")


def test_data_residency_has_an_issuer_of_its_own() -> None:
    assert 'https://token.actions.contoso.ghe.com\\"' in page(
        replace(ANSWERS, host="contoso.ghe.com")
    )


def test_all_owners_stand_among_the_names_at_the_top_and_nowhere_else() -> None:
    text = page(replace(ANSWERS, owners=("@contoso/identity", "@ana")))
    assert "approvers='@contoso/identity @ana'\n" in text
    assert text.count("contoso/identity") == text.count("@ana") == 2  # bash, PowerShell


def test_what_is_entered_later_stands_in_the_first_block_alone() -> None:
    names, _, later = page(Answers()).partition("What is left to enter")
    blocks = "".join(re.findall(r"```.*?```", later, re.DOTALL))
    for placeholder in (TENANT_ID, OWNER, REPOSITORY):
        assert placeholder in names
        assert placeholder not in blocks
        assert re.search(rf"in the first block of this page\b.*: `{placeholder}`", later)


def test_windows_powershell_gets_its_lists_from_no_json() -> None:
    """Its ConvertFrom-Json wraps a list, which ConvertTo-Json then writes as an object."""
    text = page()
    assert "contexts = @('plan / Validate', 'plan / Plan')" in text
    assert "= ConvertFrom-Json '" not in text


def test_zsh_takes_the_lines_for_bash() -> None:
    """There `path` is PATH, and a # at the prompt begins no comment."""
    for block in re.findall(r"```sh\n(.*?)```", page(), re.DOTALL):
        assert not re.search(r"\bpath=|local path| # |^ *#", block, re.MULTILINE), block


def test_a_missing_hash_is_said_with_the_command_that_finds_it() -> None:
    text = page(package=Package("9.9", (), "pypi.org does not have this version"))
    assert "pypi.org does not have this version" in text
    assert "pip download --no-deps graphpolicy==9.9 && pip hash graphpolicy-*.whl" in text


def test_what_has_no_index_is_locked_by_its_address_or_in_the_repository() -> None:
    at = "git+https://github.com/contoso/graphpolicy@" + "c" * 40
    found = page(package=Package("9.9", (), "by the commit that it was installed from", at=at))
    assert f"must be able to read `{at}` without signing in" in found
    assert "pip download" not in found
    wheel = Package("9.9", ("a" * 64,), "by the file", wheel="graphpolicy-9.9-py3-none-any.whl")
    assert "`.github/graphpolicy-9.9-py3-none-any.whl`" in page(package=wheel)
