"""What guards find in files alone. Pure.

Guards judge changes, and a file alone shows none: the tenant may already be as it says. So this
reports only what is wrong in every tenant, and what the policy's own `guards` are strict about.
Only a plan can tell whether a method is newly on, an exclusion loses somebody, or emergency access
keeps a method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphpolicy.compare.holds import expired
from graphpolicy.guards.acknowledgements import accepted
from graphpolicy.guards.drift_and_freeze import frozen
from graphpolicy.guards.levels import Levels
from graphpolicy.guards.restrictions import FIDO2, declared_empty_allow_lists
from graphpolicy.model import Acknowledgement, Finding, Hold, Scope
from graphpolicy.rules import Subject
from graphpolicy.rules.facts import MANAGED, left_to_microsoft


def guarded_declaration(subject: Subject, levels: Levels) -> Iterator[Finding]:
    """What guards find in the declaration of one resource."""
    if MANAGED in levels.levels:
        yield from left_to_microsoft(subject)
    if subject.kind == FIDO2:
        yield from declared_empty_allow_lists(subject)


def accepted_offline(
    findings: Iterable[Finding], acknowledgements: tuple[Acknowledgement, ...], today: str
) -> Iterator[Finding]:
    """The findings, marked if accepted, and the acknowledgements that have expired.

    Only a plan can tell which acknowledgements match nothing.
    """
    for found in accepted(findings, acknowledgements, (), {}, today):
        if found.rule != "acknowledgement-unused":
            yield found


def ended(holds: Iterable[Hold], freeze: Scope | None, today: str) -> Iterator[Finding]:
    """Holds and freezes that have expired."""
    yield from expired(holds, today)
    if freeze and freeze.expires < today:
        yield from frozen(freeze, today, ())
