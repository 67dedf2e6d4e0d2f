"""Temporary Access Passes: the policy's limits, the secret shown once, and the life of a pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graphpolicy.mock import Answer, Mock

KOFI = "kofi.mensah@contoso.com"
PASSES = f"users/{KOFI}/authentication/temporaryAccessPassMethods"
START = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def mock() -> Mock:
    mock = Mock(clock=lambda: START)
    everyone = [{"targetType": "group", "id": "all_users"}]
    mock.portal("TemporaryAccessPass", {"state": "enabled", "includeTargets": everyone})
    return mock


def create(mock: Mock, who: str = PASSES, token: str | None = None, **body: Any) -> Answer:
    return mock.ask("POST", f"/v1.0/{who}", body, token=token)


def listed(mock: Mock, version: str = "v1.0") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = mock.ask("GET", f"/{version}/{PASSES}").body["value"]
    return rows


def test_a_pass_is_shown_once(mock: Mock) -> None:
    answer = create(mock)
    assert answer.status == 201
    made = answer.body
    assert len(made["temporaryAccessPass"]) == 8
    assert made["lifetimeInMinutes"] == 60
    assert (made["isUsable"], made["methodUsabilityReason"]) == (True, "EnabledByPolicy")
    (row,) = listed(mock)
    assert row["id"] == made["id"]
    assert row["temporaryAccessPass"] is None
    one = mock.ask("GET", f"/v1.0/{PASSES}/{made['id']}").body
    assert one["temporaryAccessPass"] is None
    assert made["temporaryAccessPass"] not in str(mock.state())
    assert "isUsable" not in listed(mock, "beta")[0]


def test_a_pass_that_begins_later(mock: Mock) -> None:
    later = (START + timedelta(hours=1)).isoformat().replace("+00:00", ".000Z")
    made = create(mock, startDateTime=later, lifetimeInMinutes=60).body
    assert made["startDateTime"] == "2026-06-01T09:00:00Z"
    assert made["methodUsabilityReason"] == "NotYetValid"
    secret = made["temporaryAccessPass"]
    assert mock.use_pass(KOFI, secret) == "NotYetValid"
    mock.advance(3600)
    assert mock.use_pass(KOFI, "guessed") == "Wrong"
    assert mock.use_pass(KOFI, secret) == "Accepted"
    assert mock.use_pass(KOFI, secret) == "Accepted"
    mock.advance(3600)
    assert listed(mock)[0]["methodUsabilityReason"] == "Expired"
    assert mock.use_pass(KOFI, secret) == "Expired"
    with pytest.raises(KeyError):
        mock.use_pass("nobody@contoso.com", secret)


def test_a_one_time_pass_and_a_policy_that_makes_all_of_them_so(mock: Mock) -> None:
    secret = create(mock, isUsableOnce=True).body["temporaryAccessPass"]
    assert mock.use_pass(KOFI, secret) == "Accepted"
    assert mock.use_pass(KOFI, secret) == "OneTimeUsed"
    assert listed(mock)[0]["methodUsabilityReason"] == "OneTimeUsed"
    mock.portal("TemporaryAccessPass", {"isUsableOnce": True, "defaultLength": 20})
    made = create(mock, isUsableOnce=False).body
    assert made["isUsableOnce"] is True
    assert len(made["temporaryAccessPass"]) == 20


@pytest.mark.parametrize("lifetime", [59, 481, "60", True, 0, None])
def test_a_lifetime_outside_the_policy_is_refused(mock: Mock, lifetime: Any) -> None:
    refused = create(mock, lifetimeInMinutes=lifetime)
    assert refused.status == 400
    error = refused.body["error"]
    assert error["code"] == "badRequest"
    assert error["message"].endswith("The valid range between 60 and 480.")
    assert listed(mock) == []


@pytest.mark.parametrize(
    "body",
    [
        {"temporaryAccessPass": "mine"},
        {"startDateTime": "soon"},
        {"startDateTime": "9999-12-31T23:59:59Z"},
        {"isUsableOnce": "yes"},
        {"startDateTime": "2026-06-01T08:00:00"},
    ],
)
def test_other_bodies_are_refused(mock: Mock, body: dict[str, Any]) -> None:
    assert create(mock, **body).status == 400


def test_a_second_pass_replaces_the_first_or_is_refused(mock: Mock) -> None:
    first = create(mock).body
    second = create(mock).body
    assert [each["id"] for each in listed(mock)] == [second["id"]]
    assert mock.use_pass(KOFI, first["temporaryAccessPass"]) == "Wrong"
    mock.set_switches(tap_second="reject_400")
    assert create(mock).status == 400
    mock.advance(7200)
    assert create(mock).status == 201


def test_a_pass_outside_the_policy_is_made_and_does_not_work(mock: Mock) -> None:
    target = {"targetType": "group", "id": "0d1c2b3a-0000-4000-8000-000000000005"}
    mock.portal("TemporaryAccessPass", {"includeTargets": [target]})
    made = create(mock).body
    assert (made["isUsable"], made["methodUsabilityReason"]) == (False, "DisabledByPolicy")
    mock.join("0d1c2b3a-0000-4000-8000-000000000005", KOFI)
    assert listed(mock)[0]["isUsable"] is True


def test_who_gets_none(mock: Mock) -> None:
    guest = "users/lena.weber_fabrikam.com%23EXT%23@contoso.com"
    assert create(mock, f"{guest}/authentication/temporaryAccessPassMethods").status == 400
    own = "users/helpdesk@contoso.com/authentication/temporaryAccessPassMethods"
    helpdesk = mock.issue_user_token("helpdesk@contoso.com")
    privileged = mock.issue_user_token("privileged@contoso.com")
    assert create(mock, own, token=helpdesk).status == 403
    mine = "users/privileged@contoso.com/authentication/temporaryAccessPassMethods"
    assert create(mock, mine, token=privileged).status == 403
    made = create(mock, mine).body["id"]
    assert mock.ask("DELETE", f"/v1.0/{mine}/{made}", token=privileged).status == 403
    assert create(mock, own, token=privileged).status == 201
    assert create(mock, token=helpdesk).status == 201
    mock.portal("TemporaryAccessPass", {"state": "disabled"})
    assert create(mock).status == 400


def test_a_pass_is_deleted(mock: Mock) -> None:
    made = create(mock).body
    assert mock.ask("DELETE", f"/v1.0/{PASSES}/{made['id']}").status == 204
    assert listed(mock) == []
    assert mock.use_pass(KOFI, made["temporaryAccessPass"]) == "Wrong"


@pytest.mark.parametrize(
    ("switch", "permission", "status"),
    [
        ("either", "UserAuthMethod-TAP.ReadWrite.All", 201),
        ("either", "UserAuthenticationMethod.ReadWrite.All", 201),
        ("old_only", "UserAuthMethod-TAP.ReadWrite.All", 403),
        ("old_only", "UserAuthenticationMethod.ReadWrite.All", 201),
        ("new_only", "UserAuthMethod-TAP.ReadWrite.All", 201),
        ("new_only", "UserAuthenticationMethod.ReadWrite.All", 403),
    ],
)
def test_either_family_of_permissions(
    mock: Mock, switch: str, permission: str, status: int
) -> None:
    mock.set_switches(tap_permission=switch)
    assert create(mock, token=mock.issue_token([permission])).status == status


def test_a_pass_that_was_not_persisted(mock: Mock) -> None:
    mock.add_fault("not_persisted", method="POST")
    assert create(mock).status == 201
    assert listed(mock) == []
