"""What is registered: read from two versions, judged by the policy, put in order for a reset."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from graphpolicy.catalogue import METHODS
from graphpolicy.catalogue.registered import KINDS, PHONES
from graphpolicy.helpdesk.person import Memberships, Person, masked
from graphpolicy.helpdesk.registered_methods import (
    Preference,
    RegisteredMethod,
    allowed,
    asks_belonging,
    configurations,
    deletions,
    held_up,
    stand_ins,
    united,
    usable,
)
from tests.every import every

MIA = Person("1", "mia@contoso.com", "Mia")
GROUP = "0d1c2b3a-0000-4000-8000-000000000001"
PHONE_IDS = {name: id_ for id_, name in PHONES.items()}


def row(name: str, id_: str = "", **more: Any) -> dict[str, Any]:
    type_ = f"#microsoft.graph.{name}AuthenticationMethod"
    return {"@odata.type": type_, "id": id_ or f"id of {name}", **more}


def phone(which: str, number: str = "+1 2065550100") -> dict[str, Any]:
    return row("phone", PHONE_IDS[which], phoneType=which, phoneNumber=number)


def methods(*rows: dict[str, Any]) -> tuple[RegisteredMethod, ...]:
    return united(rows, ())


def policy(**found: dict[str, Any]) -> Any:
    rows = [{"id": name, **values} for name, values in found.items()]
    return configurations([{"authenticationMethodConfigurations": rows}])


def on(*groups: str, **more: Any) -> dict[str, Any]:
    targets = [{"targetType": "group", "id": each} for each in groups or ("all_users",)]
    return {"state": "enabled", "includeTargets": targets, "excludeTargets": [], **more}


def judged(found: dict[str, Any], live: Any, belongs: Memberships | None = Memberships()) -> Any:  # noqa: B008
    (method,) = methods(found)
    may = allowed(method, live, MIA, belongs)
    return may.yes, may.why


def test_every_kind_is_used_through_methods_that_the_policy_has() -> None:
    known = {each.id for each in METHODS}
    assert {name for kind in KINDS for name in kind.through} <= known


def test_what_one_version_alone_has_is_in_the_list_once() -> None:
    stable = (row("password"), row("fido2", "k"), {"id": "x", "@odata.type": ""})
    beta = (row("fido2", "k"), row("hardwareOath", "x"), row("retinaScan", "r"), None, "?")
    found = united(stable, beta)
    assert [(each.label, each.version) for each in found] == [
        ("password", "v1.0"),
        ("passkey (FIDO2)", "v1.0"),
        ("hardware OATH token", "beta"),
        ("unknown type retinaScanAuthenticationMethod", "beta"),
    ]
    assert [each.deletable for each in found] == [False, True, True, False]


def test_what_is_personal_is_masked_as_soon_as_it_is_read() -> None:
    found = methods(phone("mobile"), row("email", emailAddress="mia@example.com"))
    assert [each.words for each in found] == [
        "mobile phone, +1 XXXXXXXX00",
        "email address, m***@example.com",
    ]
    assert masked("+491701234567") == "+XXXXXXXXXX67"
    assert masked("+1 XXXXXXXX00") == "+1 XXXXXXXX00"


@pytest.mark.parametrize(
    ("found", "live", "says"),
    [
        (phone("mobile"), policy(Sms=on(), Voice={"state": "disabled"}), (True, "Sms")),
        (phone("office"), policy(Voice=on()), (False, "Voice does not allow office phones")),
        (phone("office"), policy(Voice=on(isOfficePhoneAllowed=True)), (True, "Voice")),
        (row("softwareOath"), policy(MicrosoftAuthenticator=on(isSoftwareOathEnabled=True)),
         (None, "softwareoath is not in the policy")),
        (row("fido2", aaGuid="A"), policy(Fido2=on(keyRestrictions={
            "isEnforced": True, "enforcementType": "allow", "aaGuids": ["b"]})),
         (False, "Fido2 refuses this model")),
        (row("windowsHelloForBusiness"), policy(), (True, "not controlled by this policy")),
        (row("retinaScan"), policy(), (None, "not known to this release")),
        (row("external", configurationId="D"), policy(d=on(displayName="Duo")), (True, "Duo")),
        (row("external", configurationId="D"), policy(), (False, "no longer in the policy")),
        (row("fido2"), policy(Fido2=on(GROUP)), (False, "not included in Fido2")),
    ],
)  # fmt: skip
def test_what_todays_policy_says(found: dict[str, Any], live: Any, says: Any) -> None:
    if found["@odata.type"].endswith("softwareOathAuthenticationMethod"):
        says = (True, "MicrosoftAuthenticator")
    assert judged(found, live) == says


def test_groups_count_where_the_policy_goes_by_them() -> None:
    inside = Memberships(frozenset({GROUP}))
    included, spared = (
        policy(Fido2=on(GROUP)),
        policy(Fido2=on(excludeTargets=[{"targetType": "group", "id": GROUP}])),
    )
    assert judged(row("fido2"), included, inside) == (True, "Fido2")
    assert judged(row("fido2"), spared, inside) == (False, "excluded from Fido2")
    assert judged(row("fido2"), spared, None)[0] is None
    assert asks_belonging(methods(row("fido2")), spared)
    assert not asks_belonging(methods(row("fido2")), policy(Fido2=on()))


def test_a_pass_that_is_used_up_signs_nobody_in() -> None:
    live = policy(TemporaryAccessPass=on())
    for reason, says in (("EnabledByPolicy", True), ("OneTimeUsed", False), ("Expired", False)):
        (method,) = methods(row("temporaryAccessPass", methodUsabilityReason=reason))
        assert usable(method, allowed(method, live, MIA, Memberships())) is says


@every("preferred", ["", "push", "sms", "voiceMobile", "voiceOffice", "oath"])
@every("order", list(permutations(range(4))))
def test_the_default_goes_last_and_the_alternate_phone_before_the_mobile(
    preferred: str, order: tuple[int, ...]
) -> None:
    rows = (
        phone("mobile"),
        phone("alternateMobile"),
        phone("office"),
        row("microsoftAuthenticator"),
        row("password"),
    )
    preference = Preference(preferred)
    found = deletions(methods(*(rows[n] for n in (*order, 4))), preference, passes=True)
    labels = [each.label for each in found]
    assert labels.index("alternate mobile phone") < labels.index("mobile phone")
    assert "password" not in labels
    assert not any(map(preference.serves, found[:-1]))
    assert preference.serves(found[-1]) or not preferred
    assert not held_up(found, preference)


def test_an_alternate_phone_that_is_the_default_needs_another_one() -> None:
    preference = Preference("voiceAlternateMobile")
    found = deletions(methods(phone("mobile"), phone("alternateMobile")), preference, passes=True)
    assert [each.label for each in found] == ["alternate mobile phone", "mobile phone"]
    assert held_up(found, preference)
    assert list(stand_ins(found, preference)) == ["sms", "voiceMobile"]
    more = deletions((*found, *methods(row("softwareOath"))), preference, passes=True)
    assert next(stand_ins(more, preference)) == "sms"


def test_passes_go_or_stay() -> None:
    found = methods(row("temporaryAccessPass"), row("fido2"))
    assert len(deletions(found, Preference(), passes=True)) == 2
    assert [each.label for each in deletions(found, Preference(), passes=False)] == [
        "passkey (FIDO2)"
    ]


def test_a_phone_that_was_registered_anew_is_another_one() -> None:
    (before,) = methods({**phone("mobile"), "createdDateTime": "2025-01-01T00:00:00Z"})
    (after,) = methods({**phone("mobile"), "createdDateTime": "2026-01-01T00:00:00Z"})
    (unsaid,) = methods(phone("mobile"))
    assert before.same(before)
    assert before.same(unsaid)
    assert not before.same(after)
