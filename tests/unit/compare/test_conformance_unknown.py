"""What a tenant returns and the catalogue does not know is reported once, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest

from graphpolicy.compare.conformance import unmodelled
from graphpolicy.model import Observed
from tests.unit.build import ALL, A, external, group, held, read

AUTHENTICATOR = held(MicrosoftAuthenticator={})["MicrosoftAuthenticator"]
FIDO2 = held(Fido2={})["Fido2"]
X509 = held(X509Certificate={})["X509Certificate"]

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({**AUTHENTICATOR, "state": "enabled", "includeTargets": [ALL]}, []),
    "annotations, nulls and keys of old": (
        {
            **AUTHENTICATOR,
            "featureSettings": None,
            "x@odata.context": "y",
            "includeTargets": [group(A, outlookMobileAllowedState="x", **{"@odata.type": "z"})],
        },
        [],
    ),
    "a method": (
        {"@odata.type": "#microsoft.graph.teleportMethod", "id": "Teleport"},
        ["method Teleport (teleportMethod)"],
    ),
    "a method without a type": ({"id": "Teleport"}, ["method Teleport (no type)"]),
    "a method known by its id alone": ({"id": "sms", "new": 1}, ["property Sms.new"]),
    "an external method": (external(new=1), ["property External.new"]),
    "a property": ({**AUTHENTICATOR, "new": None}, ["property MicrosoftAuthenticator.new"]),
    "a member of an object": (
        {**AUTHENTICATOR, "featureSettings": {"newState": {}}},
        ["property MicrosoftAuthenticator.featureSettings.newState"],
    ),
    "a member of a target": (
        {**AUTHENTICATOR, "includeTargets": [group(A, new=1), group(A, new=2)]},
        ["property MicrosoftAuthenticator.includeTargets.new"],
    ),
    "a type of target": (
        {**AUTHENTICATOR, "excludeTargets": [{"targetType": "device", "id": A}]},
        ["value 'device' of MicrosoftAuthenticator.excludeTargets.targetType"],
    ),
    "an enum member": ({**FIDO2, "state": "paused"}, ["value 'paused' of Fido2.state"]),
    "a flag": (
        {**FIDO2, "passkeyProfiles": [{"id": A, "passkeyTypes": "synced,orbital"}]},
        ["value 'orbital' of Fido2.passkeyProfiles.passkeyTypes"],
    ),
    "an enum member in a rule": (
        {
            **X509,
            "authenticationModeConfiguration": {
                "rules": [{"x509CertificateRuleType": "unknownFutureValue"}]
            },
        },
        [
            (
                "value 'unknownFutureValue' of "
                "X509Certificate.authenticationModeConfiguration.rules.x509CertificateRuleType"
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_unmodelled(case: tuple[dict[str, Any], list[str]]) -> None:
    item, expected = case
    assert list(unmodelled(read(item))) == expected


def test_what_both_versions_return_is_reported_once() -> None:
    document = {"brandNew": 1, "authenticationMethodConfigurations": [{**FIDO2, "new": 1}]}
    assert unmodelled(Observed({"v1.0": document, "beta": document})) == (
        "property authenticationMethodsPolicy.brandNew",
        "property Fido2.new",
    )
