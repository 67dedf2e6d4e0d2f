"""What certificates count as, and which issuers are accepted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.build import ALL, A, B, group
from tests.unit.guards.policies import X509, check, on

DEFAULT = "x509CertificateAuthenticationDefaultMode"
SINGLE, MULTI = "x509CertificateSingleFactor", "x509CertificateMultiFactor"
MODES = "authenticationModeConfiguration"
SCOPES = "certificateAuthorityScopes"


def modes(default: str, *rules: str) -> dict[str, Any]:
    own = [
        {
            "x509CertificateRuleType": "issuerSubject",
            "identifier": f"CN={number}",
            "x509CertificateAuthenticationMode": mode,
        }
        for number, mode in enumerate(rules)
    ]
    return on(authenticationModeConfiguration={DEFAULT: default, "rules": own})


def scope(*targets: Any) -> dict[str, Any]:
    own = [{"subjectKeyIdentifier": "ab12", "includeTargets": list(targets)}]
    return on(certificateAuthorityScopes=own)


WIDER: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "the default": (modes(SINGLE), modes(MULTI), f"{MODES}.{DEFAULT}"),
    "a rule": (modes(SINGLE, SINGLE), modes(SINGLE, MULTI), f"{MODES}.rules"),
    "a new rule": (modes(SINGLE), modes(SINGLE, MULTI), f"{MODES}.rules"),
    "a rule that held some back": (modes(MULTI, SINGLE), modes(MULTI), f"{MODES}.rules"),
    "an authority for everyone": (scope(group(A)), on(), SCOPES),
    "an authority for more": (scope(group(A)), scope(group(A), group(B)), SCOPES),
}


@pytest.mark.parametrize("case", WIDER.values(), ids=WIDER)
def test_more_is_told_one_way_and_less_the_other(
    case: tuple[dict[str, Any], dict[str, Any], str],
) -> None:
    less, more, path = case
    found = [("warning", X509, path)]
    check(("restriction-loosened", {X509: less}, {X509: more}, found))
    check(("method-ends", {X509: less}, {X509: more}, []))
    check(("method-ends", {X509: more}, {X509: less}, found))
    check(("restriction-loosened", {X509: more}, {X509: less}, []))


def test_what_stays_in_effect_is_not_told() -> None:
    for before, after in (
        (modes(MULTI), modes(MULTI, MULTI)),
        (modes(SINGLE, SINGLE), modes(SINGLE)),
        (scope(ALL), on()),
    ):
        for rule in ("restriction-loosened", "method-ends"):
            check((rule, {X509: before}, {X509: after}, []))
