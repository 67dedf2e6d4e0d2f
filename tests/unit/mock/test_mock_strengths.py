"""Custom authentication strengths of the mock: what Graph takes, refuses, answers and records."""

from typing import Any

import httpx
import pytest

from graphpolicy.mock import Answer, Mock
from tests.unit.mock.voice import POLICY

PLAIN = "policies/authenticationStrengthPolicies"
BELOW_ACCESS = "identity/conditionalAccess/authenticationStrength/policies"
ROOTS = [f"{version}/{place}" for version in ("v1.0", "beta") for place in (PLAIN, BELOW_ACCESS)]
KEYS = "57000000-0000-4000-8000-000000000001"
CARDS = "57000000-0000-4000-8000-000000000002"
BOOTSTRAP = "57000000-0000-4000-8000-000000000003"
BUILT_IN = "00000000-0000-0000-0000-000000000004"
YUBIKEY = "fa2b99dc-9e39-4257-8f92-4a30d23c4118"
OTHER_KEY = "de1e552d-db1d-4423-a619-566b625cdc84"
FIDO2 = "#microsoft.graph.fido2CombinationConfiguration"
X509 = "#microsoft.graph.x509CertificateCombinationConfiguration"

NEW = {"displayName": "New", "allowedCombinations": ["sms , password", "fido2"]}


def fido2(*aaguids: str) -> dict[str, Any]:
    return {"@odata.type": FIDO2, "appliesToCombinations": ["fido2"], "allowedAAGUIDs": [*aaguids]}


def ask(mock: Mock, method: str, path: str, body: Any = None) -> Answer:
    return mock.ask(method, f"/v1.0/{PLAIN}{path}", body)


def made(mock: Mock, **changes: Any) -> dict[str, Any]:
    answer = ask(mock, "POST", "", NEW | changes)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


def stored(mock: Mock, identifier: str) -> dict[str, Any]:
    return next(each for each in mock.strengths() if each["id"] == identifier)


def refused(mock: Mock, method: str, path: str, body: Any, status: int = 400) -> str:
    """The text of a refusal, which changes nothing."""
    before = mock.state()
    answer = ask(mock, method, path, body)
    assert answer.status == status, answer.body
    assert mock.state() == before
    return str(answer.body["error"]["message"])


@pytest.mark.parametrize("root", ROOTS)
def test_a_strength_from_its_creation_to_its_end_by_either_path(root: str) -> None:
    mock = Mock()
    answer = mock.ask("POST", f"/{root}", NEW)
    assert answer.status == 201
    identifier = answer.body["id"]
    context = f"https://graph.microsoft.com/{root.replace('/', '/$metadata#', 1)}"
    assert answer.body["@odata.context"] == f"{context}/$entity"
    assert answer.body["policyType"] == "custom"
    assert answer.body["requirementsSatisfied"] == "mfa"
    assert answer.body["allowedCombinations"] == ["password,sms", "fido2"]
    one = f"/{root}/{identifier.upper()}"
    assert mock.ask("GET", one).body == answer.body
    listed = mock.ask("GET", f"/{root}?$filter=policyType%20eq%20'custom'").body
    assert listed["@odata.context"] == context
    row = {name: value for name, value in answer.body.items() if name != "@odata.context"}
    assert listed["value"] == [row]
    assert mock.ask("PATCH", one, {"displayName": "Newer", "description": "x"}).status == 204
    update = mock.ask(
        "POST", f"{one}/updateAllowedCombinations", {"allowedCombinations": ["fido2"]}
    )
    assert update.status == 200
    assert update.body["previousCombinations"] == ["password,sms", "fido2"]
    assert update.body["currentCombinations"] == ["fido2"]
    assert update.body["conditionalAccessReferences"] == []
    added = mock.ask("POST", f"{one}/combinationConfigurations", fido2(YUBIKEY))
    assert added.status == 201
    below = f"{one}/combinationConfigurations/{added.body['id']}"
    assert mock.ask("GET", below).body == added.body
    assert mock.ask("PATCH", below, fido2(OTHER_KEY)).status == 204
    shown = mock.ask("GET", one).body
    assert (shown["displayName"], shown["description"]) == ("Newer", "x")
    expected = {**fido2(OTHER_KEY), "id": added.body["id"]}
    assert shown["combinationConfigurations"] == [expected]
    assert mock.ask("GET", f"{one}/combinationConfigurations").body["value"] == [expected]
    assert mock.ask("DELETE", below).status == 204
    assert mock.ask("GET", below).status == 404
    assert mock.ask("DELETE", one).status == 204
    assert mock.ask("GET", one).status == 404
    assert mock.strengths() == []


