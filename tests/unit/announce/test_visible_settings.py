"""Every setting of the catalogue that people see has its sentence, and each sentence is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from graphpolicy.announce import announce
from graphpolicy.announce.proposal import of_plan
from graphpolicy.announce.texts import default_texts
from graphpolicy.announce.visible_effects import MEANS
from graphpolicy.announce.visible_settings import SEEN, VisibleSetting
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Bool, Enum, Int, Kind, Object
from graphpolicy.catalogue.settings import Setting, settings
from graphpolicy.model import POLICY, Change
from tests.unit.build import ALL, A, B, group, held, planned

UNSEEN = {
    f"{POLICY}.policyMigrationState": "the legacy policies decide what people notice of it",
    f"{POLICY}.microsoftAuthenticatorPlatformSettings": "Microsoft documents no more than the name",
    "Fido2.defaultPasskeyProfile": "the profiles that groups have decide",
    "VerifiableCredentials.includeTargets.verifiedIdProfiles": "people see the issuer, not the id",
    "VerifiableCredentials.identityVerificationEventsConfiguration": "Microsoft documents no more",
    "X509Certificate.certificateUserBindings": "how Entra looks a certificate's person up",
    "X509Certificate.authenticationModeConfiguration.x509CertificateDefaultRequiredAffinityLevel": (
        "how Entra looks a certificate's person up"
    ),
    "X509Certificate.authenticationModeConfiguration.rules": "exceptions for single issuers",
    "X509Certificate.certificateAuthorityScopes": "which authorities Entra believes",
    "X509Certificate.crlValidationConfiguration": "which authorities Entra believes",
    "X509Certificate.requireCertificateSidAlignment": "how Entra looks a certificate's person up",
    "authenticationMethodsPolicy.optOutSettings": "it only delays what Microsoft does",
    "authenticationStrengthPolicies.description": "administrators see it",
    "authenticationStrengthPolicies.allowedCombinations": "Conditional Access decides for whom",
    "authenticationStrengthPolicies.combinationConfigurations": "as allowedCombinations",
    "External.appId": "how Entra reaches the provider",
    "External.openIdConnectSetting": "how Entra reaches the provider",
}
"""What people don't see, with all below it, and why."""

IN_PART = {
    "on: passkeys for people who may use them, else Authenticator for people who use SMS or voice"
}
"""Meanings of `default` that are about some people only, who no plan knows."""

PROFILE = {
    "id": A,
    "name": "Keys",
    "passkeyTypes": "deviceBound",
    "attestationEnforcement": "disabled",
    "keyRestrictions": {"isEnforced": False, "enforcementType": "allow", "aaGuids": []},
}
EXAMPLES: dict[str, tuple[Any, Any]] = {
    "Fido2.keyRestrictions": ({"isEnforced": False}, {"isEnforced": True}),
    "Fido2.passkeyProfiles": ([PROFILE], [{**PROFILE, "passkeyTypes": "deviceBound,synced"}]),
    "Voice.callerIdNumber": ("+4930111111", "+4930222222"),
}


def covered(setting: Setting) -> bool:
    """Whether a row, or a reason, is about a setting."""
    for row in SEEN:
        own = f"{setting.name}."
        whole = row.how == "value" and own.startswith(f"{row.name}.")
        if setting.name == row.name or whole:
            return True
        if row.how == "switch" and row.resource == setting.resource.id:
            last = setting.path[len(row.path) :]
            inside = setting.path[: len(row.path)] == row.path and len(last) == 1
            if inside and last[0].startswith(("state", "includeTarget", "excludeTarget")):
                return True
    return any(f"{setting.name}.".startswith(f"{name}.") for name in UNSEEN)


def test_every_setting_of_the_catalogue_is_seen_or_said_not_to_be() -> None:
    left = [
        setting.name
        for setting in settings()
        if not covered(setting)
        and not isinstance(setting.row.kind, Object)  # its members have rows of their own
        and setting.row.name != "isRegistrationRequired"  # it has no effect
        and not setting.resource.read_only  # no apply changes it
    ]
    assert left == []


def test_what_is_said_not_to_be_seen_is_there() -> None:
    assert {setting.name for setting in settings()} >= set(UNSEEN)
    assert not {row.name for row in SEEN} & set(UNSEEN)


def test_it_is_known_what_each_default_comes_to() -> None:
    for fact in Facts.shipped().managed_values:
        if fact.status == "complete":
            assert fact.means in MEANS or fact.means in IN_PART, fact


def values(row: VisibleSetting, kind: Kind) -> Iterator[tuple[Any, Any]]:
    """Values before and after such that each text of a row is said."""
    if row.name in EXAMPLES:
        yield EXAMPLES[row.name]
        return
    match kind:
        case Bool():
            yield from ((False, True), (True, False))
        case Enum(members=members):
            yield from ((members[index - 1], member) for index, member in enumerate(members))
        case Int(minimum=minimum):
            yield from ((minimum + 1, minimum + 5), (minimum + 5, minimum))
        case _:
            yield [A], [A, B]


