"""The main job from end to end, as a user types it."""

from __future__ import annotations

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from graphpolicy.mock import Mock
from tests.example import write_example
from tests.shell import Shell, nobody_registered, policy, stable

pytestmark = pytest.mark.e2e


@pytest.fixture
def example(shell: Shell) -> Shell:
    write_example(shell.folder)
    return shell


def test_from_yaml_to_an_applied_policy_and_back(
    example: Shell, mock: Mock, snapshot: SnapshotAssertion
) -> None:
    """validate, plan, apply, plan, drift, a change in the portal, drift, pull."""
    said: list[str] = []

    def run(*arguments: str) -> int:
        done = example(*arguments)
        said.append(f"$ graphpolicy {' '.join(arguments)}\n{done.out}[{done.code}]")
        return done.code

    assert run("validate") == 0
    assert run("plan", "--detailed-exitcode") == 2
    assert run("apply", "--auto-approve") == 0
    assert run("plan", "--detailed-exitcode") == 0
    assert run("drift") == 0
    mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
    assert run("drift") == 2
    assert run("pull") == 0
    assert stable("\n".join(said), example.folder) == snapshot


def test_what_pull_writes_validates_and_plans_to_nothing(example: Shell) -> None:
    assert example("pull", "-o", "live.yaml").code == 0
    assert example("validate", "live.yaml").code == 0
    assert example("plan", "live.yaml", "--detailed-exitcode").code == 0


def test_pull_leaves_an_existing_file_as_it_is(example: Shell) -> None:
    example.write("mine", "live.yaml")
    done = example("pull", "-o", "live.yaml")
    assert done.code == 1
    assert "exists" in done.err
    assert (example.folder / "live.yaml").read_text() == "mine"


def test_pull_without_policy_files_takes_the_tenant_of_the_token(shell: Shell, mock: Mock) -> None:
    done = shell("pull")
    assert done.code == 0
    assert mock.tenant_id in done.out


def test_the_plan_as_json_has_the_fields_that_scripts_rely_on(example: Shell) -> None:
    done = example("plan", "--format", "json")
    document = json.loads(done.out)
    assert document["format_version"] == "1"
    (plan,) = document["plans"]
    assert plan["tenant"] == {
        "name": "contoso",
        "id": "11111111-2222-4333-8444-555555555555",
        "cloud": "global",
    }
    assert plan["digest"].startswith("sha256:")
    assert len(plan["digest"]) == 7 + 64
    assert plan["summary"]["changes"] == len(plan["changes"]) > 0
    assert {change["api"] for change in plan["changes"]} == {"v1.0", "beta"}
    assert plan["refused"] is False
    voice = next(change for change in plan["changes"] if change["resource"] == "Voice")
    assert (voice["path"], voice["before"], voice["after"]) == ("state", "enabled", "disabled")
    assert voice["source"]["file"] == "policies/baseline.yaml"
    assert set(plan["observed"]["Voice"]) == {"v1.0", "beta"}


def test_apply_as_json_says_what_became_of_every_request(example: Shell) -> None:
    done = example("apply", "--auto-approve", "--format", "json")
    results = json.loads(done.out)["plans"][0]["results"]
    assert [result["outcome"] for result in results] == ["verified"] * 4
    assert all(result["request_id"] for result in results)


def test_output_files_take_the_format_of_their_suffix(example: Shell) -> None:
    done = example("plan", "-o", "plan.json", "-o", "plan.txt")
    assert done.code == 0
    assert done.out == ""
    assert json.loads((example.folder / "plan.json").read_text())["plans"]
    assert "to change" in (example.folder / "plan.txt").read_text()


def test_a_plan_takes_two_rounds_of_requests_after_the_token(example: Shell, mock: Mock) -> None:
    assert example("apply", "--auto-approve").code == 0
    mock.clear_requests()
    example("plan")
    asked = [request.path for request in mock.requests]
    policies = [path for path in asked if "authenticationMethodsPolicy" in path]
    assert sorted(policies) == [
        "/beta/policies/authenticationMethodsPolicy",
        "/v1.0/policies/authenticationMethodsPolicy",
    ]
    others = sorted(path for path in asked if path not in policies)
    names, *groups = [path.split("/")[2] for path in others]
    assert (names, groups) == ("directoryObjects", ["groups"] * 3)  # by name, and emergency access
    assert others[-1].endswith("/transitiveMemberOf/microsoft.graph.group")


def test_plan_and_drift_never_write(example: Shell, mock: Mock) -> None:
    before = mock.policy("beta")
    example("plan")
    example("drift")
    assert mock.policy("beta") == before
    assert {request.method for request in mock.requests} <= {"GET", "POST"}


