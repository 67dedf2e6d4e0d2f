"""Which keys and certificates are accepted."""

from __future__ import annotations

import pytest

from graphpolicy.guards import GUARDS
from tests.unit.build import A, B
from tests.unit.guards.policies import (
    ATTESTED,
    FIDO2,
    X509,
    Case,
    Values,
    check,
    keys,
    message,
    off,
    on,
    passkeys,
    profile,
    seen,
)

EXEMPTED = "exemptedCertificateAuthoritiesSubjectKeyIdentifiers"
RESTRICTIONS: dict[str, Case] = {
    "no attestation, of old": (
        "restriction-loosened",
        {FIDO2: on(isAttestationEnforced=True)},
        {FIDO2: on(isAttestationEnforced=False)},
        [("warning", FIDO2, "isAttestationEnforced")],
    ),
    "attestation, of old": (
        "restriction-loosened",
        {FIDO2: on(isAttestationEnforced=False)},
        {FIDO2: on(isAttestationEnforced=True)},
        [],
    ),
    "one more model": (
        "restriction-loosened",
        {FIDO2: on(keyRestrictions=keys(A))},
        {FIDO2: on(keyRestrictions=keys(A, B))},
        [("warning", FIDO2, "keyRestrictions")],
    ),
    "a list of old that is no longer enforced": (
        "restriction-loosened",
        {FIDO2: on(keyRestrictions=keys(A))},
        {FIDO2: on(keyRestrictions=keys(A, enforced=False))},
        [("warning", FIDO2, "keyRestrictions")],
    ),
    "one model less": (
        "restriction-loosened",
        {FIDO2: on(keyRestrictions=keys(A, B))},
        {FIDO2: on(keyRestrictions=keys(A.upper()))},
        [],
    ),
    "one blocked model less": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A, B, type_="block")))},
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A, type_="block")))},
        [("warning", FIDO2, "passkeyProfiles")],
    ),
    "a list that is no longer enforced": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A)))},
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A, enforced=False)))},
        [("warning", FIDO2, "passkeyProfiles")],
    ),
    "an allow list of what was not blocked": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A, type_="block")))},
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(B)))},
        [],
    ),
    "a profile that takes synced keys too": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A))},
        {FIDO2: passkeys(profile(A, "deviceBound,synced"))},
        [("warning", FIDO2, "passkeyProfiles")],
    ),
    "a looser profile for the same people": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, **ATTESTED), profile(B))},
        {FIDO2: passkeys(profile(A, **ATTESTED), profile(B), allowed=(A, B))},
        [("warning", FIDO2, "includeTargets")],
    ),
    "a stricter profile for the same people": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, **ATTESTED), profile(B), allowed=(B,))},
        {FIDO2: passkeys(profile(A, **ATTESTED), profile(B), allowed=(A,))},
        [],
    ),
    "profiles that are looser than the settings of old": (
        "restriction-loosened",
        {FIDO2: on(isAttestationEnforced=True, passkeyProfiles=[])},
        {FIDO2: passkeys(profile(A))},
        [("warning", FIDO2, "passkeyProfiles")],
    ),
    "passkeys that are switched off": (
        "restriction-loosened",
        {FIDO2: on(isAttestationEnforced=True)},
        {FIDO2: off(isAttestationEnforced=False)},
        [],
    ),
    "no revocation lists": (
        "restriction-loosened",
        {X509: on(crlValidationConfiguration={"state": "enabled"})},
        {X509: on(crlValidationConfiguration={"state": "disabled"})},
        [("warning", X509, "crlValidationConfiguration.state")],
    ),
    "an authority that needs no revocation list": (
        "restriction-loosened",
        {X509: on(crlValidationConfiguration={"state": "enabled"})},
        {
            X509: on(
                crlValidationConfiguration={
                    "state": "enabled",
                    "exemptedCertificateAuthoritiesSubjectKeyIdentifiers": ["AB12"],
                }
            )
        },
        [
            (
                "warning",
                X509,
                "crlValidationConfiguration.exemptedCertificateAuthoritiesSubjectKeyIdentifiers",
            )
        ],
    ),
    "certificates without the person's identifier": (
        "restriction-loosened",
        {X509: on(requireCertificateSidAlignment=True)},
        {X509: on(requireCertificateSidAlignment=False)},
        [("warning", X509, "requireCertificateSidAlignment")],
    ),
    "certificates with the person's identifier": (
        "restriction-loosened",
        {X509: on(requireCertificateSidAlignment=False)},
        {X509: on(requireCertificateSidAlignment=True)},
        [],
    ),
    "an empty allow list": (
        "empty-allow-list",
        {FIDO2: on(keyRestrictions=keys(enforced=False))},
        {FIDO2: on(keyRestrictions=keys())},
        [("error", FIDO2, "keyRestrictions")],
    ),
    "an empty allow list in a new profile": (
        "empty-allow-list",
        {FIDO2: passkeys(profile(A))},
        {FIDO2: passkeys(profile(A), profile(B, keyRestrictions=keys()))},
        [("error", FIDO2, "passkeyProfiles")],
    ),
    "an empty allow list that is there": (
        "empty-allow-list",
        {FIDO2: passkeys(profile(A, keyRestrictions=keys()))},
        {FIDO2: passkeys(profile(A, "synced", keyRestrictions=keys()))},
        [],
    ),
    "an empty allow list that takes effect": (
        "empty-allow-list",
        {FIDO2: off(keyRestrictions=keys())},
        {FIDO2: on(keyRestrictions=keys())},
        [("error", FIDO2, "keyRestrictions")],
    ),
    "an empty block list": (
        "empty-allow-list",
        {FIDO2: on()},
        {FIDO2: on(keyRestrictions=keys(type_="block"))},
        [],
    ),
    "opting in to profiles": (
        "irreversible-change",
        {FIDO2: on(passkeyProfiles=[])},
        {FIDO2: passkeys(profile(A))},
        [("error", FIDO2, "passkeyProfiles")],
    ),
    "one more profile": (
        "irreversible-change",
        {FIDO2: passkeys(profile(A))},
        {FIDO2: passkeys(profile(A), profile(B))},
        [],
    ),
}


