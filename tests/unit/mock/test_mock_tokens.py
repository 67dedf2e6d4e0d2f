"""Tokens are signed JWTs that name tenant, holder and permissions; they expire and are revoked."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from graphpolicy.mock import ALL_ROLES, DEFAULT_TENANT, Answer, Mock
from graphpolicy.mock.entra.keys import published

POLICY = "/v1.0/policies/authenticationMethodsPolicy"
OFF = {
    "@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration",
    "state": "disabled",
}
VOICE = f"{POLICY}/authenticationMethodConfigurations/Voice"
READ = ["Policy.Read.AuthenticationMethod"]
WRITE = ["Policy.ReadWrite.AuthenticationMethod"]


def read(mock: Mock, token: str) -> Answer:
    return mock.ask("GET", POLICY, token=token)


def write(mock: Mock, token: str) -> Answer:
    return mock.ask("PATCH", VOICE, OFF, token=token)


def claims(token: str) -> dict[str, Any]:
    key = jwt.PyJWK.from_dict(published("entra"))
    found: dict[str, Any] = jwt.decode(
        token, key, algorithms=["RS256"], audience="https://graph.microsoft.com"
    )
    return found


def test_an_applications_token_is_signed_and_names_tenant_and_roles() -> None:
    mock = Mock()
    found = claims(mock.token)
    assert found["tid"] == DEFAULT_TENANT
    assert set(found["roles"]) == set(ALL_ROLES)
    assert found["appid"] == found["oid"]
    assert found["idtyp"] == "app"
    assert "scp" not in found
    assert found["exp"] > datetime.now(UTC).timestamp()


def test_a_persons_token_names_scopes_person_and_directory_roles() -> None:
    found = claims(Mock().issue_user_token("reader@contoso.com", READ))
    assert found["scp"] == "Policy.Read.AuthenticationMethod"
    assert found["upn"] == "reader@contoso.com"
    assert found["wids"] == ["f2ef992c-3afb-46b9-b7cf-a126ee74c451"]  # Global Reader
    assert "roles" not in found


def test_a_token_that_was_touched_is_refused() -> None:
    mock = Mock()
    header, payload, _ = mock.token.split(".")
    assert read(mock, f"{header}.{payload}.AAAA").status == 401
    assert read(mock, Mock().token).status == 401


def test_a_read_only_token_reads_and_never_writes() -> None:
    mock = Mock()
    token = mock.issue_token(READ)
    assert read(mock, token).status == 200
    refused = write(mock, token)
    assert refused.status == 403
    assert refused.body["error"]["code"] == "AccessDenied"
    assert mock.configuration("Voice")["state"] == "enabled"


@pytest.mark.parametrize(
    ("name", "scopes", "reads", "writes"),
    [
        ("policy.admin@contoso.com", WRITE, 200, 204),
        ("policy.admin@contoso.com", READ, 200, 403),
        ("reader@contoso.com", WRITE, 200, 403),
        ("mia.lopez@contoso.com", WRITE, 403, 403),
        ("admin@contoso.com", WRITE, 200, 204),
        ("admin@contoso.com", [], 403, 403),
    ],
)
def test_a_person_needs_the_scope_and_the_role(
    name: str, scopes: list[str], reads: int, writes: int
) -> None:
    mock = Mock()
    token = mock.issue_user_token(name, scopes)
    assert read(mock, token).status == reads
    assert write(mock, token).status == writes


def test_a_role_counts_from_the_next_sign_in() -> None:
    mock = Mock()
    before = mock.issue_user_token("mia.lopez@contoso.com", WRITE)
    mock.assign_role("Authentication Policy Administrator", "mia.lopez@contoso.com")
    assert write(mock, before).status == 403
    assert write(mock, mock.issue_user_token("mia.lopez@contoso.com", WRITE)).status == 204


def test_roles_through_a_group_count() -> None:
    mock = Mock()
    mock.join("0d1c2b3a-0000-4000-8000-000000000005", "noor.haddad@contoso.com")
    mock.assign_role("Global Reader", "0d1c2b3a-0000-4000-8000-000000000005")
    assert read(mock, mock.issue_user_token("noor.haddad@contoso.com", READ)).status == 200


def test_a_token_ends_by_the_clock_that_was_moved() -> None:
    mock = Mock()
    token = mock.issue_token(expires_in=3600)
    mock.advance(3599)
    assert read(mock, token).status == 200
    mock.advance(2)
    assert read(mock, token).status == 401
    mock.reset()
    assert read(mock, token).status == 200


def test_the_clock_is_set_and_runs_on() -> None:
    moments = [datetime(2026, 3, 1, tzinfo=UTC)]
    mock = Mock(clock=lambda: moments[-1])
    mock.world.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    moments.append(moments[-1] + timedelta(minutes=5))
    assert mock.world.clock() == datetime(2030, 1, 1, 0, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        mock.world.clock.set(datetime(2030, 1, 1))  # noqa: DTZ001


def test_a_revoked_token_is_challenged_and_a_newer_one_is_good() -> None:
    mock = Mock(clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    mine, other = mock.issue_user_token("admin@contoso.com"), mock.token
    person = claims_of(mine)["oid"]
    mock.revoke(person)
    refused = read(mock, mine)
    assert refused.status == 401
    header = refused.headers["WWW-Authenticate"]
    assert 'error="insufficient_claims"' in header
    wanted = json.loads(base64.b64decode(header.rpartition('claims="')[2].rstrip('"')))
    assert wanted["access_token"]["nbf"]["essential"] is True
    assert read(mock, other).status == 200
    assert read(mock, mock.issue_user_token("admin@contoso.com")).status == 200


def test_one_mock_serves_many_tenants_by_token() -> None:
    mock = Mock()
    other = mock.add_tenant("22222222-2222-4333-8444-555555555555", "Fabrikam")
    token = mock.issue_token(tenant_id=other)
    assert write(mock, token).status == 204
    assert mock.configuration("Voice", tenant_id=other)["state"] == "disabled"
    assert mock.configuration("Voice")["state"] == "enabled"


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found
