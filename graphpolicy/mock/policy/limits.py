"""The limits of a configuration that its types do not say: ranges, orders, uniqueness, size."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..graph.errors import GraphError
from ..rules import enforces
from ..switches import Switches
from ..tables import JsonObject, data
from .offer import TARGET_FEATURES
from .wire import POLICY, known

_FIELDS: Final = {
    "beta": {"PrincipalName", "RFC822Name"},
    "v1": {"PrincipalName", "RFC822Name", "SubjectKeyIdentifier", "SHA1PublicKey"},
}
_USER_PROPERTIES: Final = {
    "beta": {"userPrincipalName", "onPremisesUserPrincipalName", "email"},
    "v1": {"userPrincipalName", "onPremisesUserPrincipalName", "certificateUserIds"},
}
_CAMPAIGN_METHODS: Final = {"microsoftauthenticator": "microsoftAuthenticator", "fido2": "Fido2"}


def objects(value: Any, type_name: str) -> Iterator[tuple[str, JsonObject]]:
    """Every typed object in a value, itself included, with its type's name."""
    if isinstance(value, list):
        for each in value:
            yield from objects(each, type_name)
    elif isinstance(value, dict):
        yield type_name, value
        for name, wire in known(type_name).items():
            inner = wire.removeprefix("Collection(").rstrip(")")
            if name in value and (
                type_name != POLICY or name != "authenticationMethodConfigurations"
            ):
                yield from objects(value[name], inner)


@enforces("untouched")
def hold_ranges(
    document: JsonObject, type_name: str, switches: Switches, touched: Iterable[str]
) -> None:
    """Refuse numbers outside their range or, by switch, move them into it.

    Only the properties of the document that a PATCH touched are judged.
    """
    names = [name for name in touched if name in document]
    own = {name: document[name] for name in names}
    for found, each in objects(own, type_name):
        for name, (low, high) in data("types.json")["ranges"].get(found, {}).items():
            if name not in each or low <= each[name] <= high:
                continue
            if switches.range_error == "clamp":
                each[name] = min(max(each[name], low), high)
                continue
            raise GraphError(
                "range", f"Invalid {name} specified. The valid range between {low} and {high}."
            )
    document |= own
    if any(name.endswith("LifetimeInMinutes") for name in names):
        _hold_lifetimes(document, switches)


def _hold_lifetimes(document: JsonObject, switches: Switches) -> None:
    low, middle, high = (
        document.get(f"{name}LifetimeInMinutes", default)
        for name, default in (("minimum", 60), ("default", 60), ("maximum", 480))
    )
    if low <= middle <= high:
        return
    if switches.range_error != "clamp":
        raise GraphError(
            "tap-order",
            "Invalid lifetimes specified: minimumLifetimeInMinutes, defaultLifetimeInMinutes and "
            f"maximumLifetimeInMinutes are {low}, {middle} and {high}.",
        )
    high = max(low, high)
    document["maximumLifetimeInMinutes"] = high
    document["defaultLifetimeInMinutes"] = min(max(middle, low), high)


def hold_bindings(document: JsonObject, switches: Switches) -> None:
    """Refuse certificate bindings that name unknown fields or share a priority."""
    bindings = document.get("certificateUserBindings", [])
    priorities = [each["priority"] for each in bindings]
    if len(set(priorities)) < len(priorities) or any(each < 0 for each in priorities):
        raise GraphError("binding-priority", "Priorities of certificate bindings must be unique.")
    wanted = ("v1", "beta") if switches.binding_values == "union" else (switches.binding_values,)
    for each in bindings:
        for name, allowed in (
            ("x509CertificateField", _FIELDS),
            ("userProperty", _USER_PROPERTIES),
        ):
            if not any(each[name] in allowed[key] for key in wanted):
                raise GraphError("binding-values", f"Invalid {name} '{each[name]}'.")


def hold_campaign(policy: JsonObject, switches: Switches) -> None:
    """Refuse campaign targets of other methods, and bring names into canonical case by switch."""
    enforcement = policy.get("registrationEnforcement") or {}
    campaign = enforcement.get("authenticationMethodsRegistrationCampaign") or {}
    for target in campaign.get("includeTargets", []):
        method = target["targetedAuthenticationMethod"]
        canonical = _CAMPAIGN_METHODS.get(str(method).lower())
        refused = canonical == "Fido2" and switches.campaign_fido2 == "reject_400"
        if canonical is None or refused:
            raise GraphError("campaign-method", f"The method '{method}' cannot be targeted.")
        if switches.campaign_case == "canonical":
            target["targetedAuthenticationMethod"] = canonical


def hold_system_preferred(policy: JsonObject, switches: Switches) -> None:
    """Refuse more than one group on a side of the system-preferred setting."""
    if switches.system_preferred_max == "unlimited":
        return
    preferences = policy.get("systemCredentialPreferences") or {}
    for name in ("includeTargets", "excludeTargets"):
        if len(preferences.get(name, [])) > 1:
            raise GraphError(
                "system-preferred-one", f"systemCredentialPreferences.{name} takes one group."
            )


def hold_size(document: JsonObject, switches: Switches) -> None:
    """Refuse a policy that would exceed the size limit."""
    if switches.size_limit == "off":
        return
    size = len(json.dumps(document, separators=(",", ":")).encode())
    if size > int(switches.size_limit):
        raise GraphError(
            "policy-size",
            f"The policy would have {size} bytes and may not exceed {switches.size_limit}.",
            status=int(switches.size_error),
        )


def hold_target_features(configuration: JsonObject, switches: Switches) -> None:
    """Refuse a feature that several targets of the Authenticator enable for themselves."""
    for name, words in TARGET_FEATURES.items():
        targets = [
            str(each["id"])
            for each in configuration.get("includeTargets", ())
            if each.get(name) == "enabled"
        ]
        if len(targets) > 1:
            raise GraphError(
                "feature-targets",
                "Persistance of policy failed with error: You cannot enable multiple targets for "
                f"feature '{words}'. Choose only one of the following includeTargets to enable: "
                f"{','.join(targets)}.",
                code=switches.policy_error_code,
            )
