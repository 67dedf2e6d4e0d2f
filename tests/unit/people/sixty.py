"""A tenant of about sixty people, one plan, and its effect on each of them, judged by hand.

Sources: Entra, "Authentication methods and features" (how each is used), "Enable per-user
Microsoft Authenticator", "Passkey profiles", "Self-service password reset"; Graph, the
configuration of each method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALL = {"targetType": "group", "id": "all_users"}
GROUPS = {
    "Callers": "0d1c2b3a-0000-4000-8000-0000000000c0",
    "Frontline": "0d1c2b3a-0000-4000-8000-0000000000c1",
    "NoTexts": "0d1c2b3a-0000-4000-8000-0000000000c2",
    "AppUsers": "0d1c2b3a-0000-4000-8000-0000000000c3",
    "PushOnly": "0d1c2b3a-0000-4000-8000-0000000000c4",
    "Passwordless": "0d1c2b3a-0000-4000-8000-0000000000c5",
    "NoApp": "0d1c2b3a-0000-4000-8000-0000000000c6",
    "Located": "0d1c2b3a-0000-4000-8000-0000000000c7",
    "NoCodes": "0d1c2b3a-0000-4000-8000-0000000000c8",
    "Synced": "0d1c2b3a-0000-4000-8000-0000000000c9",
    "NoKeys": "0d1c2b3a-0000-4000-8000-0000000000ca",
    "DuoUsers": "0d1c2b3a-0000-4000-8000-0000000000cb",
    "Emergency": "0d1c2b3a-0000-4000-8000-0000000000cc",
    "Nested": "0d1c2b3a-0000-4000-8000-0000000000cd",
}
"""`Nested` is a member of `Callers`, and nobody's target."""
GONE, HIDDEN = (f"0d1c2b3a-0000-4000-8000-0000000000{end}" for end in ("d0", "d1"))
"""Groups that are targets as well: one is deleted, the members of the other may not be read."""
DUO = "d0500000-0000-4000-8000-000000000001"
BIO = "d8522d9f-575b-4866-88a9-ba99fa02f35b"
KEY = "2fc0579f-8113-47ea-b116-555a8db9202a"
ON_PHONE = "de1e552d-db1d-4423-a619-566b625cdc84"
ON_LAPTOP = "08987058-cadc-4b81-b6e1-30de50dcbe96"
CLOUD = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
DEFAULT_PROFILE, SYNCED_PROFILE = (f"0d1c2b3a-0000-4000-8000-0000000000e{n}" for n in "01")

MODELS = {
    "fido2": KEY,
    "fido2Bio": BIO,
    "fido2Authenticator": ON_PHONE,
    "fido2WindowsHello": ON_LAPTOP,
    "fido2Synced": CLOUD,
}
"""The model of each kind of passkey that the mock has."""


def to(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"targetType": "group", "id": GROUPS.get(name, name), **more} for name in names]


def _profile(id_: str, name: str, types: str, *blocked: str) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "passkeyTypes": types,
        "attestationEnforcement": "disabled",
        "keyRestrictions": {
            "isEnforced": bool(blocked),
            "enforcementType": "block",
            "aaGuids": list(blocked),
        },
    }


def _location(state: str, group: str) -> dict[str, Any]:
    nobody = {"targetType": "group", "id": "00000000-0000-0000-0000-000000000000"}
    [target] = to(group)
    return {"state": state, "includeTarget": target, "excludeTarget": nobody}


