"""Custom authentication strengths: which combinations of methods Conditional Access may demand."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import Object, Property, Resource, Strings, Text
from graphpolicy.catalogue.shared import GUID, REFERENCE

STRENGTHS = "authenticationStrengthPolicies"
CONDITIONAL_ACCESS = "/identity/conditionalAccess/policies"
"""The URL of the policies that demand a strength."""

COMBINATIONS: dict[str, str] = {
    "fido2": "Passkey (FIDO2).",
    "windowsHelloForBusiness": "Windows Hello for Business or a platform credential.",
    "x509CertificateMultiFactor": "Certificate-based authentication (multifactor).",
    "deviceBasedPush": "Microsoft Authenticator (phone sign-in).",
    "temporaryAccessPassOneTime": "Temporary Access Pass (one-time use).",
    "temporaryAccessPassMultiUse": "Temporary Access Pass (multi-use).",
    "password,microsoftAuthenticatorPush": "Password and Microsoft Authenticator (push).",
    "password,softwareOath": "Password and software OATH token.",
    "password,hardwareOath": "Password and hardware OATH token.",
    "password,sms": "Password and SMS.",
    "password,voice": "Password and voice.",
    "password,x509CertificateSingleFactor": "Password and certificate (single-factor).",
    "password,x509CertificateMultiFactor": "Password and certificate (multifactor).",
    "federatedMultiFactor": "Federated multifactor.",
    "microsoftAuthenticatorPush,federatedSingleFactor": "Federated and Authenticator (push).",
    "softwareOath,federatedSingleFactor": "Federated single-factor and software OATH token.",
    "hardwareOath,federatedSingleFactor": "Federated single-factor and hardware OATH token.",
    "sms,federatedSingleFactor": "Federated single-factor and SMS.",
    "voice,federatedSingleFactor": "Federated single-factor and voice.",
    "x509CertificateSingleFactor": "Certificate-based authentication (single-factor).",
    "sms": "SMS sign-in.",
    "password": "Password.",
    "federatedSingleFactor": "Federated single-factor.",
    "email": "Email one-time passcode.",
    "qrCodePin": "QR code and PIN.",
}
"""The combinations that Graph accepts (Graph: "List combinations"; the two of a password and a
certificate: "List authenticationStrengthPolicies"; qrCodePin: authenticationMethodModes).
"""

SINGLE_FACTOR = frozenset(
    {"x509CertificateSingleFactor", "sms", "password", "federatedSingleFactor", "email"}
)
"""The combinations with a single factor (Graph: "List combinations")."""

BUILT_IN = frozenset(
    {
        "multifactor authentication",
        "passwordless mfa",
        "phishing-resistant mfa",
        "phishing resistant mfa",
    }
)
"""The folded names of the built-in strengths; Microsoft's pages spell one in two ways."""

AAGUIDS = Property(
    "allowedAAGUIDs",
    Strings(GUID, "a model's AAGUID"),
    "Allowed AAGUIDs",
    "The only models that count. [] removes the restriction.",
    absent=[],
)


def _certificates(name: str, label: str) -> Property:
    """The certificates that count for one combination."""
    return Property(
        name,
        Object(
            "x509CertificateCombinationConfiguration",
            (
                Property(
                    "allowedIssuerSkis",
                    Strings(r"[0-9a-fA-F]+", "a subject key identifier in hex"),
                    "Allowed issuers",
                    "The subject key identifiers of the only issuers that count.",
                    absent=[],
                ),
                Property(
                    "allowedPolicyOIDs",
                    Strings(r"[0-9]+(\.[0-9]+)+", "an object identifier such as 1.2.3"),
                    "Allowed policy OIDs",
                    "The only policy OIDs that count.",
                    absent=[],
                ),
            ),
        ),
        label,
        "Which certificates count; if both lists are empty, any certificate does.",
        absent={},
    )


AUTHENTICATION_STRENGTH = Resource(
    id=STRENGTHS,
    type="authenticationStrengthPolicy",
    label="Authentication strength",
    doc="Combinations of methods that Conditional Access may demand. Custom ones, by display name; "
    "graphpolicy creates and changes them, and never deletes one.",
    link=REFERENCE + "authenticationstrengthpolicy",
    properties=(
        Property(
            "description", Text(), "Description", "What it is for, in your own words.", absent=""
        ),
        Property(
            "allowedCombinations",
            Strings(members=tuple(COMBINATIONS), docs=tuple(COMBINATIONS.values())),
            "Allowed combinations",
            "Any one of these satisfies it.",
            absent=[],
            action="updateAllowedCombinations",
            previous="previousCombinations",
            required=True,
        ),
        Property(
            "combinationConfigurations",
            Object(
                "authenticationCombinationConfiguration",
                (
                    Property(
                        "fido2",
                        Object("fido2CombinationConfiguration", (AAGUIDS,)),
                        "Passkeys (FIDO2): advanced options",
                        "Which models of passkeys count.",
                        absent={},
                    ),
                    _certificates(
                        "x509CertificateSingleFactor",
                        "Certificate (single-factor): advanced options",
                    ),
                    _certificates(
                        "x509CertificateMultiFactor", "Certificate (multifactor): advanced options"
                    ),
                ),
                listed_by="appliesToCombinations",
                # Seen in answers of beta; it repeats allowedIssuerSkis, and no metadata has it.
                follow=frozenset({"allowedIssuers"}),
            ),
            "Advanced options",
            "Further conditions of each combination.",
            absent={},
            follows="allowedCombinations",
        ),
    ),
    known=frozenset(
        {
            "id",
            "displayName",
            "createdDateTime",
            "modifiedDateTime",
            "deletedDateTime",
            "policyType",
            "requirementsSatisfied",
        }
    ),
    root=(STRENGTHS,),
    url=f"/policies/{STRENGTHS}",
    several=True,
    created=True,
    ambiguous="strength-ambiguous",
    builtin=("policyType", "builtIn"),
)
"""Source: Graph, authenticationStrengthPolicy, fido2CombinationConfiguration and
x509CertificateCombinationConfiguration; portal: Entra "Authentication strengths".
"""
