"""Targets that no longer exist, and a directory that could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.compare.diff import Comparison
from graphpolicy.compare.resolve import target_ids
from graphpolicy.model import Directory, Finding, Json, Path

EXCLUSIONS = ("excludeTargets", "excludeTarget")


def dangling(
    comparison: Comparison, future: Mapping[str, Json], directory: Directory
) -> Iterator[Finding]:
    """Targets after the plan that no longer exist in the directory."""
    for id_ in sorted(id_ for id_ in target_ids(future) if id_.casefold() in directory.gone):
        for path, target in dict(_targets_of(future, id_, ())).items():
            where = ".".join(path)
            own_doing = path[-1] in EXCLUSIONS and _writes(comparison, path, id_)
            yield Finding(
                "dangling-target",
                "error" if own_doing else "warning",
                f"{comparison.declared.title}.{where} refers to {id_}, which no longer exists",
                "remove it from the list, or write the group that replaced it",
                comparison.id,
                where,
                entry=target,
            )


def _writes(comparison: Comparison, path: Path, id_: str) -> bool:
    """Whether the plan itself adds an id to a target."""
    return any(
        difference.path == path and id_ not in target_ids(difference.before)
        for difference in comparison.differences
    )


def _targets_of(value: Json, id_: str, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, Mapping):
        if value.get("id") == id_ and "targetType" in value:
            yield path, value
        for name, member in value.items():
            yield from _targets_of(member, id_, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _targets_of(item, id_, path)


def not_read(directory: Directory) -> Iterator[Finding]:
    """A note about what was not checked because the directory could not be read."""
    if not directory.readable:
        yield Finding(
            "directory-not-read",
            "note",
            "the directory could not be read: ids are shown without names, and whether every "
            "target still exists was not checked",
            "grant Directory.Read.All, or GroupMember.Read.All for names in files",
        )
