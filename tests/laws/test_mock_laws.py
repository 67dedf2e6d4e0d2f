"""The laws through the mock, under every value of every switch: where nobody knows how Graph
answers, the tool is right either way, or says by name why it could not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.guards import GUARDS
from graphpolicy.mock import Mock, switch_docs
from graphpolicy.model import POLICY
from tests.laws import mock_tenant
from tests.laws.acceptable import GENEROUS, SELDOM, answers, files
from tests.laws.everything import ONE, TWO, policy
from tests.laws.generated import VERSIONS, few
from tests.laws.situations import Held, cleaned, desired, moved

DEFAULTS = (switch_docs()[0].name, switch_docs()[0].values[0])
EVERY = [
    DEFAULTS,
    ("passkey_opt_in", "after"),
    *((doc.name, value) for doc in switch_docs() for value in doc.values[1:]),
]
"""All as it is by default, then every other value of every switch by itself."""

ERAS = [("era", "2022"), ("era", "2024")]

UNDECLARED = ("Email", "QRCodePin", "VerifiableCredentials")

NAMED = {
    ("era", "2022"): "not-offered",
    ("merge_arrays", "append"): "not_persisted",
    ("visibility", "lost"): "not_persisted",
    ("passkey_opt_in", "after"): "passkey-legacy-and-profiles",
    ("september_2026", "no_actor"): "passkey-legacy-and-profiles",
    ("september_2026", "no_record"): "passkey-legacy-and-profiles",
    ("september_2026", "administrator"): "passkey-legacy-and-profiles",
    ("beta/systemCredentialPreferences", "read_only"): "not_persisted",
    ("beta/reportSuspiciousActivitySettings", "absent"): "not-offered",
    ("beta/reportSuspiciousActivitySettings", "read_only"): "not_persisted",
    ("beta/HardwareOath", "absent"): "not-offered",
    ("beta/HardwareOath", "read_only"): "not_persisted",
    ("beta/companionAppAllowedState", "read_only"): "not_persisted",
    ("beta/enforceRegistrationAfterAllowedSnoozes", "absent"): "not-offered",
    ("beta/enforceRegistrationAfterAllowedSnoozes", "read_only"): "not_persisted",
    ("beta/callerIdNumber", "absent"): "not-offered",
    ("beta/callerIdNumber", "read_only"): "not_persisted",
    ("v1.0/crlValidationConfiguration", "read_only"): "not_persisted",
    ("beta/requireCertificateSidAlignment", "absent"): "not-offered",
    ("beta/requireCertificateSidAlignment", "read_only"): "not_persisted",
}
"""What can't converge, and the outcome or the rule that says so."""


ALONE = {"cloud", "era", "migration_state", "passkey_opt_in", "policy_version", "visibility"}
"""Switches that hide what others do."""

TOGETHER = 24

SELDOM_NAMED = {
    ("september_2026", "no_record"),
    ("september_2026", "administrator"),
    *(
        (f"{version}/{key}", "read_only")
        for version, key in [
            ("beta", "systemCredentialPreferences"),
            ("beta", "reportSuspiciousActivitySettings"),
            ("beta", "companionAppAllowedState"),
            ("beta", "enforceRegistrationAfterAllowedSnoozes"),
            ("v1.0", "crlValidationConfiguration"),
            ("beta", "requireCertificateSidAlignment"),
        ]
    ),
}
"""What others stand for in a commit: a write that does not stay ends the run, so no two of these
can be tried together."""


def in_company() -> list[dict[str, str]]:
    """Every value of every switch in few mocks: those that converge alone do so with others."""
    not_offered = {key: value for key, value in NAMED if value == "absent"}
    alone, shared = [not_offered], list[dict[str, str]]()
    for switch, value in [*EVERY, *ERAS]:
        if switch in not_offered and value == "absent":
            continue
        if (switch, value) in NAMED or switch in ALONE:
            alone.append({switch: value})
            continue
        name = switch.rpartition("/")[2]  # what neither version offers can't converge
        fits = (each for each in shared if len(each) < TOGETHER and not named(each, name))
        if (group := next(fits, None)) is None:
            shared.append(group := {})
        group[switch] = value
    return [*alone, *shared]


def named(group: dict[str, str], name: str) -> bool:
    return any(switch.rpartition("/")[2] == name for switch in group)


