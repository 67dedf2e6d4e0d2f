"""Guards on a plan as a whole, and on changes that can't be undone."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.guards.plan_view import PlanView
from graphpolicy.model import POLICY, Finding
from graphpolicy.rules.passkeys import PROFILES

NEAR = 0.8
"""The part of the limit from which on the guard reports it."""


def too_many_changes(situation: PlanView) -> Iterator[Finding]:
    """More changes than a person can review well."""
    most = situation.levels.at_most("too-many-changes")
    if situation.changes > most:
        yield Finding(
            "too-many-changes",
            "warning",
            f"the plan changes {situation.changes} settings of this tenant, more than {most}",
            "make sure that it is the right tenant, and split the change if possible",
            POLICY,
        )


def policy_size(situation: PlanView) -> Iterator[Finding]:
    """The plan adds to a policy that is close to, or above, the size that Microsoft saves."""
    limit = situation.facts.limit("policy-size", situation.cloud).now
    before, after = situation.sizes
    if limit is None or after <= before or after <= limit.value * NEAR:
        return
    over = after > limit.value
    yield Finding(
        "policy-size",
        "warning" if over else "note",
        f"the policy would have about {after} bytes; Microsoft saves no more than {limit.value}, "
        f"as of {limit.as_of}",
        "let groups share passkey profiles, and use one group instead of several",
        POLICY,
    )


def irreversible_change(situation: PlanView) -> Iterator[Finding]:
    """The tenant opts in to passkey profiles (Entra how-to-authentication-passkey-profiles)."""
    for both in situation.of(("Fido2",)):
        if both.after.get(PROFILES) and not both.before.get(PROFILES):
            yield both.finding(
                "irreversible-change",
                "this opts the tenant in to passkey profiles, which can't be undone",
                "first read the page that `passkeyProfiles` links to",
                PROFILES,
            )
