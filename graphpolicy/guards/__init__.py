"""Findings about what a plan would do. A guard compares the effective audience of a setting before
and after the plan. Each is a pure function with a rule id of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.compare.comparison import Comparison
from graphpolicy.guards.audience import (
    exclusion_shrinks,
    inclusion_shrinks,
    inclusion_widens,
    method_ends,
)
from graphpolicy.guards.campaign import (
    campaign_reaches_nobody,
    opt_out_ends,
    passkeys_for_nobody,
)
from graphpolicy.guards.demands import strength_unsatisfiable
from graphpolicy.guards.emergency_access import (
    emergency_access_locked_out,
    emergency_access_missing,
)
from graphpolicy.guards.enabled_methods import (
    last_mfa_method,
    last_phishing_resistant_method,
    weak_method_enabled,
)
from graphpolicy.guards.levels import ORDER, Levels
from graphpolicy.guards.lockout import lockout
from graphpolicy.guards.plan_level import (
    dangling,
    incomplete_entries,
    irreversible_change,
    not_read,
    outlived,
    policy_size,
    too_many_changes,
    unwritable,
)
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.guards.restrictions import (
    declared_empty_allow_lists,
    empty_allow_list,
    restriction_loosened,
)
from graphpolicy.guards.single_settings import context_weakened, migration_state, tap_too_open
from graphpolicy.guards.stranded import strength_stranded
from graphpolicy.guards.strength_changes import (
    strength_in_use,
    strength_loosened,
    strength_narrowed,
)
from graphpolicy.model import Declared, Directory, Finding, Level, Request
from graphpolicy.people.keys import FIDO2
from graphpolicy.rules import broken_rules
from graphpolicy.rules.limits_and_retirements import MANAGED, left_to_microsoft
from graphpolicy.rules.subject import Subject, place_of

GUARDS: Mapping[str, Callable[[PlanView], Iterator[Finding]]] = {
    "last-mfa-method": last_mfa_method,
    "last-phishing-resistant-method": last_phishing_resistant_method,
    "emergency-access-locked-out": emergency_access_locked_out,
    "emergency-access-missing": emergency_access_missing,
    "exclusion-shrinks": exclusion_shrinks,
    "empty-allow-list": empty_allow_list,
    "weak-method-enabled": weak_method_enabled,
    "migration-state": migration_state,
    "irreversible-change": irreversible_change,
    "method-ends": method_ends,
    "inclusion-shrinks": inclusion_shrinks,
    "inclusion-widens": inclusion_widens,
    "tap-too-open": tap_too_open,
    "context-weakened": context_weakened,
    "restriction-loosened": restriction_loosened,
    "opt-out-ends": opt_out_ends,
    "passkey-target-without-profile": passkeys_for_nobody,
    "strength-unsatisfiable": strength_unsatisfiable,
    "strength-stranded": strength_stranded,
    "strength-narrowed": strength_narrowed,
    "strength-loosened": strength_loosened,
    "strength-in-use": strength_in_use,
    "lockout": lockout,
    "too-many-changes": too_many_changes,
    "policy-size": policy_size,
}
"""Every guard by its rule id. None of them fires about what the plan does not change."""


def judge(
    comparisons: Sequence[Comparison],
    requests: Sequence[Request],
    directory: Directory,
    seen: PlanView,
    resources: Sequence[Declared] = (),
) -> Iterator[Finding]:
    """All findings about a plan.

    `resources` are what the file declares for each comparison, held settings included; by default
    what was compared.
    """
    sides = {both.id: both for both in (*seen.resources, *seen.listed)}
    whole = resources or [comparison.declared for comparison in comparisons]
    pairs = list(zip(comparisons, whole, strict=True))
    declared = {comparison.id: each for comparison, each in pairs}
    found = [
        finding
        for comparison, each in pairs
        if comparison.id in sides
        for finding in _compared(comparison, each, sides[comparison.id], directory, seen)
    ]
    unheard = map(seen.levels.raised, campaign_reaches_nobody(seen, declared))
    for finding in (*found, *guarded(seen), *unheard):
        resource = declared.get(finding.resource)
        place = place_of(resource, finding) if resource else None
        yield replace(finding, source=place)
    yield from unwritable(requests)
    yield from not_read(directory)


def guarded(seen: PlanView) -> Iterator[Finding]:
    """What the guards find, at the levels that the policy sets."""
    for guard in GUARDS.values():
        yield from map(seen.levels.raised, guard(seen))


def guarded_declaration(subject: Subject, levels: Levels) -> Iterator[Finding]:
    """What guards find in a file alone.

    Guards judge changes, and a file alone shows none: the tenant may already be as it says. So this
    is only what is wrong in every tenant, and what the policy's own `guards` are strict about.
    """
    if MANAGED in levels.levels:
        yield from left_to_microsoft(subject)
    if subject.kind == FIDO2:
        yield from declared_empty_allow_lists(subject)


def _compared(
    comparison: Comparison,
    declared: Declared,
    both: BeforeAfter,
    directory: Directory,
    seen: PlanView,
) -> Iterator[Finding]:
    """Findings about one resource. What the plan does not change never refuses it."""
    yield from _broken(comparison, declared, both, seen)
    for finding in (
        *dangling(comparison, both.after, directory),
        *incomplete_entries(comparison),
        *outlived(comparison),
    ):
        raised = seen.levels.raised(finding)
        untouched = not _touched(comparison, finding.path)
        yield finding if untouched and raised.level == "error" else raised


def _broken(
    comparison: Comparison, declared: Declared, both: BeforeAfter, seen: PlanView
) -> Iterator[Finding]:
    """Values that do not fit together.

    A finding about the file alone has the level that `validate` gives it. One that also needs live
    values, and that the plan does not touch, is one level milder.
    """
    after = Subject(
        both.kind,
        both.id,
        both.title,
        comparison.wanted,
        both.after,
        facts=seen.facts,
        cloud=seen.cloud,
        names=seen.names,
    )
    file = replace(after, tree=declared.tree, values=declared.tree)
    own = {
        (each.rule, each.path): each.level for each in map(seen.levels.raised, broken_rules(file))
    }
    known = set(broken_rules(replace(after, values=both.before)))
    for found in broken_rules(after):
        finding = seen.levels.raised(found)
        if found in known and not _touched(comparison, found.path):
            milder: Level = "warning" if finding.level == "error" else "note"
            level = own.get((found.rule, found.path), milder)
            finding = replace(finding, level=max(level, milder, key=ORDER.index))
        yield finding
    if MANAGED in seen.levels.levels:
        for finding in map(seen.levels.raised, left_to_microsoft(after)):
            if _touched(comparison, finding.path):
                yield finding


def _touched(comparison: Comparison, path: str) -> bool:
    """Whether the plan changes something at, above or below a dotted path."""
    steps = path.split(".")
    return any(
        all(one == other for one, other in zip(difference.path, steps, strict=False))
        for difference in comparison.differences
    )