def test_documents_of_the_page_for_deletion_end_in_ref() -> None:
    mock = Mock(seed="strengths")
    below = f"/{KEYS}/combinationConfigurations/57c00000-0000-4000-8000-000000000001/$ref"
    assert ask(mock, "DELETE", below).status == 204
    assert ask(mock, "DELETE", f"/{CARDS}/$ref").status == 204
    assert stored(mock, KEYS)["combinationConfigurations"] == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"displayName": "A"}, "'allowedCombinations' is required"),
        ({"allowedCombinations": ["fido2"]}, "'displayName' is required"),
        (NEW | {"displayName": None}, "'displayName' is required"),
        (NEW | {"displayName": 7}, "Cannot convert 7"),
        (NEW | {"allowedCombinations": "fido2"}, "Cannot convert 'fido2'"),
        (NEW | {"allowedCombinations": ["passkey"]}, "'passkey' was not found"),
        (NEW | {"allowedCombinations": ["unknownFutureValue"]}, "cannot be written"),
        (
            NEW | {"allowedCombinations": ["microsoftAuthenticatorPush", "sms,voice", "fido2"]},
            "mode combination(s): MicrosoftAuthenticatorPush, Sms,Voice",
        ),
        (NEW | {"colour": "red"}, "'colour' does not exist"),
        (NEW | {"displayName": "Smart cards"}, "'Smart cards' already exists"),
        (NEW | {"displayName": "Passwordless MFA"}, "'Passwordless MFA' already exists"),
        (NEW | {"@odata.type": "#microsoft.graph.group"}, "is not"),
        (NEW | {"combinationConfigurations": {}}, "is an array of objects"),
        (NEW | {"combinationConfigurations": [fido2("x")]}, "'x' is not an AAGUID"),
        (NEW | {"combinationConfigurations": [fido2(YUBIKEY)] * 2}, "already exists"),
    ],
)
def test_a_mistake_in_a_new_strength_is_refused(body: dict[str, Any], text: str) -> None:
    assert text in refused(Mock(seed="strengths"), "POST", "", body)


def test_a_tenant_has_at_most_fifteen() -> None:
    mock = Mock()
    for place in range(15):
        made(mock, displayName=f"Strength {place}")
    assert "(15)" in refused(mock, "POST", "", NEW)


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("PATCH", "", {"displayName": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/updateAllowedCombinations", {"allowedCombinations": ["sms"]}),
        ("POST", "/combinationConfigurations", fido2(YUBIKEY)),
    ],
)
def test_a_built_in_strength_is_fixed(method: str, tail: str, body: dict[str, Any] | None) -> None:
    assert "built-in" in refused(Mock(), method, f"/{BUILT_IN}{tail}", body)
    refused(Mock(), method, f"/{KEYS}{tail}", body, 404)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"allowedCombinations": ["fido2"]}, "can't be updated"),
        ({"combinationConfigurations": []}, "can't be updated"),
        ({"displayName": "Company keys"}, "already exists"),
        ({"displayName": ""}, "required"),
        ({"state": "enabled"}, "does not exist"),
    ],
)
def test_what_a_patch_of_a_strength_may_not_say(body: dict[str, Any], text: str) -> None:
    assert text in refused(Mock(seed="strengths"), "PATCH", f"/{CARDS}", body)


@pytest.mark.parametrize(
    ("strength", "body", "text"),
    [
        (CARDS, fido2(YUBIKEY), "not an allowed combination"),
        (KEYS, fido2(YUBIKEY), "already exists"),
        (BOOTSTRAP, fido2(), "has no value"),
        (BOOTSTRAP, fido2(YUBIKEY) | {"appliesToCombinations": []}, "is required"),
        (BOOTSTRAP, fido2(YUBIKEY) | {"appliesToCombinations": ["password,sms"]}, "can apply"),
        (BOOTSTRAP, fido2(YUBIKEY) | {"allowedIssuerSkis": []}, "does not exist"),
        (BOOTSTRAP, {"appliesToCombinations": ["fido2"]}, "'@odata.type' is required"),
        (BOOTSTRAP, fido2(YUBIKEY) | {"appliesToCombinations": [None]}, "Cannot convert null"),
        (BOOTSTRAP, fido2(YUBIKEY) | {"@odata.type": "#microsoft.graph.group"}, "is not that of"),
        (CARDS, {"@odata.type": X509, "appliesToCombinations": ["fido2"]}, "can apply"),
    ],
)
def test_a_mistake_in_a_configuration_is_refused(
    strength: str, body: dict[str, Any], text: str
) -> None:
    path = f"/{strength}/combinationConfigurations"
    assert text in refused(Mock(seed="strengths"), "POST", path, body)