BY_ITSELF = [{switch: value} for switch, value in [*EVERY, *ERAS]]
CASES = [
    *(
        pytest.param(
            each,
            id=" ".join(map("-".join, each.items()))[:99],
            marks=[pytest.mark.deep] if SELDOM_NAMED.issuperset(each.items()) else [],
        )
        for each in in_company()
    ),
    *(
        pytest.param(each, id=f"{'-'.join(*each.items())} by itself", marks=pytest.mark.deep)
        for each in BY_ITSELF
        if each not in in_company()
    ),
]


def switched(values: dict[str, str]) -> tuple[Mock, str]:
    mock = mock_tenant.not_opted_in()
    mock.set_switches(**values)
    return mock, values.get("cloud", "global")


@pytest.mark.parametrize("values", CASES)
def test_apply_then_plan_is_empty_and_nothing_undeclared_moves(
    values: dict[str, str], tmp_path: Path
) -> None:
    (wanted,) = {NAMED.get(each) for each in values.items()}
    said = converges(*switched(values), wanted, tmp_path)
    if wanted == "not-offered":
        assert all(switch.rpartition("/")[2] in said for switch in values if "/" in switch)


@pytest.mark.parametrize("values", CASES)
def test_pull_then_plan_is_empty(values: dict[str, str], tmp_path: Path) -> None:
    pulls(*switched(values), tmp_path)


def converges(mock: Mock, cloud: str, wanted: str | None, folder: Path) -> str:
    """Apply two policies after each other; the texts of the findings."""
    version = "beta"
    texts: list[str] = []
    before = [mock.configuration(name, version) for name in UNDECLARED if shown(mock, name)]
    said: set[str] = set()
    for body in (ONE, TWO):
        desired = mock_tenant.desired(folder / "policy.yaml", policy(body, cloud))
        planned = mock_tenant.plan(mock, desired)
        assert planned.plan.changes
        results = mock_tenant.apply(mock, planned)
        texts += [finding.message for finding in planned.plan.findings]
        said |= {finding.rule for finding in planned.plan.findings if finding.level == "error"}
        said -= GUARDS.keys()  # what they do to a policy is tested elsewhere
        said |= {result.outcome for result in results} - {"verified", "skipped"}
        if said <= {"not-offered"}:  # what is missing is reported, all else is as declared
            assert mock_tenant.plan(mock, desired).plan.changes == ()
    assert said <= ({wanted, "not_persisted"} if wanted else set())
    assert wanted is None or wanted in said
    after = [mock.configuration(name, version) for name in UNDECLARED if shown(mock, name)]
    assert after == before
    return "\n".join(texts)


def pulls(mock: Mock, cloud: str, folder: Path) -> None:
    desired = mock_tenant.desired(folder / "policy.yaml", policy(ONE, cloud))
    live = mock_tenant.desired(folder / "live.yaml", mock_tenant.pulled(mock, desired))
    planned = mock_tenant.plan(mock, live).plan
    assert planned.changes == ()
    assert planned.refused is None


def shown(mock: Mock, name: str) -> bool:
    ids = [item["id"] for item in mock.policy("beta")["authenticationMethodConfigurations"]]
    return name.casefold() in {str(id_).casefold() for id_ in ids}


@pytest.mark.parametrize("objects", ["replace", "deep"])
@pytest.mark.parametrize("write", ["refused", "accepted"])
@pytest.mark.parametrize("read", ["absent", "present"])
def test_number_matching_that_is_not_declared_never_moves(
    objects: str, write: str, read: str, tmp_path: Path
) -> None:
    mock = mock_tenant.not_opted_in()
    mock.set_switches(merge_objects=objects, number_matching_read=read, number_matching_write=write)
    pilot = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000001"}
    narrow = {"numberMatchingRequiredState": {"state": "disabled", "includeTarget": pilot}}
    mock.portal("MicrosoftAuthenticator", {"featureSettings": narrow})
    before = mock.configuration("MicrosoftAuthenticator", "beta")["featureSettings"]
    desired = mock_tenant.desired(tmp_path / "policy.yaml", policy(ONE))
    results = mock_tenant.apply(mock, mock_tenant.plan(mock, desired))
    assert {result.outcome for result in results} == {"verified"}
    after = mock.configuration("MicrosoftAuthenticator", "beta")["featureSettings"]
    name = "numberMatchingRequiredState"
    assert after.get(name) == before.get(name)


