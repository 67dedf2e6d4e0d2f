"""Passkeys (FIDO2): the legacy settings and the passkey profiles that replace them."""

from __future__ import annotations

from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Strings,
    Text,
)
from graphpolicy.catalogue.shared import CONCEPT, GUID, method

PROFILES_PAGE = CONCEPT + "how-to-authentication-passkey-profiles"

KEY_RESTRICTIONS = Object(
    "fido2KeyRestrictions",
    (
        Property("isEnforced", Bool(), "Enforce key restrictions", "Whether the list is enforced."),
        Property(
            "enforcementType",
            Enum(
                ("allow", "block"),
                ("Only the listed models may be used.", "The listed models may not be used."),
            ),
            "Restrict specific keys",
            "Whether only the listed models are allowed, or the listed models are blocked.",
        ),
        Property("aaGuids", Strings(GUID, "a model's AAGUID"), "AAGUIDs", "The listed models."),
    ),
)

FIDO2 = method(
    id="Fido2",
    label="Passkey (FIDO2)",
    doc="Security keys and passkeys. Phishing-resistant.",
    targets=(
        Property(
            "allowedPasskeyProfiles",
            ProfileRefs(),
            "Passkey profiles",
            "The profiles of the group; a key is accepted if any one of them allows it.",
            absent=[],
            follows="passkeyProfiles",
            link=PROFILES_PAGE,
            seen="member",
        ),
    ),
    properties=(
        Property(
            "isSelfServiceRegistrationAllowed",
            Bool(),
            "Allow self-service set up",
            "Whether people may register passkeys themselves.",
            seen="value",
        ),
        Property(
            "isAttestationEnforced",
            Bool(),
            "Enforce attestation",
            "Whether a key must prove its model. Legacy: for tenants without passkey profiles.",
            follows="passkeyProfiles",
            narrows=True,
            seen="value",
        ),
        Property(
            "keyRestrictions",
            KEY_RESTRICTIONS,
            "Key restriction policy",
            "Which models are allowed. Legacy: for tenants without passkey profiles.",
            follows="passkeyProfiles",
            narrows=True,
            seen="value",
        ),
        Property(
            "defaultPasskeyProfile",
            ProfileRef(),
            "Default passkey profile",
            "The profile that can't be deleted. None before the tenant opts in to profiles.",
            follows="passkeyProfiles",
            link=PROFILES_PAGE,
        ),
        Property(
            "passkeyProfiles",
            Collection(
                "passkeyProfile",
                (
                    Property(
                        "id", Text(GUID, "a GUID", ignore_case=True), "ID", "The profile's id."
                    ),
                    Property("name", Text(), "Name", "The profile's name."),
                    Property(
                        "passkeyTypes",
                        Flags(
                            ("deviceBound", "synced"),
                            (
                                "Keys that stay on one device.",
                                "Keys that a provider syncs between devices.",
                            ),
                        ),
                        "Passkey types",
                        "Keys that stay on one device, keys that are synced, or both.",
                        required=True,
                    ),
                    Property(
                        "attestationEnforcement",
                        Enum(
                            ("disabled", "registrationOnly"),
                            (
                                "A key need not prove its model; synced passkeys need this.",
                                "A key must prove its model when it is registered.",
                            ),
                        ),
                        "Enforce attestation",
                        "Whether a key must prove its model when it is registered.",
                        required=True,
                    ),
                    Property(
                        "keyRestrictions",
                        KEY_RESTRICTIONS,
                        "Target specific passkeys",
                        "Which models the profile allows.",
                        required=True,
                    ),
                ),
                identity=("id",),
                key="name",
            ),
            "Passkey profiles",
            "Named sets of rules for keys. Opting in to them can't be undone.",
            link=PROFILES_PAGE,
            narrows=True,
            seen="value",
        ),
    ),
)
