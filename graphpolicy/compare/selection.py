"""A plan that is limited to some settings: which those are, and what it leaves out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from graphpolicy.catalogue import METHODS, RESOURCES
from graphpolicy.catalogue.settings import settings
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.documents import kind_of
from graphpolicy.model import POLICY, Cloud, Desired, Finding, Json, Path, Resolved
from graphpolicy.model.did_you_mean import closest
from graphpolicy.model.errors import UsageError

Address: TypeAlias = tuple[str, Path]
"""A resource as files name it, and a path in it; () for all of it."""

PROFILES = "passkeyProfiles"


def parts_of(words: Iterable[str], policies: Iterable[Desired]) -> tuple[Address, ...]:
    """What `--only` names: a method, a dotted path in one, or a property of the policy.

    Raises:
        UsageError: a word names nothing, or no file declares what it names.
    """
    declared = [resource for desired in policies for resource in desired.resources]
    titles = {resource.title for resource in declared}
    known = {name for name, row in RESOURCES.items() if not row.several} | titles
    found = {word: _part(word, known) for word in words}
    for word, part in found.items():
        if part is None:
            raise UsageError(f"--only {word}: there is no such method or setting", _meant(word))
        title, path = part
        if not any(title == one.title and _kept(one.tree, [path]) for one in declared):
            raise UsageError(
                f"--only {word}: no file declares it, so there would be nothing to plan",
                f"the files declare {', '.join(sorted(titles)) or 'nothing'}",
            )
    return tuple(sorted({part for part in found.values() if part}))


def _part(word: str, titles: Collection[str]) -> Address | None:
    if word in titles:
        return word, ()
    for title in sorted(titles, key=len, reverse=True):  # a name may have dots, too
        if word.startswith(f"{title}."):
            path = tuple(word.removeprefix(f"{title}.").split("."))
            return (title, path) if path in _paths(title) else None
    path = tuple(word.split("."))
    return (POLICY, path) if path in _paths(POLICY) else None


def _paths(title: str) -> set[Path]:
    return {each.path for each in settings([kind_of(title)]) if not each.in_entry}


def _meant(word: str) -> str:
    names = {row.label: row.id for row in METHODS if not row.several}
    for each in settings(row for row in RESOURCES.values() if not row.several):
        if not each.in_entry:
            names[each.name] = each.name
            if each.resource.id == POLICY:
                names[each.dotted] = each.dotted
    names |= {row.id: row.id for row in METHODS}
    near = closest(word, names)
    if near:
        return f"did you mean '{names[near]}'?"
    return "give a method's id, or Graph's dotted path as a plan shows it: METHOD.PATH"


def selected(resources: Iterable[Resolved], only: Collection[Address]) -> tuple[Resolved, ...]:
    """The declarations without what is not selected; all of them if nothing is named."""
    if not only:
        return tuple(resources)
    return tuple(
        replace(one, tree=_kept(one.tree, [path for title, path in only if title == one.title]))
        for one in resources
    )


def _kept(tree: Mapping[str, Json], paths: Sequence[Path]) -> Mapping[str, Json]:
    """The members of an object that the paths lead to."""
    if () in paths:
        return tree
    found: dict[str, Json] = {}
    for name, value in tree.items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            found[name] = value
        elif below and isinstance(value, Mapping) and (inner := _kept(value, below)):
            found[name] = inner
    return found


def left_out(every: Iterable[Comparison], some: Iterable[Comparison]) -> tuple[str, ...]:
    """The settings that differ and are not selected, by their whole names."""
    inside = set(_differing(some))
    return tuple(name for name in _differing(every) if name not in inside)


def _differing(comparisons: Iterable[Comparison]) -> Iterator[str]:
    for one in comparisons:
        yield from (part_name((one.declared.title, each.path)) for each in one.differences)


def limited(only: Iterable[Address], others: Sequence[str]) -> Finding:
    """The note that a plan is not about all of the files."""
    names, count = ", ".join(map(part_name, only)), len(others)
    differ = {0: "no other setting differs", 1: "1 other setting differs"}
    rest = f"{differ.get(count, f'{count} other settings differ')}"
    if others:
        rest += f" and {'is' if count == 1 else 'are'} not part of it: {', '.join(others)}"
    fix = "plan without --only for the rest" if others else ""
    return Finding("limited-plan", "note", f"this plan is limited to {names}; {rest}", fix)


def profiles_left_out(comparisons: Iterable[Comparison], cloud: Cloud) -> Iterator[Finding]:
    """The error that a selected target names a passkey profile which would not be there."""
    for one in comparisons:
        there = {str(each.get("id")).casefold() for each in _list(one.after(cloud), PROFILES)}
        named = {
            str(id_).casefold()
            for target in _list(one.wanted, "includeTargets")
            for id_ in _list(target, "allowedPasskeyProfiles")
        }
        if named - there:
            name = f"{one.declared.title}.{PROFILES}"
            yield Finding(
                "unknown-passkey-profile",
                "error",
                "the selected targets name a passkey profile that the tenant does not have, and "
                f"{name} is not part of this plan",
                f"add --only {name}",
                one.id,
                "includeTargets",
                one.declared.place(("includeTargets",)),
            )


def _list(of: Mapping[str, Json], name: str) -> list[Json]:
    value = of.get(name)
    return value if isinstance(value, list) else []


def part_name(part: Address) -> str:
    """A part as `--only` takes it."""
    return ".".join((part[0], *part[1]))


def as_terms(only: Iterable[Address]) -> tuple[Json, ...]:
    """The selection as the digest binds it."""
    return tuple({"resource": title, "path": ".".join(path)} for title, path in sorted(only))


def from_terms(terms: Iterable[Json]) -> tuple[Address, ...]:
    """The inverse of `as_terms`.

    Raises:
        (KeyError, TypeError, AttributeError): a plan file says something else.
    """
    return tuple(
        (str(one["resource"]), tuple(one["path"].split(".")) if one["path"] else ())
        for one in terms
    )
