"""The guard on the migration from the legacy MFA and self-service password reset policies."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.guards.plan_view import PlanView
from graphpolicy.guards.reach import reach
from graphpolicy.model import POLICY, Finding
from graphpolicy.model.tree import word

STATE = "policyMigrationState"
STEPS = ("premigration", "migrationinprogress", "migrationcomplete")
LEGACY = ("MicrosoftAuthenticator", "Sms", "Voice", "SoftwareOath", "HardwareOath", "Email")
"""What the legacy policies can allow (Entra how-to-authentication-methods-manage)."""


def migration_state(situation: PlanView) -> Iterator[Finding]:
    """A step back, or completion while methods that only the legacy policies allow are off here."""
    for both in situation.of((POLICY,)):
        before, after = word(both.before.get(STATE)), word(both.after.get(STATE))
        if before not in STEPS or after not in STEPS or before == after:
            continue
        if STEPS.index(after) < STEPS.index(before):
            yield both.finding(
                "migration-state",
                f"{STATE} would go back from {both.before[STATE]} to {both.after[STATE]}: "
                "the legacy MFA and self-service password reset policies would apply again",
                "leave it as it is, unless you want to undo the migration",
                STATE,
            )
        elif after == STEPS[-1]:
            methods = situation.of(LEGACY)
            off = [method.title for method in methods if not reach(method.after).anybody]
            if off:
                yield both.finding(
                    "migration-state",
                    f"{STATE} would be {both.after[STATE]} while {', '.join(off)} "
                    f"{'is' if len(off) == 1 else 'are'} off here: people who have them only "
                    "through the legacy policies lose them",
                    "enable here what the legacy policies allow, or make sure that nobody needs it",
                    STATE,
                )
