"""Rules about values that must fit together. They judge what a file declares, and in `plan` also
what would be in force after an apply, declared or not. Pure.

A file may name a group that a plan gives by id. Two targets are the same only if that is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.model import POLICY, Cloud, Declared, Finding
from graphpolicy.rules.custom_strengths import about_declared_strengths, about_strengths
from graphpolicy.rules.limits_and_retirements import about_facts
from graphpolicy.rules.method_settings import (
    about_campaign,
    about_certificates,
    about_email,
    about_passes,
)
from graphpolicy.rules.passkeys import about_declared_passkeys, about_passkeys
from graphpolicy.rules.subject import Subject
from graphpolicy.rules.targets import about_targets

ABOUT: Mapping[str, Callable[[Subject], Iterator[Finding]]] = {
    POLICY: about_campaign,
    "TemporaryAccessPass": about_passes,
    "X509Certificate": about_certificates,
    "Fido2": about_passkeys,
    "Email": about_email,
    STRENGTHS: about_strengths,
}
"""The rules for one kind of resource; those about targets and facts judge every resource."""


def broken_rules(subject: Subject) -> Iterator[Finding]:
    """Findings about values of a resource that contradict each other; absent ones are ignored."""
    yield from about_targets(subject)
    yield from about_facts(subject)
    if subject.kind in ABOUT:
        yield from ABOUT[subject.kind](subject)


def broken_declarations(
    declared: Declared, facts: Facts | None = None, cloud: Cloud = "global"
) -> Iterator[Finding]:
    """Findings about a declaration by itself. `facts` are by default the shipped ones."""
    subject = Subject.declared(declared, facts, cloud)
    yield from broken_rules(subject)
    if subject.kind == "Fido2":
        yield from about_declared_passkeys(subject)
    if subject.kind == STRENGTHS:
        yield from about_declared_strengths(subject)