def test_a_patch_of_a_configuration_without_its_type_knows_the_base_alone() -> None:
    mock = Mock(seed="strengths")
    path = f"/{KEYS}/combinationConfigurations/57c00000-0000-4000-8000-000000000001"
    assert ask(mock, "PATCH", path, {"appliesToCombinations": ["fido2"]}).status == 204
    body = fido2(OTHER_KEY)
    del body["@odata.type"]
    assert "does not exist on type" in refused(mock, "PATCH", path, body)
    only = {"@odata.type": FIDO2, "allowedAAGUIDs": [OTHER_KEY]}
    assert "'appliesToCombinations' is required" in refused(mock, "PATCH", path, only)
    for other in (None, "57c00000-0000-4000-8000-000000000002"):
        assert "not that of the URL" in refused(
            mock, "PATCH", path, fido2(OTHER_KEY) | {"id": other}
        )
    refused(mock, "PATCH", f"/{CARDS}{path.removeprefix(f'/{KEYS}')}", body, 404)


def test_a_strength_in_use_stays_satisfiable_and_stays() -> None:
    mock = Mock(seed="strengths")
    update = f"/{BOOTSTRAP}/updateAllowedCombinations"
    assert "at least one" in refused(mock, "POST", update, {"allowedCombinations": []})
    assert "multifactor" in refused(mock, "POST", update, {"allowedCombinations": ["sms"]})
    assert "referenced" in refused(mock, "DELETE", f"/{BOOTSTRAP}", None)
    told = ask(mock, "POST", update, {"allowedCombinations": ["password,sms"]}).body
    assert told["conditionalAccessReferences"] == ["ca000000-0000-4000-8000-000000000003"]
    assert "You have lowered the security of the Bootstrap" in told["additionalInformation"]
    mock.undemand("ca000000-0000-4000-8000-000000000003")
    assert ask(mock, "POST", update, {"allowedCombinations": []}).status == 200
    assert ask(mock, "GET", f"/{BOOTSTRAP}").body["requirementsSatisfied"] == "none"


