"""A placeholder validates, and refuses the tenants whose files have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.commands.tenants import own_tenant, wanted_policies
from graphpolicy.model.errors import UsageError
from graphpolicy.policyfile.load import load
from graphpolicy.policyfile.placeholders import PILOT, RULE, TENANT_ID

ONE, TWO = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
REST = "authenticationMethodsPolicy: {policyMigrationState: migrationComplete}\n"


@pytest.fixture(autouse=True)
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "policies"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(f"version: 1\n{text}{REST}", encoding="utf-8")


def refused(*tenants: str) -> list[tuple[str, str]]:
    """The messages of a verb that needs tenants, if it refuses the files."""
    chosen, findings = wanted_policies(load(["policies"]), tenants, ("policies",))
    return [] if chosen else [(str(found.source), found.level) for found in findings]


def test_one_in_a_base_refuses_the_tenants_that_extend_it_alone(policies: Path) -> None:
    write(policies, "base", f"groups: {{pilot: {{group: {PILOT}}}}}\n")
    write(policies, "one", f"extends: [base.yaml]\ntenant: {{id: {ONE}}}\n")
    write(policies, "two", f"tenant: {{id: {TWO}}}\n")
    found = load(["policies"])
    assert {(each.rule, each.level) for each in found.findings} == {(RULE, "warning")}
    assert refused("one") == [("policies/base.yaml:2:25", "error")]
    assert refused() == [("policies/base.yaml:2:25", "error")]
    assert refused("two") == []


def test_the_id_is_one_in_either_case_and_no_verb_takes_it(policies: Path) -> None:
    write(policies, "one", f"tenant: {{id: {TENANT_ID.upper()}}}\n")
    assert refused() == [("policies/one.yaml:2:14", "error")]
    with pytest.raises(UsageError, match="placeholder") as failed:
        own_tenant(None, {})
    assert failed.value.exit_code == 1


def test_what_only_looks_like_one_is_a_name(policies: Path) -> None:
    write(policies, "one", f"tenant: {{id: {ONE}}}\ngroups: {{pilot: {{group: {PILOT}S}}}}\n")
    assert load(["policies"]).findings == ()
