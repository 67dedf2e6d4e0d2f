"""Faults on demand: by name, by share, for some time, and of the token."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from graphpolicy.mock import FAULT_NAMES, Fault, Mock, UnknownFaultError

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
VOICE = f"{POLICY}/authenticationMethodConfigurations/Voice"
OFF = {
    "@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration",
    "state": "disabled",
}
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "status", "after"),
    [
        ("throttled", 429, "7"),
        ("throttled-315", 429, "315"),
        ("throttled-bare", 429, None),
        ("throttled-unknown-error", 429, None),
        ("internal-error", 500, None),
        ("bad-gateway", 502, None),
        ("unavailable", 503, None),
        ("unavailable-retry-after", 503, "7"),
        ("gateway-timeout", 504, None),
    ],
)
def test_the_usual_refusals_by_name(name: str, status: int, after: str | None) -> None:
    mock = Mock()
    mock.add_fault(name, method="GET")
    answer = mock.ask("GET", POLICY)
    assert answer.status == status
    assert answer.headers.get("Retry-After") == after
    assert isinstance(answer.body, str) == (name == "bad-gateway")
    assert mock.ask("GET", POLICY).status == 200


def test_retry_after_as_a_date() -> None:
    mock = Mock(clock=lambda: NOW)
    mock.add_fault("throttled-date")
    shown = parsedate_to_datetime(mock.ask("GET", POLICY).headers["Retry-After"])
    assert (shown - NOW).total_seconds() == 7


def test_every_name_can_be_armed() -> None:
    for name in FAULT_NAMES:
        edit = {"resource": "Voice", "set": {}} if name == "interleave" else {}
        assert Fault.named(name, edit=edit).kind
    with pytest.raises(UnknownFaultError, match="throttled-315"):
        Fault.named("plague")


def strikes(seed: int, probability: float = 0.3) -> list[bool]:
    mock = Mock()
    mock.add_fault("unavailable", probability=probability, seed=seed, times=None)
    return [mock.ask("GET", VOICE).status == 503 for _ in range(200)]


def test_a_share_of_the_requests_is_struck_the_same_in_every_run() -> None:
    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert 30 < sum(strikes(1)) < 90
    assert all(strikes(1, 1.0))
    for wrong in (0.0, 1.1, -1.0):
        with pytest.raises(UnknownFaultError, match="probability"):
            Fault("status", probability=wrong)


def test_a_stale_read_ends_by_the_clock() -> None:
    mock = Mock()
    mock.add_fault("stale", method="PATCH", seconds=30)
    mock.ask("PATCH", VOICE, OFF)

    def state() -> str:
        found: str = mock.ask("GET", VOICE).body["state"]
        return found

    assert [state() for _ in range(3)] == ["enabled"] * 3
    mock.advance(31)
    assert state() == "disabled"


def test_a_token_that_ends_in_the_middle_of_a_run() -> None:
    mock = Mock()
    other = mock.issue_token()
    mock.add_fault("expire_token", method="PATCH")
    assert mock.ask("GET", VOICE).status == 200
    refused = mock.ask("PATCH", VOICE, OFF)
    assert (refused.status, refused.body["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert mock.ask("GET", VOICE).status == 401
    assert mock.ask("GET", VOICE, token=other).body["state"] == "enabled"


def test_a_token_that_ends_in_a_request_without_one() -> None:
    mock = Mock()
    mock.add_fault("expire_token")
    assert mock.ask("GET", VOICE, token="").status == 401
    assert mock.ask("GET", VOICE).status == 200


@pytest.mark.parametrize("after", range(4))
def test_a_second_administrator_between_any_two_requests(after: int) -> None:
    mock = Mock()
    edit = {"resource": "Voice", "set": {"state": "disabled"}, "actor": "admin@contoso.com"}
    mock.add_fault("interleave", after=after, edit=edit)
    seen = [mock.ask("GET", VOICE).body["state"] for _ in range(5)]
    assert seen == ["enabled"] * after + ["disabled"] * (5 - after)


MIA = "/v1.0/users/mia.lopez@contoso.com"
PHONE = f"{MIA}/authentication/phoneMethods/b6332ec1-7057-4abe-9331-3d72feddfe41"
METHODS = f"{MIA}/authentication/methods"


def test_a_read_of_a_persons_methods_is_stale_too() -> None:
    mock = Mock()
    mock.add_fault("stale", method="DELETE", reads=2)
    assert len(mock.ask("GET", METHODS).body["value"]) == 5
    assert mock.ask("DELETE", PHONE).status == 204
    mock.ask("GET", POLICY)  # which has delays of its own
    seen = [len(mock.ask("GET", METHODS).body["value"]) for _ in range(3)]
    assert seen == [5, 5, 4]
    assert mock.ask("DELETE", PHONE).status == 404


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "/v1.0/groups/0d1c2b3a-0000-4000-8000-000000000001/transitiveMembers", None),
        ("GET", "/v1.0/users?$top=999", None),
        ("GET", "/v1.0/reports/authenticationMethods/userRegistrationDetails", None),
        ("POST", f"{MIA}/getMemberGroups", {"securityEnabledOnly": False}),
    ],
)
def test_a_read_of_groups_and_people_is_stale_too(
    method: str, url: str, body: dict[str, object] | None
) -> None:
    mock = Mock(clock=lambda: NOW)
    mock.add_fault("stale", method=method, seconds=30)
    before = mock.ask(method, url, body).body["value"]
    key = mock.add_person("late@contoso.com", "Late Comer", methods=["fido2"])
    mock.join("0d1c2b3a-0000-4000-8000-000000000001", key)
    mock.tenant().directory.leave("0d1c2b3a-0000-4000-8000-000000000001", "mia.lopez@contoso.com")
    assert mock.ask(method, url, body).body["value"] == before
    mock.advance(30)
    assert mock.ask(method, url, body).body["value"] != before


def test_a_stale_policy_leaves_people_alone() -> None:
    mock = Mock()
    mock.add_fault("stale", method="PATCH", reads=5)
    mock.ask("PATCH", VOICE, OFF)
    assert mock.ask("DELETE", PHONE).status == 204
    assert len(mock.ask("GET", METHODS).body["value"]) == 4
    assert mock.ask("GET", VOICE).body["state"] == "enabled"


@pytest.mark.parametrize(("when", "status", "left"), [("before", 404, 2), ("after", 204, 2)])
def test_another_administrator_has_a_hand_in_a_persons_methods(
    when: str, status: int, left: int
) -> None:
    mock = Mock()
    edit = {"user": "mia.lopez@contoso.com", "methods": ["softwareOath"], "when": when}
    mock.add_fault("interleave", method="DELETE", edit=edit)
    assert mock.ask("DELETE", PHONE).status == status
    assert len(mock.ask("GET", METHODS).body["value"]) == left
    with pytest.raises(UnknownFaultError, match="user, methods"):
        Fault("interleave", edit={"user": "mia.lopez@contoso.com"})
