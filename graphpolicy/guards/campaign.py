"""Guards on the move to passkeys: the registration campaign, the opt-out, and new targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue.values import split_flags
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.model import POLICY, Declared, Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.people.reach import reach
from graphpolicy.rules.method_settings import CAMPAIGN
from graphpolicy.rules.passkeys import PROFILES, TARGETS
from graphpolicy.rules.references import listed, reference

OPT_OUT = ("optOutSettings", "passkeyDynamicMigration")
CODES = ("Sms", "Voice")
"""The methods in whose scope Microsoft enables passkeys by itself."""
SELF_SERVICE = "isSelfServiceRegistrationAllowed"
ALLOWED = "allowedPasskeyProfiles"
TYPES = frozenset({"devicebound", "synced"})


def campaign_reaches_nobody(view: PlanView, declared: Mapping[str, Declared]) -> Iterator[Finding]:
    """A declared campaign for passkeys that prompts nobody.

    The finding stands even if nothing changes: the file asks for something that has no effect. A
    campaign that is left to Microsoft prompts for Authenticator instead.
    Source: Entra how-to-mfa-registration-campaign.
    """
    if POLICY not in declared or member(declared[POLICY].tree, *CAMPAIGN) is None:
        return
    for both in view.of((POLICY,)):
        if why := _nobody_because(view, both.after):
            yield both.finding(
                "campaign-reaches-nobody",
                f"the registration campaign for passkeys would prompt nobody: {why}",
                "enable passkeys that people may set up themselves, with a profile without "
                "attestation and key restrictions that allows device-bound and synced keys; or ask "
                "for Authenticator",
                ".".join((*CAMPAIGN, TARGETS)),
            )


def _nobody_because(view: PlanView, policy: Mapping[str, Json]) -> str:
    """Why a campaign for passkeys prompts nobody; '' if it may prompt somebody."""
    campaign = member(policy, *CAMPAIGN) or {}
    asked = {word(each.get("targetedAuthenticationMethod")) for each in _targets(campaign)}
    on = word(campaign.get("state")) == "enabled" and reach(campaign).anybody
    if not on or asked != {"fido2"}:
        return ""
    for both in view.of(("Fido2",)):
        fido2 = both.after
        if not reach(fido2).anybody:
            return "passkeys are disabled, or nobody may use them"
        if fido2.get(SELF_SERVICE) is False:
            return "people may not set up passkeys themselves"
        profiles = fido2.get(PROFILES) or ()
        used = {str(id_).casefold() for each in _targets(fido2) for id_ in each.get(ALLOWED) or ()}
        usable = [each for each in profiles if str(each.get("id")).casefold() in used]
        if profiles and not any(map(_prompts, usable)):
            return (
                "no passkey profile of the people who may use passkeys allows device-bound and "
                "synced keys of every model without attestation"
            )
        if not profiles and (
            fido2.get("isAttestationEnforced") is True
            or member(fido2, "keyRestrictions", "isEnforced") is True
        ):
            return "passkeys need attestation, or their models are restricted"
    return ""


def _prompts(profile: Mapping[str, Json]) -> bool:
    """Whether people with this passkey profile are prompted to register a passkey."""
    return (
        word(profile.get("attestationEnforcement")) != "registrationonly"
        and member(profile, "keyRestrictions", "isEnforced") is not True
        and set(map(word, split_flags(profile.get("passkeyTypes")))) >= TYPES
    )


def opt_out_ends(view: PlanView) -> Iterator[Finding]:
    """The tenant takes back its opt-out: Microsoft then enables passkeys by itself."""
    rewriting = view.facts.rewriting("Fido2", "state", view.cloud).rows
    for both in view.of((POLICY,)):
        before, after = (member(side, *OPT_OUT) is True for side in (both.before, both.after))
        if before and not after and rewriting:
            scopes = [
                f"{method.title} ({view.label(reached.include)})"
                for method in view.of(CODES)
                if (reached := reach(method.after)).anybody
            ]
            yield both.finding(
                "opt-out-ends",
                "Microsoft may then enable passkeys by itself, and prompt for them, for "
                f"everybody who may use {' or '.join(scopes) or 'SMS or voice (now nobody)'}",
                "keep passkeyDynamicMigration: true, or enable passkeys in this file first",
                ".".join(OPT_OUT),
            )


def passkeys_for_nobody(view: PlanView) -> Iterator[Finding]:
    """A target without a profile: a new one in a tenant that has passkey profiles, or any one when
    the tenant opts in to them."""
    for both in view.of(("Fido2",)):
        if not both.after.get(PROFILES):
            continue
        opts_in = not both.before.get(PROFILES)
        had = {reference(each) for each in _targets(both.before)}
        for target in _targets(both.after):
            who = reference(target)
            if target.get(ALLOWED) or (who in had and not opts_in):
                continue
            if opts_in:
                what, then = "leave", "unless Microsoft gives them the default profile"
            else:
                what, then = "add", "in a tenant with passkey profiles"
            yield both.finding(
                "passkey-target-without-profile",
                f"Fido2.{TARGETS} would {what} {who.label(view.names)} without {ALLOWED}: they "
                f"could not use a passkey {then}",
                f"write {ALLOWED}: [NAME OF A PROFILE] for this target",
                TARGETS,
                entry=target,
            )


def _targets(values: Mapping[str, Json]) -> list[Json]:
    return listed(values.get(TARGETS))