FEATURE = "displayLocationInformationRequiredState"
BEFORE: dict[str, dict[str, Any]] = {
    "Sms": {
        "state": "enabled",
        "includeTargets": [
            *to("all_users", isUsableForSignIn=False),
            *to("Frontline", isUsableForSignIn=True),
        ],
        "excludeTargets": to("NoTexts", GONE),
    },
    "Voice": {
        "state": "enabled",
        "isOfficePhoneAllowed": True,
        "includeTargets": to("all_users"),
        "excludeTargets": [],
    },
    "MicrosoftAuthenticator": {
        "state": "enabled",
        "isSoftwareOathEnabled": True,
        "includeTargets": to("all_users", authenticationMode="any"),
        "excludeTargets": [],
        "featureSettings": {FEATURE: _location("disabled", "Located")},
    },
    "SoftwareOath": {"state": "enabled", "includeTargets": to("all_users"), "excludeTargets": []},
    "HardwareOath": {"state": "enabled", "includeTargets": to("all_users"), "excludeTargets": []},
    "Fido2": {
        "state": "enabled",
        "passkeyProfiles": [
            _profile(DEFAULT_PROFILE, "Default passkey profile", "deviceBound,synced"),
            _profile(SYNCED_PROFILE, "Synced", "synced"),
        ],
        "includeTargets": [
            *to("all_users", allowedPasskeyProfiles=[DEFAULT_PROFILE]),
            *to("Synced", allowedPasskeyProfiles=[SYNCED_PROFILE]),
        ],
        "excludeTargets": to("NoKeys"),
    },
    "Email": {"state": "enabled", "includeTargets": to("all_users"), "excludeTargets": []},
    "TemporaryAccessPass": {
        "state": "enabled",
        "includeTargets": to("all_users"),
        "excludeTargets": [],
    },
    "QRCodePin": {"state": "enabled", "includeTargets": to("all_users"), "excludeTargets": []},
    DUO: {"state": "enabled", "includeTargets": to("all_users"), "excludeTargets": []},
}
AFTER: dict[str, dict[str, Any]] = {
    "Sms": {"state": "disabled"},
    "Voice": {"isOfficePhoneAllowed": False, "includeTargets": to("Callers")},
    "MicrosoftAuthenticator": {
        "includeTargets": [
            *to("AppUsers", authenticationMode="any"),
            *to("PushOnly", authenticationMode="push"),
            *to("Passwordless", authenticationMode="deviceBasedPush"),
        ],
        "excludeTargets": to("NoApp"),
        "featureSettings": {FEATURE: _location("enabled", "Located")},
    },
    "SoftwareOath": {"excludeTargets": to("NoCodes")},
    "Fido2": {
        "passkeyProfiles": [
            _profile(DEFAULT_PROFILE, "Default passkey profile", "deviceBound", BIO),
            _profile(SYNCED_PROFILE, "Synced", "synced"),
        ],
        "excludeTargets": [],
    },
    "Email": {"state": "disabled"},
    DUO: {"includeTargets": to("DuoUsers", HIDDEN)},
}
"""What the plan changes."""

ONLY_BETA = ("HardwareOath",)


@dataclass(frozen=True)
class Person:
    """What is known of somebody, and by hand what the plan does to them.

    `reported` are the names in the report, None for no row. `counts` are the numbers in which they
    count, `loses` and `gains` the methods. `has` are the kinds that the mock's list of methods
    has, with when each was last used.
    """

    reported: tuple[str, ...] | None
    groups: tuple[str, ...]
    counts: frozenset[str]
    loses: frozenset[str]
    gains: frozenset[str]
    has: Mapping[str, str]
    admin: bool = False
    guest: bool = False
    resets: bool = False
    disabled: bool = False

    @property
    def models(self) -> frozenset[str] | None:
        """The models of their passkeys, as they are read one by one."""
        keys = [MODELS[kind] for kind in self.has if kind in MODELS]
        return frozenset(keys)


ANY, MFA, RESISTANT = "without_any", "without_mfa", "without_phishing_resistant"
LOCKED = f"{ANY} {MFA}"
BARE: Mapping[str, str] = {}
OLD, NEW = "2025-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def who(
    reported: str | None,
    groups: str = "",
    counts: str = "",
    *,
    loses: str = "",
    gains: str = "",
    has: str = "",
    used: str = "",
    **flags: bool,
) -> Person:
    also = f"{'lose ' if loses else ''}{'gain ' if gains else ''}"
    return Person(
        None if reported is None else tuple(reported.split()),
        tuple(groups.split()),
        frozenset(f"{also}{counts}".split()),
        frozenset(loses.split()),
        frozenset(gains.split()),
        dict.fromkeys(has.split(), used),
        **flags,
    )


