"""The guard on what a push notification asks for and shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.kinds import Object
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.reach import Reach, reach
from graphpolicy.model import Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import SINGLES, Reference

SETTINGS = "featureSettings"


def context_weakened(situation: PlanView) -> Iterator[Finding]:
    """Fewer people get a feature that was on for them."""
    kind = AUTHENTICATOR.at((SETTINGS,)).kind
    assert isinstance(kind, Object)  # noqa: S101 - as the catalogue has it
    features = [row for row in kind.members if row.context]
    for both in situation.of((AUTHENTICATOR.id,)):
        if reach(both.before).anybody and reach(both.after).anybody:
            for row in features:
                if found := weakened(situation, both, row.name):
                    path, who = found
                    lost = f"would no longer {row.context} when approving a sign-in"
                    yield both.finding(
                        "context-weakened",
                        f"{situation.label(who)} {lost}",
                        "keep it on for everyone who has it",
                        path,
                    )


def weakened(
    situation: PlanView, both: BeforeAfter, name: str
) -> tuple[str, frozenset[Reference]] | None:
    """The dotted path that takes a feature of the app from people, and from whom; else None."""
    before, after = (_reach(values, name, situation) for values in (both.before, both.after))
    if before is None or after is None or not before.anybody:
        return None
    path, who = f"{SETTINGS}.{name}", before.include
    if not after.on:
        return f"{path}.state", who
    if not after.everyone and before.include - after.include:
        return f"{path}.{SINGLES[0]}", before.include - after.include
    if after.exclude - before.exclude:
        return f"{path}.{SINGLES[1]}", after.exclude - before.exclude
    return None


def _reach(values: Mapping[str, Json], name: str, situation: PlanView) -> Reach | None:
    """Who gets a feature; None if it is absent, or if it is not known what `default` means."""
    feature = member(values, SETTINGS, name)
    if feature is None:
        return None
    found = reach(feature, SINGLES)
    if word(feature.get("state")) != "default":
        return found
    setting = f"{SETTINGS}.{name}.state"
    fact = situation.facts.managed_value(AUTHENTICATOR.id, setting, situation.cloud).now
    return Reach(fact.on, found.include, found.exclude) if fact else None
