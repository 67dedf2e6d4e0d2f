"""What Graph would refuse or lose, what was deleted, and what a plan does not touch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.model import Directory, Finding
from graphpolicy.plan.make import Planned, make_plan
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, Held, desired
from tests.unit.build import ALL, A, B, C, group, held, planned

ON = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
GONE = Directory(gone=frozenset({A}))


def told(made: Planned, rule: str) -> Finding:
    [found] = [finding for finding in made.plan.findings if finding.rule == rule]
    return found


def test_a_new_entry_without_what_graph_needs_is_named_with_its_place() -> None:
    old = {"id": A, "name": "Keys", "passkeyTypes": "synced"}
    live = held(Fido2={**ON, "passkeyProfiles": [old]})
    tree = {"state": "disabled", "passkeyProfiles": [{**old, "passkeyTypes": "deviceBound"},
            {"name": "New", "passkeyTypes": "synced"}]}  # fmt: skip
    found = told(planned(live, {"Fido2": tree}), "incomplete-entry")
    assert (found.level, found.resource, found.path) == ("error", "Fido2", "passkeyProfiles")
    assert found.message == (
        "the new entry 'New' of passkeyProfiles lacks attestationEnforcement, keyRestrictions"
    )
    assert found.entry is not None
    assert found.entry["name"] == "New"


def test_an_incomplete_entry_of_something_deeper_is_named_by_its_whole_path() -> None:
    live = held(X509Certificate={**ON, "authenticationModeConfiguration": {"rules": []}})
    rule = {"x509CertificateRuleType": "issuerSubject", "identifier": "CN=Contoso"}
    tree = {"authenticationModeConfiguration": {"rules": [rule]}}
    found = told(planned(live, {"X509Certificate": tree}), "incomplete-entry")
    assert found.path == "authenticationModeConfiguration.rules"
    assert found.message.startswith("the new entry 'issuerSubject' of authenticationMode")


def test_an_incomplete_entry_that_nothing_names_is_told_all_the_same() -> None:
    live = held(X509Certificate={**ON, "authenticationModeConfiguration": {"rules": []}})
    rule = {"x509CertificateAuthenticationMode": "x509CertificateMultiFactor"}
    tree = {"authenticationModeConfiguration": {"rules": [rule]}}
    found = told(planned(live, {"X509Certificate": tree}), "incomplete-entry")
    assert found.message.startswith("the new entry of authenticationModeConfiguration.rules lacks")


def test_what_profiles_have_replaced_is_not_written_beside_them() -> None:
    live = held(Fido2={**ON, "passkeyProfiles": [{"id": A, "name": "Keys"}],
                       "keyRestrictions": {"isEnforced": False}})  # fmt: skip
    tree = {"keyRestrictions": {"isEnforced": True}}
    found = told(planned(live, {"Fido2": tree}), "passkey-legacy-and-profiles")
    assert (found.level, found.resource, found.path) == (
        "error",
        "Fido2",
        "keyRestrictions.isEnforced",
    )
    assert found.message == (
        "this tenant has passkey profiles, which replace keyRestrictions.isEnforced"
    )
    assert found.help == "declare it in the profiles (attestationEnforcement, keyRestrictions)"


def test_a_target_that_is_gone_is_named_with_its_list() -> None:
    features = {"companionAppAllowedState": {"state": "enabled", "includeTarget": group(A)}}
    live = held(MicrosoftAuthenticator={**ON, "featureSettings": features})
    tree = {"MicrosoftAuthenticator": {"state": "enabled"}}
    found = told(planned(live, tree, directory=GONE), "dangling-target")
    path = "featureSettings.companionAppAllowedState.includeTarget"
    assert (found.resource, found.path, found.entry) == (
        "MicrosoftAuthenticator",
        path,
        group(A),
    )
    assert found.message == f"MicrosoftAuthenticator.{path} refers to {A}, which no longer exists"


def asked(live: Held, trees: Held, **guards: str) -> Planned:
    """The plan of a file that raises levels, in a tenant where A is gone."""
    file = replace(
        desired(trees), guards={name.replace("_", "-"): to for name, to in guards.items()}
    )
    documents = observed(live)
    return make_plan(resolve(file, GONE, documents), documents, GONE, OCCASION)


@pytest.mark.parametrize(
    ("tree", "level"),
    [
        ({"excludeTargets": [group(A)]}, "warning"),
        ({"state": "disabled"}, "warning"),
        ({"excludeTargets": [group(A), group(B)]}, "error"),
    ],
)
def test_a_raised_level_counts_where_the_plan_touches_what_it_is_about(
    tree: dict[str, Any], level: str
) -> None:
    live = held(Sms={**ON, "excludeTargets": [group(A)]})
    assert told(asked(live, {"Sms": tree}), "dangling-target").level == "warning"
    assert told(asked(live, {"Sms": tree}, dangling_target="error"), "dangling-target").level == (
        level
    )


def test_a_weak_method_says_for_whom_it_would_be_on_and_what_else_there_is() -> None:
    help_ = "offer a stronger method instead, or acknowledge this while it is needed"
    live = held(Sms={**ON, "includeTargets": [group(A)], "excludeTargets": [group(B)]})
    more = planned(live, {"Sms": {"includeTargets": [group(A), group(C)]}})
    found = told(more, "weak-method-enabled")
    assert found.message == (f"Sms would be on for {C} too; it can be intercepted and phished")
    assert (found.help, found.path) == (help_, "includeTargets")
    freed = told(planned(live, {"Sms": {"excludeTargets": []}}), "weak-method-enabled")
    assert freed.message == f"Sms would no longer be off for {B}; it can be intercepted and phished"
    assert (freed.help, freed.path) == (help_, "excludeTargets")
