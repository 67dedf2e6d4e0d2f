"""What guards say of files by themselves. Pure.

Guards judge changes, and a file alone shows none: what it says may be so already, and what stays as
it is refuses nothing. So only what no state of a tenant could excuse is told here, and what the
policy itself asks to be strict about. Whether a method is newly on, an exclusion loses somebody or
emergency access keeps a method is for a plan to say.
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
    """What guards find in what a file declares of one resource."""
    if MANAGED in levels.levels:
        yield from left_to_microsoft(subject)
    if subject.kind == FIDO2:
        yield from declared_empty_allow_lists(subject)


def accepted_offline(
    findings: Iterable[Finding], acknowledgements: tuple[Acknowledgement, ...], today: str
) -> Iterator[Finding]:
    """The findings, marked where somebody accepted them, and the acceptances that have ended.

    Which of them accept nothing only a plan can tell.
    """
    for found in accepted(findings, acknowledgements, (), {}, today):
        if found.rule != "acknowledgement-unused":
            yield found


def ended(holds: Iterable[Hold], freeze: Scope | None, today: str) -> Iterator[Finding]:
    """What was to last until a day that is over."""
    yield from expired(holds, today)
    if freeze and freeze.expires < today:
        yield from frozen(freeze, today, ())
