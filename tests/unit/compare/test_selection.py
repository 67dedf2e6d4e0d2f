"""A plan that `--only` limits: what it has, what it leaves out, and what guards see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphpolicy.compare.resolve import resolve
from graphpolicy.compare.selection import Address, as_terms, from_terms, part_name, parts_of
from graphpolicy.model import POLICY, Declared, Directory, Plan
from graphpolicy.model.errors import UsageError
from graphpolicy.plan.digest import digest, moved
from graphpolicy.plan.make import make_plan
from tests.laws.generated import observed
from tests.laws.situations import OCCASION, Held, desired
from tests.unit.build import ALL, file_of, held

FEATURES = "featureSettings"
TREES: Held = {
    "Sms": {"state": "disabled"},
    "MicrosoftAuthenticator": {
        "state": "disabled",
        FEATURES: {"companionAppAllowedState": {"state": "enabled"}},
    },
    "SoftwareOath": {"state": "enabled"},
}
FILE = file_of(
    [
        *(Declared(name, tree, {}) for name, tree in TREES.items()),
        Declared(POLICY, {"registrationEnforcement": {"x": 1}}, {}),
        Declared("Duo 2.0", {"state": "enabled"}, {}),
    ]
)


def plan(*only: Address) -> Plan:
    on = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
    state = {"state": "default", "includeTarget": ALL, "excludeTarget": None}
    live = observed(
        held(
            Sms=on,
            MicrosoftAuthenticator={**on, FEATURES: {"companionAppAllowedState": state}},
            SoftwareOath={**on, "state": "disabled"},
        ),
        ("v1.0", "beta"),
    )
    nobody = Directory()
    plan_context = replace(OCCASION, only=only)
    return make_plan(
        resolve(desired(TREES, "global"), nobody, live), live, nobody, plan_context
    ).plan


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("Sms", ("Sms", ())),
        ("Sms.state", ("Sms", ("state",))),
        (f"MicrosoftAuthenticator.{FEATURES}", ("MicrosoftAuthenticator", (FEATURES,))),
        ("registrationEnforcement", (POLICY, ("registrationEnforcement",))),
        (f"{POLICY}.registrationEnforcement", (POLICY, ("registrationEnforcement",))),
        ("Duo 2.0.state", ("Duo 2.0", ("state",))),
    ],
)
def test_a_word_names_a_method_or_a_setting(word: str, part: Address) -> None:
    assert parts_of([word], [FILE]) == (part,)
    assert parts_of([part_name(part)], [FILE]) == (part,)
    assert from_terms(as_terms([part])) == (part,)


@pytest.mark.parametrize(
    ("word", "help_"),
    [
        ("Smss", "did you mean 'Sms'?"),
        ("Sms.stat", "did you mean 'Sms.state'?"),
        ("registrationEnforcment", "did you mean 'registrationEnforcement'?"),
        ("Sms.includeTargets.id", ""),
        ("Sms.", ""),
        ("", ""),
        ("Fido2", "the files declare"),
        ("Sms.includeTargets", "the files declare"),
    ],
)
def test_what_names_nothing_or_is_in_no_file_is_a_usage_error(word: str, help_: str) -> None:
    with pytest.raises(UsageError) as failure:
        parts_of([word], [FILE])
    assert failure.value.exit_code == 64
    assert help_ in failure.value.help


def names(made: Plan) -> list[str]:
    return [f"{change.resource}.{change.path}" for change in made.changes]


def test_only_what_is_selected_is_planned_and_the_rest_is_named() -> None:
    whole, part = plan(), plan(("MicrosoftAuthenticator", (FEATURES,)), ("Sms", ()))
    assert len(names(whole)) == 4
    assert names(part) == [
        "Sms.state",
        f"MicrosoftAuthenticator.{FEATURES}.companionAppAllowedState.state",
    ]
    assert {*part.left_out} == {*names(whole)} - {*names(part)}
    assert [found.level for found in part.findings if found.rule == "limited-plan"] == ["note"]
    assert not [found for found in whole.findings if found.rule == "limited-plan"]
    assert part.only == (f"MicrosoftAuthenticator.{FEATURES}", "Sms")


def test_guards_judge_the_policy_as_the_selected_changes_leave_it() -> None:
    """All changes together leave codes of an app; these two alone leave nothing."""

    def refused(made: Plan) -> set[str]:
        return {found.rule for found in made.findings if found.level == "error"}

    assert "last-mfa-method" not in refused(plan())
    both = (("MicrosoftAuthenticator", ("state",)), ("Sms", ()))
    assert "last-mfa-method" in refused(plan(*both))
    assert "last-mfa-method" not in refused(plan(both[1]))


def test_the_digest_binds_the_selection() -> None:
    every = tuple((name, ()) for name in TREES)
    whole, limited = plan(), plan(*every)
    assert names(whole) == names(limited)
    assert digest(whole.bound) != digest(limited.bound)
    assert len(list(moved(whole.bound, limited.bound))) == len(every)
    assert all("--only" in line for line in moved(whole.bound, limited.bound))
    assert list(moved(limited.bound, plan(*reversed(every)).bound)) == []


def test_targets_are_refused_without_the_new_passkey_profile_that_they_name() -> None:
    new = "0d1c2b3a-0000-4000-8000-00000000000e"
    trees: Held = {
        "Fido2": {
            "includeTargets": [{**ALL, "allowedPasskeyProfiles": [new]}],
            "passkeyProfiles": [{"id": new, "name": "Admins", "passkeyTypes": "deviceBound"}],
        }
    }
    old = {"id": "0d1c2b3a-0000-4000-8000-00000000000d", "name": "Default passkey profile"}
    live = observed(
        held(
            Fido2={
                "state": "enabled",
                "includeTargets": [{**ALL, "allowedPasskeyProfiles": [old["id"]]}],
                "passkeyProfiles": [{**old, "passkeyTypes": "deviceBound"}],
            }
        )
    )
    nobody = Directory()

    def errors(*only: Address) -> list[str]:
        plan_context = replace(OCCASION, only=only)
        resolution = resolve(desired(trees, "global"), nobody, live)
        made = make_plan(resolution, live, nobody, plan_context).plan
        return [each.rule for each in made.findings if each.rule == "unknown-passkey-profile"]

    targets, profiles = ("Fido2", ("includeTargets",)), ("Fido2", ("passkeyProfiles",))
    assert errors(targets) == ["unknown-passkey-profile"]
    assert errors(targets, profiles) == errors(profiles) == errors(("Fido2", ())) == []
