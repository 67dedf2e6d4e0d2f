"""Guards on single settings: what a notification shows, the migration, and passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.kinds import Object
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import POLICY, Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.people.reach import Reach, joined, reach
from graphpolicy.rules.references import SINGLES, Reference

SETTINGS = "featureSettings"


def context_weakened(view: PlanView) -> Iterator[Finding]:
    """Fewer people get a feature that was on for them."""
    kind = AUTHENTICATOR.at((SETTINGS,)).kind
    assert isinstance(kind, Object)  # noqa: S101 - as the catalogue has it
    features = [row for row in kind.members if row.context]
    for both in view.of((AUTHENTICATOR.id,)):
        if both.in_effect:
            for row in features:
                if found := weakened(view, both, row.name):
                    path, who = found
                    lost = f"would no longer {row.context} when approving a sign-in"
                    yield both.finding(
                        "context-weakened",
                        f"{view.label(who)} {lost}",
                        "keep it on for everyone who has it",
                        path,
                    )


def weakened(
    view: PlanView, both: BeforeAfter, name: str
) -> tuple[str, frozenset[Reference]] | None:
    """The dotted path that takes a feature of the app from people, and these people; else None."""
    before, after = (_feature(values, name, view) for values in (both.before, both.after))
    if before is None or after is None or not before.anybody:
        return None
    after = joined(after, view.nested)
    path, who = f"{SETTINGS}.{name}", before.include
    if not after.on:
        return f"{path}.state", who
    if not after.everyone and before.include - after.include:
        return f"{path}.{SINGLES[0]}", before.include - after.include
    if after.exclude - before.exclude:
        return f"{path}.{SINGLES[1]}", after.exclude - before.exclude
    return None


def _feature(values: Mapping[str, Json], name: str, view: PlanView) -> Reach | None:
    """Who gets a feature; None if it is absent, or if it is not known what `default` means."""
    feature = member(values, SETTINGS, name)
    if feature is None:
        return None
    found = reach(feature, SINGLES)
    if word(feature.get("state")) != "default":
        return found
    setting = f"{SETTINGS}.{name}.state"
    fact = view.facts.managed_value(AUTHENTICATOR.id, setting, view.cloud).now
    return Reach(fact.on, found.include, found.exclude) if fact else None


STATE = "policyMigrationState"
STEPS = ("premigration", "migrationinprogress", "migrationcomplete")
LEGACY = ("MicrosoftAuthenticator", "Sms", "Voice", "SoftwareOath", "HardwareOath", "Email")
"""What the legacy policies can allow (Entra how-to-authentication-methods-manage)."""


def migration_state(view: PlanView) -> Iterator[Finding]:
    """A step back, or completion while methods that only the legacy policies allow are off here."""
    for both in view.of((POLICY,)):
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
            methods = view.of(LEGACY)
            off = [method.title for method in methods if not method.reaches.anybody]
            if off:
                yield both.finding(
                    "migration-state",
                    f"{STATE} would be {both.after[STATE]} while {', '.join(off)} "
                    f"{'is' if len(off) == 1 else 'are'} off here: people who have them only "
                    "through the legacy policies lose them",
                    "enable here what the legacy policies allow, or make sure that nobody needs it",
                    STATE,
                )


TAP = "TemporaryAccessPass"
MAXIMUM = "maximumLifetimeInMinutes"
LONG = 480
"""Microsoft's default maximum in minutes (Entra howto-authentication-temporary-access-pass)."""


def tap_too_open(view: PlanView) -> Iterator[Finding]:
    """Everyone may have a pass that can be used repeatedly, or that lasts long."""
    for both in view.of((TAP,)):
        before, after = _open(both.before), _open(both.after)
        for path, what in after.items():
            if what != before.get(path) and not _shorter(both.before, both.after, path, before):
                yield both.finding(
                    "tap-too-open",
                    f"everyone could have a Temporary Access Pass that {what}",
                    "include only a group of people who need help, or make passes short-lived "
                    "and one-time",
                    path,
                )


def _open(values: Mapping[str, Json]) -> dict[str, str]:
    """What makes a pass too open, by setting; empty if passes are not for everyone."""
    if not reach(values).everyone:
        return {}
    found = {}
    if values.get("isUsableOnce") is False:
        found["isUsableOnce"] = "can be used more than once"
    if (values.get(MAXIMUM) or 0) > LONG:
        found[MAXIMUM] = f"lasts up to {values[MAXIMUM]} minutes"
    return found


def _shorter(
    before: Mapping[str, Json], after: Mapping[str, Json], path: str, told: Mapping[str, str]
) -> bool:
    """Whether a lifetime that was too long does not get longer."""
    return path == MAXIMUM and path in told and after[MAXIMUM] <= before[MAXIMUM]
