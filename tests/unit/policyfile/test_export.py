"""What is pulled from a tenant: a policy that validates and says exactly what the tenant has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Collection, Kind, Object, Property, Text
from graphpolicy.catalogue.values import canonical
from graphpolicy.model import Declared, Directory, Finding, Named, Observed, ProfileName, Tenant
from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.dump import dump
from graphpolicy.policyfile.export import policy_yaml
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.rules import broken_declarations
from graphpolicy.rules.method_settings import LIFETIMES
from graphpolicy.rules.passkeys import LEGACY_PASSKEY
from tests.unit.policyfile.live import HOSTILE, NAMES, tenants

TENANT = Tenant("contoso", "11111111-2222-4333-8444-555555555555", "usgov")

EVERY_USER = {"targetType": "user", "id": "all_users"}

Item = Mapping[str, Any]


def pulled(observed: Observed, directory: Directory | None = None) -> tuple[str, PolicyFile]:
    text = policy_yaml(TENANT, observed, directory or Directory()).text
    document = parse(text.encode(), "contoso.yaml")
    assert document.findings == (), text
    return text, judge(document)


def tenant(*items: Item, **root: Any) -> Observed:
    document = {**root, "authenticationMethodConfigurations": list(items)}
    return Observed({"v1.0": document, "beta": document})


def sms(**more: Any) -> Item:
    type_ = "#microsoft.graph.smsAuthenticationMethodConfiguration"
    return {"@odata.type": type_, "id": "Sms", "state": "enabled", **more}


def external(id_: str, name: Any, **more: Any) -> Item:
    type_ = "#microsoft.graph.externalAuthenticationMethodConfiguration"
    return {"@odata.type": type_, "id": id_, "displayName": name, "state": "enabled", **more}


def fido2(**more: Any) -> Item:
    return {"@odata.type": f"#microsoft.graph.{RESOURCES['Fido2'].type}", "id": "Fido2", **more}


def live_of(declared: Declared, observed: Observed) -> Item:
    document = observed.documents["beta"]
    if declared.resource == AUTHENTICATION_METHODS_POLICY.id:
        return document
    items: list[Item] = document["authenticationMethodConfigurations"]
    if declared.resource != EXTERNAL.id:
        return next(item for item in items if item["id"] == declared.resource)
    (found,) = [
        item
        for item in items
        if item["@odata.type"].endswith(EXTERNAL.type)
        and declared.name in (item["displayName"], item["id"])
    ]
    return found


def resolved(value: Any, profiles: Mapping[str, str]) -> Any:
    """A declared value with ids in place of names."""
    if isinstance(value, Named):
        return value.id
    if isinstance(value, ProfileName):
        return profiles.get(value.name, value.name)
    if isinstance(value, dict):
        return {key: resolved(member, profiles) for key, member in value.items()}
    return [resolved(item, profiles) for item in value] if isinstance(value, list) else value


def writable(text: Any) -> bool:
    return isinstance(text, str) and text != "" and not any("\ud800" <= c <= "\udfff" for c in text)


def profiles_of(observed: Observed) -> dict[str, str]:
    """The ids of passkey profiles by name, where one name means one profile."""
    found = [
        profile
        for item in observed.documents["beta"]["authenticationMethodConfigurations"]
        for profile in item.get("passkeyProfiles") or ()
    ]
    names = [profile["name"] for profile in found]
    return {
        profile["name"]: profile["id"]
        for profile in found
        if names.count(profile["name"]) == 1 and writable(profile["name"])
    }


def expected(kind: Kind, value: Any, profiles: Mapping[str, str]) -> Any:
    """The part of a live value that a file can express."""
    match kind:
        case Object(members=members):
            return said(members, value, profiles)
        case Collection(members=members, key=key):
            entries = [said(members, entry, profiles) for entry in value]
            if not key:
                return entries
            return [entry for entry in entries if entry.get("name") in profiles]
        case _:
            return value


def said(rows: Iterable[Property], values: Item, profiles: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for row in rows:
        value = values.get(row.name)
        if value is None or (isinstance(row.kind, Text) and not writable(value)):
            continue
        value = expected(row.kind, value, profiles)
        if value != {} and not (isinstance(row.kind, Collection) and row.kind.key and not value):
            found[row.name] = value
    return found


def without_strangers(live: Item) -> Item:
    """A resource without references to passkey profiles that it does not have."""
    there = {str(profile["id"]).casefold() for profile in live.get("passkeyProfiles") or ()}

    def kept(target: Item) -> Item:
        allowed = target.get("allowedPasskeyProfiles") or ()
        strange = {str(id_).casefold() for id_ in allowed} - there
        return {k: v for k, v in target.items() if not (strange and k == "allowedPasskeyProfiles")}

    result = dict(live)
    if isinstance(live.get("includeTargets"), list):
        result["includeTargets"] = [kept(target) for target in live["includeTargets"]]
    if str(live.get("defaultPasskeyProfile")).casefold() not in there:
        result.pop("defaultPasskeyProfile", None)
    return result


def modelled(resource: Resource, live: Item, profiles: Mapping[str, str]) -> dict[str, Any]:
    """The settings of one live resource that a pulled file must have."""
    values = said(resource.properties, without_strangers(live), profiles)
    if live.get("passkeyProfiles"):
        for name in LEGACY_PASSKEY:
            values.pop(name, None)
    return values


def meaning(rows: Iterable[Property], values: Item) -> dict[str, Any]:
    return {row.name: canonical(row.kind, values[row.name]) for row in rows if row.name in values}


def errors(file: PolicyFile) -> list[Finding]:
    """What is wrong with a file; a warning may be about what the tenant has."""
    return [finding for finding in file.findings if finding.level == "error"]


def without(values: Any, path: list[str]) -> Any:
    """Values without the value at a path of objects."""
    name, *rest = path
    if not isinstance(values, dict) or name not in values:
        return values
    if not rest:
        return {key: value for key, value in values.items() if key != name}
    return {**values, name: without(values[name], rest)}


@settings(max_examples=150, suppress_health_check=[HealthCheck.data_too_large])
@given(tenants())
def test_a_pulled_policy_declares_just_what_the_tenant_has(
    answer: tuple[Observed, Directory],
) -> None:
    observed, directory = answer
    text, file = pulled(observed, directory)
    assert not errors(file), text
    assert file.desired
    assert file.desired.tenant == TENANT
    profiles = profiles_of(observed)
    listed = text.partition("version: 1\n")[0]
    for declared in file.desired.resources:
        resource, live = RESOURCES[declared.resource], live_of(declared, observed)
        tree = resolved(declared.tree, profiles)
        for profile in tree.get("passkeyProfiles", ()):
            assert profile.get("id") == profiles[profile["name"]]
        wanted = modelled(resource, live, profiles)
        contradictory = [
            finding
            for finding in broken_declarations(Declared(resource.id, wanted, {}))
            if finding.level == "error"
        ]
        if contradictory or "# - " in listed:
            wanted = {name: wanted[name] for name in tree}
            assert "# - " in listed
        for line in listed.splitlines():
            title, *path = line.removeprefix("# - ").split(".")
            if resource.single and resource.property(title):  # a setting of the policy itself
                title, path = resource.id, [title, *path]
            if title == declared.title and path:
                wanted = without(wanted, path)
        assert meaning(resource.properties, tree) == meaning(resource.properties, wanted)


@settings(max_examples=150)
@given(st.recursive(NAMES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
@example({name: [name] for name in HOSTILE})
def test_whatever_is_dumped_reads_the_same_and_looks_harmless(value: Any) -> None:
    value = without_halves(value)
    text = dump({"k": value})
    document = parse(text.encode(), "f.yaml")
    assert document.findings == ()
    assert document.data == {"k": value}
    assert not {"\u202e", "\u200b", "\x1b", "\ufeff", "\x85", "\u2028"} & set(text)


def without_halves(value: Any) -> Any:
    if isinstance(value, dict):
        return {without_halves(key): without_halves(member) for key, member in value.items()}
    if isinstance(value, list):
        return [without_halves(item) for item in value]
    return value.encode(errors="replace").decode()


def test_a_group_that_is_called_all_users_is_written_by_its_id() -> None:
    id_ = "0d1c2b3a-0000-4000-8000-000000000001"
    target = {"targetType": "group", "id": id_}
    observed = tenant(sms(includeTargets=[target]))
    text, file = pulled(observed, Directory(names={id_: "all_users"}))
    assert not errors(file)
    assert f"- {{id: {id_}}}" in text


def test_flags_with_a_member_that_is_not_known_are_left_out_and_listed() -> None:
    profile = {"id": "0d1c2b3a-0000-4000-8000-000000000001", "name": "A"}
    item = fido2(passkeyProfiles=[{**profile, "passkeyTypes": "deviceBound,telepathy"}])
    text, file = pulled(tenant(item))
    assert not errors(file)
    assert "passkeyTypes:" not in text
    assert "# - Fido2.passkeyProfiles.A.passkeyTypes\n" in text


def test_profiles_of_one_name_are_left_out_and_referred_to_by_id() -> None:
    ids = [f"0d1c2b3a-0000-4000-8000-00000000000{number}" for number in range(3)]
    profiles = [{"id": id_, "name": name} for id_, name in zip(ids, "AAB", strict=True)]
    target = {"targetType": "group", "id": "all_users", "allowedPasskeyProfiles": ids}
    text, file = pulled(tenant(fido2(passkeyProfiles=profiles, includeTargets=[target])))
    assert not errors(file)
    assert f"allowedPasskeyProfiles: [{ids[0]}, {ids[1]}, B]" in text.replace("\n         ", "")
    assert "# - Fido2.passkeyProfiles.A\n" in text


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (None, ["a", "Duo"]),
        ("", ["a", "Duo"]),
        ("\ud800", ["a", "Duo"]),
        ("b", ["a", "Duo"]),
        ("Duo", ["a", "b"]),
        ("duo", ["duo", "Duo"]),
    ],
)
def test_an_external_method_whose_name_tells_nothing_is_written_by_its_id(
    name: Any, keys: list[str]
) -> None:
    _, file = pulled(tenant(external("a", name), external("b", "Duo")))
    assert not errors(file)
    assert file.desired
    assert [declared.name for declared in file.desired.resources] == keys


@pytest.mark.parametrize(
    ("item", "listed"),
    [
        (sms(excludeTargets=[{"targetType": "group", "id": "all_users"}]), "Sms.excludeTargets"),
        (sms(includeTargets=[{"targetType": "device", "id": "x"}]), "Sms.includeTargets"),
        (sms(includeTargets=[{"targetType": "group"}]), "Sms.includeTargets"),
        (sms(includeTargets="everyone"), "Sms.includeTargets"),
        (sms(state="unknownFutureValue"), "Sms.state"),
        (sms(state=7), "Sms.state"),
        (external("a", "Duo", appId="no id"), "External.Duo.appId"),
        (external("a", "Duo", openIdConnectSetting=[]), "External.Duo.openIdConnectSetting"),
        (
            {"id": "TemporaryAccessPass", "state": "enabled", "defaultLength": 4},
            "TemporaryAccessPass.defaultLength",
        ),
        (
            {"id": "TemporaryAccessPass", "state": "enabled", **dict.fromkeys(LIFETIMES, 60)}
            | {LIFETIMES[0]: 90},
            f"TemporaryAccessPass.{LIFETIMES[1]}",
        ),
        (fido2(isAttestationEnforced="yes"), "Fido2.isAttestationEnforced"),
        (sms(includeTargets=[EVERY_USER]), "Sms.includeTargets"),
        (external("a", "Duo", includeTargets=[EVERY_USER]), "External.Duo.includeTargets"),
    ],
)
def test_what_the_language_cannot_say_is_left_out_and_listed(item: Item, listed: str) -> None:
    text, file = pulled(tenant(item, sms() if item["id"] != "Sms" else fido2(state="enabled")))
    assert not errors(file)
    assert f"# - {listed}\n" in text
    assert file.desired


def test_a_setting_of_the_policy_itself_is_left_out_and_listed() -> None:
    preferences = {"state": "enabled", "includeTargets": [EVERY_USER]}
    text, file = pulled(tenant(systemCredentialPreferences=preferences, reconfirmationInDays=-1))
    assert not errors(file)
    assert "# - reconfirmationInDays\n#   out-of-range: " in text
    assert "# - systemCredentialPreferences.includeTargets\n#   target-reference: " in text
    assert "systemCredentialPreferences:\n    state: enabled\n" in text


def test_what_is_listed_can_not_break_out_of_its_comment() -> None:
    text, file = pulled(tenant(external("a", "x\ntenant: {}\n\x1b[31m", appId="no id")))
    assert not errors(file)
    assert "# - External.x\\ntenant: {}\\n\\u001b[31m.appId\n" in text


def test_an_empty_tenant_is_a_policy_too() -> None:
    text, file = pulled(tenant())
    assert not errors(file)
    assert text.startswith("# yaml-language-server: $schema=policy.schema.json\n")
    assert "cloud: usgov" in text


PILOT = "0000000a-aaaa-4bbb-8ccc-dddddddddddd"
STRANGER = "99999999-1111-4222-8333-444444444444"
PROFILE = {"id": "00000000-1111-4222-8333-444444444444", "name": "Keys"}


def test_a_passkey_profile_that_the_tenant_does_not_have_is_left_out_and_told() -> None:
    """It could not be planned: its id is not the name of a profile."""
    targets = [
        {"targetType": "group", "id": "all_users", "allowedPasskeyProfiles": [STRANGER]},
        {
            "targetType": "group",
            "id": "0000000a-aaaa-4bbb-8ccc-dddddddddddd",
            "allowedPasskeyProfiles": [PROFILE["id"]],
        },
    ]
    live = {"defaultPasskeyProfile": STRANGER, "passkeyProfiles": [PROFILE]}
    done = policy_yaml(TENANT, tenant(fido2(includeTargets=targets, **live)), Directory())
    assert STRANGER not in done.text.partition("version: 1\n")[2]
    assert "allowedPasskeyProfiles: [Keys]" in done.text
    assert [(one.title, one.rule) for one in done.left_out] == [
        ("Fido2.defaultPasskeyProfile", "unknown-passkey-profile"),
        ("Fido2.includeTargets.allowedPasskeyProfiles", "unknown-passkey-profile"),
    ]
    assert "# - Fido2.defaultPasskeyProfile\n" in done.text


def test_what_this_release_does_not_know_is_told_in_the_file() -> None:
    unknown = ("property Sms.isNew", "method Tele\nport (teleport)")
    done = policy_yaml(TENANT, tenant(sms()), Directory(), unknown)
    assert "# - property Sms.isNew\n" in done.text
    assert "Tele\nport" not in done.text


def test_where_everything_is_known_nothing_is_told() -> None:
    done = policy_yaml(TENANT, tenant(sms()), Directory())
    assert done.left_out == ()
    assert "#\n" not in done.text


def test_a_block_of_every_key_is_left_out_and_told_since_validate_refuses_it() -> None:
    restrictions = {"isEnforced": True, "enforcementType": "allow", "aaGuids": []}
    item = {
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2",
        "state": "enabled",
        "includeTargets": [{"targetType": "group", "id": "all_users"}],
        "keyRestrictions": restrictions,
    }
    document = {"id": "authenticationMethodsPolicy", "authenticationMethodConfigurations": [item]}
    text, file = pulled(Observed({"v1.0": document, "beta": document}), Directory())
    assert not errors(file)
    assert "# - Fido2.keyRestrictions\n" in text
    assert "isEnforced" not in text


@pytest.mark.parametrize("other", [True, False])
def test_a_target_that_stands_twice_is_written_once_or_the_list_is_left_out(*, other: bool) -> None:
    twice = [
        {"targetType": "group", "id": "all_users", "isUsableForSignIn": usable}
        for usable in (True, other)
    ]
    item = {
        "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration",
        "id": "Sms",
        "state": "enabled",
        "includeTargets": twice,
    }
    document = {"id": "authenticationMethodsPolicy", "authenticationMethodConfigurations": [item]}
    text, file = pulled(Observed({"v1.0": document, "beta": document}), Directory())
    assert not errors(file)
    assert ("# - Sms.includeTargets\n" in text) is not other
    assert text.partition("version: 1\n")[2].count("all_users") == other
    assert other or "as in includeTargets: [{group: all_users, isUsableForSignIn: true}]\n" in text


def test_an_id_that_stands_twice_is_written_once() -> None:
    twice = ["de1e552d-db1d-4423-a619-566b625cdc84", "DE1E552D-DB1D-4423-A619-566B625CDC84"]
    restrictions = {"isEnforced": True, "enforcementType": "allow", "aaGuids": twice}
    done = policy_yaml(TENANT, tenant(fido2(keyRestrictions=restrictions)), Directory())
    assert f"aaGuids: [{twice[0]}]\n" in done.text
    assert done.left_out == ()


def test_two_bindings_of_one_priority_are_told_with_what_to_write() -> None:
    bindings = [
        {"x509CertificateField": field, "userProperty": "userPrincipalName", "priority": 1}
        for field in ("PrincipalName", "RFC822Name")
    ]
    type_ = f"#microsoft.graph.{RESOURCES['X509Certificate'].type}"
    item = {"@odata.type": type_, "id": "X509Certificate", "certificateUserBindings": bindings}
    (left,) = policy_yaml(TENANT, tenant(item), Directory()).left_out
    assert (left.title, left.rule) == (
        "X509Certificate.certificateUserBindings",
        "binding-priority",
    )
    _, _, said = left.fix.partition("as in ")
    (binding, other) = parse(said.encode(), "x").data["certificateUserBindings"]
    assert (binding["priority"], other["priority"]) == (1, 2)


def test_the_first_of_a_repeated_method_counts_and_the_other_is_told() -> None:
    again = {**sms(state="disabled"), "id": "sms"}
    done = policy_yaml(TENANT, tenant(sms(), again), Directory())
    assert "Sms:\n      state: enabled\n" in done.text
    assert [one.rule for one in done.left_out] == ["method-repeated"]
    assert policy_yaml(TENANT, tenant(sms(), sms()), Directory()).left_out == ()


def test_a_type_of_target_in_another_case_is_the_same() -> None:
    targets = [{"targetType": "Group", "id": PILOT}, {"targetType": "group", "id": PILOT.upper()}]
    done = policy_yaml(TENANT, tenant(sms(includeTargets=targets)), Directory())
    assert f"includeTargets:\n      - {{id: {PILOT}}}\n" in done.text
    assert done.left_out == ()
