"""Who may use what: every method of a tenant for every group that one of them names. Pure.

Nested groups are not expanded. A member of several groups may use what any of them may, unless one
of them is excluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.guards.plan_view import BeforeAfter
from graphpolicy.model import Access, Matrix
from graphpolicy.people.reach import reach
from graphpolicy.rules.references import ALL


def access(resources: Iterable[BeforeAfter], names: Mapping[str, str]) -> Matrix:
    """The matrix of a plan, everyone first. `names` are by folded id."""
    methods = [both for both in resources if both.is_method]
    reaches = [(reach(both.before), reach(both.after)) for both in methods]
    named = {ALL} | {
        who for pair in reaches for each in pair for who in each.include | each.exclude
    }
    groups = sorted(named, key=lambda who: (who != ALL, who.label(names).casefold(), who.value))
    return Matrix(
        tuple(who.label(names) for who in groups),
        tuple(
            Access(
                both.title,
                RESOURCES[both.kind].label,
                tuple((before.use(who), after.use(who)) for who in groups),
            )
            for both, (before, after) in zip(methods, reaches, strict=True)
        ),
    )
