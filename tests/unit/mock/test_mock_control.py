"""The control path of the mock on a real socket."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from graphpolicy.mock import Mock
from tests.unit.mock.voice import POLICY


def test_control_of_state_and_switches(mock: Mock, control: httpx.Client) -> None:
    assert control.get("/state").json() == json.loads(json.dumps(mock.state()))
    changed = control.post("/switches", json={"v1.0/HardwareOath": "writable"})
    assert changed.json()["v1.0/HardwareOath"] == "writable"
    assert mock.configuration("HardwareOath", "v1.0")
    assert control.post("/switches", json={"v1.0/HardwareOath": "absent"}).status_code == 200
    refused = control.post("/switches", json={"cloud": "moon"})
    assert refused.status_code == 400
    assert "moon" in refused.json()["error"]
    assert control.post("/switches", content="{").status_code == 415
    broken = {"Content-Type": "application/json"}
    assert control.post("/switches", content="{", headers=broken).status_code == 400
    assert control.get("/nothing").status_code == 404
    assert control.put("/state").status_code == 405


def test_control_of_the_portal_groups_and_documents(mock: Mock, control: httpx.Client) -> None:
    edit = {"resource": "Voice", "set": {"state": "disabled"}, "actor": "ana@contoso.com"}
    assert control.post("/portal", json=edit).status_code == 204
    assert mock.edits[-1].actor == "ana@contoso.com"
    rows = [{"id": "aaaaaaaa-0000-4000-8000-000000000001", "displayName": "New"}]
    assert control.post("/groups", json=rows).status_code == 204
    assert mock.ask("GET", f"/v1.0/groups/{rows[0]['id']}").status == 200
    assert control.delete(f"/groups/{rows[0]['id']}").status_code == 204
    assert control.delete(f"/groups/{rows[0]['id']}").status_code == 400
    document = {"policy": Mock(seed="documented").policy("beta"), "groups": rows}
    assert control.post("/load", json=document).status_code == 204
    assert mock.policy("beta")["policyMigrationState"] == "preMigration"
    assert control.post("/reset").status_code == 204
    assert mock.policy("beta")["policyMigrationState"] == "migrationComplete"


def test_control_of_faults_and_requests(
    mock: Mock, control: httpx.Client, graph: httpx.Client
) -> None:
    fault = {"kind": "status", "status": 503, "times": None}
    assert control.post("/faults", json=fault).status_code == 204
    assert control.post("/faults", json=[{"kind": "truncated"}]).status_code == 204
    assert [each["kind"] for each in control.get("/state").json()["faults"]] == [
        "status",
        "truncated",
    ]
    assert control.post("/faults", json={"kind": "x"}).status_code == 400
    assert control.post("/faults", json={"kind": "status", "often": 1}).status_code == 400
    assert graph.get(POLICY).status_code == 503
    assert control.delete("/faults").status_code == 204
    assert graph.get(POLICY).status_code == 200
    logged = control.get("/requests").json()
    assert [(each["path"], each["status"]) for each in logged] == [(POLICY, 503), (POLICY, 200)]
    assert control.delete("/requests").status_code == 204
    assert control.get("/requests").json() == []


def test_control_of_tokens_and_tenants(
    mock: Mock, control: httpx.Client, graph: httpx.Client
) -> None:
    def get(body: dict[str, Any]) -> int:
        token = control.post("/tokens", json=body).json()["token"]
        return graph.get(POLICY, headers={"Authorization": f"Bearer {token}"}).status_code

    assert get({}) == 200
    assert get({"roles": ["AuditLog.Read.All"]}) == 403
    assert get({"expires_in": -1}) == 401
    other = {"id": "44444444-2222-4333-8444-555555555555", "displayName": "Fabrikam"}
    assert get({"tid": other["id"]}) == 401
    assert control.post("/tenants", json=other).json() == other
    assert get({"tid": other["id"]}) == 200
    edit = {"resource": "Voice", "set": {"state": "disabled"}}
    control.post("/portal", params={"tid": other["id"]}, json=edit)
    assert mock.configuration("Voice", tenant_id=other["id"])["state"] == "disabled"
    assert mock.configuration("Voice")["state"] == "enabled"


def test_control_of_the_seed(mock: Mock, control: httpx.Client, graph: httpx.Client) -> None:
    before = graph.get(POLICY).json()
    assert control.post("/seed", json={"seed": "documented"}).json()["id"] == mock.tenant_id
    documented = graph.get(POLICY).json()
    assert documented != before
    assert control.post("/reset").status_code == 204
    assert graph.get(POLICY).json() == documented
    own = {
        "users": [{"id": "u1", "userPrincipalName": "ina@contoso.com", "displayName": "Ina"}],
        "methods": {"ina@contoso.com": ["fido2"]},
        "configurations": {"Sms": {"state": "enabled"}},
    }
    assert control.post("/seed", json={"seed": own}).status_code == 200
    assert [each["displayName"] for each in graph.get("/v1.0/users").json()["value"]] == ["Ina"]
    assert mock.configuration("Sms")["state"] == "enabled"
    refused = control.post("/seed", json={"seed": "winter"})
    assert (refused.status_code, "documented" in refused.json()["error"]) == (400, True)
    assert control.post("/seed", json={"seed": "contoso"}).status_code == 200
    assert graph.get(POLICY).json() == before


def test_a_reset_makes_tokens_good_again(
    mock: Mock, control: httpx.Client, graph: httpx.Client
) -> None:
    mock.add_fault("expire_token")
    assert graph.get(POLICY).status_code == 401
    control.post("/revoke", json={"id": "99999999-8888-4777-8666-555555555555"})
    assert control.post("/reset").status_code == 204
    assert graph.get(POLICY).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/faults", {"kind": "throttled", "methd": "GET"}, "no field methd"),
        ("/faults", {"kind": "throttled", "times": "2"}, "times '2' is not an integer"),
        ("/faults", {"kind": "slow", "seconds": "2"}, "seconds '2' is not a number"),
        ("/portal", {"resource": "Voice"}, "'set' is missing or unknown"),
        ("/tokens", {"user": "nobody"}, "'nobody' is missing or unknown"),
        ("/users", [{"userPrincipalName": "x@contoso.com", "methods": ["nose"]}], "'nose'"),
    ],
)
def test_control_says_what_is_wrong(
    control: httpx.Client, path: str, body: object, said: str
) -> None:
    refused = control.post(path, json=body)
    assert refused.status_code == 400
    assert said in refused.json()["error"]


def test_control_names_its_paths(control: httpx.Client) -> None:
    missing = control.get("/weather")
    assert missing.status_code == 404
    assert "POST /_mock/faults" in missing.json()["paths"]


def test_control_of_people(mock: Mock, control: httpx.Client) -> None:
    group = "0d1c2b3a-0000-4000-8000-000000000003"
    person = {
        "userPrincipalName": "zoe@contoso.com",
        "displayName": "Zoe",
        "methods": ["mobilePhone", "softwareOath"],
        "preference": "sms",
        "groups": [group],
        "roles": ["Global Reader"],
    }
    (key,) = control.post("/users", json=[person]).json()
    found = mock.tenant().directory
    assert [each["displayName"] for each in found.groups_of(key)] == [
        "Helpdesk-assisted users",
        "Global Reader",
    ]
    assert mock.tenant().registered.preference(key) == "sms"
    key_card = {"kind": "fido2", "displayName": "Card"}
    changed = {"userPrincipalName": "zoe@contoso.com", "accountEnabled": False}
    assert control.post("/users", json=[{**changed, "methods": [key_card]}]).json() == [key]
    assert found.person(key) == {**(found.person("zoe@contoso.com") or {}), "displayName": "Zoe"}
    assert [each["displayName"] for each in mock.tenant().registered.of(key)] == ["Card"]
    assert len(found.groups_of(key)) == 2
    moved = {"group": group, "add": ["mia.lopez@contoso.com"], "remove": ["zoe@contoso.com"]}
    assert control.post("/members", json=moved).status_code == 204
    assert control.post("/members", json=moved).status_code == 400
    assert [each["displayName"] for each in found.groups_of(key)] == ["Global Reader"]
    mock.portal("TemporaryAccessPass", {"state": "enabled"})
    url = f"/v1.0/users/{key}/authentication/temporaryAccessPassMethods"
    secret = mock.ask("POST", url, {}).body["temporaryAccessPass"]
    used = control.post("/passes", json={"user": "zoe@contoso.com", "secret": secret})
    assert used.json() == {"result": "Accepted"}
    assert control.delete(f"/users/{key}").status_code == 204
    assert mock.ask("GET", f"/v1.0/users/{key}").status == 404
    crowd = {"count": 1000, "groups": {group: 4}}
    assert control.post("/crowd", json=crowd).status_code == 204
    assert len(found.transitive_members(group)) == 250 + 2


def test_control_answers_to_this_machine_alone(mock: Mock) -> None:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(mock.app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return await client.get("/_mock/state")

    assert asyncio.run(get()).status_code == 403
