"""The page about a setting, a method or a rule, from the catalogue, facts and rules. Pure.

`explain` shows one page, the reference in the repository all of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TypeAlias, TypeVar, get_args

from graphpolicy.catalogue import RESOURCES, Resource
from graphpolicy.catalogue.facts import Facts, Limit, ManagedValue, Retirement, Rewriting
from graphpolicy.catalogue.kinds import Api, Object, Target, Targets
from graphpolicy.catalogue.permissions import Permission, permission_for
from graphpolicy.catalogue.settings import Setting, settings
from graphpolicy.model import Cloud, Version
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES, Rule

CLOUDS: tuple[Cloud, ...] = get_args(Cloud)
VERSIONS: Mapping[Api, tuple[Version, ...]] = {
    "both": ("v1.0", "beta"),
    "v1.0": ("v1.0",),
    "beta": ("beta",),
}


@dataclass(frozen=True, slots=True)
class Availability:
    """Where something is available: the API versions that declare it, and those in each cloud."""

    versions: tuple[Version, ...]
    clouds: Mapping[Cloud, tuple[Version, ...]]


@dataclass(frozen=True, slots=True)
class SettingPage:
    """One setting. `managed` is what `default` means for it, or for its state if it has one.

    `permissions` say what each is for: to read it, to write it, to look up names in its value.
    """

    setting: Setting
    managed: tuple[ManagedValue, ...]
    limits: tuple[Limit, ...]
    retirements: tuple[Retirement, ...]
    rewritings: tuple[Rewriting, ...]
    availability: Availability
    permissions: Mapping[str, Permission]
    rules: tuple[Rule, ...]
    related: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class MethodPage:
    """A method, or the policy itself, with its settings in the catalogue's order."""

    resource: Resource
    limits: tuple[Limit, ...]
    retirements: tuple[Retirement, ...]
    availability: Availability
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule with the settings that it judges, none if it is about files in general."""

    rule: Rule
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key of a policy file beside the policy itself, by its dotted path.

    A map's own keys are `NAME` in it, the entries of a list `[]`. `values` and `members` are
    what it takes and the keys below it, each with what it means.
    """

    id: str
    about: str
    takes: str
    values: tuple[tuple[str, str], ...] = ()
    members: tuple[tuple[str, str], ...] = ()


F = TypeVar("F", ManagedValue, Limit, Retirement, Rewriting)

ExplainedPage: TypeAlias = SettingPage | MethodPage | RulePage | FileKey
Topic: TypeAlias = Setting | Resource | Rule | FileKey


def setting_page(setting: Setting, facts: Facts) -> SettingPage:
    """The page of one setting."""
    own, resource = setting.dotted, setting.resource.id
    short = setting.row.kind.short if isinstance(setting.row.kind, Object) else ""
    around = {".".join(setting.path[:end]) for end in range(len(setting.path) + 1)}
    rules = tuple(rule for rule in RULES.values() if rule.judges(setting.name))
    return SettingPage(
        setting,
        _about(facts.managed_values, resource, {own, f"{own}.{short}"}),
        _about(facts.limits, resource, {own}),
        _about(facts.retirements, resource, around),
        _about(facts.rewritings, resource, around),
        _availability(setting.resource, setting.api, facts),
        _permissions(setting),
        rules,
        _related(setting, rules),
    )


