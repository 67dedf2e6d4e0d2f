"""One policy file with its bases merged into it, and everything that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path as FilePath

from graphpolicy.catalogue.facts import Facts
from graphpolicy.guards import guarded_declaration
from graphpolicy.guards.acknowledgements import accepted_offline
from graphpolicy.guards.drift_and_freeze import ended
from graphpolicy.guards.levels import read_levels, strictest
from graphpolicy.model import (
    EXTERNAL,
    Declared,
    DeclaredSource,
    Desired,
    Finding,
    Named,
    Tenant,
)
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile import aliases, schema_check
from graphpolicy.policyfile.audiences import audiences, known_groups, unknown_audiences
from graphpolicy.policyfile.bases import Bases
from graphpolicy.policyfile.emergency_and_helpdesk import (
    emergency_access,
    helpdesk_rules,
    impossible_lifetime,
)
from graphpolicy.policyfile.expectations import expectations
from graphpolicy.policyfile.holds_and_acks import scopes
from graphpolicy.policyfile.library import Library, layer, tenant_of
from graphpolicy.policyfile.merge import Layer, last, merge
from graphpolicy.policyfile.placeholders import placeholders
from graphpolicy.policyfile.rollout_declarations import misused, rollouts
from graphpolicy.policyfile.strict_yaml import Document, parse
from graphpolicy.rollouts.expansion import expanded
from graphpolicy.rules import broken_declarations
from graphpolicy.rules.custom_strengths import alike
from graphpolicy.rules.subject import Subject, place_of
from graphpolicy.rules.table import RULES

JUDGED_AGAIN = ("policy", "guard")
"""Kinds of rules that a plan checks again, with the tenant's live values."""


LATER = ("unknown-alias", "missing-key")
"""Rules about what a base may leave to the files that extend it."""


