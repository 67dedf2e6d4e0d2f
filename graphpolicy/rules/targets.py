"""Rules about who is included and excluded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphpolicy.model import Finding
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import (
    ALL,
    LISTS,
    SINGLES,
    Reference,
    audiences,
    reference,
    references,
    single,
)
from graphpolicy.rules.subject import Subject

FEATURES = "featureSettings"


def about_targets(subject: Subject) -> Iterator[Finding]:
    """Findings about any pair of inclusion and exclusion that contradict or have no effect."""
    yield from _excluded(subject)
    yield from _twice(subject)
    yield from _persons(subject)
    yield from _outside(subject)


def _excluded(subject: Subject) -> Iterator[Finding]:
    """Exclusion wins (Entra how-to-mfa-registration-campaign)."""
    for path, values in audiences(subject.values):
        own = member(subject.tree, *path) or {}
        for include, exclude in (LISTS, SINGLES):
            if include not in own and exclude not in own:
                continue
            inside = references(values.get(include))
            barred = frozenset(references(values.get(exclude)))
            both = [found for found in inside if found in barred]
            at = ".".join((*path, exclude))
            where = f"{subject.title}.{at}"
            if both and len(both) == len(inside):
                yield subject.finding(
                    "exclusion-equals-inclusion",
                    f"{where} excludes everyone that {include} includes, so nobody is left",
                    "remove from the exclusion everyone who should be included",
                    at,
                )
            else:
                for found in both:
                    who = found.label(subject.names)
                    yield subject.finding(
                        "included-and-excluded",
                        f"{where} excludes {who}, which {include} includes; the exclusion wins",
                        "remove it from one of the two",
                        at,
                        entry=found.target,
                    )


def _declared_lists(subject: Subject) -> Iterator[tuple[str, list[Reference]]]:
    """Every list of targets that is declared, with its dotted path."""
    for path, values in audiences(subject.tree):
        for name in LISTS:
            yield ".".join((*path, name)), references(values.get(name))


def _twice(subject: Subject) -> Iterator[Finding]:
    """Targets that a list has twice. Only a plan knows if a name and an id are one group."""
    for at, listed in _declared_lists(subject):
        for found, times in Counter(listed).items():
            if times > 1:
                yield subject.finding(
                    "duplicate-entry",
                    f"{subject.title}.{at} lists {found.label(subject.names)} {times} times",
                    "keep one of them",
                    at,
                    entry=found.target,
                )


def _persons(subject: Subject) -> Iterator[Finding]:
    """Graph authenticationMethodTarget: not recommended since 12/2022, except in a campaign."""
    for at, listed in _declared_lists(subject) if subject.is_method else ():
        found = [each for each in listed if each.type == "user"]
        if found:
            users = ", ".join(user.label(subject.names) for user in found)
            yield subject.finding(
                "user-target",
                f"{subject.title}.{at} lists {users}; Microsoft no longer recommends single users, "
                "and the portal can't add them",
                "use a group that has them as members",
                at,
                entry=single(found),
            )


def _outside(subject: Subject) -> Iterator[Finding]:
    """A feature needs people who may use the method (Entra how-to-mfa-additional-context).

    A group that is not listed may be a member of one that is, so this is only a note.
    """
    inside = references(subject.values.get(LISTS[0]))
    for name, feature in (subject.values.get(FEATURES) or {}).items():
        target = member(feature, SINGLES[0])
        lists_declared = any(each in subject.tree for each in LISTS)
        if not target or not (lists_declared or member(subject.tree, FEATURES, name)):
            continue
        found = reference(target)
        if found == ALL or found.type != "group" or word(feature.get("state")) == "disabled":
            continue
        at = f"{FEATURES}.{name}.{SINGLES[0]}"
        group = found.label(subject.names)
        if found in references(subject.values.get(LISTS[1])):
            yield subject.finding(
                "feature-outside-method",
                f"{subject.title}.{at} is {group}, which the method's excludeTargets exclude: "
                "the feature reaches nobody",
                "remove it from the method's exclusion, or choose another group for the feature",
                at,
            )
        elif inside and not any(other in (ALL, found) or other.by != found.by for other in inside):
            yield subject.finding(
                "feature-outside-method",
                f"{subject.title}.{at} is {group}, which is not among the method's "
                "includeTargets; only people who may use the method see the feature",
                "make sure that its members may use the method",
                at,
                "note",
            )