ALLOWED = [
    flag
    for rule in ("weak-method-enabled", "exclusion-shrinks", "emergency-access-missing")
    for flag in ("--allow", rule)
]
KEY = "de1e552d-db1d-4423-a619-566b625cdc84"
BOTH_WAYS = {
    "a method off and on": ("Sms:\n  state: disabled", "Sms:\n  state: enabled"),
    "a boolean": (
        "MicrosoftAuthenticator:\n  isSoftwareOathEnabled: true",
        "MicrosoftAuthenticator:\n  isSoftwareOathEnabled: false",
    ),
    "an exclusion and none": (
        "Sms:\n  excludeTargets: [{group: Break-glass accounts}]",
        "Sms:\n  excludeTargets: []",
    ),
    "nobody included": ("Sms:\n  includeTargets: []", "Sms:\n  includeTargets: [all_users]"),
    "a key restriction": (
        "Fido2:\n  keyRestrictions: {isEnforced: true, enforcementType: allow, aaGuids: ["
        + KEY
        + "]}",
        "Fido2:\n  keyRestrictions: {isEnforced: false, enforcementType: block, aaGuids: []}",
    ),
    "a number": (
        "TemporaryAccessPass: {defaultLength: 20}",
        "TemporaryAccessPass: {defaultLength: 8}",
    ),
}


@pytest.mark.deep  # what `tests/laws` prove without processes
@pytest.mark.parametrize("pair", BOTH_WAYS.values(), ids=BOTH_WAYS.keys())
def test_every_setting_goes_both_ways(shell: Shell, mock: Mock, pair: tuple[str, str]) -> None:
    mock.set_switches(passkey_opt_in="before")  # where profiles replace no key restriction
    nobody_registered(mock)
    for text in (*pair, pair[0]):
        shell.write(policy(text))
        assert shell("apply", "--auto-approve", *ALLOWED).code == 0
        assert shell("plan", "--detailed-exitcode").code == 0


def test_an_empty_plan_needs_no_approval(shell: Shell) -> None:
    shell.write(policy("Sms:\n  state: enabled"))
    done = shell("apply")
    assert done.code == 0
    assert "0 to change, 0 errors, 1 warning" in done.out  # Microsoft ends the method


def test_a_held_setting_is_left_alone_and_watched(example: Shell, mock: Mock) -> None:
    hold = "{resource: Voice, path: state, live: disabled, reason: INC0790, owner: me, expires: %s}"
    file = example.folder / "policies/contoso.yaml"
    text = file.read_text(encoding="utf-8")
    assert example("apply", "--auto-approve").code == 0
    mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
    file.write_text(f"{text}hold:\n  - {hold % '2099-12-31'}\n", encoding="utf-8")
    watched = example("drift")
    assert watched.code == 2
    assert "hold-live-differs" in watched.out
    assert example("apply", "--auto-approve").code == 0
    mock.portal("Voice", {"state": "disabled"}, actor="ana@contoso.com")
    assert example("drift").code == 0
    file.write_text(f"{text}hold:\n  - {hold % '2026-01-31'}\n", encoding="utf-8")
    mock.portal("Voice", {"state": "enabled"}, actor="ana@contoso.com")
    ended = example("plan", "--detailed-exitcode")
    assert ended.code == 2
    assert "hold-expired" in ended.out


HELPDESK = "0d1c2b3a-0000-4000-8000-000000000003"


def test_pull_tells_what_it_does_not_know_and_whose_names_it_may_not_read(
    shell: Shell, mock: Mock
) -> None:
    strange = {"@odata.type": "#microsoft.graph.teleport", "id": "Teleport", "state": "enabled"}
    answer = dict(mock.policy("beta"))
    answer["authenticationMethodConfigurations"] = [
        *answer["authenticationMethodConfigurations"],
        strange,
        {**strange, "includeTargets": [{"id": HELPDESK, "targetType": "group"}]},
    ]
    mock.add_fault("status", status=200, body=json.dumps(answer), path_contains="/beta/policies")
    for refused in ({"method": "POST"}, {"path_contains": "/groups"}):
        mock.add_fault("status", status=403, **refused)
    done = shell("pull", "--tenant", mock.tenant_id)
    assert done.code == 0
    assert "not known to this release: method Teleport (teleport)" in done.err
    assert "# - method Teleport (teleport)" in done.out
    assert "this sign-in may not read the directory" in done.err


def test_pull_of_an_answer_in_another_shape_names_the_place(shell: Shell, mock: Mock) -> None:
    odd = {"id": "p", "authenticationMethodConfigurations": [{"id": "Sms", "includeTargets": "x"}]}
    mock.add_fault("status", status=200, body=json.dumps(odd), path_contains="/beta/policies")
    done = shell("pull", "--tenant", mock.tenant_id)
    assert (done.code, done.out) == (1, "")
    assert "Sms.includeTargets is a string, expected a list" in done.err