def at(path: tuple[str, ...], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


def merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{name: merged(below.get(name), above[name]) for name in above}}
    return above


def states(row: VisibleSetting) -> Iterator[tuple[Any, Any]]:
    """A tenant and a file for each text of a row."""
    on = {"state": "enabled"}
    base: dict[str, Any] = {} if row.resource == POLICY else {**on, "includeTargets": [ALL]}
    if row.how == "switch" and row.special:
        yield from ((merged(base, at(row.path, a)), at(row.path, b)) for a, b in SWITCHED)
        return
    if row.how == "switch":
        for a, b in SWITCHED:
            live = {"state": a, **targets(row)}
            yield merged(base, at(row.path, live)), at(row.path, {"state": b})
        return
    outer = row.path[:2] if row.resource == POLICY and len(row.path) > 2 else row.path[:1]
    if row.resource == POLICY and len(row.path) > 1:
        switched = {**on, **targets(replace(row, path=outer, how="switch"))}
        base = merged(base, at(row.path[:-1] if len(row.path) == 2 else outer, switched))
    for before, after in values(row, row.row.kind):
        if row.how == "member":
            *path, name = row.path
            yield tuple(
                merged(base, at(tuple(path), [{**ALL, name: value}])) for value in (before, after)
            )
        else:
            yield merged(base, at(row.path, before)), at(row.path, after)


SWITCHED = (("disabled", "enabled"), ("enabled", "disabled"))


def targets(row: VisibleSetting) -> dict[str, Any]:
    """Everyone, in the shape that a switch has; some have no targets of their own."""
    if row.path == ("issuerHintsConfiguration",):
        return {}
    feature = row.path[:1] in (("featureSettings",), ("reportSuspiciousActivitySettings",))
    return {"includeTarget": ALL} if feature else {"includeTargets": [ALL], "excludeTargets": []}


def said(row: VisibleSetting) -> Iterator[tuple[str, tuple[Change, ...]]]:
    for live, tree in states(row):
        plan = planned(held(**{row.resource: live}), {row.resource: tree}).plan
        made = announce(of_plan(plan), default_texts(), Facts.shipped())
        for section in made.sections:
            assert section.people.include in (
                ("everyone",),
                ("guests who sign in with a code by email",),
            )
            for one in section.said:
                if one.name == row.name:
                    lines = (f"  {part}: {text}" for part, text in one.texts.items())
                    yield "\n".join((f"{one.name} {one.value}".strip(), *lines)), one.causes


@pytest.mark.parametrize("row", SEEN, ids=[row.name for row in SEEN])
def test_each_row_says_its_sentences(row: VisibleSetting, snapshot: SnapshotAssertion) -> None:
    found = list(said(row))
    assert len(found) == len(list(states(row)))
    for _, causes in found:
        assert causes
        assert all(cause.resource.startswith(("d05", row.resource)) for cause in causes)
    wordless = [text for text, _ in found if "\n" not in text]
    assert wordless == [], "write sentences in announce/texts/"
    assert "\n".join(text for text, _ in found) == snapshot


def test_every_text_belongs_to_a_row() -> None:
    names = {row.name for row in SEEN}
    for file in ("methods.txt", "settings.txt"):
        for entry in default_texts().names(file):
            if not entry.startswith(("1 ", "minutes", "hours", "days")):
                assert entry.partition(":")[0].partition(",")[0] in names, entry


def test_times_are_said_as_people_say_them() -> None:
    def lifetime(before: int, after: int) -> str:
        live = {"state": "enabled", "includeTargets": [ALL], "defaultLifetimeInMinutes": before}
        tree = {"defaultLifetimeInMinutes": after}
        plan = planned(held(TemporaryAccessPass=live), {"TemporaryAccessPass": tree}).plan
        (section,) = announce(of_plan(plan), default_texts(), Facts.shipped()).sections
        return section.said[0].texts["see"]

    for minutes, words in (
        (60, "one hour"),
        (480, "8 hours"),
        (90, "90 minutes"),
        (1440, "one day"),
    ):
        assert f" {words}," in lifetime(10, minutes)
    assert " 7 days," in lifetime(60, 7 * 1440)


def test_a_group_is_named_as_the_directory_has_it_or_by_its_id() -> None:
    live = {"state": "enabled", "includeTargets": [ALL]}
    plan = planned(held(Sms=live), {"Sms": {"includeTargets": [group(B)]}}).plan
    (section,) = announce(of_plan(plan), default_texts(), Facts.shipped()).sections
    assert section.people.include == ("everyone",)
    assert section.people.unchanged == (B,)
    assert section.parts("see") == default_texts_of("Sms: off")


def default_texts_of(name: str) -> tuple[str]:
    return (default_texts().fill(name),)