def orphaned(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock(seed="strengths")
    mock.set_switches(**switches)
    update = {"allowedCombinations": ["windowsHelloForBusiness"]}
    answer = ask(mock, "POST", f"/{KEYS}/updateAllowedCombinations", update)
    left = ask(mock, "GET", f"/{KEYS}/combinationConfigurations").body["value"]
    return answer.status, [each["appliesToCombinations"] for each in left]


def inline(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock()
    mock.set_switches(**switches)
    body = NEW | {"combinationConfigurations": [fido2(YUBIKEY)]}
    answer = ask(mock, "POST", "", body)
    return answer.status, [len(each["combinationConfigurations"]) for each in mock.strengths()]


def twice(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock()
    mock.set_switches(**switches)
    made(mock)
    return ask(mock, "POST", "", NEW).status, []


def emptied(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock()
    mock.set_switches(**switches)
    update: dict[str, Any] = {"allowedCombinations": []}
    path = f"/{made(mock)['id']}/updateAllowedCombinations"
    return ask(mock, "POST", path, update).status, []


def lowered(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock(seed="strengths")
    mock.set_switches(**switches)
    path = f"/{BOOTSTRAP}/updateAllowedCombinations"
    return ask(mock, "POST", path, {"allowedCombinations": ["sms"]}).status, []


def renamed(**switches: str) -> tuple[int, list[Any]]:
    mock = Mock(seed="strengths")
    mock.set_switches(**switches)
    answer = ask(mock, "PATCH", f"/{CARDS}", {"displayName": "Cards"})
    return answer.status, [answer.body and answer.body["displayName"]]


@pytest.mark.parametrize(
    ("probe", "switch", "value", "outcome"),
    [
        (orphaned, "strength_orphan", "reject_400", (400, [["fido2"]])),
        (orphaned, "strength_orphan", "removed", (200, [])),
        (orphaned, "strength_orphan", "kept", (200, [["fido2"]])),
        (inline, "strength_inline", "taken", (201, [1])),
        (inline, "strength_inline", "ignored", (201, [0])),
        (inline, "strength_inline", "reject_400", (400, [])),
        (twice, "strength_duplicate", "reject_409", (409, [])),
        (twice, "strength_duplicate", "allow", (201, [])),
        (emptied, "strength_empty", "unused", (200, [])),
        (emptied, "strength_empty", "reject_400", (400, [])),
        (lowered, "strength_lowered", "accept", (200, [])),
        (renamed, "strength_patch", "204_empty", (204, [None])),
        (renamed, "strength_patch", "200_entity", (200, ["Cards"])),
    ],
)
def test_what_no_page_settles_is_a_switch(
    probe: Any, switch: str, value: str, outcome: tuple[int, list[Any]]
) -> None:
    assert probe(**{switch: value}) == outcome


def test_how_answers_look_is_by_switch() -> None:
    mock = Mock(seed="strengths")
    mock.set_switches(strength_ids="upper", combination_text="spaced", reorder="reverse")
    shown = ask(mock, "GET", f"/{BOOTSTRAP}").body
    assert shown["id"] == BOOTSTRAP.upper()
    assert shown["allowedCombinations"] == [
        "microsoftAuthenticatorPush, password",
        "fido2",
        "temporaryAccessPassOneTime",
    ]
    keys = ask(mock, "GET", f"/{KEYS}").body["combinationConfigurations"][0]
    assert keys["allowedAAGUIDs"][1] == YUBIKEY.upper()
    mock.set_switches(allowed_issuers="shown")
    cards = ask(mock, "GET", f"/{CARDS}").body["combinationConfigurations"][0]
    assert cards["allowedIssuers"] == ["CUSTOMIDENTIFIER:9A4248C6AC8C2931AB2A86537818E92E7B6C97B6"]
    path = f"/{CARDS}/combinationConfigurations/{cards['id']}"
    body = {name: value for name, value in cards.items() if name != "id"}
    assert ask(mock, "PATCH", path, body).status == 204
    mock.set_switches(allowed_issuers="absent")
    assert "'allowedIssuers' does not exist" in refused(mock, "PATCH", path, body)


def test_where_configurations_are_shown_is_by_switch() -> None:
    seen = {}
    for value in ("shown", "on_expand", "own_get"):
        mock = Mock(seed="strengths")
        mock.set_switches(strength_expanded=value)
        expanded = ask(mock, "GET", f"/{KEYS}?$expand=combinationConfigurations")
        seen[value] = (
            "combinationConfigurations" in ask(mock, "GET", f"/{KEYS}").body,
            "combinationConfigurations" in ask(mock, "GET", "").body["value"][0],
            expanded.status == 200 and "combinationConfigurations" in expanded.body,
            len(ask(mock, "GET", f"/{KEYS}/combinationConfigurations").body["value"]),
        )
    assert seen == {
        "shown": (True, True, True, 1),
        "on_expand": (False, False, True, 1),
        "own_get": (False, False, False, 1),
    }


def test_a_later_mode_is_told_to_a_client_that_prefers_it() -> None:
    mock = Mock()
    made(mock, allowedCombinations=["qrCodePin"])
    [row] = mock.strengths()
    assert ask(mock, "GET", f"/{row['id']}").body["allowedCombinations"] == ["unknownFutureValue"]
    url, prefer = f"/v1.0/{PLAIN}/{row['id']}", {"Prefer": "include-unknown-enum-members"}
    assert mock.ask("GET", url, headers=prefer).body["allowedCombinations"] == ["qrCodePin"]


def test_a_write_is_seen_later_or_never_by_switch() -> None:
    mock = Mock()
    mock.set_switches(visibility="after_n_reads", visibility_reads=2)
    identifier = made(mock)["id"]
    assert [ask(mock, "GET", f"/{identifier}").status for _ in range(3)] == [404, 404, 200]
    mock.set_switches(visibility="lost")
    assert ask(mock, "PATCH", f"/{identifier}", {"displayName": "Lost"}).status == 204
    assert ask(mock, "GET", f"/{identifier}").body["displayName"] == "New"


def test_faults_strike_writes_of_strengths() -> None:
    mock = Mock(seed="strengths")
    name = {"displayName": "Cards"}
    mock.add_fault("throttled", method="PATCH", path_contains=CARDS)
    assert ask(mock, "PATCH", f"/{CARDS}", name).status == 429
    mock.add_fault("not_persisted", method="PATCH")
    assert ask(mock, "PATCH", f"/{CARDS}", name).status == 204
    assert stored(mock, CARDS)["displayName"] == "Smart cards"
    mock.add_fault("reset_after", method="PATCH")
    with pytest.raises(ConnectionResetError):
        ask(mock, "PATCH", f"/{CARDS}", name)
    assert stored(mock, CARDS)["displayName"] == "Cards"
    mock.add_fault("stale", method="PATCH", reads=1)
    assert ask(mock, "PATCH", f"/{CARDS}", {"displayName": "Chips"}).status == 204
    told = [ask(mock, "GET", f"/{CARDS}").body["displayName"] for _ in range(2)]
    assert told == ["Cards", "Chips"]
    edit = {"resource": f"authenticationStrengthPolicies/{KEYS}", "set": None}
    mock.add_fault("interleave", method="GET", edit=edit)
    assert ask(mock, "GET", f"/{KEYS}").status == 404


def test_every_write_is_in_the_audit_log() -> None:
    mock = Mock()
    identifier = made(mock)["id"]
    update = {"allowedCombinations": ["fido2"]}
    ask(mock, "POST", f"/{identifier}/updateAllowedCombinations", update)
    added = ask(mock, "POST", f"/{identifier}/combinationConfigurations", fido2(YUBIKEY)).body
    below = f"/{identifier}/combinationConfigurations/{added['id']}"
    ask(mock, "PATCH", below, fido2(OTHER_KEY))
    ask(mock, "DELETE", below)
    mock.portal("authenticationStrengthPolicies/New", {"displayName": "Old"}, "ana@contoso.com")
    mock.portal("authenticationStrengthPolicies/Old", None)
    records = mock.ask("GET", "/v1.0/auditLogs/directoryAudits").body["value"][::-1]
    policy, part = "Authentication Strength Policy", "Authentication Strength Combination"
    assert [each["activityDisplayName"] for each in records] == [
        f"{policy} Create",
        f"{policy} Update",
        f"{part} Configuration Create",
        f"{part} Configuration Update",
        f"{part} Configuration Delete",
        f"{policy} Update",
        f"{policy} Delete",
    ]
    assert {each["loggedByService"] for each in records} == {"Authentication Methods"}
    assert {each["targetResources"][0]["id"] for each in records} == {identifier}
    changed = records[1]["targetResources"][0]["modifiedProperties"]
    assert changed == [
        {
            "displayName": "allowedCombinations",
            "oldValue": '["password,sms", "fido2"]',
            "newValue": '["fido2"]',
        }
    ]
    assert records[5]["initiatedBy"]["user"]["userPrincipalName"] == "ana@contoso.com"
    assert mock.edits[-2].resource == "authenticationStrengthPolicies/New"
    assert (mock.edits[-1].before or {})["displayName"] == "Old"


def test_who_is_demanded_a_strength_of_is_told() -> None:
    mock = Mock(seed="strengths")
    for place in ("identity/conditionalAccess/policies", "policies/conditionalAccessPolicies"):
        rows = mock.ask("GET", f"/v1.0/{place}").body["value"]
        demands = {each["displayName"]: each for each in rows}
        keys = demands["Administrators: company keys"]
        assert keys["state"] == "enabled"
        assert keys["conditions"]["users"]["includeRoles"] == [
            "62e90394-69f5-4237-9190-012177145e10",
            "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        ]
        assert keys["grantControls"]["authenticationStrength"]["displayName"] == "Company keys"
        everybody = demands["Everybody: register security info"]
        assert everybody["conditions"]["users"]["includeUsers"] == ["All"]
        assert everybody["state"] == "enabledForReportingButNotEnforced"
        assert mock.ask("GET", f"/beta/{place}/{keys['id'].upper()}").body["id"] == keys["id"]
        assert mock.ask("GET", f"/v1.0/{place}/x").status == 404
    usage = ask(mock, "GET", f"/{KEYS}/usage()").body
    assert [each["displayName"] for each in usage["mfa"]] == ["Administrators: company keys"]
    mock.demand(
        {
            "id": "ca000000-0000-4000-8000-000000000002",
            "displayName": "Keys or a device",
            "strength": KEYS.upper(),
            "controls": ["compliantDevice"],
        }
    )
    usage = ask(mock, "GET", f"/{KEYS}/usage").body
    assert (usage["mfa"], usage["none"][0]["displayName"]) == ([], "Keys or a device")
    assert usage["none"][0]["grantControls"]["builtInControls"] == ["compliantDevice"]
    mock.set_switches(strength_usage="whole")
    url = "/v1.0/identity/conditionalAccess/policies/ca000000-0000-4000-8000-000000000002"
    expected = mock.ask("GET", url).body
    del expected["@odata.context"]
    assert ask(mock, "GET", f"/{KEYS}/usage").body["none"] == [expected]


def test_an_application_for_strengths_does_not_read_conditional_access() -> None:
    mock = Mock()
    token = mock.issue_token(["Policy.ReadWrite.AuthenticationMethod"])
    assert mock.ask("POST", f"/v1.0/{PLAIN}", NEW, token=token).status == 201
    answer = mock.ask("GET", "/v1.0/identity/conditionalAccess/policies", token=token)
    assert (answer.status, answer.body["error"]["code"]) == (403, "AccessDenied")


def test_in_china_strengths_are_on_v1_alone() -> None:
    mock = Mock()
    mock.set_switches(cloud="china")
    assert mock.ask("GET", f"/v1.0/{BELOW_ACCESS}").status == 200
    assert mock.ask("GET", f"/beta/{BELOW_ACCESS}").status == 404


def test_a_strength_takes_its_place_in_a_batch() -> None:
    mock = Mock()
    request = {
        "id": "1",
        "method": "POST",
        "url": f"/{PLAIN}",
        "body": NEW,
        "headers": {"Content-Type": "application/json"},
    }
    [answer] = mock.ask("POST", "/v1.0/$batch", {"requests": [request]}).body["responses"]
    assert answer["status"] == 201
    assert [each["displayName"] for each in mock.strengths()] == ["New"]


def test_control_of_strengths_and_demands(mock: Mock, control: httpx.Client) -> None:
    assert control.post("/seed", json={"seed": "strengths"}).status_code == 200
    assert control.get("/state").json()["tenants"][0]["strengths"] == mock.strengths()
    place = "authenticationStrengthPolicies"
    edit: dict[str, Any] = {"resource": f"{place}/Smart cards", "set": {"displayName": "Cards"}}
    assert control.post("/portal", json=edit).status_code == 204
    new = {"resource": f"{place}/Codes", "set": {"allowedCombinations": ["password,sms"]}}
    assert control.post("/portal", json=new).status_code == 204
    gone = {"resource": f"{place}/Cards", "set": None}
    assert control.post("/portal", json=gone).status_code == 204
    assert control.post("/portal", json=gone).status_code == 400
    assert control.post("/portal", json={"resource": "Voice", "set": None}).status_code == 400
    names = [each["displayName"] for each in mock.strengths()]
    assert names == ["Company keys", "Bootstrap and recovery", "Codes"]
    codes = mock.strengths()[-1]["id"]
    demand = {"id": "ca1", "displayName": "Codes for all", "strength": codes}
    assert control.post("/demands", json=demand).status_code == 204
    assert ask(mock, "GET", f"/{codes}/usage").body["mfa"][0]["id"] == "ca1"
    assert control.post("/demands", json=[demand | {"state": "on"}]).status_code == 400
    assert control.post("/demands", json=demand | {"users": {"everybody": []}}).status_code == 400
    assert control.delete("/demands/ca1").status_code == 204
    assert control.delete("/demands/ca1").status_code == 400
    assert control.post("/reset").status_code == 204
    assert [each["displayName"] for each in mock.strengths()][1] == "Smart cards"


def test_methods_and_combinations_can_be_listed() -> None:
    mock = Mock()
    root = "/v1.0/identity/conditionalAccess/authenticationStrength"
    modes = mock.ask("GET", f"{root}/authenticationMethodModes").body["value"]
    known = {each["id"] for each in modes}
    combinations = mock.ask("GET", f"{root}/combinations").body["value"]
    assert {part for each in combinations for part in each.split(",")} == known
    made(mock, allowedCombinations=combinations)


def test_a_change_of_strengths_leaves_the_policy_alone() -> None:
    mock = Mock()
    before = mock.ask("GET", POLICY).body
    made(mock)
    assert mock.ask("GET", POLICY).body == before