PUSH, CODES = "microsoftAuthenticatorPush", "softwareOneTimePasscode"
SPARE = "microsoftAuthenticatorPasswordless"
APP, OATH, TEXT = "microsoftauthenticator", "softwareoath", "Sms Voice"
PEOPLE: dict[str, Person] = {
    # Phones: a mobile phone takes texts and calls, the others calls alone.
    "mobile": who("mobilePhone", "", LOCKED, loses="sms voice"),
    "mobile.caller": who("mobilePhone", "Callers", loses="sms"),
    "mobile.nested": who("mobilePhone", "Nested", loses="sms"),
    "mobile.no.texts": who("mobilePhone", "NoTexts", LOCKED, loses="voice"),
    "mobile.calls.alone": who("mobilePhone", "NoTexts Callers"),
    "mobile.sms": who("mobileSMS", "", LOCKED, loses="sms voice"),
    "mobile.call": who("mobileCall", "", LOCKED, loses="sms voice"),
    "sms": who("sms", "Callers", loses="sms"),
    "alternate": who("alternateMobilePhone", "", LOCKED, loses="voice"),
    "alternate.caller": who("alternateMobilePhone", "Callers"),
    "alternate.call": who("alternateMobileCall", "Callers"),
    "office": who("officePhone", "", LOCKED, loses="voice"),
    "office.caller": who("officePhone", "Callers", LOCKED, loses="voice"),
    "office.and.mobile": who(
        "officePhone mobilePhone", "Callers", loses="sms voice", has="mobilePhone", used=OLD
    ),
    "mobile.used": who("mobilePhone", "Callers", loses="sms", has="mobilePhone", used=NEW),
    # Nothing that is good for multifactor.
    "nothing": who(""),
    "email": who("email", loses="email"),
    "email.resets": who(
        "email", "", "without_reset", loses="email", has="email qrCodePin", resets=True
    ),
    "email.and.question": who(
        "email securityQuestion", loses="email", has="email qrCodePin", resets=True
    ),
    "question": who("securityQuestion"),
    "app.password": who("appPassword mobilePhone", "", LOCKED, loses="sms voice"),
    "pass": who("temporaryAccessPass"),
    "pass.and.mobile": who("temporaryAccessPass mobilePhone", "", MFA, loses="sms voice"),
    "qr.and.mobile": who("qrCode mobilePhone", "", MFA, loses="sms voice"),
    "qr.pin.and.mobile": who("qrCodePin mobilePhone", "", MFA, loses="sms voice"),
    "mobile.resets": who(
        "mobilePhone",
        "",
        f"{LOCKED} without_reset",
        loses="sms voice",
        has="mobilePhone email",
        resets=True,
    ),
    # Authenticator: its mode, its codes, and the codes of another app.
    "app": who(f"{PUSH} {CODES}", "AppUsers"),
    "app.not.target": who(f"{PUSH} {CODES}", "", "not_known", loses=APP),
    "app.no.codes": who(f"{PUSH} {CODES}", "NoCodes", LOCKED, loses=APP),
    "app.excluded": who("appNotification", "AppUsers NoApp", LOCKED, loses=APP),
    "push": who(PUSH, "PushOnly"),
    "push.wrong.mode": who(PUSH, "Passwordless", LOCKED, loses=APP),
    "spare": who(SPARE, "Passwordless"),
    "spare.wrong.mode": who(SPARE, "PushOnly", LOCKED, loses=APP),
    "spare.and.codes": who(f"{SPARE} {CODES}", "Passwordless"),
    "codes": who(CODES),
    "codes.excluded": who(CODES, "NoCodes", LOCKED, loses=OATH),
    "codes.perhaps.of.the.app": who("appCode", "NoCodes AppUsers", "not_known", loses=OATH),
    "token": who("hardwareOneTimePasscode"),
    "token.and.mobile": who("hardwareOneTimePasscode mobilePhone", loses="sms voice"),
    # Passkeys: profiles of everyone and of a group, models, device-bound and synced.
    "key": who("passKeyDeviceBound", has="fido2"),
    "key.blocked": who(
        "passKeyDeviceBound", "", f"{LOCKED} {RESISTANT}", loses="fido2", has="fido2Bio"
    ),
    "key.on.phone": who("passKeyDeviceBoundAuthenticator", has="fido2Authenticator"),
    "key.on.laptop": who("passKeyDeviceBoundWindowsHello", has="fido2WindowsHello"),
    "key.synced": who(
        "passKeySynced", "", f"{LOCKED} {RESISTANT}", loses="fido2", has="fido2Synced"
    ),
    "key.synced.group": who("passKeySynced", "Synced", has="fido2Synced"),
    "key.two.models": who("fido2", has="fido2Bio fido2"),
    "key.unknown.model": who("fido2SecurityKey", "", "not_known"),
    "key.and.hello": who(
        "fido windowsHelloForBusiness", "", "device_alone", loses="fido2", has="fido2Bio"
    ),
    "key.returns": who("passKeyDeviceBound", "NoKeys", gains="fido2", has="fido2"),
    "no.key": who("", "NoKeys", "unregistered_in_target"),
    # Credentials of a device, which the policy does not govern.
    "hello": who("windowsHelloForBusiness"),
    "mac.and.mobile": who(
        "macOsSecureEnclaveKey mobilePhone", "", "device_alone", loses="sms voice"
    ),
    "hello.and.app": who(f"windowsHelloForBusiness {PUSH}", "AppUsers"),
    # External methods.
    "duo": who("externalAuthMethod", "DuoUsers"),
    "duo.hidden": who("externalAuthMethod", "", "not_known"),
    "duo.and.key": who("externalAuthMethod passKeyDeviceBound", has="fido2"),
    # What is not known.
    "future": who("futureMethod"),
    "future.and.mobile": who("futureMethod mobilePhone", "", LOCKED, loses="sms voice"),
    "no.row": who(None, "Callers", "not_known"),
    "no.row.guest": who(None, "", "not_known", guest=True),
    "disabled": who(None, "Callers", disabled=True),
    # Circles.
    "guest": who("mobilePhone", "", LOCKED, loses="sms voice", guest=True),
    "guest.email": who("email", "", loses="email", guest=True),
    "admin": who("mobilePhone", "", LOCKED, loses="sms voice", admin=True),
    "admin.key": who("passKeyDeviceBound", has="fido2", admin=True),
    "emergency.user": who("mobilePhone", "", LOCKED, loses="sms voice"),
    "emergency.member": who("passKeyDeviceBound", "Emergency", has="fido2"),
    # A text message as the first factor.
    "frontline": who(
        "mobilePhone", "Frontline", f"{LOCKED} without_sms_sign_in", loses="sms voice"
    ),
    "frontline.no.texts": who("mobilePhone", "Frontline NoTexts", LOCKED, loses="voice"),
    "frontline.email": who("email", "Frontline", loses="email"),
    # What the app shows.
    "located": who(PUSH, "AppUsers Located", "other_prompt"),
    "located.without.app": who("", "AppUsers Located", "unregistered_in_target"),
    "located.not.target": who(PUSH, "Located", LOCKED, loses=APP),
}
NUMBERS = (
    "gain",
    "lose",
    "without_any",
    "without_mfa",
    "without_phishing_resistant",
    "without_reset",
    "without_sms_sign_in",
    "device_alone",
    "unregistered_in_target",
    "other_prompt",
    "not_known",
)
