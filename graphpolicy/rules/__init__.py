"""Rules about values that belong together. Judged on what a file declares, and by `plan` again on
what would be in force afterwards, declared or not. Pure.

Whoever may be named by name in a file and by id in a plan is compared only where it is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import POLICY, Cloud, Declared, Finding
from graphpolicy.rules.certificates import about_certificates
from graphpolicy.rules.facts import about_facts
from graphpolicy.rules.passes import about_passes
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, about_declared_passkeys, about_passkeys
from graphpolicy.rules.settings import about_campaign, about_email
from graphpolicy.rules.subject import Subject
from graphpolicy.rules.targets import about_targets

ABOUT: Mapping[str, Callable[[Subject], Iterator[Finding]]] = {
    POLICY: about_campaign,
    "TemporaryAccessPass": about_passes,
    "X509Certificate": about_certificates,
    "Fido2": about_passkeys,
    "Email": about_email,
}
"""The rules of one kind of resource, beside those about targets and facts for every one."""


def broken_rules(subject: Subject) -> Iterator[Finding]:
    """What of a resource's values contradicts itself; a value that is not there is not judged."""
    yield from about_targets(subject)
    yield from about_facts(subject)
    if subject.kind in ABOUT:
        yield from ABOUT[subject.kind](subject)


def broken_declarations(
    declared: Declared, facts: Facts | None = None, cloud: Cloud = "global"
) -> Iterator[Finding]:
    """What contradicts itself in a file, whatever the tenant has; by default by shipped facts."""
    subject = Subject.declared(declared, facts, cloud)
    yield from broken_rules(subject)
    if subject.kind == "Fido2":
        yield from about_declared_passkeys(subject)


__all__ = ["LEGACY_PASSKEY", "Subject", "broken_declarations", "broken_rules"]
