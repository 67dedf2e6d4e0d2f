"""Rules about two settings of which one decides whether the other can be had."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Finding
from graphpolicy.rules.subject import Subject, member, word

CAMPAIGN = ("registrationEnforcement", "authenticationMethodsRegistrationCampaign")
SNOOZES = ("snoozeDurationInDays", "enforceRegistrationAfterAllowedSnoozes")
PREFERENCES = "systemCredentialPreferences"
EXTERNAL_CODES = "allowExternalIdToUseEmailOtp"


def about_policy(subject: Subject) -> Iterator[Finding]:
    """The registration campaign and system-preferred authentication."""
    yield from _snoozes(subject)
    yield from _one_group_each(subject)


def _snoozes(subject: Subject) -> Iterator[Finding]:
    """Entra how-to-mfa-registration-campaign (05/2026): Microsoft managed snoozes its own way."""
    if word(member(subject.values, *CAMPAIGN, "state")) != "default":
        return
    for name in SNOOZES:
        if name in (member(subject.tree, *CAMPAIGN) or {}):
            yield subject.finding(
                "campaign-without-effect",
                f"{'.'.join((*CAMPAIGN, name))} has no effect while the campaign's state is "
                "default (Microsoft managed)",
                "declare state: enabled, or remove it",
                ".".join((*CAMPAIGN, name)),
            )


def _one_group_each(subject: Subject) -> Iterator[Finding]:
    """Lists by their type, one group each by Entra's page on system-preferred authentication."""
    for name in member(subject.tree, PREFERENCES) or ():
        listed = member(subject.values, PREFERENCES, name)
        if isinstance(listed, list) and len(listed) > 1:
            at = f"{PREFERENCES}.{name}"
            yield subject.finding(
                "system-preferred-one-group",
                f"{at} would have {len(listed)} entries; Microsoft's page allows one",
                "use one group that has the others as members",
                at,
            )


def about_email(subject: Subject) -> Iterator[Finding]:
    """Entra how-to-authentication-methods-manage: not to be disabled while guests use it."""
    codes = word(subject.values.get(EXTERNAL_CODES))
    known = subject.facts.managed_value("Email", EXTERNAL_CODES, subject.cloud)
    managed = known.now if codes == "default" else None
    if not {"state", EXTERNAL_CODES} & set(subject.tree):
        return
    on = codes == "enabled" or (managed is not None and managed.means == "on")
    if not on or word(subject.values.get("state")) != "disabled":
        return
    means = f" (Microsoft managed: on, as of {managed.as_of})" if managed else ""
    yield subject.finding(
        "email-external-codes",
        f"Email can't be disabled while {EXTERNAL_CODES} is {codes}{means}",
        f"declare {EXTERNAL_CODES}: disabled too, if no guest signs in by a code; "
        "else leave Email enabled",
        "state",
        "error" if codes == "enabled" else "warning",
    )