@pytest.mark.parametrize("case", RESTRICTIONS.values(), ids=RESTRICTIONS.keys())
def test_a_restriction(case: Case) -> None:
    check(case)


SAID: dict[str, tuple[str, Values, Values, str]] = {
    "which keys are newly accepted": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A, **ATTESTED))},
        {FIDO2: passkeys(profile(A, "deviceBound,synced"))},
        "profile 'Profile a' would accept synced keys and keys without attestation",
    ),
}


@pytest.mark.parametrize("case", SAID.values(), ids=SAID.keys())
def test_what_it_says(case: tuple[str, Values, Values, str]) -> None:
    rule, before, after, expected = case
    assert message(rule, before, after) == expected


MORE: dict[str, Case] = {
    "a method that was off": (
        "restriction-loosened",
        {FIDO2: off(keyRestrictions=keys(A))},
        {FIDO2: on(keyRestrictions=keys(A, B))},
        [],
    ),
    "somebody may newly use a profile that is as strict as their own": (
        "restriction-loosened",
        {FIDO2: passkeys(profile(A), profile(B), allowed=(A,))},
        {FIDO2: passkeys(profile(A), profile(B), allowed=(A, B))},
        [],
    ),
    "two lists may newly be missing, of which one is exempt already": (
        "restriction-loosened",
        {X509: on(crlValidationConfiguration={EXEMPTED: ["AA"]})},
        {X509: on(crlValidationConfiguration={EXEMPTED: ["aa", "bb"]})},
        [("warning", X509, f"crlValidationConfiguration.{EXEMPTED}")],
    ),
    "a profile that is stricter, beside one that is as wide": (
        "emergency-access-missing",
        {FIDO2: passkeys(profile(A), profile(B), allowed=(A, B))},
        {FIDO2: passkeys(profile(A, keyRestrictions=keys(A)), profile(B), allowed=(A, B))},
        [("error", "authenticationMethodsPolicy", "emergencyAccess")],
    ),
}


@pytest.mark.parametrize("case", MORE.values(), ids=MORE)
def test_who_may_use_which_keys(case: Case) -> None:
    check(case)


def test_a_profile_that_somebody_may_newly_use_is_told_by_name() -> None:
    strict = profile(A, keyRestrictions=keys(A))
    before = {FIDO2: passkeys(strict, profile(B), allowed=(A,))}
    after = {FIDO2: passkeys(strict, profile(B), allowed=(A, B))}
    said = message("restriction-loosened", before, after)
    assert said == f"everyone could also use keys of profile 'Profile b': every model except {A}"


def test_a_looser_profile_is_told_with_what_it_is_and_the_way_out() -> None:
    strict, loose = profile(A, keyRestrictions=keys(A)), profile(A, keyRestrictions=keys(A, B))
    before, after = {FIDO2: passkeys(strict)}, {FIDO2: passkeys(loose)}
    [told] = GUARDS["restriction-loosened"](seen(before, after))
    assert told.entry == loose
    assert told.help
    old = seen({FIDO2: on(keyRestrictions=keys(A))}, {FIDO2: on(keyRestrictions=keys(A, B))})
    [told] = GUARDS["restriction-loosened"](old)
    assert told.message.startswith("Fido2 would ")
