"""What must hold of every guard, over the whole catalogue."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from graphpolicy.catalogue import RESOURCES
from graphpolicy.guards import GUARDS
from graphpolicy.guards.enabled_methods import WEAK
from graphpolicy.guards.plan_view import BeforeAfter, Emergency, PlanView
from graphpolicy.model import EVERYONE, Account, Finding
from tests.laws.generated import GROUPS, few, scrambled_document, truths
from tests.laws.situations import Held, noisy
from tests.unit.guards.policies import in_its_row

ALL = {"targetType": "group", "id": EVERYONE}
APP = "MicrosoftAuthenticator"
STRONG = {"state": "enabled", "includeTargets": [ALL], "excludeTargets": []}


def findings(before: Held, after: Held, emergency: Emergency | None = None) -> list[Finding]:
    """What every guard finds for a policy before and after."""
    both = tuple(BeforeAfter(name, name, name, before[name], after[name]) for name in before)
    seen = PlanView(both, 0, emergency=emergency or Emergency())
    return [finding for guard in GUARDS.values() for finding in guard(seen)]


@st.composite
def policies(draw: st.DrawFn) -> Held:
    """A whole tenant."""
    return {name: draw(truths(row)) for name, row in RESOURCES.items()}


@st.composite
def accounts(draw: st.DrawFn) -> Emergency:
    within = st.none() | st.frozensets(st.sampled_from(GROUPS), max_size=2)
    account = st.builds(Account, st.just("bg-01"), st.sampled_from(GROUPS), within)
    return Emergency(draw(st.booleans()), frozenset(GROUPS[:1]), (draw(account), draw(account)))


@few
@given(policies(), accounts(), st.data())
def test_no_guard_fires_where_nothing_changes(
    policy: Held, emergency: Emergency, data: st.DataObject
) -> None:
    assert findings(policy, policy, emergency) == []
    again = {
        name: data.draw(scrambled_document(RESOURCES[name], noisy(truth)))
        for name, truth in policy.items()
    }
    assert findings(policy, again, emergency) == []


@st.composite
def narrowed(draw: st.DrawFn, method: dict[str, Any]) -> dict[str, Any]:
    """A weak method for fewer people, or for none."""
    include = method.get("includeTargets", [])
    fewer = [target for target in include if draw(st.booleans())]
    barred = [{"targetType": "group", "id": id_} for id_ in GROUPS if draw(st.booleans())]
    return {
        **method,
        "state": draw(st.sampled_from([method.get("state", "enabled"), "disabled"])),
        "includeTargets": fewer,
        "excludeTargets": [*method.get("excludeTargets", []), *barred],
    }


@few
@given(policies(), st.booleans(), st.data())
def test_narrowing_weak_methods_alone_is_never_refused(
    policy: Held, said: bool, data: st.DataObject
) -> None:
    """If everyone has a strong method, whatever else is wrong with the policy."""
    policy[APP] |= STRONG
    after = {
        name: data.draw(narrowed(truth)) if name in WEAK else truth
        for name, truth in policy.items()
    }
    errors = [f for f in findings(policy, after, Emergency(said)) if f.level == "error"]
    assert errors == []


@few
@given(policies(), policies(), accounts())
def test_every_finding_is_about_a_rule_of_its_guard(
    before: Held, after: Held, emergency: Emergency
) -> None:
    """Two unrelated policies: nothing breaks, and each finding says what to do."""
    both = tuple(BeforeAfter(name, name, name, before[name], after[name]) for name in before)
    view = PlanView(both, 99, emergency=emergency)
    for rule, guard in GUARDS.items():
        for finding in guard(view):
            assert finding.rule == rule
            assert in_its_row(finding, view), "rules/rules.json: settings"
            assert finding.message
            assert finding.help