@few
@given(st.sampled_from(["2022", "2024"]), st.sampled_from(["replace", "deep"]), files())
def test_any_policy_converges_in_any_era_or_is_not_offered_there(
    era: str, objects: str, file: Held
) -> None:
    mock = mock_tenant.not_opted_in()
    mock.set_switches(era=era, merge_objects=objects, root_writable="all")
    for target in file.get("Fido2", {}).get("includeTargets", ()):
        target.pop("allowedPasskeyProfiles", None)  # a read can't show that entries lack it
    file.get(POLICY, {}).pop("optOutSettings", None)  # nor that this can't be written
    wanted = desired(file)
    planned = mock_tenant.plan(mock, wanted)
    refused = set((planned.plan.refused or "").split(", ")) - {"", *GUARDS}
    assert refused <= {"not-offered"}, planned.plan.findings
    before = views(mock)
    results = mock_tenant.apply(mock, planned)
    assert [result for result in results if result.outcome != "verified"] == []
    assert strayed(before, mock, file) == []
    assert mock_tenant.plan(mock, wanted).plan.changes == ()


def views(mock: Mock) -> list[tuple[str, dict[str, Any]]]:
    """Every resource as each version shows it, by what a file calls it."""
    found = []
    for version in VERSIONS:
        document = cleaned(mock.policy(version))
        methods = document.pop("authenticationMethodConfigurations")
        document.pop("lastModifiedDateTime")
        found.append((POLICY, document))
        names = {row.id.casefold(): row.id for row in RESOURCES.values()}
        found += [(names.get(item["id"].casefold(), "External"), item) for item in methods]
    return found + [(STRENGTHS, by_combination(cleaned(row))) for row in mock.strengths()]


def by_combination(row: dict[str, Any]) -> dict[str, Any]:
    """A strength as a file has it: options by the combination that they apply to."""
    entries = row.pop("combinationConfigurations")
    for each in (row, *entries):
        for name in ("id", "createdDateTime", "modifiedDateTime"):
            each.pop(name, None)
    return {
        **row,
        "combinationConfigurations": {
            name: entry for entry in entries for name in entry.pop("appliesToCombinations")
        },
    }


def strayed(before: list[tuple[str, Any]], mock: Mock, file: Held) -> list[str]:
    """What moved although the file does not declare it."""
    follows = {"defaultPasskeyProfile"} if "passkeyProfiles" in file.get("Fido2", {}) else set()
    return [
        f"{name}: {path}"
        for (name, old), (_, new) in zip(before, views(mock)[: len(before)], strict=True)
        for path in moved(old, new, file.get(name, {}))
        if path not in follows
        and not (follows and path == "includeTargets" and _given_a_profile(old, new))
    ]


def _given_a_profile(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether all that moved is what Microsoft gives targets when a tenant opts in."""
    before, after = (
        sorted(({**each, "allowedPasskeyProfiles": None} for each in side), key=str)
        for side in (old["includeTargets"], new["includeTargets"])
    )
    had = any(each.get("allowedPasskeyProfiles") for each in old["includeTargets"])
    return before == after and not had


@settings(few, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers(), files(), files())
def test_any_two_policies_after_each_other_converge_under_any_answers(
    tmp_path: Path, switches: dict[str, str], first: Held, second: Held
) -> None:
    mock = mock_tenant.not_opted_in()
    mock.set_switches(**GENEROUS, **switches)
    for resource, held in SELDOM.items():
        mock.portal(resource, held)
    for file in (first, second):
        wanted = desired(file)
        planned = mock_tenant.plan(mock, wanted)
        refused = set((planned.plan.refused or "").split(", ")) - {"", *GUARDS}
        if refused == {"passkey-legacy-and-profiles"}:
            return
        assert refused == set(), planned.plan.findings
        before = views(mock)
        results = mock_tenant.apply(mock, planned)
        assert [result for result in results if result.outcome != "verified"] == []
        assert strayed(before, mock, file) == []
        assert mock_tenant.plan(mock, wanted).plan.changes == ()
        live = mock_tenant.desired(tmp_path / "live.yaml", mock_tenant.pulled(mock, wanted))
        assert mock_tenant.plan(mock, live).plan.changes == ()
