"""Rules about authentication strengths, and what satisfies one, read off its document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.strengths import (
    AUTHENTICATION_STRENGTH,
    BUILT_IN,
    COMBINATIONS,
    SINGLE_FACTOR,
)
from graphpolicy.catalogue.values import as_map, canonical
from graphpolicy.model import Declared, Finding, Json, Strength
from graphpolicy.model.tree import member
from graphpolicy.rules.subject import Subject

Restrictions = Mapping[tuple[str, str], AbstractSet[str]]
"""What counts alone, folded, by (combination, property); no entry where everything does."""


def strength_of(item: Mapping[str, Json], name: str = "") -> Strength:
    """A strength, from a document of Graph or in the shape of a file.

    `name` is its name where the document has none.
    """
    values = as_map(AUTHENTICATION_STRENGTH, item)
    named = str(values.get("displayName") or name)
    return Strength(
        str(values.get("id") or ""),
        named,
        tuple(
            frozenset(mode.strip().casefold() for mode in str(combination).split(","))
            for combination in values.get("allowedCombinations") or ()
        ),
        restrictions(values).get(("fido2", "allowedAAGUIDs")),
        custom=values.get("policyType") != "builtIn",
    )


def spelled(combination: frozenset[str]) -> str:
    """A combination as Microsoft's pages spell it, from its folded modes."""
    known = {frozenset(each.casefold().split(",")): each for each in COMBINATIONS}
    return known.get(combination, ",".join(sorted(combination)))


def restrictions(values: Mapping[str, Json]) -> Restrictions:
    """What the advanced options of a strength accept alone."""
    return dict(_restrictions(as_map(AUTHENTICATION_STRENGTH, values)))


def _restrictions(
    values: Mapping[str, Json],
) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    (row,) = (row for row in AUTHENTICATION_STRENGTH.properties if row.members)
    for combination in row.members:
        for option in combination.members:
            found = member(values, row.name, combination.name, option.name)
            if found:
                yield (
                    (combination.name, option.name),
                    frozenset(str(each).casefold() for each in found),
                )


def about_strengths(subject: Subject) -> Iterator[Finding]:
    """Findings about combinations of one factor, and about advanced options without effect."""
    row = AUTHENTICATION_STRENGTH.at(("allowedCombinations",))
    listed = subject.values.get(row.name)
    allowed = canonical(row.kind, listed)
    if alone := [each for each in allowed or () if each in SINGLE_FACTOR]:
        yield subject.finding(
            "single-factor",
            f"{subject.title} accepts {' or '.join(alone)} alone, which is a single factor",
            'if one combination is meant, quote it: "password,sms"; unquoted, its comma makes two',
            row.name,
        )
    for combination, option in restrictions(subject.values) if listed is not None else ():
        if combination not in allowed:
            yield subject.finding(
                "combination-not-allowed",
                f"{subject.title} restricts {combination} ({option}), which is not one of its "
                f"{row.name}",
                f"add {combination} to {row.name}, or write {option}: []",
                f"combinationConfigurations.{combination}.{option}",
            )


def alike(declared: Iterable[Declared]) -> Iterator[Finding]:
    """Resources with a name of their own that differs from that of another in case alone."""
    seen: dict[tuple[str, str], str] = {}
    for each in declared:
        kind, name = RESOURCES[each.resource], str(each.name)
        first = seen.setdefault((kind.id, name.casefold()), name)
        if kind.by_name and first != name:
            yield Finding(
                kind.ambiguous,
                "error",
                f"{kind.label.lower()}s {first!r} and {name!r} differ only in case",
                "keep one of the two, or give them names that can't be confused",
                each.title,
                source=each.place(tuple(each.tree)[:1]),
            )


def about_declared_strengths(subject: Subject) -> Iterator[Finding]:
    """A strength must have a name, and not that of one of Microsoft's own."""
    name = subject.title.partition("/")[2]
    if not name.strip():
        yield subject.finding(
            "bad-value", "an authentication strength has an empty name", "write its name", ""
        )
    if name.strip().casefold() in BUILT_IN:
        yield subject.finding(
            "built-in",
            f"{name!r} is one of the built-in authentication strengths, which nobody can change",
            "remove it, or write a strength with another name",
            "",
        )
