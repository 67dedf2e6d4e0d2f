"""A tenant from a snapshot answers like the tenant of the snapshot."""

from typing import Any

import pytest

from graphpolicy.mock import Mock, SnapshotError
from graphpolicy.mock.policy.wire import VERSIONS

TENANT = {"id": "77777777-2222-4333-8444-555555555555", "name": "northwind", "cloud": "global"}


def taken(mock: Mock, *versions: str) -> dict[str, Any]:
    """A snapshot of a mock's first tenant, in the shape of the contract."""
    return {
        "format_version": "1",
        "tool_version": "0",
        "tenant": TENANT,
        "taken_at": "2026-06-01T00:00:00Z",
        "documents": {version: mock.policy(version) for version in versions or VERSIONS},
        "groups": [{"id": "0d1c2b3a-0000-4000-8000-000000000001", "displayName": "Pilot"}],
    }


@pytest.mark.parametrize(
    "switches",
    [
        {},
        {"number_matching_read": "present"},
        {"v1.0/HardwareOath": "writable", "v1.0/callerIdNumber": "writable"},
        {"qr_id": "qrCodePin"},
        {"beta/QRCodePin": "absent", "v1.0/QRCodePin": "absent"},
    ],
)
def test_both_versions_answer_as_before(switches: dict[str, str]) -> None:
    original = Mock()
    original.set_switches(**switches)
    original.portal("Voice", {"state": "disabled", "callerIdNumber": "555"})
    again = Mock(snapshot=taken(original))
    assert again.tenant_id == TENANT["id"]
    for version in VERSIONS:
        assert again.policy(version) == original.policy(version)
    organization = again.ask("GET", "/v1.0/organization").body["value"][0]
    assert organization["displayName"] == "northwind"
    assert again.ask("GET", "/v1.0/groups").body["value"][0]["displayName"] == "Pilot"


def test_strengths_answer_as_before() -> None:
    url = "/v1.0/policies/authenticationStrengthPolicies"
    rows = Mock(seed="strengths").ask("GET", url).body["value"]
    rows[0] |= {"since": 2027}
    rows[0]["combinationConfigurations"][0] |= {"until": 2028}
    snapshot = taken(Mock()) | {"authenticationStrengthPolicies": rows}
    assert Mock(snapshot=snapshot).ask("GET", url).body["value"] == rows
    loaded = Mock(seed="strengths")
    loaded.load(snapshot)
    assert loaded.ask("GET", url).body["value"] == rows
    for broken in ([{"id": "x"}], [rows[0] | {"combinationConfigurations": [{"id": "x"}]}], "x"):
        with pytest.raises(SnapshotError, match="strength"):
            Mock(snapshot=snapshot | {"authenticationStrengthPolicies": broken})


def test_what_nobody_knows_is_kept() -> None:
    original = Mock()
    snapshot = taken(original)
    for document in snapshot["documents"].values():
        document["authenticationMethodConfigurations"].append(
            {"@odata.type": "#microsoft.graph.telepathyConfiguration", "id": "Telepathy", "x": [1]}
        )
        document["since"] = 2027
    again = Mock(snapshot=snapshot)
    assert again.policy()["since"] == 2027
    assert again.configuration("Telepathy") == {
        "@odata.type": "#microsoft.graph.telepathyConfiguration",
        "id": "Telepathy",
        "x": [1],
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_one_version_is_enough(version: str) -> None:
    original = Mock()
    again = Mock(snapshot=taken(original, version))
    assert again.policy(version) == original.policy(version)


def test_a_reset_goes_back_to_the_snapshot() -> None:
    original = Mock()
    again = Mock(snapshot=taken(original))
    again.portal("Voice", {"state": "disabled"})
    again.reset()
    assert again.configuration("Voice")["state"] == "enabled"


def test_a_running_mock_takes_a_snapshot_in() -> None:
    original = Mock()
    original.portal("Voice", {"state": "disabled"})
    running = Mock()
    running.load(taken(original))
    assert running.configuration("Voice")["state"] == "disabled"
    assert [each["displayName"] for each in running.tenant().groups] == ["Pilot"]


@pytest.mark.parametrize("cloud", ["global", "usgov", "usgov-dod", "china"])
def test_the_cloud_is_the_snapshots(cloud: str) -> None:
    snapshot = taken(Mock())
    snapshot["tenant"] = {**TENANT, "cloud": cloud}
    status = Mock(snapshot=snapshot).ask("GET", "/v1.0/policies/authenticationMethodsPolicy").status
    assert status == (404 if cloud == "china" else 200)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"documents": {}},
        {"documents": {"v1.0": {}}, "tenant": TENANT},
        {"documents": {"v1.0": {"authenticationMethodConfigurations": []}}},
        {
            "documents": {"v1.0": {"authenticationMethodConfigurations": []}},
            "tenant": TENANT,
            "groups": [1],
        },
    ],
)
def test_other_documents_are_refused(broken: Any) -> None:
    with pytest.raises(SnapshotError, match="not a snapshot"):
        Mock(snapshot=broken)
