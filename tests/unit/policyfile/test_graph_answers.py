"""Graph's own answers as people save them: which are recognised, and messages about others."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.disk.json_text import decoded
from graphpolicy.model import Directory, Tenant
from graphpolicy.policyfile.export import policy_yaml
from graphpolicy.policyfile.graph_answers import is_raw, parts, put_together
from graphpolicy.policyfile.library import layer
from graphpolicy.policyfile.strict_yaml import parse

CONTEXT = "https://graph.microsoft.com/{}/$metadata#policies/authenticationMethodsPolicy"
SMS = {"@odata.type": f"#microsoft.graph.{RESOURCES['Sms'].type}", "id": "Sms", "state": "enabled"}
CONFIGURATIONS = "authenticationMethodConfigurations"
VOICE = {"id": "Voice", "state": "disabled"}
OTHER = {**SMS, "state": "disabled"}


def policy(*items: Any, version: str = "beta", **root: Any) -> dict[str, Any]:
    head = {"@odata.context": CONTEXT.format(version), "id": "authenticationMethodsPolicy"}
    return {**head, **root, "authenticationMethodConfigurations": list(items)}


def methods(data: Any, version: Any = "beta") -> list[Any]:
    found = put_together([data]).observed.documents[version]["authenticationMethodConfigurations"]
    return sorted(found, key=lambda item: str(item["id"]))


@pytest.mark.parametrize(
    "data",
    [
        policy(SMS, VOICE),
        [policy(SMS, VOICE)],
        {"value": [SMS, VOICE]},
        {"@odata.context": CONTEXT.format("v1.0"), "value": [SMS, VOICE]},
        {"value": policy(SMS, VOICE)},
        [SMS, VOICE],
        [policy(SMS), VOICE],
        [{"value": [SMS]}, [VOICE]],
    ],
)
def test_every_shape_of_an_answer_is_recognised(data: Any) -> None:
    assert is_raw(data)
    assert methods(data) == methods(data, "v1.0") == [SMS, VOICE]


def test_strengths_are_taken_from_their_list_and_from_a_snapshot() -> None:
    keys = {"id": "57", "displayName": "Keys", "allowedCombinations": ["fido2"]}
    saved = snapshot() | {STRENGTHS: [keys]}
    for answers in ([{"value": [keys]}], [policy(SMS), keys, [keys]], [saved]):
        assert put_together(answers).observed.lists == {STRENGTHS: (keys,)}
    with pytest.raises(ValueError, match="shape"):
        put_together([{**keys, "combinationConfigurations": "none"}])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert decoded(json.dumps(VOICE, indent=2).replace("\n", "\r\n").encode(encoding)) == VOICE


def test_one_method_is_enough_and_an_external_one_needs_no_annotation() -> None:
    assert methods(VOICE) == [VOICE]
    external = {"id": "d0500000-0000-4000-8000-00000000000a", "openIdConnectSetting": {}}
    (found,) = methods(external)
    assert found["@odata.type"].endswith(RESOURCES["External"].type)
    new = {"@odata.type": "#microsoft.graph.telepathyAuthenticationMethodConfiguration", "id": "T"}
    assert methods(new) == [new]


@pytest.mark.parametrize(
    "root",
    [
        {"id": "authenticationMethodsPolicy", "reconfirmationInDays": 7},
        {"@odata.type": "#microsoft.graph.authenticationMethodsPolicy", "reconfirmationInDays": 7},
        {"reconfirmationInDays": 7},
        {"id": "AuthenticationMethodsPolicy", "reconfirmationInDays": 7, CONFIGURATIONS: None},
    ],
)
def test_a_policy_that_was_saved_without_its_methods_is_not_dropped(root: dict[str, Any]) -> None:
    assert is_raw(root)
    for answers in ([root, SMS], [SMS, root]):
        raw = put_together(answers)
        assert raw.observed.documents["v1.0"]["reconfirmationInDays"] == 7
        assert raw.observed.documents["beta"][CONFIGURATIONS] == [SMS]
        assert raw.lacks == ""
    assert CONFIGURATIONS in put_together([root]).lacks
    assert "own settings" in put_together([SMS]).lacks


def test_a_single_method_that_powershell_made_an_object_of_is_not_dropped() -> None:
    assert methods({"id": "authenticationMethodsPolicy", CONFIGURATIONS: SMS}) == [SMS]


def test_a_version_keeps_what_it_says_and_gets_from_the_other_what_it_lacks() -> None:
    both = put_together([policy(SMS, version="v1.0", a=1), policy(OTHER, VOICE, a=2, b=3)]).observed
    v1, beta = both.documents["v1.0"], both.documents["beta"]
    assert v1["authenticationMethodConfigurations"] == [SMS, VOICE]
    assert beta["authenticationMethodConfigurations"] == [OTHER, VOICE]
    assert (v1["a"], v1["b"], beta["a"]) == (1, 3, 2)


def test_a_method_that_is_repeated_is_kept_for_whoever_tells_it() -> None:
    assert methods([SMS, OTHER]) == [SMS, OTHER]


def snapshot(**tenant: str) -> dict[str, Any]:
    return {
        "format_version": "1",
        "tenant": {"name": "contoso", "id": "11111111-2222-4333-8444-555555555555", **tenant},
        "taken_at": "2026-11-24T02:10:00Z",
        "documents": {"beta": policy(SMS)},
        "groups": [{"id": "A", "displayName": "Finance"}],
    }


def test_a_snapshot_says_whose_it_is_and_what_groups_are_called() -> None:
    raw = put_together([snapshot(), VOICE])
    assert raw.tenant
    assert (raw.tenant.name, dict(raw.names)) == ("contoso", {"a": "Finance"})
    assert methods(snapshot()) == [SMS]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([{}], "it has no authenticationMethodConfigurations"),
        ([7], "it contains 7"),
        ([{"value": ["x"]}], "it contains 'x'"),
        ([{"id": "11", "displayName": "A group"}], "is not a method"),
        ([{"id": "11", "displayName": "Conditional Access", "state": "enabled"}], "not a method"),
        ([{"error": {"code": "Forbidden", "message": "no"}}], "an error of Graph: 'Forbidden'"),
        ([{**policy(SMS), "authenticationMethodConfigurations@odata.nextLink": "x"}], "one page"),
        ([{"AuthenticationMethodConfigurations": []}], "Invoke-MgGraphRequest -OutputType Json"),
        ([policy({**SMS, "includeTargets": "@{id=all_users}"})], "-Depth 20"),
        ([{**snapshot(), "format_version": "9"}], "format_version '9'"),
        ([snapshot(id="x")], "a snapshot whose tenant"),
        ([snapshot(name="a\nb")], "a snapshot whose tenant"),
        ([snapshot(cloud="mars")], "a snapshot whose tenant"),
        ([snapshot(), snapshot(id="11111111-2222-4333-8444-555555555556")], "several tenants"),
        ([[]], "nothing"),
    ],
)
def test_what_is_something_else_is_told(answers: list[Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        put_together(answers)


@pytest.mark.parametrize("raw", [b"", b"version: 1", b"\xff", b"[" * 100_000, b"{"])
def test_what_is_no_json_is_told(raw: bytes) -> None:
    with pytest.raises(ValueError, match="it is "):
        decoded(raw)


@pytest.mark.parametrize("data", [policy(SMS, a=None), [SMS], {"value": [SMS]}, SMS, snapshot()])
def test_an_answer_in_the_place_of_a_policy_file_is_one_finding(data: Any) -> None:
    (found,) = layer(parse(json.dumps(data).encode(), "p.yaml")).findings
    assert found.rule == "unknown-setting"
    assert "`graphpolicy pull --from p.yaml -o NEW.yaml`" in found.help


@pytest.mark.parametrize("data", [{"version": 1, **policy(SMS)}, {"a": 1}, [], "x", {"value": 1}])
def test_a_policy_file_is_no_answer(data: Any) -> None:
    assert not is_raw(data)


def test_the_parts_of_an_answer_know_their_version() -> None:
    assert [part.version for part in parts([policy(SMS, version="v1.0"), VOICE])] == ["v1.0", None]


KEYS = st.sampled_from(
    [
        *("id", "@odata.type", "@odata.context", "value", "error", "version", "documents"),
        *("tenant", "authenticationMethodConfigurations", "state", "includeTargets", "name"),
        *("targetType", "passkeyProfiles", "featureSettings", "format_version", "groups"),
    ]
)
WORDS = st.sampled_from(["x", "1", "Sms", "Fido2", "enabled", "contoso", str(SMS["@odata.type"])])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=300)
@given(ANYTHING)
def test_whatever_a_file_holds_it_is_a_policy_or_it_is_told(data: Any) -> None:
    try:
        raw = put_together([data])
    except ValueError:
        return
    tenant = Tenant("contoso", "11111111-2222-4333-8444-555555555555")
    assert policy_yaml(tenant, raw.observed, Directory()).text
