"""Rules about a setting that another one makes impossible or ineffective."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Finding
from graphpolicy.model.tree import member, word
from graphpolicy.rules.subject import Subject

CAMPAIGN = ("registrationEnforcement", "authenticationMethodsRegistrationCampaign")
SNOOZES = ("snoozeDurationInDays", "enforceRegistrationAfterAllowedSnoozes")
EXTERNAL_CODES = "allowExternalIdToUseEmailOtp"


def about_campaign(subject: Subject) -> Iterator[Finding]:
    """Microsoft managed has fixed snoozes (Entra how-to-mfa-registration-campaign, 05/2026)."""
    if word(member(subject.values, *CAMPAIGN, "state")) != "default":
        return
    for name in SNOOZES:
        if name in (member(subject.tree, *CAMPAIGN) or {}):
            yield subject.finding(
                "campaign-without-effect",
                f"{'.'.join((*CAMPAIGN, name))} has no effect while the campaign's state is "
                "default (Microsoft managed)",
                "declare state: enabled, or remove the setting",
                ".".join((*CAMPAIGN, name)),
            )


def about_email(subject: Subject) -> Iterator[Finding]:
    """Email stays on while guests use its codes (Entra how-to-authentication-methods-manage)."""
    codes = word(subject.values.get(EXTERNAL_CODES))
    known = subject.facts.managed_value("Email", EXTERNAL_CODES, subject.cloud)
    managed = known.now if codes == "default" else None
    if not {"state", EXTERNAL_CODES} & set(subject.tree):
        return
    on = codes == "enabled" or (managed is not None and managed.on)
    if not on or word(subject.values.get("state")) != "disabled":
        return
    means = f" (Microsoft managed: on, as of {managed.as_of})" if managed else ""
    yield subject.finding(
        "email-external-codes",
        f"Email can't be disabled while {EXTERNAL_CODES} is {codes}{means}",
        f"declare {EXTERNAL_CODES}: disabled too, if no guest signs in with a code; "
        "otherwise leave Email enabled",
        "state",
        "error" if codes == "enabled" else "warning",
    )
