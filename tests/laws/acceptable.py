"""Declared trees that Graph accepts: generated ones, corrected where Graph has rules."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.model import POLICY
from tests.laws.generated import PROFILES, declared, live, resources, trees
from tests.laws.situations import Held

LIFETIMES = ("minimumLifetimeInMinutes", "defaultLifetimeInMinutes", "maximumLifetimeInMinutes")
EXTERNAL_CODES = "allowExternalIdToUseEmailOtp"
CAMPAIGN, ASKED = "authenticationMethodsRegistrationCampaign", "targetedAuthenticationMethod"
CONFIGURED = "combinationConfigurations"
LEGACY = ("isAttestationEnforced", "keyRestrictions")


@st.composite
def files(draw: st.DrawFn) -> Held:
    """What a file may declare of up to three resources, by resource."""
    chosen = draw(st.lists(resources(), min_size=1, max_size=3, unique_by=lambda row: row.id))
    mended = {row.id: _mended(row.id, draw(trees(row)), draw) for row in chosen}
    return {name: tree for name, tree in mended.items() if tree}


def _mended(name: str, tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    match name:
        case "TemporaryAccessPass":
            if any(lifetime in tree for lifetime in LIFETIMES):
                tree |= dict(zip(LIFETIMES, sorted(draw(_three_lifetimes)), strict=True))
        case "Fido2":
            return _with_profiles(tree, draw)
        case "Email":  # not to be disabled while guests use it (Entra)
            if tree.keys() & {"state", EXTERNAL_CODES} and tree.get("state") != "enabled":
                tree[EXTERNAL_CODES] = "disabled"
        case "MicrosoftAuthenticator":
            tree.get("featureSettings", {}).pop("numberMatchingRequiredState", None)
            if not tree.get("featureSettings", True):
                del tree["featureSettings"]
        case _ if name == STRENGTHS:
            _with_combinations(tree, draw)
        case _ if name == POLICY:
            for side in ("includeTargets", "excludeTargets"):  # one group each (Entra, 03/2025)
                if side in tree.get("systemCredentialPreferences", {}):
                    del tree["systemCredentialPreferences"][side][1:]
            one_method(tree)
    return tree


def one_method(tree: dict[str, Any]) -> None:
    """Let a declared campaign ask for one method (Entra how-to-mfa-registration-campaign)."""
    campaign = tree.get("registrationEnforcement", {}).get(CAMPAIGN, {})
    for each in campaign.get("includeTargets", ()):
        each[ASKED] = campaign["includeTargets"][0].get(ASKED, "microsoftAuthenticator")


def _with_combinations(tree: dict[str, Any], draw: st.DrawFn) -> None:
    """A strength that Graph creates, with options for its own combinations and none for others."""
    row = RESOURCES[STRENGTHS].at(("allowedCombinations",))
    allowed = draw(declared(row.kind).filter(bool))
    tree[row.name] = allowed
    options = RESOURCES[STRENGTHS].at((CONFIGURED,)).members
    if CONFIGURED in tree or draw(st.booleans()):
        values = {each.name: draw(live(each.kind)) for each in options}
        tree[CONFIGURED] = {
            name: {key: each if name in allowed else [] for key, each in value.items()}
            for name, value in values.items()
        }


_three_lifetimes = st.lists(st.integers(10, 43200), min_size=3, max_size=3)


def _with_profiles(tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """Either the settings of old with no profile, or all three profiles, each without conflict."""
    if draw(st.booleans()):
        for name in ("passkeyProfiles", "defaultPasskeyProfile"):
            tree.pop(name, None)
        for target in tree.get("includeTargets", ()):
            target.pop("allowedPasskeyProfiles", None)
        return tree
    for name in (*LEGACY, "defaultPasskeyProfile"):
        tree.pop(name, None)
    restrictions = {"isEnforced": draw(st.booleans()), "enforcementType": "allow", "aaGuids": []}
    tree["passkeyProfiles"] = [
        {
            "id": id_,
            "name": name,
            "passkeyTypes": draw(st.sampled_from(["deviceBound", "deviceBound,synced"])),
            "attestationEnforcement": "disabled",
            "keyRestrictions": restrictions,
        }
        for id_, name in PROFILES.items()
    ]
    return tree


SWITCHES = {
    "merge_objects": ["replace", "deep"],
    "reorder": ["off", "reverse", "sort"],
    "fill_defaults": ["on", "off"],
    "visibility": ["immediate", "after_n_reads"],
    "root_patch": ["200_body", "204_empty"],
    "number_matching_read": ["absent", "present"],
    "number_matching_write": ["refused", "accepted"],
    "feature_exclude_omitted": ["zero_guid", "keep"],
    "qr_id": ["QRCodePin", "qrCodePin"],
    "unknown_property": ["reject_400", "ignore"],
    "strength_expanded": ["shown", "on_expand", "own_get"],
    "strength_patch": ["204_empty", "200_entity"],
    "strength_orphan": ["reject_400", "removed", "kept"],
    "strength_ids": ["lower", "upper"],
    "combination_text": ["plain", "spaced"],
    "allowed_issuers": ["absent", "shown"],
    "v1.0/HardwareOath": ["absent", "writable"],
    "v1.0/companionAppAllowedState": ["absent", "writable"],
}
"""Answers under which nothing that is acceptable may fail, whatever else is answered."""

GENEROUS = {
    "root_writable": "all",
    "size_limit": "off",
    "beta/identityVerificationEventsConfiguration": "writable",
}
"""Answers under which everything that the catalogue has can be written at all."""

SELDOM: dict[str, dict[str, Any]] = {
    POLICY: {
        "reconfirmationInDays": 180,
        "microsoftAuthenticatorPlatformSettings": {
            "enforceAppPIN": {"includeTargets": [], "excludeTargets": []}
        },
    },
    "VerifiableCredentials": {"identityVerificationEventsConfiguration": {"isEnabled": False}},
}
"""What no documented example of a tenant holds, and the models declare."""


def answers() -> st.SearchStrategy[dict[str, str]]:
    """One answer to each of these open questions."""
    return st.fixed_dictionaries({name: st.sampled_from(v) for name, v in SWITCHES.items()})