def method_page(resource: Resource, facts: Facts) -> MethodPage:
    """The page of a method, or of the policy itself."""
    return MethodPage(
        resource,
        _about(facts.limits, resource.id, {""}),
        _about(facts.retirements, resource.id, {""}),
        _availability(resource, resource.api, facts),
        tuple(settings([resource])),
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """What `explain` shows, and the facts that it uses."""

    items: tuple[Topic, ...]
    facts: Facts

    verdict = ""
    findings = ()
    failures = ()
    exit_code = Exit.DONE


def topics() -> tuple[Topic, ...]:
    """Each method, then its settings; the rules last."""
    found: list[Topic] = []
    for resource in RESOURCES.values():
        found += [resource, *settings([resource])]
    return (*found, *RULES.values())


def methods() -> tuple[Topic, ...]:
    """The policy and its methods, without their settings."""
    return tuple(RESOURCES.values())


def page_of(topic: Topic, facts: Facts) -> ExplainedPage:
    """The page about something."""
    match topic:
        case Setting():
            return setting_page(topic, facts)
        case Resource():
            return method_page(topic, facts)
        case Rule():
            judged = (setting for setting in settings() if topic.judges(setting.name))
            return RulePage(topic, tuple(judged))
        case FileKey():
            return topic


def _about(rows: Iterable[F], resource: str, settings_: Container[str]) -> tuple[F, ...]:
    return tuple(row for row in rows if row.resource == resource and row.setting in settings_)


def _availability(resource: Resource, api: Api, facts: Facts) -> Availability:
    versions = VERSIONS[api]
    return Availability(
        versions,
        {
            cloud: tuple(v for v in versions if not facts.lacks(resource, v, cloud))
            for cloud in CLOUDS
        },
    )


def _permissions(setting: Setting) -> dict[str, Permission]:
    url, kind = setting.resource.url, setting.row.kind
    calls = {"to read": ("GET", url)}
    if not setting.resource.read_only:
        calls["to write"] = ("PATCH", url)
    if isinstance(kind, Target | Targets) and "group" in kind.types:
        calls["for names"] = ("GET", "/groups")
    return {why: need for why, call in calls.items() if (need := permission_for(*call))}


def _related(setting: Setting, rules: tuple[Rule, ...]) -> tuple[Setting, ...]:
    """Related settings: those that share a rule, follow this one, or that this one follows."""
    own = setting.row.follows
    judged = {name for rule in rules for name in rule.settings}
    return tuple(
        other
        for other in settings([setting.resource])
        if other.name != setting.name
        and (
            other.name in judged
            or (len(other.rows) == 1 and other.row.name == own)
            or (len(setting.rows) == 1 and other.row.follows == setting.row.name)
        )
    )


CALLED: Mapping[str, str] = {
    "MicrosoftAuthenticator": "authenticator, authenticator app, ms authenticator, phone sign-in, "
    "passwordless phone sign-in, push, push notification, notification through mobile app",
    "TemporaryAccessPass": "tap, access pass, temporary pass",
    "Fido2": "fido, passkey, passkeys, security key, security keys, webauthn, yubikey",
    "Sms": "text message, text messages, mobile phone, sms otp",
    "Voice": "call, phone call, voice calls",
    "Email": "email one-time passcode, email passcode, one-time passcode",
    "SoftwareOath": "totp, oath, otp, oath token, oath tokens, software token, software tokens, "
    "authenticator code, verification code",
    "HardwareOath": "oath, oath token, oath tokens, hardware token, hardware tokens",
    "X509Certificate": "cba, certificate, certificates, smart card, smart cards, piv, x509, x.509",
    "QRCodePin": "qr, qr code pin, qr pin",
    "VerifiableCredentials": "verified id, face check, verifiable credential",
    "External": "eam, external authentication method, external authentication methods, "
    "external mfa, external provider, duo",
    "authenticationStrengthPolicies": "strength, strengths, authentication strength, "
    "authentication strengths, custom strength",
    "authenticationMethodsPolicy": "policy, authentication methods, methods",
    "policyMigrationState": "sspr, self-service password reset, legacy mfa, per-user mfa, "
    "legacy policy, migration, combined policy",
    "registrationEnforcement.authenticationMethodsRegistrationCampaign": "campaign, nudge, "
    "registration, mfa registration",
    "systemCredentialPreferences": "system-preferred, system-preferred mfa, preferred method",
    "reportSuspiciousActivitySettings": "suspicious activity, report fraud, fraud alert",
    "featureSettings.numberMatchingRequiredState": "number match, number, mfa fatigue",
    "featureSettings.displayAppInformationRequiredState": "app name, application, app information, "
    "application context, additional context",
    "featureSettings.displayLocationInformationRequiredState": "map, geographic location, geo, "
    "additional context",
    "featureSettings.companionAppAllowedState": "companion app, authenticator lite, outlook",
    "passkeyProfiles": "passkey profile, profiles",
    "keyRestrictions.aaGuids": "aaguid, allowed keys",
    "isAttestationEnforced": "attestation",
    "isUsableOnce": "one-time, one-time use, single use",
}
"""Other names, by the name of a method or the dotted path of a setting."""


def called(topic: str) -> list[str]:
    """Other names of a method, or of a setting by its dotted path."""
    return CALLED[topic].split(", ") if topic in CALLED else []
