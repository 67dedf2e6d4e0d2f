"""What guards see besides the file: the methods that it leaves alone, and the policy's size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphpolicy.guards.plan_view import size
from graphpolicy.model import Finding
from graphpolicy.plan.make import Planned
from tests.unit.build import ALL, A, B, external, group, held, planned, rules

ON: dict[str, Any] = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}
OFF = {"Sms": {"state": "disabled"}}


def told(made: Planned, rule: str) -> Finding:
    [found] = [finding for finding in made.plan.findings if finding.rule == rule]
    return replace(found, source=None)


def test_a_method_that_the_file_does_not_declare_is_left_to_people() -> None:
    assert rules(planned(held(Sms=ON), OFF))["last-mfa-method"] == "error"
    for other in (held(SoftwareOath=ON), held(External=external(**ON))):
        assert "last-mfa-method" not in rules(planned({**held(Sms=ON), **other}, OFF))
    for nothing in (held(Email=ON), held(SoftwareOath={**ON, "state": "disabled"})):
        assert rules(planned({**held(Sms=ON), **nothing}, OFF))["last-mfa-method"] == "error"


def test_what_is_left_for_some_is_called_as_the_portal_does() -> None:
    some = {**ON, "includeTargets": [group(A)]}
    live = {**held(Sms=ON, SoftwareOath=some), **held(External=external(**some))}
    found = told(planned(live, OFF), "last-mfa-method")
    assert found.message.startswith("Sms is the last method for multifactor sign-in that everyone")
    assert "Duo" in found.message
    assert "SoftwareOath" in found.message


def test_a_method_that_the_plan_ends_is_not_also_left_alone() -> None:
    live = held(Fido2=ON, X509Certificate={**ON, "state": "disabled"})
    live["Fido2"]["id"] = "fido2"
    made = planned(live, {"Fido2": {"state": "disabled"}})
    assert told(made, "last-phishing-resistant-method").level == "error"


def test_a_policy_that_would_be_too_large_is_told_before_graph_refuses_it() -> None:
    many = [group(f"0d1c2b3a-0000-4000-8000-{number:012}") for number in range(320)]
    live = held(Sms=ON, Voice={**ON, "state": "disabled"})
    found = told(planned(live, {"Sms": {"excludeTargets": many}}), "policy-size")
    assert found.level == "warning"
    large = held(Sms={**ON, "excludeTargets": many}, Voice=ON)
    for name in ("Sms", "Voice"):
        fewer: dict[str, Any] = {name: {"excludeTargets": []}}
        assert "policy-size" not in rules(planned(large, fewer))
    told(planned(large, {"Voice": {"excludeTargets": [group(B)]}}), "policy-size")


def test_annotations_do_not_count_for_the_size() -> None:
    assert size({"a": [{"b@odata.type": "#x", "b": 1}], "@odata.context": "x"}) == len(
        '{"a":[{"b":1}]}'
    )
    assert size("größe") == len("größe".encode()) + 2
