"""The registration report with its gaps, age and licence, and who is in it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from graphpolicy.mock import Mock, Switches

REPORT = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
COUNTED = "/v1.0/reports/authenticationMethods/usersRegisteredByMethod"
EVERYBODY = "(includedUserTypes='all',includedUserRoles='all')"
MIA = "mia.lopez@contoso.com"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def at_noon(**switches: object) -> Mock:
    return Mock(Switches().changed(switches), clock=lambda: NOON)


def rows(mock: Mock, url: str | None = f"{REPORT}?$top=999") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while url:
        answer = mock.ask("GET", url, token=mock.issue_token())  # tests move the clock by days
        assert answer.status == 200, answer.body
        found += answer.body["value"]
        link = answer.body.get("@odata.nextLink")
        url = link and f"{urlsplit(link).path}?{urlsplit(link).query}"
    return found


def row(mock: Mock, name: str) -> dict[str, Any]:
    (found,) = (each for each in rows(mock) if each["userPrincipalName"] == name)
    return found


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_every_nth_person_has_no_row(every: int) -> None:
    mock = at_noon()
    mock.add_crowd(2500, disabled=10)
    whole = [each["id"] for each in rows(mock)]
    mock.set_switches(report_gap=every)
    kept = [id_ for place, id_ in enumerate(whole, 1) if place % every]
    assert [each["id"] for each in rows(mock)] == kept
    gone = whole[every - 1]
    assert mock.ask("GET", f"{REPORT}/{gone}").status == 404
    assert mock.ask("GET", f"/v1.0/users/{gone}").status == 200


def test_a_row_may_be_left_out_or_say_anything() -> None:
    mock = at_noon()
    mock.report_as(MIA, ["mobilePhone", "futureMethod"])
    mock.report_as("reader@contoso.com", None)
    assert row(mock, MIA)["methodsRegistered"] == ["mobilePhone", "futureMethod"]
    names = {each["userPrincipalName"] for each in rows(mock)}
    assert "reader@contoso.com" not in names
    assert len(names) == 11
    counts = mock.ask("GET", COUNTED + EVERYBODY).body["userRegistrationMethodCounts"]
    assert {"authenticationMethod": "futureMethod", "userCount": 1} in counts


def test_the_report_is_made_at_six() -> None:
    assert row(at_noon(), MIA)["lastUpdatedDateTime"] == "2026-11-30T06:00:00.0000000Z"
    early = Mock(clock=lambda: NOON.replace(hour=5, minute=59))
    assert row(early, MIA)["lastUpdatedDateTime"] == "2026-11-29T06:00:00.0000000Z"


def test_an_old_report_says_what_was_registered_then() -> None:
    mock = at_noon(report_age_h=36)
    old = row(mock, MIA)
    assert old["lastUpdatedDateTime"] == "2026-11-28T06:00:00.0000000Z"
    mock.tenant().registered.forget(MIA)
    mock.tenant().registered.register(MIA, "fido2")
    assert row(mock, MIA)["methodsRegistered"] == old["methodsRegistered"]
    mock.advance(35 * 3600)
    assert row(mock, MIA)["methodsRegistered"] == old["methodsRegistered"]
    mock.advance(3600)
    assert row(mock, MIA)["methodsRegistered"] == ["passKeyDeviceBound"]
    mock.set_switches(report_age_h=0)
    assert row(mock, MIA)["methodsRegistered"] == ["passKeyDeviceBound"]


def test_without_a_licence_the_report_is_refused() -> None:
    mock = at_noon(report_license="refused_403")
    for url in (REPORT, f"{REPORT}/{MIA}", COUNTED + EVERYBODY):
        answer = mock.ask("GET", url)
        assert answer.status == 403
        code = answer.body["error"]["code"]
        assert code == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    assert mock.ask("GET", f"/v1.0/users/{MIA}").status == 200


def test_a_report_can_break_in_the_middle() -> None:
    mock = at_noon()
    mock.add_crowd(3000)
    mock.add_fault("throttled", path_contains="userRegistrationDetails", after=1)
    link = urlsplit(mock.ask("GET", REPORT).body["@odata.nextLink"])
    second = f"{link.path}?{link.query}"
    assert [mock.ask("GET", second).status for _ in range(2)] == [429, 200]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_keys_are_reported_after_their_model(version: str) -> None:
    names = {
        "fido2": "passKeyDeviceBound",
        "fido2Bio": "passKeyDeviceBound",
        "fido2Authenticator": "passKeyDeviceBoundAuthenticator",
        "fido2WindowsHello": "passKeyDeviceBoundWindowsHello",
        "fido2Synced": "passKeySynced",
    }
    mock = at_noon()
    for kind, reported in names.items():
        mock.add_person(f"{kind}@contoso.com", kind, methods=[kind])
        assert row(mock, f"{kind}@contoso.com")["methodsRegistered"] == [reported]
        url = f"/{version}/users/{kind}@contoso.com/authentication/fido2Methods"
        (key,) = mock.ask("GET", url).body["value"]
        assert key["passkeyType"] == ("synced" if kind == "fido2Synced" else "deviceBound")
    assert row(mock, "fido2Synced@contoso.com")["isPasswordlessCapable"] is True


def test_beta_says_when_a_method_was_last_used() -> None:
    mock = at_noon()
    used = {"lastUsedDateTime": "2026-01-02T03:04:05Z"}
    mock.tenant().registered.register(MIA, "softwareOath", **used)
    url = f"/users/{MIA}/authentication/methods"
    beta = mock.ask("GET", f"/beta{url}").body["value"]
    assert all(each["lastUsedDateTime"] <= "2026-11-30T12:00:00Z" for each in beta)
    assert beta[-1]["lastUsedDateTime"] == used["lastUsedDateTime"]
    assert beta == mock.ask("GET", f"/beta{url}").body["value"]
    stable = mock.ask("GET", f"/v1.0{url}").body["value"]
    assert not any("lastUsedDateTime" in each for each in stable)


def test_a_crowd_has_guests_administrators_and_disabled_accounts() -> None:
    mock = at_noon()
    mock.add_crowd(1000, guests=10, disabled=4, administrators=50)
    crowd = [each for each in rows(mock) if each["id"].endswith("c0dec0dec0de")]
    assert len(crowd) == 750
    guests = [each for each in crowd if each["userType"] == "guest"]
    assert len(guests) == 50
    assert all("#EXT#" in each["userPrincipalName"] for each in guests)
    assert sum(each["isAdmin"] for each in crowd) == 10
    everybody = rows(mock, "/v1.0/users?$select=id,accountEnabled,userType&$top=999")
    assert sum(not each["accountEnabled"] for each in everybody) == 250
    assert sum(each["userType"] == "Guest" for each in everybody) == 101
    for guest in guests[:3]:
        name = guest["userPrincipalName"].replace("#", "%23")
        assert mock.ask("GET", f"/v1.0/users/{name}").body["id"] == guest["id"]
    registered = {name for each in crowd for name in each["methodsRegistered"]}
    assert registered >= {"passKeyDeviceBound", "passKeySynced", "passKeyDeviceBoundAuthenticator"}


def test_a_group_may_be_dynamic_or_synchronised() -> None:
    mock = at_noon()
    dynamic, synchronised = (f"0d1c2b3a-0000-4000-8000-0000000000a{n}" for n in "ab")
    mock.add_group(dynamic, "Dynamic", groupTypes=["DynamicMembership"])
    row = {"id": synchronised, "displayName": "Synchronised", "onPremisesSyncEnabled": True}
    mock.tenant().populate({"groups": [row]})
    shown = "$select=groupTypes,onPremisesSyncEnabled"
    first, second = (
        mock.ask("GET", f"/v1.0/groups/{each}?{shown}").body for each in (dynamic, synchronised)
    )
    assert (first["groupTypes"], first["onPremisesSyncEnabled"]) == (["DynamicMembership"], None)
    assert (second["groupTypes"], second["onPremisesSyncEnabled"]) == ([], True)


def test_after_the_retirement_a_phone_is_registered_and_not_usable() -> None:
    mock = Mock(seed="retirement", clock=lambda: NOON)
    phone, hello = "phone.only@contoso.com", "phone.and.hello@contoso.com"
    mock.set_switches(february_2027="on")
    assert row(mock, phone)["isMfaCapable"] is True
    mock.world.clock.set(datetime(2027, 2, 1, tzinfo=UTC))
    after = row(mock, phone)
    assert (after["isMfaRegistered"], after["isMfaCapable"]) == (True, False)
    assert after["systemPreferredAuthenticationMethods"] == []
    assert row(mock, hello)["isMfaCapable"] is True
    for answer in ({"cloud": "usgov"}, {"cloud": "global", "february_2027": "off"}):
        mock.set_switches(**answer)
        assert row(mock, phone)["isMfaCapable"] is True


def test_the_tenant_of_the_retirement_has_everybody_that_contoso_has() -> None:
    names = {each["userPrincipalName"] for each in rows(Mock(seed="retirement"))}
    assert names >= {each["userPrincipalName"] for each in rows(Mock())}
    assert "no.row@contoso.com" not in names
    assert "left@contoso.com" not in names
    assert len(names) == 12 + 10 + 384
