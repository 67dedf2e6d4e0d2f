"""Findings about what a plan would do. Each rule is a small pure function with an id of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.kinds import Collection, Targets
from graphpolicy.catalogue.values import identity
from graphpolicy.diff import Comparison
from graphpolicy.model import Cloud, Directory, Finding, Json, Path, Request
from graphpolicy.requests import blocked
from graphpolicy.resolve import target_ids
from graphpolicy.rules import LEGACY_PASSKEY, Subject, broken_rules

EXCLUSIONS = ("excludeTargets", "excludeTarget")


def judge(
    comparisons: Sequence[Comparison],
    requests: Sequence[Request],
    directory: Directory,
    after: Mapping[str, Mapping[str, Json]],
    cloud: Cloud,
) -> Iterator[Finding]:
    """Everything that the rules have to say. `after` holds each resource as it would be, by id."""
    for comparison in comparisons:
        future = after[comparison.id]
        for finding in (
            *_broken(comparison, future, cloud),
            *_dangling(comparison, future, directory),
            *_incomplete_entries(comparison),
            *_opting_in(comparison),
            *_outlived(comparison),
        ):
            yield replace(finding, source=comparison.declared.place(tuple(finding.path.split("."))))
    yield from _unwritable(requests)
    if not directory.readable:
        yield Finding(
            "directory-not-read",
            "note",
            "the directory may not be read: ids stand without names, and whether every target "
            "still exists was not checked",
            "grant Directory.Read.All, or GroupMember.Read.All for names in files",
        )


def _broken(comparison: Comparison, future: Mapping[str, Json], cloud: Cloud) -> Iterator[Finding]:
    """Values that don't belong together. What the plan does not touch is milder by one level."""
    declared = comparison.declared

    def findings(values: Mapping[str, Json]) -> Iterator[Finding]:
        return broken_rules(
            Subject(declared.resource, comparison.id, declared.title, comparison.wanted, values)
        )

    known = set(findings(comparison.before(cloud)))
    for finding in findings(future):
        if finding in known and not _touched(comparison, tuple(finding.path.split("."))):
            yield replace(finding, level="warning" if finding.level == "error" else "note")
        else:
            yield finding


def _touched(comparison: Comparison, path: Path) -> bool:
    """Whether the plan changes something at, above or below a path."""
    return any(
        all(one == other for one, other in zip(difference.path, path, strict=False))
        for difference in comparison.differences
    )


def _dangling(
    comparison: Comparison, future: Mapping[str, Json], directory: Directory
) -> Iterator[Finding]:
    for id_ in sorted(id_ for id_ in target_ids(future) if id_.casefold() in directory.gone):
        for path in dict.fromkeys(_paths_of(future, id_, ())):
            where = ".".join(path)
            own_doing = path[-1] in EXCLUSIONS and _writes(comparison, path, id_)
            yield Finding(
                "dangling-target",
                "error" if own_doing else "warning",
                f"{comparison.declared.title}.{where} refers to {id_}, which no longer exists",
                "take it out of the list, or write the group that replaced it",
                comparison.id,
                where,
            )


def _writes(comparison: Comparison, path: Path, id_: str) -> bool:
    """Whether the plan itself puts an id into a target that it was not in."""
    return any(
        difference.path == path and id_ not in target_ids(difference.before)
        for difference in comparison.differences
    )


def _paths_of(value: Json, id_: str, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping):
        if value.get("id") == id_ and "targetType" in value:
            yield path
        for name, member in value.items():
            yield from _paths_of(member, id_, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _paths_of(item, id_, path)


def _incomplete_entries(comparison: Comparison) -> Iterator[Finding]:
    for difference in comparison.differences:
        kind = difference.row.kind
        if not isinstance(kind, Collection | Targets):
            continue
        names = ("id",) if isinstance(kind, Targets) else (kind.key, *kind.identity)
        old = {identity(kind, entry) for entry in difference.before or ()}
        for entry in difference.after:
            missing = [row.name for row in kind.members if row.required and row.name not in entry]
            if missing and identity(kind, entry) not in old:
                path = ".".join(difference.path)
                lead = next(str(entry[name]) for name in names if name in entry)
                yield Finding(
                    "incomplete-entry",
                    "error",
                    f"the new entry {lead!r} of {path} lacks {', '.join(missing)}",
                    "Graph needs them in a new entry: write them",
                    comparison.id,
                    path,
                )


def _opting_in(comparison: Comparison) -> Iterator[Finding]:
    if any(d.top == "passkeyProfiles" and not d.before for d in comparison.differences):
        yield Finding(
            "irreversible-change",
            "warning",
            "this opts the tenant in to passkey profiles, which Microsoft does not let undo",
            "apply it on purpose, after reading the page that `passkeyProfiles` links to",
            comparison.id,
            "passkeyProfiles",
        )


def _outlived(comparison: Comparison) -> Iterator[Finding]:
    """Which of both counts is not documented where a tenant has the old and the new."""
    if not any(document.get("passkeyProfiles") for document in comparison.documents.values()):
        return
    for difference in comparison.differences:
        if difference.top in LEGACY_PASSKEY:
            path = ".".join(difference.path)
            yield Finding(
                "passkey-legacy-and-profiles",
                "error",
                f"this tenant has passkey profiles, which replace {path}",
                "declare it in the profiles (attestationEnforcement, keyRestrictions)",
                comparison.id,
                path,
            )


def _unwritable(requests: Sequence[Request]) -> Iterator[Finding]:
    for request in requests:
        if blocked(request):
            yield Finding(
                "unknown-value",
                "error",
                f"{request.title} holds a value that Graph {request.api} shows as "
                "'unknownFutureValue'; writing around it would lose it",
                "change it in the portal, or leave the settings next to it undeclared",
                request.resource,
                request.paths[0],
            )
