"""Rules about settings of one method that must fit together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from graphpolicy.model import Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import LISTS, listed
from graphpolicy.rules.subject import Subject

CAMPAIGN = ("registrationEnforcement", "authenticationMethodsRegistrationCampaign")
SNOOZES = ("snoozeDurationInDays", "enforceRegistrationAfterAllowedSnoozes")
ASKED = "targetedAuthenticationMethod"
EXTERNAL_CODES = "allowExternalIdToUseEmailOtp"


def about_campaign(subject: Subject) -> Iterator[Finding]:
    """A campaign asks for one method at a time, and Microsoft managed has fixed snoozes (Entra
    how-to-mfa-registration-campaign, 09/2026)."""
    targets = listed(member(subject.values, *CAMPAIGN, LISTS[0]))
    asked = {word(each.get(ASKED)): each.get(ASKED) for each in targets if each.get(ASKED)}
    if len(asked) > 1 and member(subject.tree, *CAMPAIGN, LISTS[0]) is not None:
        yield subject.finding(
            "campaign-several-methods",
            f"the registration campaign asks for {' and '.join(sorted(asked.values()))}; it can "
            "ask for only one method at a time",
            "keep the targets of one method, and ask for the other one later",
            ".".join((*CAMPAIGN, LISTS[0])),
        )
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


LIFETIMES = ("minimumLifetimeInMinutes", "defaultLifetimeInMinutes", "maximumLifetimeInMinutes")


def about_passes(subject: Subject) -> Iterator[Finding]:
    """Minimum, default and maximum lifetime in order; absent ones are ignored."""
    values = subject.values
    known = [(name, values[name]) for name in LIFETIMES if isinstance(values.get(name), int)]
    for (low_name, low), (high_name, high) in pairwise(known):
        if low > high:
            yield subject.finding(
                "tap-lifetime-order",
                f"TemporaryAccessPass has {low_name} {low} above {high_name} {high}",
                "keep minimum <= default <= maximum",
                high_name,
            )


def about_certificates(subject: Subject) -> Iterator[Finding]:
    """Every binding needs a priority of its own (Graph x509CertificateUserBinding)."""
    seen: set[Json] = set()
    for entry in subject.values.get("certificateUserBindings") or ():
        priority = entry.get("priority")
        if priority in seen:
            yield subject.finding(
                "binding-priority",
                f"X509Certificate has two certificateUserBindings with priority {priority}",
                "give every binding a priority of its own",
                "certificateUserBindings",
                entry=entry,
            )
        seen.add(priority)