def is_mistake(found: Finding) -> bool:
    """Whether the file is unusable. An error of a guard leaves it usable."""
    return found.level == "error" and RULES[found.rule].kind != "guard"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file with its bases. `desired` is its policy if all is sound and it has a tenant.

    `tenant` comes from its tenant block, None if that is wrong. `files` are its bases and the file
    itself; `declared` is what each of these declares, with groups in place of aliases.
    """

    layer: Layer
    findings: tuple[Finding, ...]
    desired: Desired | None
    tenant: Tenant | None
    files: tuple[str, ...]
    declared: tuple[tuple[DeclaredSource, ...], ...]

    @property
    def deployable(self) -> bool:
        return self.layer.deployable

    @property
    def unclear(self) -> bool:
        """Whether it may be for a tenant, but the tenant could not be read."""
        return not self.tenant and (self.deployable or self.layer.document.data is None)


def judge(document: Document) -> PolicyFile:
    """Check a document as a policy without any other file, as an editor does."""
    return assembled(Bases(Library(), FilePath(document.file).parent.resolve()), layer(document))


def reread(desired: Desired, raw: bytes, facts: Facts | None = None) -> PolicyFile:
    """Check a loaded policy again, with `raw` as the content of its own file.

    Its bases may be anywhere: `load` has checked where they are.
    """
    anywhere = FilePath(FilePath(desired.file).resolve().anchor)
    return assembled(Bases(Library(), anywhere), layer(parse(raw, desired.file)), facts)


def assembled(bases: Bases, top: Layer, facts: Facts | None = None, today: str = "") -> PolicyFile:
    """A file with its bases merged into it, and everything that is wrong with any of them.

    A base by itself may use aliases and alter lists that only the files that extend it have.
    """
    chain, way = bases.chain(top)
    groups = aliases.united(chain)
    unknown: list[Finding] = []

    def meant(resource: DeclaredSource) -> DeclaredSource:
        result, problems = aliases.without_aliases(resource, groups, top.file)
        unknown.extend(problems)
        return result

    declared = tuple(tuple(map(meant, one.resources)) for one in chain)
    merged = merge(declared)
    waves, disordered = rollouts(chain, groups, top.file)
    found = expanded(merged.resources, {each.name: each for each in waves})
    resources = found.resources
    named = {item.title for item in resources if item.name is not None}
    scoped = [scopes(one, named, meant) for one in chain]
    holds = tuple(hold for one in scoped for hold in one.holds)
    accounts, accounts_at, clashes = emergency_access(chain)
    helpdesk, refuse_at = helpdesk_rules(chain)
    external = {item.title for item in resources if item.resource == EXTERNAL}
    expected, mistaken = expectations(chain, external, groups, top.file)
    mentioned = (
        *resources,
        *(hold.live for hold in holds if hold.live),
        *(each for one in expected for each in one.mentioned),
    )
    known = known_groups(groups, mentioned, (accounts, helpdesk.get("refuse")))
    whole = not way and not any(one.lost_bases for one in chain)
    tenant, problem = tenant_of(top)
    cloud = tenant.cloud if tenant else "global"
    guards = strictest(one.guards for one in scoped)
    acknowledgements = tuple(accepted for one in scoped for accepted in one.acknowledgements)
    broken = _placed(resources, lambda one: broken_declarations(one, facts, cloud))
    if top.deployable and today:
        levels = read_levels(guards)[0]
        broken += _placed(
            resources,
            lambda one: guarded_declaration(Subject.declared(one, facts, cloud), levels),
        )
        broken = list(accepted_offline(map(levels.raised, broken), acknowledgements, today))
        broken += ended(holds, scoped[-1].freeze, today)
    findings = [
        *(found for one in chain for found in one.findings),
        *way,
        *groups.findings,
        *(unknown if top.deployable else ()),
        *(merged.findings if top.deployable and whole else ()),
        *broken,
        *alike(resources),
        *(found for one in scoped for found in one.findings),
        *clashes,
        *(one for one in (*mistaken, *disordered) if top.deployable or one.rule not in LATER),
        *(aliases.excluding_everyone(resources) if waves else ()),
        *(misused(chain, found, waves, top.file) if top.deployable and whole else ()),
        *(unknown_audiences(chain, known) if top.deployable and whole else ()),
        *impossible_lifetime(chain, helpdesk, resources),
        *problem,
        *(found for one in chain for found in placeholders(one.document)),
    ]
    names = tuple(one.file for one in chain)
    told = _most(findings, names)
    sound = not any(map(is_mistake, findings))
    desired = (
        Desired(
            top.file,
            tenant,
            resources,
            accounts,
            holds,
            acknowledgements,
            tuple(one.file for one in chain[:-1]),
            guards,
            scoped[-1].freeze,
            helpdesk,
            {
                **{("emergencyAccess", n): at for n, at in enumerate(accounts_at)},
                **{("helpdesk.refuse", n): at for n, at in enumerate(refuse_at)},
            },
            tuple(each for each in groups.meaning.values() if isinstance(each, Named)),
            tuple(found for found in told if RULES[found.rule].kind not in JUDGED_AGAIN),
            expected,
            audiences(chain),
            last(chain, "unmanaged", "report"),
            waves,
            found.rolled,
        )
        if sound and tenant
        else None
    )
    return PolicyFile(top, told, desired, tenant, names, declared)


def _placed(
    resources: Iterable[Declared], judge: Callable[[Declared], Iterable[Finding]]
) -> list[Finding]:
    """What is wrong with resources once all files are merged, each at its place."""
    return [
        replace(found, source=place_of(resource, found))
        for resource in resources
        for found in judge(resource)
    ]


def _most(findings: Sequence[Finding], files: Sequence[str]) -> tuple[Finding, ...]:
    """The findings in order, at most `MOST` of each file."""
    of_file: dict[str, list[Finding]] = {file: [] for file in files}
    for found in sorted(findings, key=lambda found: found.where):
        of_file.setdefault(found.where[0], []).append(found)
    kept: list[Finding] = []
    for own in of_file.values():
        kept += own[: schema_check.MOST]
        if len(own) > schema_check.MOST:
            message = f"the file has more than {schema_check.MOST} mistakes; the rest are not shown"
            fix = "check that it is a policy file, and fix these first"
            place = own[schema_check.MOST].source
            kept.append(Finding("too-many-mistakes", "error", message, fix, source=place))
    return tuple(kept)
