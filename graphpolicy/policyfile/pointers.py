"""What a pointer into a policy file leads to: its name, its rows of the catalogue, findings."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.catalogue import METHODS, RESOURCES, Resource
from graphpolicy.catalogue.kinds import Collection, Property, Target, Targets
from graphpolicy.model import DeclaredSource, Finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.strict_yaml.text import show

METHODS_AT = METHODS[0].root
ALTERATIONS = ("add", "remove")
"""The keys with which a file alters its base's list of targets."""


def title(pointer: Pointer) -> str:
    """How messages name a pointer: the resource, and Graph's dotted path below it."""
    words = _words(pointer)
    if words[:1] != [METHODS_AT[0]]:
        resource, path = subject(pointer)
        words = [resource, *([path] if path else [])] if resource else words
    for skipped in METHODS_AT:
        if len(words) > 1 and words[0] == skipped:
            words = words[1:]
    return ".".join(map(show, words)) or "the policy file"


def subject(pointer: Pointer) -> tuple[str, str]:
    """The resource that a pointer leads into, as a plan calls it, and Graph's dotted path in it."""
    words = _words(pointer)
    resource, name = place_of(tuple(words))
    if resource:
        depth = len(resource.keys) + (name is not None)
        return DeclaredSource(resource.id, {}, {}, name).title, ".".join(words[depth:])
    if tuple(words[:2]) == METHODS_AT and len(words) > 2:  # an unknown method
        return words[2], ".".join(words[3:])
    return "", ".".join(words)


def place_of(pointer: Pointer) -> tuple[Resource | None, str | None]:
    """The resource that a pointer leads to or into, and its name if there may be several."""
    leading = [row for row in RESOURCES.values() if pointer[: len(row.keys)] == row.keys]
    resource = max(leading, key=lambda row: len(row.keys), default=None)
    if resource is None or (resource.single and pointer[:2] == METHODS_AT and len(pointer) > 2):
        return None, None
    depth = len(resource.keys)
    named = resource.several and len(pointer) > depth
    return resource, str(pointer[depth]) if named else None


def finding(
    document: Document, pointer: Pointer, rule: str, message: str, fix: str, *, at_key: bool = False
) -> Finding:
    """An error about the value at a pointer, or about its key."""
    resource, path = subject(pointer)
    place = document.key_place(pointer) if at_key else document.place(pointer)
    return Finding(rule, "error", message, fix, resource, path, place)


def pointer_of(declared: DeclaredSource) -> Pointer:
    """The pointer to a resource's map in a file."""
    name = (declared.name,) if declared.name is not None else ()
    return (*RESOURCES[declared.resource].keys, *name)


def resource_at(pointer: Pointer) -> Resource | None:
    """The resource if a pointer leads to its map, else None."""
    resource, name = place_of(pointer)
    if resource is None or len(pointer) != len(resource.keys) + resource.several:
        return None
    return resource if (name is not None) == resource.several else None


def rows_along(pointer: Pointer) -> Iterator[tuple[Pointer, Property]]:
    """The settings along a pointer, outermost first, each with its own pointer."""
    start = next((n for n in range(4, 0, -1) if resource_at(pointer[:n])), 0)
    resource = resource_at(pointer[:start])
    rows = resource.properties if resource else ()
    named = listed = False
    for end in range(start + 1, len(pointer) + 1):
        step = pointer[end - 1]
        if named or isinstance(step, int):  # an entry of a collection, by name or by number
            named = False
            continue
        if listed and step in ALTERATIONS:
            continue
        row = next((row for row in rows if row.name == step), None)
        if row is None:
            return
        yield pointer[:end], row
        kind = row.kind
        rows = row.below
        named = isinstance(kind, Collection) and bool(kind.key)
        listed = isinstance(kind, Targets)


def row_at(pointer: Pointer) -> Property | None:
    """The setting that a pointer leads to, also if it leads to one of its entries."""
    while pointer and (isinstance(pointer[-1], int) or pointer[-1] in ALTERATIONS):
        pointer = pointer[:-1]
    *_, last = (None, *(row for at, row in rows_along(pointer) if at == pointer))
    return last


def whole(pointer: Pointer) -> Pointer:
    """The pointer to what must be dropped if the value at `pointer` is wrong.

    That is the whole entry of a list, the whole target, or the value itself.
    """
    for end in range(len(pointer), 0, -1):
        if isinstance(pointer[end - 1], int):
            return pointer[:end]
    if pointer[:1] == ("emergencyAccess",):
        return pointer[:1]
    if pointer[:1] == ("groups",):
        return pointer[:2]
    return next((at for at, row in rows_along(pointer) if isinstance(row.kind, Target)), pointer)


def _words(pointer: Pointer) -> list[str]:
    return [str(step) for step in pointer if not isinstance(step, int)]
